"""Whether a message may be exchanged at all: default deny, and every answer says why.

Asked at the moment of release or of receipt, never with a date that stands inside the message. A `Permission` is what
the later stages of the pipeline take as proof that the question was asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gateway.agreement.agreement import Agreement, Permit
from gateway.agreement.fieldset import FieldSet
from gateway.agreement.terms import Direction
from gateway.errors import NotPermitted

Standing = Literal["in-force", "not-yet", "expired", "suspended", "draft"]

_REMEDIES = {
    "agreement.unknown": "name an agreement of `sarhad agreement list`",
    "agreement.none-in-force": "no agreement with this partner is in force; ask the agreement officer",
    "agreement.expired": "the agreement has ended; a new version must be agreed and filed before anything is exchanged",
    "agreement.not-yet": "wait until the agreement is in force",
    "agreement.suspended": "the agreement is suspended; nothing leaves until the parties resume it",
    "agreement.draft": "the agreement is a draft; it permits nothing",
    "agreement.type-not-listed": "exchange only the message types that the agreement lists",
    "agreement.purpose-not-listed": "name a purpose that the agreement lists for this message type",
    "agreement.ambiguous": "name the agreement: more than one permits this",
    "agreement.time-without-zone": "give the time with its offset from UTC",
}
_WORST_LAST: tuple[Standing, ...] = ("draft", "not-yet", "expired", "suspended")
"""Of several versions that are not in force, the last of these that occurs is the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Proof that one message may be exchanged: the clause, and the fields it releases.

    Attributes:
        agreement_id, agreement_version, agreement_digest: the version that permits it; the digest goes into the audit
            entry, so that the decision can be made again years later.
        partner, direction, message_type, purpose: what was asked.
        format: the national format in which it travels.
        clause: the clause that permits the message type.
        fields: the fields that are released.
        retention_days: days after which the body is erased.
        at: the moment that was asked about.
    """

    agreement_id: str
    agreement_version: int
    agreement_digest: str
    partner: str
    direction: Direction
    message_type: str
    purpose: str
    format: str
    clause: str
    fields: FieldSet
    retention_days: int
    at: datetime

    @property
    def agreement(self) -> str:
        """``name@version``."""
        return f"{self.agreement_id}@{self.agreement_version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with its reasoning, one sentence a line.

    Attributes:
        permission: what is permitted, None when nothing is.
        code: ``agreement.permitted``, or the code of the refusal.
        lines: the reasoning in order.
    """

    permission: Permission | None
    code: str
    lines: tuple[str, ...]


def standing(agreement: Agreement, at: datetime) -> Standing:
    """How an agreement stands at a moment; the end is exclusive, at 00:00 of the end date in the partner's zone."""
    status = agreement.terms.status
    if status != "active":
        return status
    if at < agreement.begins:
        return "not-yet"
    if agreement.ends is not None and at >= agreement.ends:
        return "expired"
    return "in-force"


def decide(
    agreements: Iterable[Agreement],
    *,
    partner: str,
    direction: Direction,
    message_type: str,
    purpose: str,
    at: datetime,
    agreement_id: str | None = None,
) -> Permission:
    """Permit one message, or refuse it.

    Args:
        agreements: all versions that are filed, of any partner.
        partner: code of the partner administration.
        direction: ``out`` for what leaves to the partner.
        message_type: as the agreement names it.
        purpose: purpose code that the sender declares; an empty one is never listed.
        at: moment of release or receipt, with its zone.
        agreement_id: the agreement that the message invokes, None to look for the one that permits.

    Raises:
        NotPermitted: with a stable code such as ``agreement.expired``, the reason and the remedy.
    """
    answer = explain(
        agreements,
        partner=partner,
        direction=direction,
        message_type=message_type,
        purpose=purpose,
        at=at,
        agreement_id=agreement_id,
    )
    if answer.permission is None:
        raise NotPermitted(answer.lines[-1], path=agreement_id or "", remedy=_REMEDIES[answer.code], code=answer.code)
    return answer.permission


def explain(
    agreements: Iterable[Agreement],
    *,
    partner: str,
    direction: Direction,
    message_type: str,
    purpose: str,
    at: datetime,
    agreement_id: str | None = None,
) -> Explanation:
    """The same decision as `decide`, never raised, with every step of the reasoning."""
    if at.utcoffset() is None:
        return _refused("agreement.time-without-zone", ["the moment is given without a zone"])
    named = [one for one in agreements if one.terms.partner == partner and agreement_id in {None, one.id}]
    if not named:
        return _refused("agreement.unknown", ["no agreement of this name with this partner is filed"])
    lines = [_standing_line(one, at) for one in named]
    in_force = [one for one in named if standing(one, at) == "in-force"]
    listed = [(one, permit) for one in in_force if (permit := one.permit(message_type, direction))]
    if not listed:
        current = {one.id for one in in_force}
        would = [one for one in named if one.id not in current and one.permit(message_type, direction)]
        return _unlisted({standing(one, at) for one in would}, lines, nothing_in_force=not in_force)
    lines += [f"{one.label} lists this message type, direction {direction}: {p.message.clause}" for one, p in listed]
    wanted = [(one, permit) for one, permit in listed if purpose in permit.message.purposes]
    if not wanted:
        return _refused("agreement.purpose-not-listed", [*lines, "the purpose is not one that it lists for this type"])
    if len(wanted) > 1:
        return _refused("agreement.ambiguous", [*lines, "more than one agreement permits this type and purpose"])
    agreement, permit = wanted[0]
    permission = _permission(agreement, permit, purpose, at)
    lines.append(f"permitted under {agreement.label}, clause {permission.clause}, purpose {purpose}")
    return Explanation(permission=permission, code="agreement.permitted", lines=tuple(lines))


def purposes(
    agreements: Iterable[Agreement],
    *,
    partner: str,
    direction: Direction,
    message_type: str,
    at: datetime,
    agreement_id: str | None = None,
) -> tuple[str, ...]:
    """The purposes for which the agreements in force permit a message type: what a lodgement may choose from."""
    permits = [
        permit
        for one in agreements
        if one.terms.partner == partner and agreement_id in {None, one.id} and standing(one, at) == "in-force"
        if (permit := one.permit(message_type, direction)) is not None
    ]
    return tuple(dict.fromkeys(purpose for permit in permits for purpose in permit.message.purposes))


def _unlisted(states: set[Standing], lines: list[str], *, nothing_in_force: bool) -> Explanation:
    """Why nothing in force lists the type: the agreement that does is not in force, or none does."""
    for state in reversed(_WORST_LAST):
        if state in states:
            return _refused(f"agreement.{state}", [*lines, f"what lists this message type is not in force: {state}"])
    if nothing_in_force:
        return _refused("agreement.none-in-force", [*lines, "no agreement with this partner is in force"])
    return _refused(
        "agreement.type-not-listed", [*lines, "no agreement in force lists this message type and direction"]
    )


def _permission(agreement: Agreement, permit: Permit, purpose: str, at: datetime) -> Permission:
    message = permit.message
    return Permission(
        agreement_id=agreement.id,
        agreement_version=agreement.version,
        agreement_digest=agreement.digest,
        partner=agreement.terms.partner,
        direction=message.direction,
        message_type=message.type,
        purpose=purpose,
        format=message.format,
        clause=message.clause,
        fields=permit.fields,
        retention_days=message.retention_days,
        at=at,
    )


def _standing_line(agreement: Agreement, at: datetime) -> str:
    until = f" until {agreement.ends:%Y-%m-%dT%H:%M:%SZ}" if agreement.ends is not None else ""
    return f"{agreement.label} is {standing(agreement, at)} (from {agreement.begins:%Y-%m-%dT%H:%M:%SZ}{until})"


def _refused(code: str, lines: list[str]) -> Explanation:
    return Explanation(permission=None, code=code, lines=tuple(lines))
