"""Acknowledgements both ways: ours, sealed once and kept for delivery; a partner's, applied to its exchange."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.errors import MalformedMessage
from gateway.exchange.model import Acknowledgement, Exchange, Message, Outcome, Role
from gateway.exchange.states import Direction, Event, allows
from gateway.exchange.tags import Tag
from gateway.findings import Finding
from gateway.identifiers import AgreementId, ExchangeId, MessageId, PartnerCode
from gateway.pipeline.acknowledgement import Answer, answer_metadata, read_answer, write_answer
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.stages import OpenedMessage, SealedMessage
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import Gate, Lease, LogDraft, PreparedBody, UnitOfWork, WorkItem


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AnswerParts:
    """Our acknowledgement, sealed, before it is kept."""

    message: Message
    acknowledgement: Acknowledgement
    bodies: tuple[PreparedBody, ...]


class Answering:
    """Makes our acknowledgements and takes those of partners.

    Args:
        around: the ports.
        sealer: seals.
        lease_seconds: length of a lease, prolonged with each item.
    """

    def __init__(self, around: Surroundings, sealer: Sealer, *, lease_seconds: float) -> None:
        self._around = around
        self._sealer = sealer
        self._lease_seconds = lease_seconds

    def prepare(self, answered: Message, outcome: Outcome, findings: Sequence[Finding]) -> AnswerParts:
        """Write, seal and encrypt our acknowledgement of a partner's message."""
        at = self._around.clock.now()
        key = self._around.ids.new_id()
        metadata = answer_metadata(answered, home=self._around.home, message_id=key, at=at)
        sealed = self._sealer.seal(write_answer(answered, outcome, findings, at), metadata, at)
        message = outbound_message(sealed, key=key, exchange_id=answered.exchange_id, kid=self._sealer.kid(at), at=at)
        return AnswerParts(
            message=message,
            acknowledgement=Acknowledgement(
                exchange_id=answered.exchange_id,
                message_key=key,
                direction=Direction.OUTBOUND,
                outcome=outcome,
                findings=tuple(finding.as_json() for finding in findings),
                at=at,
            ),
            bodies=(
                self._around.bodies.prepare(key, Role.SIGNED, sealed.jws),
                self._around.bodies.prepare(key, Role.SEALED, sealed.jwe),
            ),
        )

    def keep(self, work: UnitOfWork, parts: AnswerParts) -> None:
        """Write what was prepared, after the log entry that commits to it."""
        work.exchanges.keep_message(parts.message)
        work.exchanges.keep_acknowledgement(parts.acknowledgement)
        for body in parts.bodies:
            work.bodies.keep(body)

    def take(self, opened: OpenedMessage, message: Message, lease: Lease, item: WorkItem) -> None:
        """Apply a partner's acknowledgement to the exchange that it answers, or log why it cannot be."""
        answer: Answer | None = None
        code = "acknowledgement.unmatched"
        try:
            answer = read_answer(opened.payload)
        except MalformedMessage as error:
            code = error.stable_code
        gates = self._around.gates
        gates.reach(Gate.ANSWER_BEFORE_STORE)
        with self._around.store.writing() as work:
            at = self._around.clock.now()
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            work.outbox.finish(item)
            if answer is not None and answer.message_id == message.ref and message.exchange_id:
                code = self._apply(work, answer, message, at)
            if code:
                work.log.append(_unmatched(message, code), at=at)
            gates.reach(Gate.ANSWER_INSIDE_STORE)
        gates.reach(Gate.ANSWER_AFTER_STORE)

    def _apply(self, work: UnitOfWork, answer: Answer, message: Message, at: datetime) -> str:
        """Move the exchange; returns the code of what is wrong with the answer, or nothing."""
        exchange = work.exchanges.exchange(message.exchange_id)
        accepted = answer.outcome is Outcome.ACCEPTED
        event = Event.ACKNOWLEDGE if accepted else Event.REFUSE
        if not allows(exchange.direction, exchange.state, event):
            return "acknowledgement.repeated"
        acknowledgement = Acknowledgement(
            exchange_id=exchange.id,
            message_key=message.key,
            direction=Direction.INBOUND,
            outcome=answer.outcome,
            findings=answer.findings,
            at=at,
        )
        draft = dataclasses.replace(_applied(exchange, message, acknowledgement), change=(exchange, event))
        leaf = work.log.append(draft, at=at)
        work.exchanges.move(exchange, event, at=at, leaf_index=leaf.index)
        work.exchanges.keep_acknowledgement(acknowledgement)
        return ""


def outbound_message(sealed: SealedMessage, *, key: str, exchange_id: str, kid: str, at: datetime) -> Message:
    """The message that a sealed one is kept as."""
    metadata = sealed.metadata
    return Message(
        key=key,
        exchange_id=ExchangeId(exchange_id),
        direction=Direction.OUTBOUND,
        partner=PartnerCode(metadata.aud),
        message_id=MessageId(metadata.jti),
        message_type=metadata.type,
        agreement=AgreementId(metadata.agreement),
        purpose=metadata.purpose,
        format_name=metadata.format_name,
        media_type=metadata.cty,
        ref=metadata.ref or "",
        kid=kid,
        digest=sealed.digest,
        size=len(sealed.jws),
        issued_at=datetime.fromtimestamp(metadata.iat, UTC),
        stored_at=at,
    )


def _applied(exchange: Exchange, message: Message, acknowledgement: Acknowledgement) -> LogDraft:
    accepted = acknowledgement.outcome is Outcome.ACCEPTED
    return LogDraft(
        tag=Tag.PARTNER_ACKNOWLEDGEMENT_ACCEPTED if accepted else Tag.PARTNER_ACKNOWLEDGEMENT_REFUSED,
        partner=exchange.partner,
        exchange_id=exchange.id,
        message_id=message.message_id,
        agreement=message.agreement,
        decision="acknowledged" if accepted else "refused",
        rows=(acknowledgement,),
    )


def _unmatched(message: Message, code: str) -> LogDraft:
    return LogDraft(
        tag=Tag.PARTNER_ACKNOWLEDGEMENT_UNMATCHED,
        partner=message.partner,
        message_id=message.message_id,
        agreement=message.agreement,
        codes=(code,),
    )
