"""What a verification of the log reads, as it lies in the store, and what it reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.audit.commitments import ColumnValue


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFault:
    """One thing that does not agree with the log.

    Attributes:
        code: stable code.
        place: what is at fault: ``entry 17``, ``checkpoint 40``, ``message <id>``, ``body <id>``.
        column: the column, for a row.
        message: what is wrong, one sentence, without any value.
    """

    code: str
    place: str
    column: str = ""
    message: str

    def as_json(self) -> dict[str, str]:
        """The fault as a flat JSON object."""
        return {"code": self.code, "place": self.place, "column": self.column, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """A log entry as it lies in the store: its index, exact bytes and separately kept leaf hash."""

    index: int
    entry: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCheckpoint:
    """A checkpoint as it lies in the store; ``size`` and ``root`` are the columns kept beside the signed note."""

    size: int
    root: bytes
    note: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredRow:
    """A row that some entry commits to, with its salt (None: the entry's own) and its immutable columns."""

    table: str
    row_id: str
    salt: bytes | None
    columns: Mapping[str, ColumnValue]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredBody:
    """A body that some entry commits to.

    Attributes:
        record_id: as given to `body_commitment`.
        salt: stored with the body; None once erased.
        digest: SHA-256 of the decrypted body, hexadecimal; None when it cannot be decrypted.
        erased: whether the store says that it was erased.
    """

    record_id: str
    salt: bytes | None
    digest: str | None
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReport:
    """What a verification found.

    Attributes:
        faults: empty when everything agrees.
        size: number of entries read.
        root: root over the entries as they are now.
        checkpointed: entries covered by a sound checkpoint; later ones rest on the stored leaf hashes only.
    """

    faults: tuple[LogFault, ...]
    size: int
    root: bytes
    checkpointed: int

    @property
    def sound(self) -> bool:
        """Whether nothing is at fault."""
        return not self.faults
