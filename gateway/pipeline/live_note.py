"""The note that says since when a partner is live, by whom, and on which report: signed by the key of our log.

    sarhad:live:1
    partner xx
    since 2026-11-29T10:00:00Z
    by operator name
    report <SHA-256 of the signed report, or a hyphen where somebody let the partner live without one>

A row in a file can be edited by whoever comes to the disk; the signature is verified at each use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.audit.entry import LogDamaged
from gateway.audit.notes import Note, NoteKey, NoteSigner, read_note, sign_note, signature_holds

_FORM = "sarhad:live:1"
_NONE = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """Since when a partner is live.

    Attributes:
        partner: its code.
        since: UTC.
        operator: who let it live.
        report: SHA-256 of the signed report, hexadecimal; empty where it lives without one.
    """

    partner: str
    since: datetime
    operator: str
    report: str


def write_live_note(liveness: Liveness, key: NoteKey, signer: NoteSigner) -> bytes:
    """The signed note of a liveness."""
    lines = (
        _FORM,
        f"partner {liveness.partner}",
        f"since {liveness.since:%Y-%m-%dT%H:%M:%SZ}",
        f"by {liveness.operator}",
        f"report {liveness.report or _NONE}",
    )
    text = "\n".join(lines) + "\n"
    return Note(text, (sign_note(text, key, signer),)).as_bytes()


def read_live_note(note: bytes, key: NoteKey, partner: str) -> Liveness | None:
    """The liveness in a note; None for one that is not ours, not for this partner, or was changed.

    Args:
        note: as it is kept.
        key: public key of our log.
        partner: whose note it should be.
    """
    try:
        read = read_note(note)
        if not any(signature_holds(read.text, each, key) for each in read.signatures):
            return None
        form, *lines = read.text.removesuffix("\n").split("\n")
        members = dict(line.split(" ", 1) for line in lines)
        if form != _FORM or members["partner"] != partner:
            return None
        report = members["report"]
        return Liveness(
            partner=partner,
            since=datetime.fromisoformat(members["since"]),
            operator=members["by"],
            report="" if report == _NONE else report,
        )
    except (LogDamaged, ValueError, KeyError):
        return None
