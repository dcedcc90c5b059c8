"""Going live: by a report or by a person's word, logged, durable, at once; and what waits or is refused before."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import Outside, build_gateway
from gateway.errors import GatewayError, NotPermitted, TemporaryFailure
from gateway.identifiers import PartnerCode
from gateway.pipeline.live_gate import LiveGate
from gateway.pipeline.live_note import Liveness, read_live_note, write_live_note
from gateway.security.test_reports import CheckLine, TestReport, sign_report
from tests.world.log import entries
from tests.world.partner import NOTE, Partner
from tests.world.setting import MovableClock, World, settings_in, world_in

XX = PartnerCode("xx")
EXPECTED = frozenset({"CK-01", "CK-02"})
CONTENT = b'{"number": "L-1"}'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path, live_gate="on", live_gate_seconds=10) as made:
        yield made


@pytest.fixture
def gate(world: World) -> LiveGate:
    return world.gateway.live_gate


def report(world: World, *outcomes: str, days_ago: float = 0, **changed: Any) -> bytes:
    """A report that the partner signs."""
    ended = datetime.now(UTC) - timedelta(days=days_ago)
    members: dict[str, Any] = {
        "tester": "xx",
        "target": "aa",
        "endpoint": "https://sandbox.example",
        "realm": "sandbox",
        "began": f"{ended:%Y-%m-%dT%H:%M:%SZ}",
        "ended": f"{ended:%Y-%m-%dT%H:%M:%SZ}",
        "program": "sarhad 0",
        "kit": "0" * 64,
        "catalogue": "",
        "checks": [
            CheckLine(id=f"CK-{number:02}", title="t", outcome=outcome, says="s")  # type: ignore[arg-type]
            for number, outcome in enumerate(outcomes or ("passed", "not-applicable"), 1)
        ],
    }
    return sign_report(TestReport(**(members | changed)), world.partner._signer)


def admit(gate: LiveGate, signed: bytes) -> Liveness:
    return gate.admit(XX, signed, expected=EXPECTED, operator="op", reason="tests passed")


def test_a_passed_report_lets_a_partner_live(world: World, gate: LiveGate) -> None:
    with pytest.raises(NotPermitted) as refused:
        gate.require(XX)
    assert refused.value.stable_code == "partner.not-live"
    signed = report(world)
    made = admit(gate, signed)
    gate.require(XX)
    since = made.since.replace(microsecond=0)
    assert gate.of(XX) == Liveness(partner="xx", since=since, operator="op", report=made.report)
    [entry] = [one for one in entries(world) if one["tag"] == "operator:partner:admitted"]
    assert (entry["actor"], entry["partner"]) == ("op", "xx")
    assert made.report in entry["reason"]
    kept = world.settings.state_dir / "live" / "reports" / f"{made.report}.jws"
    assert kept.read_bytes() == signed


REFUSED: dict[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    "a check failed": (("passed", "failed"), {}, "conformance.report-failed"),
    "not a whole run": (("passed",), {}, "conformance.report-incomplete"),
    "nothing was done": (("not-applicable", "not-applicable"), {}, "conformance.report-failed"),
    "too old": ((), {"days_ago": 91}, "conformance.report-old"),
    "from the future": ((), {"days_ago": -1}, "conformance.report-old"),
    "of a run against another": ((), {"target": "bb"}, "conformance.report-parties"),
    "in the name of another": ((), {"tester": "bb"}, "envelope.wrong-sender"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_report_that_does_not_show_it_is_refused(name: str, world: World, gate: LiveGate) -> None:
    outcomes, changed, code = REFUSED[name]
    with pytest.raises(GatewayError) as refused:
        admit(gate, report(world, *outcomes, **changed))
    assert refused.value.stable_code == code
    assert gate.of(XX) is None


def test_a_report_by_a_key_of_nobody_is_refused(world: World, gate: LiveGate) -> None:
    stranger = Partner()
    signed = report(world)
    forged = sign_report(TestReport.model_validate_json(_payload(signed)), stranger._signer)
    with pytest.raises(GatewayError) as refused:
        admit(gate, forged)
    assert refused.value.stable_code == "envelope.not-opened"  # the key id is known, the key is another


def _payload(signed: bytes) -> bytes:
    part = signed.split(b".")[1]
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def test_an_override_names_a_person_and_a_reason(world: World, gate: LiveGate) -> None:
    for name, reason in (("", "x"), ("A. Person", " ")):
        with pytest.raises(NotPermitted) as refused:
            gate.override(XX, operator=name, reason=reason)
        assert refused.value.stable_code == "partner.override"
    gate.override(XX, operator="A. Person\nreport 0", reason="agreed on 3 March")
    found = gate.of(XX)
    assert found is not None
    assert (found.operator, found.report) == ("A. Person report 0", "")
    [entry] = [one for one in entries(world) if one["tag"] == "operator:partner:overridden"]
    assert (entry["actor"], entry["reason"]) == ("A. Person report 0", "agreed on 3 March")


def test_a_partner_is_taken_back(world: World, gate: LiveGate) -> None:
    admit(gate, report(world))
    gate.recall(XX, operator="op", reason="keys are replaced")
    assert not gate.admits(XX)
    assert entries(world)[-1]["tag"] == "operator:partner:recalled"


def test_where_the_log_cannot_be_written_nobody_is_live_and_it_is_done_again(
    world: World, gate: LiveGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise TemporaryFailure("the log cannot be written")

    signed = report(world)
    with monkeypatch.context() as broken:
        broken.setattr(gate, "_log", fails)
        with pytest.raises(TemporaryFailure):
            admit(gate, signed)
        assert not gate.admits(XX)
    admit(gate, signed)
    with monkeypatch.context() as broken:
        broken.setattr(gate, "_log", fails)
        with pytest.raises(TemporaryFailure):
            gate.recall(XX, operator="op", reason="x")
        assert not gate.admits(XX)
    gate.recall(XX, operator="op", reason="x")
    assert entries(world)[-1]["tag"] == "operator:partner:recalled"


def test_an_edited_note_counts_as_none(world: World, gate: LiveGate) -> None:
    admit(gate, report(world))
    note = world.settings.state_dir / "live" / "xx.note"
    whole = note.read_bytes()
    for edited in (whole.replace(b"by op", b"by me"), whole.replace(b"partner xx", b"partner yy"), b"", b"\xff"):
        note.write_bytes(edited)
        assert not gate.admits(XX)
    note.write_bytes(whole)
    assert gate.admits(XX)
    (note.parent / "yy.note").write_bytes(whole)
    assert not gate.admits(PartnerCode("yy"))


def test_the_state_survives_a_restart_and_is_seen_by_a_second_process(world: World, gate: LiveGate) -> None:
    outside = Outside(clock=MovableClock(), channel=world.partner)
    with build_gateway(world.settings, outside) as second:
        assert not second.live_gate.admits(XX)
        admit(gate, report(world))
        assert second.live_gate.admits(XX)
        second.live_gate.recall(XX, operator="op", reason="x")
        assert not gate.admits(XX)


def test_lodgements_are_refused_and_kept_as_evidence(world: World, gate: LiveGate) -> None:
    with pytest.raises(NotPermitted) as refused:
        world.gateway.lodge(CONTENT, "xx", "reply", message_id="l-1")
    assert refused.value.stable_code == "partner.not-live"
    assert entries(world)[-1]["tag"] == "lodger:message:withheld"
    assert world.gateway.check(NOTE, "xx", message_type="note").valid  # a dry run stays open
    admit(gate, report(world))
    assert world.gateway.lodge(CONTENT, "xx", "reply", message_id="l-2").exchange_id


def test_deliveries_wait_until_the_partner_is_live_again(world: World, gate: LiveGate) -> None:
    admit(gate, report(world))
    world.gateway.lodge(CONTENT, "xx", "reply", message_id="l-1")
    gate.recall(XX, operator="op", reason="x")
    world.clock.go(9 * 24 * 3600)  # longer than a delivery is tried: waiting is no failing
    world.gateway.dispatch_once()
    assert world.partner.deliveries == []
    gate.override(XX, operator="A. Person", reason="x")
    world.clock.go(11)
    world.gateway.dispatch_once()
    assert world.partner.deliveries == ["l-1"]


@pytest.mark.parametrize(
    ("changed", "enforced"),
    [
        ({}, False),
        ({"live_gate": "on"}, True),
        ({"trusted_proxies": ("10.0.0.1",)}, True),
        ({"trusted_proxies": ("10.0.0.1",), "live_gate": "off"}, False),
        ({"partner_host": "0.0.0.0", "tls": "1.3"}, True),  # noqa: S104 - nothing listens
        ({"tls": "1.3"}, False),
        ({"live_gate": "on", "realm": "sandbox"}, False),
    ],
)
def test_when_the_gate_is_enforced(tmp_path: Path, changed: dict[str, Any], enforced: bool) -> None:
    assert settings_in(tmp_path, **changed).gate_enforced is enforced


def test_a_note_is_read_with_the_key_of_its_log_only(world: World) -> None:
    keys = world.gateway.live_gate._around.keys
    live = Liveness(partner="xx", since=datetime(2026, 1, 1, tzinfo=UTC), operator="A. Person", report="")
    note = write_live_note(live, keys.log_key, keys.log_signer)
    assert read_live_note(note, keys.log_key, "xx") == live
    other = type(keys.log_key)(keys.log_key.name, bytes(32))
    assert read_live_note(note, other, "xx") is None
