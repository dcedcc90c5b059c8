"""The state table: every pair that it does not hold is refused, every state is reached, every end is an end."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidTransition
from gateway.exchange.states import (
    OPERATOR_EVENTS,
    TABLE,
    TERMINAL,
    Direction,
    Event,
    State,
    allows,
    is_terminal,
    next_state,
)

ALL = list(product(Direction, [None, *State], Event))


@pytest.mark.parametrize(("direction", "state", "event"), [row for row in ALL if row not in TABLE])
def test_a_change_that_the_table_does_not_hold_is_refused(
    direction: Direction, state: State | None, event: Event
) -> None:
    assert not allows(direction, state, event)
    with pytest.raises(InvalidTransition) as refused:
        next_state(direction, state, event)
    assert refused.value.stable_code == "state.invalid-transition"


@pytest.mark.parametrize("row", list(TABLE))
def test_a_change_that_the_table_holds_leads_where_it_says(row: tuple[Direction, State | None, Event]) -> None:
    assert allows(*row)
    assert next_state(*row) is TABLE[row]


@pytest.mark.parametrize("direction", list(Direction))
def test_every_state_is_reached_and_every_state_that_is_no_end_has_a_way_out(direction: Direction) -> None:
    reached = {after for (way, _, _), after in TABLE.items() if way is direction}
    left = {before for way, before, _ in TABLE if way is direction and before is not None}
    ends = {state for way, state in TERMINAL if way is direction}
    assert reached == left | ends
    assert not left & ends


@given(st.sampled_from(list(Direction)), st.lists(st.sampled_from(list(Event)), max_size=30))
def test_whatever_happens_an_end_is_never_left(direction: Direction, events: list[Event]) -> None:
    state: State | None = None
    ended: State | None = None
    for event in events:
        if allows(direction, state, event):
            assert ended is None
            state = next_state(direction, state, event)
            ended = state if is_terminal(direction, state) else None


@given(st.lists(st.sampled_from(sorted(OPERATOR_EVENTS)), min_size=1))
def test_an_operator_never_decides_what_a_message_is_worth(events: list[Event]) -> None:
    """A person brings work back; only examining and the partner accept or refuse."""
    for event in events:
        for (_, before, known), after in TABLE.items():
            if known is event:
                assert before in {State.QUARANTINED, State.UNANSWERED, State.UNDELIVERED}
                assert after in {State.RECEIVED, State.ACCEPTED, State.REJECTED, State.RELEASED}


def test_a_refused_message_never_becomes_an_accepted_one() -> None:
    """Whichever way through the table: from REJECTED no event path that a partner or we cause leads to CONCLUDED."""
    seen = {State.REJECTED}
    frontier = [State.REJECTED]
    while frontier:
        state = frontier.pop()
        for (way, before, event), after in TABLE.items():
            wrong_redrive = event is Event.REDRIVE_ACCEPTANCE
            if way is Direction.INBOUND and before is state and after not in seen and not wrong_redrive:
                seen.add(after)
                frontier.append(after)
    assert State.CONCLUDED not in seen
    assert State.ACCEPTED not in seen


def test_an_acknowledgement_may_overtake_the_receipt() -> None:
    for state in (State.RELEASED, State.RECEIPTED, State.UNDELIVERED):
        assert next_state(Direction.OUTBOUND, state, Event.ACKNOWLEDGE) is State.ACKNOWLEDGED
        assert next_state(Direction.OUTBOUND, state, Event.REFUSE) is State.REFUSED
