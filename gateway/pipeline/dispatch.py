"""Delivering: stored sealed bytes to the partner, in order, until the partner's signed receipt is verified and stored.

A retry sends the same bytes under the same id. The partner's answer decides:

    2xx with a receipt for exactly these bytes    delivered
    408, 425, 429, 5xx, no answer, bad receipt    the lane waits (full jitter, ``Retry-After`` honoured), then again
    a key of ours is unknown to the partner       the same: it has not taken up our newest key list yet
    any other status                              a dead letter at once: trying again cannot help

A partner that collects its messages by itself (`gateway.pipeline.mailbox`) is not called: its lane rests, and is looked
at again only to give up what lies there for too long.

After the profile's ``give_up_after`` a message becomes a dead letter, too; whether it blocks those behind it stands in
the profile. The window between the partner's answer and our commit is closed by identity: the partner gives the first
receipt again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
import structlog

from gateway.errors import DeliveryFailed, EnvelopeRefused
from gateway.exchange.model import Message, Role
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.deliveries import keep_delivered, keep_given_up, next_attempt, tried
from gateway.pipeline.lanes import full_jitter
from gateway.pipeline.live_gate import NOT_LIVE
from gateway.pipeline.pacing import DeliveryPace
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import ChannelAnswer, Gate, Lease, PartnerChannel, WorkItem

_log = structlog.get_logger("sarhad.dispatch")

_TRY_AGAIN = frozenset({408, 425, 429})

_KEY_LACKING = frozenset({"http.unknown-key", "http.key-not-active", "envelope.unknown-key", "envelope.key-not-active"})
"""With these codes a partner says that its list of our keys is older than the key that signed."""

NOT_COLLECTED = "delivery.not-collected"
"""Why a message to a partner that collects was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a partner is reached and how long delivery is tried.

    Attributes:
        endpoint: base URL; empty for a partner that cannot be reached.
        collects: the partner collects its messages by itself; it is not called.
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
    collects: bool = False
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
        pace: when the next delivery may go out.
        hold: how long messages to a partner wait before it is looked at again; None where nothing holds them back.
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
        pace: DeliveryPace,
        hold: Callable[[PartnerCode], timedelta | None] = lambda _partner: None,
    ) -> None:
        self._around = around
        self._sealer = sealer
        self._channel = channel
        self._route = route
        self._lease_seconds = lease_seconds
        self._retry_after_cap = timedelta(seconds=retry_after_cap)
        self._pace = pace
        self._hold = hold

    def serve(self, lease: Lease, item: WorkItem) -> bool:
        """Try one delivery; False when the lane must rest."""
        gates = self._around.gates
        gates.reach(Gate.DISPATCH_AFTER_CLAIM)
        with self._around.store.reading() as look:
            if look.outbox.is_stopped(lease.lane):
                return False
            message = look.exchanges.message(item.message_key)
            route = self._route(message.partner)
            sealed = b"" if route.collects else look.bodies.read(message.key, Role.SEALED)
            failures = look.outbox.failures(lease)
            wait = self._pace.wait(look, message, at=self._around.clock.now())
        held_back = self._hold(message.partner)
        if held_back is not None:
            _log.info("delivery held back", lane=lease.lane, code=NOT_LIVE)
            return self._rest(lease, held_back)
        if route.collects:
            return self._wait_for_collection(lease, item, message, route=route)
        if wait is not None:
            return self._rest(lease, wait)
        gates.reach(Gate.DISPATCH_BEFORE_SEND)
        outcome = self._send(route, message, sealed)
        gates.reach(Gate.DISPATCH_AFTER_SEND)
        if outcome.receipt:
            self._delivered(lease, item, message, outcome=outcome, off=route.switched_off)
            return True
        return self._failed(lease, item, message, outcome=outcome, route=route, failures=failures)

    def _rest(self, lease: Lease, wait: timedelta) -> bool:
        """Let the lane rest until the agreed rate or volume lets the next message go."""
        at = self._around.clock.now()
        with self._around.store.writing() as work:
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            work.outbox.rest(lease, until=at + wait)
        return False

    def _send(self, route: Route, message: Message, sealed: bytes) -> _Outcome:
        if not route.endpoint:
            return _Outcome(status=0, code="delivery.no-endpoint")
        try:
            answer = self._channel.deliver(message.partner, route.endpoint, sealed, message.message_id)
        except DeliveryFailed as failure:
            return _Outcome(status=0, code=failure.stable_code)
        if not 200 <= answer.status < 300:
            lasting = 300 <= answer.status < 500 and answer.status not in _TRY_AGAIN and not _lacks_our_key(answer.body)
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

    def _wait_for_collection(self, lease: Lease, item: WorkItem, message: Message, *, route: Route) -> bool:
        """Let the lane of a partner that collects rest, or give up what it has not collected in time."""
        at = self._around.clock.now()
        deadline = item.added_at + route.give_up_after
        with self._around.store.writing() as work:
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            if at < deadline:  # not longer than a pause: the profile may have another way tomorrow
                work.outbox.rest(lease, until=min(deadline, at + route.longest_pause))
                return False
            attempt = next_attempt(work, message, status=0, code=NOT_COLLECTED, at=at)
            work.outbox.park(item, reason=NOT_COLLECTED, at=at, blocks=route.blocks)
            keep_given_up(work, message, attempt)
            work.exchanges.keep_attempt(attempt)
        return not route.blocks

    def _delivered(
        self, lease: Lease, item: WorkItem, message: Message, *, outcome: _Outcome, off: tuple[str, ...]
    ) -> None:
        gates = self._around.gates
        with self._around.store.writing() as work:
            at = self._around.clock.now()
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            work.outbox.finish(item)
            attempt = next_attempt(work, message, status=outcome.status, code=outcome.code, at=at)
            keep_delivered(work, message, outcome.receipt, outcome.leaf_index, attempt=attempt, off=off)
            self._pace.delivered(work, message, at=at)
            gates.reach(Gate.DISPATCH_INSIDE_STORE)
        gates.reach(Gate.DISPATCH_AFTER_STORE)

    def _failed(
        self, lease: Lease, item: WorkItem, message: Message, *, outcome: _Outcome, route: Route, failures: int
    ) -> bool:
        at = self._around.clock.now()
        _log.info("delivery failed", lane=lease.lane, message_key=message.key, code=outcome.code, status=outcome.status)
        with self._around.store.writing() as work:
            work.outbox.renew(lease, at=at, seconds=self._lease_seconds)
            attempt = next_attempt(work, message, status=outcome.status, code=outcome.code, at=at)
            gives_up = outcome.lasting or at - item.added_at >= route.give_up_after
            if gives_up:
                work.outbox.park(item, reason=outcome.code, at=at, blocks=route.blocks)
                keep_given_up(work, message, attempt)
            else:
                work.outbox.postpone(lease, item, until=at + self._pause(route, outcome, failures))
            if outcome.receipt_refused or not gives_up:
                refused = outcome.receipt_refused
                tag = Tag.PARTNER_RECEIPT_REFUSED if refused else Tag.GATEWAY_DELIVERY_POSTPONED
                work.log.append(tried(tag, message, outcome.code, () if gives_up else (attempt,)), at=at)
            work.exchanges.keep_attempt(attempt)
            self._pace.tried(work, message, at=at)
        return gives_up and not route.blocks

    def _pause(self, route: Route, outcome: _Outcome, failures: int) -> timedelta:
        pause = full_jitter(route.first_pause, route.longest_pause, failures, self._around.ids.fraction())
        asked = timedelta(seconds=outcome.retry_after or 0)
        return max(pause, min(asked, self._retry_after_cap))


def _lacks_our_key(body: bytes) -> bool:
    """Whether the problem document of a refusal says that a key of ours is not known to the partner, or not yet."""
    try:
        return orjson.loads(body)["title"] in _KEY_LACKING
    except (ValueError, KeyError, TypeError, IndexError):
        return False


def receipt_in(body: bytes) -> bytes:
    """The receipt of a partner's answer: a JSON object with the member ``receipt``.

    Raises:
        DeliveryFailed: there is none.
    """
    try:
        return str(orjson.loads(body)["receipt"]).encode("ascii")
    except (ValueError, KeyError, TypeError, IndexError):
        raise DeliveryFailed("the answer holds no receipt", code="delivery.no-receipt") from None
