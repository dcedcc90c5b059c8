"""Examining: accepted, refused by each layer, quarantined when the fault is ours; always one transaction."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import TemporaryFailure
from gateway.exchange.model import Outcome
from gateway.exchange.states import State
from gateway.pipeline.engines import Engines
from tests.world.log import entries, tags
from tests.world.partner import NOTE, note
from tests.world.setting import World

JOSE = "application/jose"


def receive(world: World, payload: bytes, message_id: str = "m-1", **more: Any) -> str:
    return world.gateway.receive(world.partner.seal(payload, message_id, **more), JOSE).exchange_id


def examined(world: World, payload: bytes, **more: Any) -> dict[str, Any]:
    """The acknowledgement that the partner gets for a message."""
    receive(world, payload, **more)
    assert world.gateway.process_once() == 1
    world.gateway.dispatch_once()
    [answer] = world.partner.answers_to("m-1")
    return answer


def test_a_valid_message_enters_the_feed_and_is_acknowledged(world: World) -> None:
    exchange_id = receive(world, NOTE)
    before = world.durability.steps
    assert world.gateway.process_once() == 1
    view = world.gateway.exchange(exchange_id)
    assert view.exchange.state is State.ACCEPTED
    assert (world.durability.steps - before).commits == 3  # claim, examination, release of the lane
    [entry] = world.gateway.feeds.page("rms").as_json()["entries"]
    assert entry["data"]["MetaData"]["Declaration"]["Item"][0]["Description"] == "apricots"
    assert (entry["exchange"], entry["partner"], entry["type"]) == (exchange_id, "xx", "sarhad.note.accepted")
    report = view.report
    assert report is not None
    assert (report.source_format, report.target_format, report.clause) == ("xx-note-1.0", "note-1.0", "A1")
    assert report.agreement_version == "aa-xx-notes@1"
    assert report.account is not None
    assert report.account["counts"]["fates"]["unmapped"] == 0
    world.gateway.dispatch_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.CONCLUDED
    assert [one["outcome"] for one in world.partner.answers_to("m-1")] == ["accepted"]


def test_a_field_that_is_not_listed_stays_in_evidence_and_is_reported(world: World) -> None:
    answer = examined(world, note("N-1", b"<Secret>CANARY</Secret>"))
    assert answer["outcome"] == "accepted"
    assert [(one["code"], one["severity"], one["path"]) for one in answer["findings"]] == [
        ("agreement.withheld.denied", "warning", "Declaration/Secret")
    ]
    feed = world.gateway.feeds.page("rms").entries[0].document
    assert b"CANARY" not in feed
    [summary] = world.gateway.exchanges()
    view = world.gateway.exchange(summary.exchange.id)
    assert view.report is not None
    assert view.report.withheld == ({"path": "Declaration/Secret", "reason": "denied", "clause": "A2", "count": 1},)
    assert "CANARY" not in str(view.as_json())


REFUSED: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "not well-formed": (b"<Note", {}, "parse.not-well-formed"),
    "a document type": (b"<!DOCTYPE a><Note/>", {}, "parse.doctype"),
    "another schema": (b'<Note xmlns="urn:world:xx:note:1"><Wrong/></Note>', {}, "schema."),
    "another root": (b"<Other/>", {}, "schema."),
    "an unknown format": (NOTE, {"format_name": "yy-note-9.9"}, "format.unknown"),
    "an expired agreement": (NOTE, {"agreement": "aa-xx-old", "message_type": "old-note"}, "agreement.expired"),
    "an unknown agreement": (NOTE, {"agreement": "aa-xx-none"}, "agreement.unknown"),
    "a type that is not listed": (NOTE, {"message_type": "report"}, "agreement.type-not-listed"),
    "another purpose": (NOTE, {"purpose": "CURIOSITY"}, "agreement.purpose-not-listed"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_the_partner_did_wrong_is_refused_with_code_and_remedy(world: World, name: str) -> None:
    payload, more, code = REFUSED[name]
    answer = examined(world, payload, **more)
    assert answer["outcome"] == "refused"
    errors = [one for one in answer["findings"] if one["severity"] == "error"]
    assert errors[0]["code"].startswith(code)
    assert errors[0]["message"]
    [summary] = world.gateway.exchanges()
    assert summary.exchange.state is State.REFUSED
    assert world.gateway.feeds.page("rms").last_position == 0
    rejected = next(entry for entry in entries(world) if entry["tag"] == "gateway:message:rejected")
    assert errors[0]["code"] in rejected["codes"].split()


def test_a_format_other_than_the_agreed_one_is_refused(world: World) -> None:
    canonical = b'<MetaData xmlns="urn:world:note:1"><Declaration><ID>1</ID></Declaration></MetaData>'
    answer = examined(world, canonical, format_name="note-1.0")
    assert [one["code"] for one in answer["findings"]] == ["agreement.format-not-agreed"]


def test_a_fault_of_ours_ends_in_quarantine_and_an_operator_brings_it_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("secret value xylophone")

    exchange_id = receive(world, NOTE)
    with monkeypatch.context() as patch:
        patch.setattr(Engines, "to_canonical", broken)
        world.gateway.process_once()
    assert world.gateway.exchange(exchange_id).exchange.state is State.QUARANTINED
    [letter] = world.gateway.dead_letters()
    assert (letter.kind, letter.reason, letter.exchange_id) == ("examine", "internal.zerodivisionerror", exchange_id)
    assert "xylophone" not in str(entries(world))
    assert world.gateway.process_once() == 0
    world.gateway.redrive(letter.id, operator="officer", reason="mapping mended")
    assert world.gateway.exchange(exchange_id).exchange.state is State.RECEIVED
    world.gateway.settle()
    assert world.gateway.exchange(exchange_id).exchange.state is State.CONCLUDED
    requeued = next(entry for entry in entries(world) if entry["tag"] == "operator:message:requeued")
    assert (requeued["actor"], requeued["reason"]) == ("officer", "mapping mended")
    assert world.gateway.verify_audit().ok


def test_a_temporary_fault_is_tried_again_and_only_then_quarantined(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def busy(*_: Any, **__: Any) -> Any:
        nonlocal tries
        tries += 1
        raise TemporaryFailure("busy")

    exchange_id = receive(world, NOTE)
    monkeypatch.setattr(Engines, "read", busy)
    for _ in range(world.settings.examine_attempts + 2):
        world.gateway.process_once()
        world.clock.go(600)
    assert tries == world.settings.examine_attempts
    assert world.gateway.exchange(exchange_id).exchange.state is State.QUARANTINED


def test_one_bad_message_does_not_hold_up_the_next(world: World) -> None:
    receive(world, b"<Note", "m-1")
    receive(world, NOTE, "m-2")
    assert world.gateway.process_once() == 2
    states = [summary.exchange.state for summary in world.gateway.exchanges()]
    assert states == [State.REJECTED, State.ACCEPTED]


def test_messages_of_a_partner_enter_the_feed_in_the_order_of_their_receipt(world: World) -> None:
    for number in range(5):
        receive(world, note(f"N-{number}"), f"m-{number}")
    world.gateway.process_once()
    numbers = [
        entry["data"]["MetaData"]["Declaration"]["ID"] for entry in world.gateway.feeds.page("rms").as_json()["entries"]
    ]
    assert numbers == [f"N-{number}" for number in range(5)]


def test_an_answer_tells_its_outcome_when_it_is_asked_for(world: World) -> None:
    receive(world, NOTE)
    status = world.gateway.message_status("m-1", "xx")
    assert (status.state, status.outcome, status.acknowledgement) == ("received", None, None)
    world.gateway.process_once()
    status = world.gateway.message_status("m-1", "xx")
    assert (status.state, status.outcome) == ("accepted", Outcome.ACCEPTED.value)
    assert status.acknowledgement is not None
    assert world.partner.take(status.acknowledgement).status == 202


def test_a_dry_run_says_the_same_without_any_effect(world: World) -> None:
    good = world.gateway.check(NOTE, "xx")
    assert (good.valid, good.message_type, good.agreement) == (True, "note", "aa-xx-notes@1")
    bad = world.gateway.check(b"<Note", "xx", message_type="note", format_name="xx-note-1.0")
    assert (bad.valid, [one.code for one in bad.findings]) == (False, ["parse.not-well-formed"])
    secret = world.gateway.check(note("N-1", b"<Secret>s</Secret>"), "xx")
    assert [one["path"] for one in secret.withheld] == ["Declaration/Secret"]
    assert tags(world) == []
