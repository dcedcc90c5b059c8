"""An agreement that has been proved to fit its schemas: what policy and release work on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from gateway.agreement.fieldset import FieldSet
from gateway.agreement.terms import AgreementTerms, MessageTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """One kind of message that the agreement permits, with the fields it releases."""

    message: MessageTerms
    fields: FieldSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One version of one agreement.

    Attributes:
        terms: what its file says.
        file: where it stands.
        digest: SHA-256 of the file, hexadecimal.
        permits: in the order of the file.
    """

    terms: AgreementTerms
    file: str
    digest: str
    permits: tuple[Permit, ...]

    @property
    def id(self) -> str:
        """Name without version."""
        return self.terms.id

    @property
    def version(self) -> int:
        """Version, from 1."""
        return self.terms.version

    @property
    def label(self) -> str:
        """``name@version``, as findings and lines of an explanation write it."""
        return f"{self.terms.id}@{self.terms.version}"

    @property
    def begins(self) -> datetime:
        """First moment in force, UTC."""
        return first_moment(self.terms.in_force_from, self.terms.zone)

    @property
    def ends(self) -> datetime | None:
        """First moment no longer in force, UTC: 00:00 of the end date in the partner's zone (ADR 4)."""
        last = self.terms.in_force_to
        return None if last is None else first_moment(last, self.terms.zone)

    def permit(self, message_type: str, direction: str) -> Permit | None:
        """The permit of one kind of message, or None."""
        for one in self.permits:
            if one.message.type == message_type and one.message.direction == direction:
                return one
        return None


def first_moment(day: date, zone: str) -> datetime:
    """00:00 of a day at an offset such as ``+05:00``, in UTC."""
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    offset = timedelta(hours=hours, minutes=minutes)
    there = timezone(offset if zone[0] == "+" else -offset)
    return datetime.combine(day, time.min, tzinfo=there).astimezone(UTC)
