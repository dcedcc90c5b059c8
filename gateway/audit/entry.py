"""Log entries: one flat JSON object of texts for each thing that happened, in canonical form (RFC 8785).

An entry never holds content of a message. What it says of stored rows and bodies are salted commitments
(`gateway.audit.commitments`), and it carries a salt of its own, so that its leaf hash, which partners see, tells
nothing either. Members:

    index, time, tag, salt           always
    actor, partner, ...              facts of a closed list (`FACT_NAMES`)
    row/<table>/<row id>/<column>    commitment to one immutable column of a stored row
    body/<record id>                 commitment to the digest of a stored body
    erased/<record id>               "yes": from here on the body may be missing
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import rfc8785

from gateway.audit.commitments import SALT_BYTES, ColumnValue, commit, commit_columns
from gateway.errors import GatewayError

FACT_NAMES = frozenset(
    {
        *("actor", "partner", "agreement", "clause", "exchange", "message", "message_type", "direction"),
        *("format", "purpose", "decision", "codes", "reason", "kid", "catalogue", "off", "repeats"),
    }
)
"""What an entry may say beside its commitments; ``codes`` are stable codes, ``off`` what a partner's profile turns
off; both joined by spaces. ``repeats`` counts refusals of the same kind that were given since the last such entry."""

LARGEST_ENTRY_BYTES = 65535
"""An entry must fit the 16-bit length of a tile bundle (C2SP tlog-tiles)."""

_TAG = re.compile(r"[a-z][a-z0-9-]*(?::[a-z][a-z0-9-]*){2}")
_ID = re.compile(r"[!-.0-~]{1,128}")  # printable ASCII without space and slash
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,62}")
_SALT_TEXT = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class LogDamaged(GatewayError):
    """A stored part of the log is not what the gateway writes: it was changed, or the store is corrupt."""

    code = "log.damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry of the log.

    Attributes:
        index: 0-based place in the log.
        time: when it happened, with zone; kept to the millisecond.
        tag: what happened, ``subject:object:action``, from the closed list of tags.
        salt: 16 random bytes of this entry's own.
        facts: names from `FACT_NAMES`, texts without any value of a message.
        commitments: made by `row_commitments`, `body_commitment` and `erasure_mark`.
    """

    index: int
    time: datetime
    tag: str
    salt: bytes
    facts: Mapping[str, str] = field(default_factory=dict)
    commitments: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sound = (
            self.index >= 0
            and self.time.tzinfo is not None
            and _TAG.fullmatch(self.tag) is not None
            and len(self.salt) == SALT_BYTES
            and self.facts.keys() <= FACT_NAMES
            and all("/" in name for name in self.commitments)
        )
        if not sound:
            raise LogDamaged("A log entry has an index, tag, salt, fact or commitment outside the closed form.")

    def as_bytes(self) -> bytes:
        """The canonical bytes, which are what is hashed and stored.

        Raises:
            LogDamaged: ``log.entry-too-large`` or a text that is no Unicode.
        """
        members = {
            "index": str(self.index),
            "time": self.time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "tag": self.tag,
            "salt": self.salt.hex(),
            **self.facts,
            **self.commitments,
        }
        try:
            data = rfc8785.dumps(members)
        except (rfc8785.CanonicalizationError, UnicodeError) as error:
            raise LogDamaged("A text of the log entry is no Unicode text.") from error
        if len(data) > LARGEST_ENTRY_BYTES:
            raise LogDamaged("The log entry is longer than 65,535 bytes.", code="log.entry-too-large")
        return data


def row_commitments(salt: bytes, table: str, row_id: str, columns: Mapping[str, ColumnValue]) -> dict[str, str]:
    """Commitments to the immutable columns of one row, to be put into the entry that records the row.

    Raises:
        LogDamaged: an id or column name that cannot stand in an entry.
    """
    _check_names([row_id], _ID)
    _check_names([table, *columns], _COLUMN)
    place = f"row/{table}/{row_id}/"
    return {place + name: value for name, value in commit_columns(salt, table, row_id, columns).items()}


def body_commitment(salt: bytes, record_id: str, digest: str) -> dict[str, str]:
    """Commitment to the digest (hexadecimal) of one stored body; the salt is stored with the body and dies with it."""
    _check_names([record_id], _ID)
    return {f"body/{record_id}": commit(salt, digest.encode("utf-8"))}


def erasure_mark(record_id: str) -> dict[str, str]:
    """The member that says that a body was erased; without it a missing body is a fault."""
    _check_names([record_id], _ID)
    return {f"erased/{record_id}": "yes"}


def read_entry(data: bytes) -> LogEntry:
    """The entry of stored bytes.

    Raises:
        LogDamaged: they are not the canonical form of an entry.
    """
    try:
        members = json.loads(data)
        canonical = isinstance(members, dict) and rfc8785.dumps(members) == data
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise LogDamaged("A log entry is not JSON.") from error
    if not canonical or not all(isinstance(value, str) for value in members.values()):
        raise LogDamaged("A log entry is not a canonical flat object of texts.")
    index, salt = members.pop("index", ""), members.pop("salt", "")
    if _NUMBER.fullmatch(index) is None or _SALT_TEXT.fullmatch(salt) is None:
        raise LogDamaged("A log entry has no proper index or salt.")
    try:
        time = datetime.fromisoformat(members.pop("time", ""))
    except ValueError as error:
        raise LogDamaged("A log entry has no proper time.") from error
    return LogEntry(
        index=int(index),
        time=time,
        tag=members.pop("tag", ""),
        salt=bytes.fromhex(salt),
        facts={name: value for name, value in members.items() if "/" not in name},
        commitments={name: value for name, value in members.items() if "/" in name},
    )


def _check_names(names: Iterable[str], form: re.Pattern[str]) -> None:
    if not all(form.fullmatch(name) for name in names):
        raise LogDamaged("An id, table or column name cannot stand in a log entry.", code="log.name")
