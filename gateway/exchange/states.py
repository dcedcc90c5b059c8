"""The states of an exchange and the one table that changes them.

`TABLE` is the only way from one state to the next; the store applies it as compare-and-set, so that two writers cannot
both move the same exchange. A state names what is DONE AND STORED, an event what happens to it. The work that is due in
a state (examining, delivering) stands in a lane, in the same transaction as the state.

Inbound: a partner's message.

    RECEIVED      opened, stored and logged; the receipt may go out. Examination is due.
    ACCEPTED      permitted and converted, in the feed; our acknowledgement is due to the partner.
    REJECTED      schema, rules, agreement or conversion say no; our refusing acknowledgement is due to the partner.
    QUARANTINED   examination failed by a fault of ours; an operator looks at it and requeues it.
    UNANSWERED    the acknowledgement could not be delivered and lies among the dead letters; an operator redrives it.
    CONCLUDED     the partner has receipted the accepting acknowledgement. The end.
    REFUSED       the partner has receipted the refusing acknowledgement. The end.

Outbound: a lodgement of our own side.

    RELEASED      permitted, converted, sealed and in the outbox; delivery is due.
    WITHHELD      no agreement permits it; the lodger was told in the answer. The end.
    REJECTED      its content is refused; the lodger was told in the answer. The end.
    RECEIPTED     the partner holds the bytes (signed receipt); its acknowledgement is awaited.
    UNDELIVERED   delivery was given up, the message lies among the dead letters; an operator redrives it.
    ACKNOWLEDGED  the partner accepted it. The end.
    REFUSED       the partner refused it. The end.

An acknowledgement may overtake the receipt, and may even arrive for a message that we gave up: it counts.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import InvalidTransition


class Direction(StrEnum):
    """Which way a message goes, seen from here."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class State(StrEnum):
    """Where an exchange stands; the module's docstring says what each means."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    UNANSWERED = "unanswered"
    CONCLUDED = "concluded"
    REFUSED = "refused"
    RELEASED = "released"
    WITHHELD = "withheld"
    RECEIPTED = "receipted"
    UNDELIVERED = "undelivered"
    ACKNOWLEDGED = "acknowledged"


class Event(StrEnum):
    """What happens to an exchange."""

    RECEIVE = "receive"
    ACCEPT = "accept"
    REJECT = "reject"
    QUARANTINE = "quarantine"
    REQUEUE = "requeue"
    ANSWER_DELIVERED = "answer-delivered"
    ANSWER_GIVEN_UP = "answer-given-up"
    REDRIVE_ACCEPTANCE = "redrive-acceptance"
    REDRIVE_REFUSAL = "redrive-refusal"
    RELEASE = "release"
    WITHHOLD = "withhold"
    RECEIPT = "receipt"
    GIVE_UP = "give-up"
    REDRIVE = "redrive"
    ACKNOWLEDGE = "acknowledge"
    REFUSE = "refuse"


_IN = Direction.INBOUND
_OUT = Direction.OUTBOUND

TABLE: dict[tuple[Direction, State | None, Event], State] = {
    (_IN, None, Event.RECEIVE): State.RECEIVED,
    (_IN, State.RECEIVED, Event.ACCEPT): State.ACCEPTED,
    (_IN, State.RECEIVED, Event.REJECT): State.REJECTED,
    (_IN, State.RECEIVED, Event.QUARANTINE): State.QUARANTINED,
    (_IN, State.QUARANTINED, Event.REQUEUE): State.RECEIVED,
    (_IN, State.ACCEPTED, Event.ANSWER_DELIVERED): State.CONCLUDED,
    (_IN, State.REJECTED, Event.ANSWER_DELIVERED): State.REFUSED,
    (_IN, State.ACCEPTED, Event.ANSWER_GIVEN_UP): State.UNANSWERED,
    (_IN, State.REJECTED, Event.ANSWER_GIVEN_UP): State.UNANSWERED,
    (_IN, State.UNANSWERED, Event.REDRIVE_ACCEPTANCE): State.ACCEPTED,
    (_IN, State.UNANSWERED, Event.REDRIVE_REFUSAL): State.REJECTED,
    (_OUT, None, Event.RELEASE): State.RELEASED,
    (_OUT, None, Event.WITHHOLD): State.WITHHELD,
    (_OUT, None, Event.REJECT): State.REJECTED,
    (_OUT, State.RELEASED, Event.RECEIPT): State.RECEIPTED,
    (_OUT, State.RELEASED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (_OUT, State.RELEASED, Event.REFUSE): State.REFUSED,
    (_OUT, State.RELEASED, Event.GIVE_UP): State.UNDELIVERED,
    (_OUT, State.UNDELIVERED, Event.REDRIVE): State.RELEASED,
    (_OUT, State.UNDELIVERED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (_OUT, State.UNDELIVERED, Event.REFUSE): State.REFUSED,
    (_OUT, State.RECEIPTED, Event.ACKNOWLEDGE): State.ACKNOWLEDGED,
    (_OUT, State.RECEIPTED, Event.REFUSE): State.REFUSED,
}
"""(direction, state, event) -> next state; the state ``None`` opens an exchange."""

TERMINAL: frozenset[tuple[Direction, State]] = frozenset(
    {
        (_IN, State.CONCLUDED),
        (_IN, State.REFUSED),
        (_OUT, State.WITHHELD),
        (_OUT, State.REJECTED),
        (_OUT, State.ACKNOWLEDGED),
        (_OUT, State.REFUSED),
    }
)
"""Ends: no event leads out of them."""

OPERATOR_EVENTS: frozenset[Event] = frozenset(
    {Event.REQUEUE, Event.REDRIVE, Event.REDRIVE_ACCEPTANCE, Event.REDRIVE_REFUSAL}
)
"""Events that only a person causes; each is logged with who and why."""


def allows(direction: Direction, state: State | None, event: Event) -> bool:
    """Whether the table holds this change."""
    return (direction, state, event) in TABLE


def next_state(direction: Direction, state: State | None, event: Event) -> State:
    """The state after an event.

    Args:
        direction: of the exchange.
        state: the present state; None for an exchange that this event opens.
        event: what happens.

    Raises:
        InvalidTransition: when the table does not hold the change.
    """
    try:
        return TABLE[direction, state, event]
    except KeyError:
        raise InvalidTransition(
            f"an {direction.value} exchange that is {state.value if state else 'not opened'} cannot {event.value}",
            remedy="the state table of gateway/exchange/states.py lists the changes that exist",
        ) from None


def is_terminal(direction: Direction, state: State) -> bool:
    """Whether the exchange has come to its end."""
    return (direction, state) in TERMINAL
