"""Lodgements: released once, withheld or refused with findings, kept as evidence, repeated without effect."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from gateway.errors import MalformedMessage, MessageTooLarge, ReplayRefused
from gateway.exchange.states import Direction, State
from gateway.pipeline.lodgements import LodgementRefused, LodgementWithheld
from tests.world.log import entries, rows, tags
from tests.world.setting import World


def aa_note(**members: Any) -> bytes:
    return json.dumps({"number": "L-1"} | members).encode()


def test_a_lodgement_is_converted_released_sealed_and_delivered(world: World) -> None:
    lines = [{"no": "1", "goods": "figs", "mass": "2.5"}]
    answer = world.gateway.lodge(aa_note(kind="K", lines=lines), "xx", "reply")
    view = world.gateway.exchange(answer.exchange_id)
    assert view.exchange.state is State.RELEASED
    assert tags(world) == ["lodger:message:released"]
    assert world.gateway.dispatch_once() == 1
    assert world.gateway.exchange(answer.exchange_id).exchange.state is State.RECEIPTED
    [taken] = world.partner.taken.values()
    assert (taken.message_id, taken.message_type) == (answer.message_id, "reply")
    assert b"<Goods>figs</Goods>" in taken.payload
    assert taken.digest == view.messages[0].digest


def test_a_withheld_value_is_nowhere_outside_the_evidence(world: World) -> None:
    canary = "CANARY-77-41"
    answer = world.gateway.lodge(aa_note(secret=canary), "xx", "reply")
    world.gateway.dispatch_once()
    assert [one["path"] for one in answer.report.withheld] == ["Declaration/Secret"]
    shown = json.dumps([answer.as_json(), world.gateway.exchange(answer.exchange_id).as_json(), entries(world)])
    [taken] = world.partner.taken.values()
    sent = taken.payload + taken.sealed + taken.receipt
    for trace in (
        canary,
        base64.b64encode(canary.encode()).decode(),
        hashlib.sha256(canary.encode()).hexdigest(),
        hashlib.md5(canary.encode(), usedforsecurity=False).hexdigest(),
    ):
        assert trace not in shown
        assert trace.encode() not in sent


def test_a_lodgement_that_no_agreement_permits_is_withheld_and_kept(world: World) -> None:
    with pytest.raises(LodgementWithheld) as refused:
        world.gateway.lodge(aa_note(), "xx", "old-reply")
    assert [finding.code for finding in refused.value.findings] == ["agreement.expired"]
    view = world.gateway.exchange(refused.value.exchange_id)
    assert (view.exchange.state, view.exchange.direction) == (State.WITHHELD, Direction.OUTBOUND)
    assert tags(world) == ["lodger:message:withheld"]
    assert rows(world, "work_item") == 0
    assert world.gateway.verify_audit().ok


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "parse."),
        (b'{"number": 1}', "schema."),
        (b'{"number": "1", "number": "2"}', "parse."),
        (b'{"number": NaN}', "parse."),
        (aa_note(remark="longer than the twenty characters of the partner's form"), "map.too-long"),
    ],
)
def test_a_lodgement_whose_content_is_refused_is_kept_with_its_findings(
    world: World, content: bytes, code: str
) -> None:
    with pytest.raises(LodgementRefused) as refused:
        world.gateway.lodge(content, "xx", "reply", format_name="aa-note-1.0")
    assert refused.value.findings[0].code.startswith(code)
    view = world.gateway.exchange(refused.value.exchange_id)
    assert view.exchange.state is State.REJECTED
    assert view.report is not None
    assert view.report.findings[0]["code"] == refused.value.findings[0].code
    assert tags(world) == ["lodger:message:rejected"]
    assert world.gateway.dispatch_once() == 0


def test_an_unknown_partner_or_type_is_permitted_by_nobody(world: World) -> None:
    for partner, message_type in (("zz", "reply"), ("xx", "gossip")):
        with pytest.raises(LodgementWithheld):
            world.gateway.lodge(aa_note(), partner, message_type)


def test_lodging_again_under_the_same_key_sends_nothing_twice(world: World) -> None:
    first = world.gateway.lodge(aa_note(), "xx", "reply", message_id="key-1")
    again = world.gateway.lodge(aa_note(), "xx", "reply", message_id="key-1")
    assert (again.exchange_id, again.message_id, again.repeated) == (first.exchange_id, "key-1", True)
    assert again.report == first.report
    world.gateway.settle()
    assert world.partner.deliveries == ["key-1"]
    with pytest.raises(ReplayRefused):
        world.gateway.lodge(aa_note(kind="other"), "xx", "reply", message_id="key-1")


def test_lodging_a_refused_one_again_under_the_same_key_gives_the_first_refusal(world: World) -> None:
    refusals = []
    for _ in range(2):
        with pytest.raises(LodgementRefused) as refused:
            world.gateway.lodge(b'{"number": 1}', "xx", "reply", message_id="key-1")
        refusals.append(refused.value)
    assert refusals[0].exchange_id == refusals[1].exchange_id
    assert refusals[0].findings == refusals[1].findings
    assert tags(world) == ["lodger:message:rejected"]


@pytest.mark.parametrize("key", ["with space", "x" * 129, "Ünicode", "new\nline"])
def test_a_key_that_cannot_be_a_message_id_is_refused(world: World, key: str) -> None:
    with pytest.raises(MalformedMessage):
        world.gateway.lodge(aa_note(), "xx", "reply", message_id=key)


def test_a_lodgement_beyond_the_limit_is_refused_unread(world: World) -> None:
    with pytest.raises(MessageTooLarge):
        world.gateway.lodge(b" " * (world.settings.message_limit + 1), "xx", "reply")
    assert tags(world) == []


def test_a_dry_run_of_a_lodgement_has_no_effect(world: World) -> None:
    good = world.gateway.check(aa_note(secret="s"), "xx", message_type="reply", direction=Direction.OUTBOUND)
    assert (good.valid, [one["path"] for one in good.withheld]) == (True, ["Declaration/Secret"])
    bad = world.gateway.check(aa_note(), "xx", message_type="old-reply", direction=Direction.OUTBOUND)
    assert [one.code for one in bad.findings] == ["agreement.expired"]
    assert tags(world) == []
