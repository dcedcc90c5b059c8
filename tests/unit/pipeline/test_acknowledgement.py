"""Acknowledgements: ours carry no value; a partner's is read strictly, and whatever it sends ends in the error tree."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import MalformedMessage
from gateway.exchange.model import Outcome
from gateway.exchange.states import State
from gateway.findings import Finding, Layer, Severity
from gateway.pipeline.acknowledgement import MOST_BYTES, MOST_FINDINGS, read_answer, write_answer
from tests.contract.nouns import NOW, a_message
from tests.world.log import entries
from tests.world.setting import World

JOSE = "application/jose"
FINDING = Finding(severity=Severity.ERROR, code="schema.facet", layer=Layer.SCHEMA, path="Head/ID", message="too long")


@given(st.sampled_from(list(Outcome)), st.integers(0, 3))
def test_what_we_write_we_can_read(outcome: Outcome, count: int) -> None:
    answer = read_answer(write_answer(a_message(), outcome, [FINDING] * count, NOW))
    assert (answer.outcome, answer.message_id, len(answer.findings)) == (outcome, "m-1", count)


def test_an_answer_carries_a_bounded_number_of_findings_and_says_how_many_more() -> None:
    document = json.loads(write_answer(a_message(), Outcome.REFUSED, [FINDING] * (MOST_FINDINGS + 5), NOW))
    assert (len(document["findings"]), document["more"]) == (MOST_FINDINGS, 5)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["outcome", "message_id", "findings", "code", "x"]), inner, max_size=4)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_a_partner_sends_is_an_answer_or_malformed(payload: bytes) -> None:
    with contextlib.suppress(MalformedMessage):
        assert read_answer(payload).outcome in Outcome


BAD: dict[str, Any] = {
    "no outcome": {"message_id": "l-1"},
    "another outcome": {"outcome": "maybe", "message_id": "l-1"},
    "a number as id": {"outcome": "accepted", "message_id": 1},
    "too many findings": {"outcome": "refused", "message_id": "l-1", "findings": [{"code": "a.b"}] * 201},
    "a code that is none": {"outcome": "refused", "message_id": "l-1", "findings": [{"code": "Alice Smith"}]},
    "an endless text": {
        "outcome": "refused",
        "message_id": "l-1",
        "findings": [{"code": "a.b", "message": "x" * 1001}],
    },
}


@pytest.mark.parametrize("name", list(BAD))
def test_an_answer_of_another_form_is_malformed(name: str) -> None:
    with pytest.raises(MalformedMessage):
        read_answer(json.dumps(BAD[name]).encode())


def test_an_answer_beyond_the_limit_is_not_read() -> None:
    with pytest.raises(MalformedMessage):
        read_answer(b" " * (MOST_BYTES + 1))


def lodged(world: World) -> str:
    exchange_id = world.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1").exchange_id
    world.gateway.dispatch_once()
    return exchange_id


@pytest.mark.parametrize(("outcome", "state"), [("accepted", State.ACKNOWLEDGED), ("refused", State.REFUSED)])
def test_a_partners_answer_ends_the_exchange(world: World, outcome: str, state: State) -> None:
    exchange_id = lodged(world)
    findings = [{"code": "xx.rule-7", "path": "Note/Number", "message": "unknown number"}]
    answer = world.gateway.receive(world.partner.acknowledge("l-1", "a-1", outcome, findings), JOSE)
    assert answer.exchange_id == exchange_id
    assert world.gateway.process_once() == 1
    view = world.gateway.exchange(exchange_id)
    assert view.exchange.state is state
    [acknowledgement] = view.acknowledgements
    assert acknowledgement.findings[0]["code"] == "xx.rule-7"
    assert world.gateway.dispatch_once() == 0  # nobody answers an answer
    assert world.gateway.verify_audit().ok


def test_an_answer_that_overtakes_the_receipt_counts(world: World) -> None:
    exchange_id = world.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1").exchange_id
    world.gateway.receive(world.partner.acknowledge("l-1", "a-1"), JOSE)
    world.gateway.process_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.ACKNOWLEDGED
    world.gateway.dispatch_once()
    view = world.gateway.exchange(exchange_id)
    assert view.exchange.state is State.ACKNOWLEDGED
    assert [receipt.direction.value for receipt in view.receipts].count("inbound") == 1
    assert world.gateway.verify_audit().ok


def unmatched(world: World) -> list[str]:
    return [one["codes"] for one in entries(world) if one["tag"] == "partner:acknowledgement:unmatched"]


def test_an_answer_that_fits_nothing_is_kept_and_logged_and_changes_nothing(world: World) -> None:
    exchange_id = lodged(world)
    sent = [
        world.partner.acknowledge("l-9", "a-1"),
        world.partner.seal(
            b"no json", "a-2", message_type="acknowledgement", format_name="acknowledgement-1", ref="l-1"
        ),
        world.partner.seal(
            b'{"outcome":"accepted","message_id":"l-2"}',
            "a-3",
            message_type="acknowledgement",
            format_name="acknowledgement-1",
            ref="l-1",
        ),
        world.partner.seal(
            b'{"outcome":"accepted","message_id":""}',
            "a-4",
            message_type="acknowledgement",
            format_name="acknowledgement-1",
        ),
    ]
    for sealed in sent:
        assert world.gateway.receive(sealed, JOSE).receipt
    assert world.gateway.process_once() == 4
    assert unmatched(world) == [
        "acknowledgement.unmatched",
        "acknowledgement.malformed",
        "acknowledgement.unmatched",
        "acknowledgement.malformed",
    ]
    assert world.gateway.exchange(exchange_id).exchange.state is State.RECEIPTED
    assert world.gateway.verify_audit().ok


def test_a_second_answer_does_not_change_the_first(world: World) -> None:
    exchange_id = lodged(world)
    world.gateway.receive(world.partner.acknowledge("l-1", "a-1", "accepted"), JOSE)
    world.gateway.receive(world.partner.acknowledge("l-1", "a-2", "refused"), JOSE)
    world.gateway.process_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.ACKNOWLEDGED
    assert unmatched(world) == ["acknowledgement.repeated"]
