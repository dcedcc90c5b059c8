"""The Protocol of the place where it stands which partners are live."""

from __future__ import annotations

from typing import Protocol

from gateway.identifiers import PartnerCode


class LiveNotes(Protocol):
    """Keeps one signed note for each partner that is live, shared by all processes of a gateway."""

    def read(self, partner: PartnerCode) -> bytes | None:
        """The note as it stands now, not verified; None where there is none."""

    def keep(self, partner: PartnerCode, note: bytes, report: bytes) -> None:
        """Make a note durable, and beside it the report that it rests on; an empty report is not kept."""

    def remove(self, partner: PartnerCode) -> None:
        """Take the note away, durably, where there is one. Reports stay."""
