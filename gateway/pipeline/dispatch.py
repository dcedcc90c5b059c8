"""Delivering: stored sealed bytes to the partner, in order, until the partner's signed receipt is verified and stored.

A retry sends the same bytes under the same id. The partner's answer decides:

    2xx with a receipt for exactly these bytes    delivered
    408, 425, 429, 5xx, no answer, bad receipt    the lane waits (full jitter, ``Retry-After`` honoured), then again
    any other status                              a dead letter at once: trying again cannot help

After the profile's ``give_up_after`` a message becomes a dead letter, too; whether it blocks those behind it stands in
the profile. The window between the partner's answer and our commit is closed by identity: the partner gives the first
receipt again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
import structlog

from gateway.errors import DeliveryFailed, EnvelopeRefused
from gateway.exchange.model import DeliveryAttempt, Message, Receipt, Role
from gateway.exchange.states import TABLE, Direction, Event, allows
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.lanes import full_jitter
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.surroundings import Surroundings, off_facts
from gateway.ports import ChannelAnswer, Gate, Lease, LogDraft, PartnerChannel, UnitOfWork, WorkItem

_log = structlog.get_logger("sarhad.dispatch")

_TRY_AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a partner is reached and how long delivery is tried.

    Attributes:
        endpoint: base URL; empty for a partner that cannot be reached.
        first_pause, longest_pause: bounds of the pauses.
        give_up_after: since the message became due.
        blocks: whether a dead letter holds those behind it.
        switched_off: which protections the partner's profile turns off.
    """

    endpoint: str
    first_pause: timedelta
    longest_pause: timedelta
    give_up_after: timedelta
    blocks: bool
    switched_off: tuple[str, ...] = ()


RouteTo = Callable[[PartnerCode], Route]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What one try came to: a receipt, or the code of what went wrong and whether trying again cannot help."""

    status: int
    code: str
    receipt: bytes = b""
    leaf_index: int = 0
    lasting: bool = False
    receipt_refused: bool = False
    retry_after: float | None = None


class Dispatcher:
    """Serves the delivery lanes.

    Args:
        around: the ports.
        sealer: verifies receipts.
        channel: the way to partners.
        route: how each partner is reached.
        lease_seconds: length of a lease, prolonged with each item.
        retry_after_cap: longest pause that a partner may ask for, in seconds.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        sealer: Sealer,
        channel: PartnerChannel,
        route: RouteTo,
        lease_seconds: float,
        retry_after_cap: float,
    ) -> None:
        self._around = around
        self._sealer = sealer
        self._channel = channel
        self._route = route
        self._lease_seconds = lease_seconds
        self._retry_after_cap = timedelta(seconds=retry_after_cap)

    def serve(self, lease: Lease, item: WorkItem) -> bool:
        """Try one delivery; False when the lane must rest."""
        gates = self._around.gates
        gates.reach(Gate.DISPATCH_AFTER_CLAIM)
        with self._around.store.reading() as look:
            if look.outbox.is_stopped(lease.lane):
                return False
            message = look.exchanges.message(item.message_key)
            sealed = look.bodies.read(message.key, Role.SEALED)
            failures = look.outbox.failures(lease)
        route = self._route(message.partner)
        gates.reach(Gate.DISPATCH_BEFORE_SEND)
        outcome = self._send(route, message, sealed)
        gates.reach(Gate.DISPATCH_AFTER_SEND)
        if outcome.receipt:
            self._delivered(lease, item, message, outcome=outcome, off=route.switched_off)
            return True
        return self._failed(lease, item, message, outcome=outcome, route=route, failures=failures)

    def _send(self, route: Route, message: Message, sealed: bytes) -> _Outcome:
        if not route.endpoint:
            return _Outcome(status=0, code="delivery.no-endpoint")
        try:
            answer = self._channel.deliver(message.partner, route.endpoint, sealed, message.message_id)
        except DeliveryFailed as failure:
            return _Outcome(status=0, code=failure.stable_code)
        if not 200 <= answer.status < 300:
            lasting = 300 <= answer.status < 500 and answer.status not in _TRY_AGAIN
            code = f"delivery.http-{answer.status}"
            return _Outcome(status=answer.status, code=code, lasting=lasting, retry_after=answer.retry_after)
        return self._check(answer, message)

    def _check(self, answer: ChannelAnswer, message: Message) -> _Outcome:
        """A 2xx answer counts only with a signed receipt for exactly our bytes."""
        try:
            compact = receipt_in(answer.body)
            index = self._sealer.check_receipt(compact, message, self._around.clock.now())
        except (EnvelopeRefused, DeliveryFailed) as refusal:
            return _Outcome(status=answer.status, code=refusal.stable_code, receipt_refused=True)
        return _Outcome(status=answer.status, code="delivered", receipt=compact, leaf_index=index)

    def _delivered(
        self, lease: Lease, item: WorkItem, message: Message, *, outcome: _Outcome, off: tuple[str, ...]
    ) -> None:
        gates = self._around.gates
        with self._around.store.writing() as work:
            at = self._around.clock.now()
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            work.outbox.finish(item)
            receipt = Receipt(
                message_key=message.key,
                direction=Direction.INBOUND,
                compact=outcome.receipt,
                leaf_index=outcome.leaf_index,
                at=at,
            )
            event = Event.ANSWER_DELIVERED if message.is_acknowledgement else Event.RECEIPT
            attempt = _attempt(work, message, outcome, at)
            draft = LogDraft(tag=Tag.PARTNER_RECEIPT_RECEIVED, rows=(receipt, attempt), facts=off_facts(off))
            self._log_and_move(work, message, draft, event=event, at=at)
            work.exchanges.keep_receipt(receipt)
            work.exchanges.keep_attempt(attempt)
            gates.reach(Gate.DISPATCH_INSIDE_STORE)
        gates.reach(Gate.DISPATCH_AFTER_STORE)

    def _failed(
        self, lease: Lease, item: WorkItem, message: Message, *, outcome: _Outcome, route: Route, failures: int
    ) -> bool:
        at = self._around.clock.now()
        _log.info("delivery failed", lane=lease.lane, message_key=message.key, code=outcome.code, status=outcome.status)
        with self._around.store.writing() as work:
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            attempt = _attempt(work, message, outcome, at)
            gives_up = outcome.lasting or at - item.added_at >= route.give_up_after
            if gives_up:
                work.outbox.park(item, reason=outcome.code, at=at, blocks=route.blocks)
                self._give_up(work, message, attempt, at)
            else:
                work.outbox.postpone(lease, item, until=at + self._pause(route, outcome, failures))
            if outcome.receipt_refused or not gives_up:
                refused = outcome.receipt_refused
                tag = Tag.PARTNER_RECEIPT_REFUSED if refused else Tag.GATEWAY_DELIVERY_POSTPONED
                work.log.append(_tried(tag, message, outcome.code, () if gives_up else (attempt,)), at=at)
            work.exchanges.keep_attempt(attempt)
        return gives_up and not route.blocks

    def _pause(self, route: Route, outcome: _Outcome, failures: int) -> timedelta:
        pause = full_jitter(route.first_pause, route.longest_pause, failures, self._around.ids.fraction())
        asked = timedelta(seconds=outcome.retry_after or 0)
        return max(pause, min(asked, self._retry_after_cap))

    def _give_up(self, work: UnitOfWork, message: Message, attempt: DeliveryAttempt, at: datetime) -> None:
        answers = message.is_acknowledgement
        tag = Tag.GATEWAY_ACKNOWLEDGEMENT_UNDELIVERED if answers else Tag.GATEWAY_MESSAGE_UNDELIVERED
        event = Event.ANSWER_GIVEN_UP if answers else Event.GIVE_UP
        draft = LogDraft(tag=tag, codes=(attempt.code,), rows=(attempt,))
        self._log_and_move(work, message, draft, event=event, at=at)

    def _log_and_move(self, work: UnitOfWork, message: Message, draft: LogDraft, *, event: Event, at: datetime) -> None:
        """Log, and move the exchange if the table holds the change: an acknowledgement may have overtaken us."""
        exchange = work.exchanges.exchange(message.exchange_id)
        moves = allows(exchange.direction, exchange.state, event)
        after = TABLE[exchange.direction, exchange.state, event].value if moves else ""
        leaf = work.log.append(
            dataclasses.replace(
                draft,
                partner=message.partner,
                exchange_id=exchange.id,
                message_id=message.message_id,
                agreement=message.agreement,
                decision=after,
                change=(exchange, event) if moves else None,
            ),
            at=at,
        )
        if moves:
            work.exchanges.move(exchange, event, at=at, leaf_index=leaf.index)


def _attempt(work: UnitOfWork, message: Message, outcome: _Outcome, at: datetime) -> DeliveryAttempt:
    number = len(work.exchanges.attempts(message.key)) + 1
    return DeliveryAttempt(message_key=message.key, number=number, at=at, status=outcome.status, code=outcome.code)


def _tried(tag: Tag, message: Message, code: str, rows: tuple[DeliveryAttempt, ...]) -> LogDraft:
    return LogDraft(
        tag=tag,
        partner=message.partner,
        exchange_id=message.exchange_id,
        message_id=message.message_id,
        codes=(code,),
        rows=rows,
    )


def receipt_in(body: bytes) -> bytes:
    """The receipt of a partner's answer: a JSON object with the member ``receipt``.

    Raises:
        DeliveryFailed: there is none.
    """
    try:
        return str(orjson.loads(body)["receipt"]).encode("ascii")
    except (ValueError, KeyError, TypeError, IndexError):
        raise DeliveryFailed("the answer holds no receipt", code="delivery.no-receipt") from None
