"""What an operator does: dead letters and quarantine brought back, lanes stopped and started. Each is logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.errors import NotFound
from gateway.exchange.model import Exchange, Message, Outcome
from gateway.exchange.states import TABLE, Direction, Event, State, allows
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import LaneView, LogDraft, UnitOfWork, Work, WorkItem


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Work that was given up, with what it is about.

    Attributes:
        id: what `Operating.redrive` takes.
        kind: ``deliver`` for a dead letter, ``examine`` for a quarantined message.
        reason: stable code.
    """

    id: str
    kind: str
    lane: str
    exchange_id: str
    message_id: str
    reason: str
    attempts: int
    at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """As a flat JSON object."""
        return {
            "id": self.id,
            "kind": self.kind,
            "lane": self.lane,
            "exchange_id": self.exchange_id,
            "message_id": self.message_id,
            "reason": self.reason,
            "attempts": self.attempts,
            "at": self.at.isoformat() if self.at else None,
        }


class Operating:
    """The operator's actions.

    Args:
        around: the ports.
    """

    def __init__(self, around: Surroundings) -> None:
        self._around = around

    def dead_letters(self) -> list[DeadLetter]:
        """Everything that waits for a person, the oldest first."""
        with self._around.store.reading() as look:
            return [_letter(item, look.exchanges.message(item.message_key)) for item in look.outbox.parked()]

    def redrive(self, letter_id: str, *, operator: str, reason: str) -> None:
        """Make given-up work due again: the same message, the same bytes.

        Args:
            letter_id: of `dead_letters`.
            operator: who.
            reason: why; both go into the log.

        Raises:
            NotFound: no such dead letter.
        """
        at = self._around.clock.now()
        with self._around.store.writing() as work:
            item = next((item for item in work.outbox.parked() if item.message_key == letter_id), None)
            if item is None:
                raise NotFound("there is no dead letter of this id", remedy="list the dead letters to see their ids")
            work.outbox.revive(item.message_key, item.work, at=at)
            self._log_and_move(work, item, operator=operator, reason=reason, at=at)
        self._around.wake(item.work)

    def lanes(self) -> list[LaneView]:
        """All lanes with their counts."""
        with self._around.store.reading() as look:
            return look.outbox.views()

    def set_stopped(self, partner: PartnerCode, *, stopped: bool, operator: str, reason: str) -> None:
        """The kill switch of the delivery to one partner; takes effect before the next message."""
        tag = Tag.OPERATOR_LANE_STOPPED if stopped else Tag.OPERATOR_LANE_STARTED
        with self._around.store.writing() as work:
            work.outbox.set_stopped(Work.DELIVER, partner, stopped=stopped)
            draft = LogDraft(tag=tag, partner=partner, reason=reason, facts={"actor": operator})
            work.log.append(draft, at=self._around.clock.now())
        self._around.wake(Work.DELIVER)

    def _log_and_move(self, work: UnitOfWork, item: WorkItem, *, operator: str, reason: str, at: datetime) -> None:
        message = work.exchanges.message(item.message_key)
        exchange = work.exchanges.exchange(message.exchange_id) if message.exchange_id else None
        event = None if exchange is None else _event(work, exchange, item)
        requeued = item.work is Work.EXAMINE
        draft = LogDraft(
            tag=Tag.OPERATOR_MESSAGE_REQUEUED if requeued else Tag.OPERATOR_MESSAGE_REDRIVEN,
            partner=message.partner,
            exchange_id=exchange.id if exchange and event else "",
            message_id=message.message_id,
            decision=TABLE[exchange.direction, exchange.state, event].value if exchange and event else "",
            reason=reason,
            change=(exchange, event) if exchange and event else None,
            facts={"actor": operator},
        )
        leaf = work.log.append(draft, at=at)
        if exchange is not None and event is not None:
            work.exchanges.move(exchange, event, at=at, leaf_index=leaf.index)


def _event(work: UnitOfWork, exchange: Exchange, item: WorkItem) -> Event | None:
    """The event of the state table that brings this exchange back; None where its state does not wait for one."""
    if item.work is Work.EXAMINE:
        event = Event.REQUEUE
    elif exchange.state is State.UNANSWERED:
        ours = [one for one in work.exchanges.acknowledgements(exchange.id) if one.direction is Direction.OUTBOUND]
        refused = ours[-1].outcome is Outcome.REFUSED
        event = Event.REDRIVE_REFUSAL if refused else Event.REDRIVE_ACCEPTANCE
    else:
        event = Event.REDRIVE
    return event if allows(exchange.direction, exchange.state, event) else None


def _letter(item: WorkItem, message: Message) -> DeadLetter:
    return DeadLetter(
        id=item.message_key,
        kind=item.work.value,
        lane=item.lane,
        exchange_id=message.exchange_id,
        message_id=message.message_id,
        reason=item.parked_reason,
        attempts=item.attempts,
        at=item.parked_at,
    )
