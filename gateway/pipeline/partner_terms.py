"""What was agreed with a partner, for its own eyes: its agreements, and the formats in which its messages travel.

Nobody else's agreements and formats are visible, and neither are our own forms: what a partner may read is what the
text of its agreements says. A name that is not among them gets the answer of one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.agreement.agreement import Agreement
from gateway.agreement.policy import standing
from gateway.agreement.terms import FieldTerms, MessageTerms
from gateway.errors import NotFound
from gateway.formats.format import Format
from gateway.identifiers import PartnerCode


def no_such_format() -> NotFound:
    """What is told of a format in which nothing of this partner travels: one text, whether we know it or not."""
    return NotFound("no agreement with this partner names a format of this name", remedy="list the agreements")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementView:
    """One version of an agreement as its partner reads it.

    Attributes:
        in_force: whether it permits anything now.
    """

    agreement: Agreement
    in_force: bool

    def as_json(self) -> dict[str, Any]:
        """Parties, purposes, clauses, messages, and the fields that are released; what is not named is not."""
        terms = self.agreement.terms
        return {
            "id": terms.id,
            "version": terms.version,
            "digest": self.agreement.digest,
            "title": terms.title,
            "parties": [{"code": party.code, "name": party.name} for party in terms.parties],
            "status": terms.status,
            "in_force": self.in_force,
            "in_force_from": terms.in_force_from.isoformat(),
            "in_force_to": terms.in_force_to.isoformat() if terms.in_force_to else None,
            "zone": terms.zone,
            "purposes": dict(terms.purposes),
            "clauses": [{"id": clause.id, "text": clause.text} for clause in terms.clauses],
            "messages": [_message_json(message) for message in terms.messages],
            "fields": {name: _fields_json(fields) for name, fields in terms.fields.items()},
            "onward": {"other_agency": terms.onward.other_agency, "third_country": terms.onward.third_country},
            "acknowledge_within_minutes": terms.service.acknowledge_within_minutes,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatView:
    """One format as a partner reads it."""

    format: Format

    def as_json(self) -> dict[str, Any]:
        """What it is, every place of it, and the JSON Schema of its JSON form."""
        chosen = self.format
        return {
            "format": chosen.name,
            "title": chosen.head.title,
            "syntax": chosen.head.syntax,
            "digest": chosen.digest,
            "places": [place.as_json() for place in chosen.dictionary()],
            "json_schema": chosen.json_schema(),
        }


class PartnerTerms:
    """Tells partners what was agreed with them.

    Args:
        agreements: all versions of all agreements.
        format_of: a format by its name.
        now: the clock.
    """

    def __init__(
        self, agreements: Sequence[Agreement], format_of: Callable[[str], Format], now: Callable[[], datetime]
    ) -> None:
        self._agreements = agreements
        self._format_of = format_of
        self._now = now

    def agreements(self, partner: PartnerCode) -> list[AgreementView]:
        """The agreements with one partner, drafts left out, by id and version."""
        own = sorted(self._own(partner), key=lambda agreement: (agreement.id, agreement.version))
        at = self._now()
        return [AgreementView(agreement=agreement, in_force=standing(agreement, at) == "in-force") for agreement in own]

    def format(self, partner: PartnerCode, name: str) -> FormatView:
        """A format that an agreement with this partner names.

        Raises:
            NotFound: none does, whether we know the format or not.
        """
        if name not in {message.format for own in self._own(partner) for message in own.terms.messages}:
            raise no_such_format()
        return FormatView(format=self._format_of(name))

    def _own(self, partner: PartnerCode) -> list[Agreement]:
        return [one for one in self._agreements if one.terms.partner == partner and one.terms.status != "draft"]


def _message_json(message: MessageTerms) -> dict[str, Any]:
    return {
        "type": message.type,
        "direction": message.direction,
        "purposes": list(message.purposes),
        "format": message.format,
        "clause": message.clause,
        "fields": message.fields,
        "retention_days": message.retention_days,
        "deadline": message.deadline,
        "volume_per_hour": message.volume_per_hour,
    }


def _fields_json(fields: FieldTerms) -> dict[str, Any]:
    return {
        "model": fields.wco,
        "released": [
            {"clause": grant.clause, "says": grant.says, "paths": list(grant.paths), "transform": grant.transform}
            for grant in fields.allow
        ],
    }
