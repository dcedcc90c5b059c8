"""What a lodgement is, and keeping it: released ones with their outbox row, refused ones as evidence."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.errors import ContentRefused, GatewayError, MalformedMessage, NotPermitted, ReplayRefused
from gateway.exchange.model import Exchange, Message, Report, Role
from gateway.exchange.states import TABLE, Direction, Event, State
from gateway.exchange.tags import Tag
from gateway.findings import Finding
from gateway.identifiers import AgreementId, ExchangeId, MessageId, PartnerCode
from gateway.pipeline.answering import outbound_message
from gateway.pipeline.engines import findings_of
from gateway.pipeline.stages import ReceivedMessage, SealedMessage
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import Gate, LogDraft, PreparedBody, Work

Denial: TypeAlias = ContentRefused | NotPermitted
"""Why a lodgement does not leave."""

_MESSAGE_ID = re.compile(r"[!-~]{1,128}")


class LodgementRefused(ContentRefused):
    """A lodgement whose content is refused; kept as the exchange ``exchange_id``."""

    exchange_id: ExchangeId


class LodgementWithheld(NotPermitted):
    """A lodgement that no agreement permits; kept as the exchange ``exchange_id``."""

    exchange_id: ExchangeId


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgementOrder:
    """What the lodger asks for.

    Attributes:
        partner: to whom.
        message_type: as agreements name it.
        format_name: format of the lodged bytes; empty to recognise it.
        purpose: empty when the agreement lists only one for the type.
        agreement: empty to look for the one that permits.
        message_id: the lodger's own key: lodging it again gives the first answer and sends nothing twice. Empty for
            a fresh id.
    """

    partner: PartnerCode
    message_type: str
    format_name: str = ""
    purpose: str = ""
    agreement: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lodged:
    """A lodgement that was released, now or (``repeated``) before."""

    exchange: Exchange
    message: Message
    report: Report
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Lodgement:
    """One lodgement on its way, with the ids that it will have."""

    received: ReceivedMessage
    order: LodgementOrder
    exchange_id: ExchangeId
    key: str
    message_id: MessageId


class LodgementBook:
    """Keeps lodgements.

    Args:
        around: the ports.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def begin(self, received: ReceivedMessage, order: LodgementOrder) -> Lodgement:
        """Give a lodgement its ids.

        Raises:
            MalformedMessage: the lodger's key cannot be a message id.
        """
        if order.message_id and _MESSAGE_ID.fullmatch(order.message_id) is None:
            raise MalformedMessage(
                "the lodger's key has other characters than printable ASCII, or more than 128",
                path="message_id",
                remedy="send a short unique key, such as a UUID",
                code="lodgement.key",
            )
        key = self._around.ids.new_id()
        return Lodgement(
            received=received,
            order=order,
            exchange_id=ExchangeId(self._around.ids.new_id()),
            key=key,
            message_id=MessageId(order.message_id or key),
        )

    def repeated(self, lodgement: Lodgement) -> Lodged | None:
        """The first answer to a lodgement of the same key; None for a new one.

        Raises:
            ReplayRefused: the key was used before with other bytes.
            LodgementRefused, LodgementWithheld: the first answer, again.
        """
        if not lodgement.order.message_id:
            return None
        with self._around.store.reading() as look:
            known = look.exchanges.find_message(Direction.OUTBOUND, lodgement.order.partner, lodgement.message_id)
            if known is None:
                return None
            exchange = look.exchanges.exchange(known.exchange_id)
            report = look.exchanges.report(exchange.id) or Report(exchange_id=exchange.id)
            lodged = look.bodies.read(known.key, Role.LODGED)
        if lodged != lodgement.received.content:
            raise ReplayRefused(
                "this key was used before with other bytes",
                path="message_id",
                remedy="use a key for one lodgement only",
            )
        if exchange.state in (State.REJECTED, State.WITHHELD):
            findings = tuple(finding_from(one) for one in report.findings)
            kind = NotPermitted if exchange.state is State.WITHHELD else ContentRefused
            raise _refusal(kind("refused when it was lodged first", findings=findings), exchange.id)
        return Lodged(exchange=exchange, message=known, report=report, repeated=True)

    def keep_released(self, lodgement: Lodgement, sealed: SealedMessage, report: Report, kid: str) -> Lodged:
        """Store, log and put into the outbox, in one transaction."""
        at = lodgement.received.at
        exchange = self._exchange(lodgement, Event.RELEASE, sealed.metadata.agreement)
        message = outbound_message(sealed, key=lodgement.key, exchange_id=exchange.id, kid=kid, at=at)
        bodies = (
            self._around.bodies.prepare(message.key, Role.LODGED, lodgement.received.content),
            self._around.bodies.prepare(message.key, Role.SIGNED, sealed.jws),
            self._around.bodies.prepare(message.key, Role.SEALED, sealed.jwe),
        )
        draft = _draft(Tag.LODGER_MESSAGE_RELEASED, exchange, message, report, bodies)
        self._keep(draft, exchange, message, report=report, event=Event.RELEASE, bodies=bodies, deliver=True)
        return Lodged(exchange=exchange, message=message, report=report)

    def keep_refused(self, lodgement: Lodgement, refusal: Denial, report: Report) -> GatewayError:
        """Keep a refused lodgement as evidence; returns what the lodger is told."""
        withheld = isinstance(refusal, NotPermitted)
        event = Event.WITHHOLD if withheld else Event.REJECT
        exchange = self._exchange(lodgement, event, lodgement.order.agreement)
        message = _lodged_message(lodgement, exchange, report.source_format)
        report = dataclasses.replace(report, findings=tuple(finding.as_json() for finding in findings_of(refusal)))
        bodies = (self._around.bodies.prepare(message.key, Role.LODGED, lodgement.received.content),)
        tag = Tag.LODGER_MESSAGE_WITHHELD if withheld else Tag.LODGER_MESSAGE_REJECTED
        draft = dataclasses.replace(
            _draft(tag, exchange, message, report, bodies),
            codes=tuple(dict.fromkeys(finding.code for finding in findings_of(refusal))),
        )
        self._keep(draft, exchange, message, report=report, event=event, bodies=bodies, deliver=False)
        return _refusal(refusal, exchange.id)

    def _exchange(self, lodgement: Lodgement, event: Event, agreement: str) -> Exchange:
        return Exchange(
            id=lodgement.exchange_id,
            direction=Direction.OUTBOUND,
            partner=lodgement.order.partner,
            message_type=lodgement.order.message_type,
            agreement=AgreementId(agreement),
            opened_at=lodgement.received.at,
            state=TABLE[Direction.OUTBOUND, None, event],
            changed_at=lodgement.received.at,
        )

    def _keep(
        self,
        draft: LogDraft,
        exchange: Exchange,
        message: Message,
        *,
        report: Report,
        event: Event,
        bodies: tuple[PreparedBody, ...],
        deliver: bool,
    ) -> None:
        at = exchange.opened_at
        gates = self._around.gates
        gates.reach(Gate.OUTBOUND_BEFORE_STORE)
        with self._around.store.writing() as work:
            if deliver:
                work.outbox.add(Work.DELIVER, exchange.partner, message.key, at=at)
            leaf = work.log.append(dataclasses.replace(draft, change=(exchange, event)), at=at)
            work.exchanges.open(exchange, event, leaf_index=leaf.index)
            work.exchanges.keep_message(message)
            work.exchanges.keep_report(report)
            for body in bodies:
                work.bodies.keep(body)
            gates.reach(Gate.OUTBOUND_INSIDE_STORE)
        gates.reach(Gate.OUTBOUND_AFTER_STORE)
        if deliver:
            self._around.wake(Work.DELIVER)


def finding_from(members: dict[str, Any]) -> Finding:
    """A finding again from its JSON form."""
    return Finding.from_json(members)


def _draft(
    tag: Tag, exchange: Exchange, message: Message, report: Report, bodies: tuple[PreparedBody, ...]
) -> LogDraft:
    return LogDraft(
        tag=tag,
        partner=exchange.partner,
        exchange_id=exchange.id,
        message_id=message.message_id,
        agreement=report.agreement_version,
        decision=exchange.state.value,
        rows=(exchange, message, report),
        bodies=bodies,
        facts={
            "message_type": exchange.message_type,
            "direction": exchange.direction.value,
            "purpose": message.purpose,
            "format": message.format_name,
            "kid": message.kid,
            "clause": report.clause,
            "catalogue": report.catalogue,
        },
    )


def _lodged_message(lodgement: Lodgement, exchange: Exchange, format_name: str) -> Message:
    """The message of a refused lodgement: nothing was signed, so its digest is that of the lodged bytes."""
    content = lodgement.received.content
    return Message(
        key=lodgement.key,
        exchange_id=exchange.id,
        direction=Direction.OUTBOUND,
        partner=exchange.partner,
        message_id=lodgement.message_id,
        message_type=exchange.message_type,
        agreement=exchange.agreement,
        purpose=lodgement.order.purpose,
        format_name=format_name,
        media_type=lodgement.received.media_type,
        ref="",
        kid="",
        digest=hashlib.sha256(content).hexdigest(),
        size=len(content),
        issued_at=lodgement.received.at,
        stored_at=lodgement.received.at,
    )


def _refusal(refusal: Denial, exchange_id: ExchangeId) -> GatewayError:
    kind = LodgementWithheld if isinstance(refusal, NotPermitted) else LodgementRefused
    told = kind(
        refusal.message,
        path=refusal.path,
        line=refusal.line,
        remedy=refusal.remedy,
        findings=findings_of(refusal),
        code=refusal.stable_code,
    )
    told.exchange_id = exchange_id
    return told
