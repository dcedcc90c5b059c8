"""The gateway as doors see it: one object, plain methods, errors of the one tree.

Receiving and answering partners, lodging, feeds, and what the operator does. Doors (HTTP, command line, simulator) add
nothing but their own form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from gateway.audit.stored import LogReport
from gateway.errors import NotFound
from gateway.exchange.model import Message, Outcome, Role
from gateway.exchange.states import Direction, State
from gateway.identifiers import ExchangeId, MessageId, PartnerCode
from gateway.pipeline.auditing import Auditing
from gateway.pipeline.by_hand import ByHand
from gateway.pipeline.checking import Checking
from gateway.pipeline.feeds import Feeds
from gateway.pipeline.http_trust import HttpTrust
from gateway.pipeline.inbound import Receiver
from gateway.pipeline.live_gate import LiveGate
from gateway.pipeline.lodgements import LodgementOrder
from gateway.pipeline.opening import Opener
from gateway.pipeline.operating import DeadLetter, Operating
from gateway.pipeline.outbound import Lodging
from gateway.pipeline.partner_access import PartnerAccess
from gateway.pipeline.partner_service import PartnerService
from gateway.pipeline.runner import Runner
from gateway.pipeline.stages import OpenedMessage, ReceivedMessage
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.throttling import Throttling
from gateway.pipeline.upkeep import Upkeep
from gateway.pipeline.views import (
    AuditReport,
    CheckReport,
    ExchangeSummary,
    ExchangeView,
    LodgementAnswer,
    MessageStatus,
    ReceiptAnswer,
)
from gateway.ports import LaneView


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the facade is made of; `gateway.bootstrap` puts it together."""

    around: Surroundings
    opener: Opener
    receiver: Receiver
    lodging: Lodging
    checking: Checking
    operating: Operating
    auditing: Auditing
    runner: Runner
    by_hand: ByHand
    feeds: Feeds
    http: HttpTrust
    access: PartnerAccess
    partners: PartnerService
    upkeep: Upkeep
    live_gate: LiveGate


def no_such_message() -> NotFound:
    """What is told of a message that a partner did not send: one text, whether another partner did or nobody."""
    return NotFound("no message of this id was received from this partner")


class Gateway:
    """A running gateway.

    Args:
        parts: what it is made of.
        inline_seconds: how long an answer to a partner waits for the acknowledgement.
        page_limit: most rows of one page.
        close: gives connections back.
    """

    def __init__(self, parts: Parts, *, inline_seconds: float, page_limit: int, close: Callable[[], None]) -> None:
        self._parts = parts
        self._store = parts.around.store
        self._clock = parts.around.clock
        self._inline_seconds = inline_seconds
        self._page_limit = page_limit
        self._close = close

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers and give connections back."""
        self._parts.runner.stop()
        self._parts.http.throttling.log.flush()
        self._close()

    @property
    def home(self) -> PartnerCode:
        """Code of the administration that runs this gateway."""
        return self._parts.around.home

    @property
    def http(self) -> HttpTrust:
        """Judges signed HTTP requests and signs answers."""
        return self._parts.http

    @property
    def throttling(self) -> Throttling:
        """Knows which partners are stopped or have to wait."""
        return self._parts.http.throttling

    @property
    def access(self) -> PartnerAccess:
        """Knows the partners' certificates and what each has to bring."""
        return self._parts.access

    @property
    def partners(self) -> PartnerService:
        """Mailboxes, log and terms, as partners may see them."""
        return self._parts.partners

    @property
    def live_gate(self) -> LiveGate:
        """Knows which partners are live, and in which realm we are."""
        return self._parts.live_gate

    @property
    def upkeep(self) -> Upkeep:
        """Our published keys, and what monitoring asks."""
        return self._parts.upkeep

    # What partners ask

    def receive(
        self,
        data: bytes,
        content_type: str,
        *,
        at: datetime | None = None,
        permit: Callable[[PartnerCode], None] | None = None,
        proved: PartnerCode | None = None,
    ) -> ReceiptAnswer:
        """Take in a sealed message; the receipt goes out only after it is stored, durable and logged.

        Args:
            data: compact JWE.
            content_type: as stated by the transport.
            at: time of receipt; now when left out.
            permit: given the sender, refuses where the transport does not prove it; None inside our house.
            proved: the partner that the transport proves, which learns of no keys but its own; None where it does not.

        Raises:
            Refusal: refused with a stable code; a log entry is all that is kept.
            TemporaryFailure: try again; nothing was kept.
        """
        received = ReceivedMessage(content=data, media_type=content_type, at=at or self._clock.now(), proved=proved)
        stored = self._parts.receiver.receive(received, permit)
        message = stored.message
        if not stored.repeated and not message.is_acknowledgement:
            self._parts.runner.wait_examined(message.key, self._inline_seconds)
        return ReceiptAnswer(
            message_id=message.message_id,
            exchange_id=message.exchange_id,
            partner=message.partner,
            receipt=stored.receipt,
            repeated=stored.repeated,
            acknowledgement=self._acknowledgement_of(message),
        )

    def message_status(self, message_id: str, partner: str) -> MessageStatus:
        """What became of a message that a partner sent.

        Raises:
            NotFound: that partner sent no such message.
        """
        with self._store.reading() as look:
            message = look.exchanges.find_message(Direction.INBOUND, PartnerCode(partner), MessageId(message_id))
            receipt = look.exchanges.receipt(message.key, Direction.OUTBOUND) if message else None
            if message is None or receipt is None:
                raise no_such_message()
            ours = self._our_answer(look.exchanges.acknowledgements(message.exchange_id))
            state = "" if message.is_acknowledgement else look.exchanges.exchange(message.exchange_id).state.value
        return MessageStatus(
            message_id=message.message_id,
            exchange_id=message.exchange_id,
            state=state,
            outcome=ours[1].value if ours and not message.is_acknowledgement else None,
            receipt=receipt.compact,
            acknowledgement=self._acknowledgement_of(message),
        )

    def check(
        self,
        data: bytes,
        partner: str,
        *,
        message_type: str = "",
        agreement: str = "",
        purpose: str = "",
        format_name: str = "",
        direction: Direction = Direction.INBOUND,
        at: datetime | None = None,
    ) -> CheckReport:
        """Dry run: what we would say of an unsealed document, in full, without any effect.

        Args:
            data: the document.
            partner: who would send it, or for whom it would be lodged.
            message_type: empty when the document's format belongs to one type only.
            agreement: empty to look for the one that permits.
            purpose: empty when only one is listed.
            format_name: empty to recognise it.
            direction: INBOUND for what the partner would send.
            at: time to ask the agreements about; now when left out.
        """
        received = ReceivedMessage(content=data, media_type="", at=at or self._clock.now())
        order = LodgementOrder(
            partner=PartnerCode(partner),
            message_type=message_type,
            format_name=format_name,
            purpose=purpose,
            agreement=agreement,
        )
        return self._parts.checking.check(received, order, direction)

    # What our own side asks

    def lodge(
        self,
        data: bytes,
        partner: str,
        message_type: str,
        *,
        format_name: str = "",
        purpose: str = "",
        agreement: str = "",
        message_id: str = "",
        at: datetime | None = None,
    ) -> LodgementAnswer:
        """Hand in a document for a partner; see `gateway.pipeline.outbound.Lodging.lodge` for arguments and errors."""
        order = LodgementOrder(
            partner=PartnerCode(partner),
            message_type=message_type,
            format_name=format_name,
            purpose=purpose,
            agreement=agreement,
            message_id=message_id,
        )
        received = ReceivedMessage(content=data, media_type="", at=at or self._clock.now())
        lodged = self._parts.lodging.lodge(received, order)
        return LodgementAnswer(
            exchange_id=lodged.exchange.id,
            message_id=lodged.message.message_id,
            repeated=lodged.repeated,
            report=lodged.report,
        )

    def exchanges(
        self,
        *,
        direction: Direction | None = None,
        partner: str | None = None,
        state: State | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[ExchangeSummary]:
        """Exchanges in order of opening, after the one named by ``after``."""
        with self._store.reading() as look:
            found = look.exchanges.select(
                direction=direction,
                partner=PartnerCode(partner) if partner else None,
                state=state,
                after=after,
                limit=min(limit, self._page_limit),
            )
        return [ExchangeSummary(exchange=exchange) for exchange in found]

    def exchange(self, exchange_id: str) -> ExchangeView:
        """Everything about one exchange but the bodies; raises `NotFound`."""
        with self._store.reading() as look:
            exchange = look.exchanges.exchange(ExchangeId(exchange_id))
            messages = look.exchanges.messages(exchange.id)
            receipts = [look.exchanges.receipt(one.key, way) for one in messages for way in Direction]
            return ExchangeView(
                exchange=exchange,
                messages=tuple(messages),
                receipts=tuple(receipt for receipt in receipts if receipt is not None),
                acknowledgements=tuple(look.exchanges.acknowledgements(exchange.id)),
                changes=tuple(look.exchanges.changes(exchange.id)),
                attempts=tuple(attempt for one in messages for attempt in look.exchanges.attempts(one.key)),
                report=look.exchanges.report(exchange.id),
            )

    @property
    def feeds(self) -> Feeds:
        """Feeds for consumers."""
        return self._parts.feeds

    # What the operator asks

    def process_once(self, limit: int = 100) -> int:
        """Examine what is due; returns how many messages were tried."""
        return self._parts.runner.examine_once(limit)

    def dispatch_once(self, limit: int = 100) -> int:
        """Deliver what is due; returns how many deliveries were tried."""
        return self._parts.runner.dispatch_once(limit)

    def start(self) -> None:
        """Begin to serve: workers for examining, delivering and signing checkpoints."""
        self._parts.runner.start()

    def stop(self) -> None:
        """Stop the workers after the item that they are at."""
        self._parts.runner.stop()

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until no work is due; False when some still is after ``seconds``."""
        return self._parts.runner.settle(seconds)

    def dead_letters(self) -> list[DeadLetter]:
        """Everything that waits for a person."""
        return self._parts.operating.dead_letters()

    def redrive(self, letter_id: str, *, operator: str, reason: str) -> None:
        """Make a dead letter or a quarantined message due again; raises `NotFound`."""
        self._parts.operating.redrive(letter_id, operator=operator, reason=reason)

    def lanes(self) -> list[LaneView]:
        """All lanes with their counts."""
        return self._parts.operating.lanes()

    def set_stopped(self, partner: str, *, stopped: bool, operator: str, reason: str) -> None:
        """The kill switch of the delivery to one partner."""
        self._parts.operating.set_stopped(PartnerCode(partner), stopped=stopped, operator=operator, reason=reason)

    def verify_audit(self) -> AuditReport:
        """Compare everything that is stored with the log."""
        report: LogReport = self._parts.auditing.verify()
        return AuditReport(report=report)

    def checkpoint(self) -> str:
        """Sign the head of the log as it is now."""
        return self._parts.auditing.checkpoint()

    def latest_checkpoint(self) -> str | None:
        """Text of the newest checkpoint."""
        return self._parts.auditing.latest_checkpoint()

    def seal(self, data: bytes, partner: str, message_type: str, *, agreement: str = "", purpose: str = "") -> bytes:
        """Seal a document by hand, without an exchange; see `gateway.pipeline.by_hand.ByHand.seal`."""
        order = LodgementOrder(
            partner=PartnerCode(partner), message_type=message_type, purpose=purpose, agreement=agreement
        )
        received = ReceivedMessage(content=data, media_type="", at=self._clock.now())
        return self._parts.by_hand.seal(received, order).jwe

    def open(self, data: bytes) -> OpenedMessage:
        """Open a sealed message by hand: decrypted and verified, nothing stored."""
        return self._parts.by_hand.open(ReceivedMessage(content=data, media_type="", at=self._clock.now()))

    def ready(self) -> dict[str, Any]:
        """Whether we can do our work: reach the store, sign, write the log; for a readiness probe."""
        with self._store.reading() as look:
            due = look.outbox.due()
            size = look.log.size()
        self._parts.around.keys.signer(self._clock.now())
        runner = self._parts.runner
        return {"due": due, "log_size": size, "serving": runner.serving, "list_faults": list(runner.list_faults)}

    def _our_answer(self, answers: list[Any]) -> tuple[str, Outcome] | None:
        ours = [one for one in answers if one.direction is Direction.OUTBOUND]
        return (ours[-1].message_key, ours[-1].outcome) if ours else None

    def _acknowledgement_of(self, message: Message) -> bytes | None:
        """Our sealed acknowledgement of a partner's message, if it is made."""
        if message.is_acknowledgement:
            return None
        with self._store.reading() as look:
            ours = self._our_answer(look.exchanges.acknowledgements(message.exchange_id))
            return look.bodies.read(ours[0], Role.SEALED) if ours else None
