"""Which partners are live, as files: a signed note each, and the reports that they rest on.

live/<code>.note               signed by the key of our log; one that was edited counts as none
live/reports/<digest>.jws      the signed report, kept as evidence
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from gateway.adapters.durability import Durability
from gateway.identifiers import PartnerCode

LARGEST_NOTE = 8192
"""A longer file is none of ours and is not read."""


class LiveNoteFiles:
    """`gateway.ports.live_notes.LiveNotes` in a folder.

    Args:
        folder: in the state folder; made when first needed.
        durability: writes the files.
    """

    def __init__(self, folder: Path, durability: Durability) -> None:
        self._folder = folder
        self._durability = durability

    def read(self, partner: PartnerCode) -> bytes | None:
        """The note as it stands now, not verified; None where there is none."""
        try:
            with self._note(partner).open("rb") as file:
                return file.read(LARGEST_NOTE)
        except OSError:  # absent, or not to be read: not live
            return None

    def keep(self, partner: PartnerCode, note: bytes, report: bytes) -> None:
        """Make a note durable, and beside it the report that it rests on; an empty report is not kept."""
        reports = self._folder / "reports"
        reports.mkdir(parents=True, exist_ok=True, mode=0o700)
        if report:
            self._durability.write_file(reports / f"{hashlib.sha256(report).hexdigest()}.jws", report)
        self._durability.write_file(self._note(partner), note)

    def remove(self, partner: PartnerCode) -> None:
        """Take the note away, durably, where there is one. Reports stay."""
        note = self._note(partner)
        if note.exists():
            note.unlink(missing_ok=True)
            self._durability.sync_folder(self._folder)

    def _note(self, partner: PartnerCode) -> Path:
        return self._folder / f"{partner}.note"
