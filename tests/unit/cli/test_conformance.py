"""`partner test` and `partner live`: a partner is tested over HTTP, the report verified, and the partner goes live."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from gateway.catalogue import Catalogue, load_catalogue
from gateway.client.client import GatewayClient
from gateway.client.side import make_side_keys, read_side
from gateway.conformance.kit import ALL
from gateway.simulator.app import build_app
from gateway.simulator.partner import SimulatedPartner
from tests.unit.cli.conftest import Typed
from tests.unit.conformance.broken import Defect, defective
from tests.unit.conformance.conftest import LIMIT, PATIENCE, served
from tests.world.setting import DATA

SIDE = """
code = "aa"
home = "xx"
keys = "state/keys"
gateway_keys = "xx.json"
auth = "none"
message_limit = 65536
[samples.good]
agreement = "aa-xx-notes"
type = "reply"
format = "xx-note-1.0"
purpose = "RISK"
file = "note.xml"
"""


@pytest.fixture
def catalogue(cache: Path) -> Catalogue:
    return load_catalogue(DATA, cache=cache)


@pytest.fixture
def partner_at(typed: Typed, tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a simulated partner; both sides know each other's keys."""
    monkeypatch.setenv("SARHAD_MESSAGE_LIMIT", str(LIMIT))
    (tmp_path / "xx.json").write_bytes(make_side_keys(tmp_path / "xx", "xx"))
    assert typed("partner", "keys", "xx", "--import", tmp_path / "xx.json").code == 0
    (tmp_path / "aa.json").write_text(typed("partner", "keys").out, encoding="utf-8")
    side = read_side(tmp_path / "xx", "xx", "aa", tmp_path / "aa.json")
    partner = SimulatedPartner(catalogue, GatewayClient(side, "http://127.0.0.1:1", oauth=False), 1)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # it shares our output
    with served(lambda url: build_app(partner, url, message_limit=LIMIT, body_seconds=PATIENCE)) as url:
        yield url


def test_a_partner_is_tested_and_goes_live(typed: Typed, tmp_path: Path, partner_at: str) -> None:
    report = tmp_path / "report.jws"
    ran = typed("partner", "test", "xx", "--endpoint", partner_at, "--patience", "5", "-o", report, "--json")
    assert (ran.code, len(ran.lines)) == (0, 1)
    document = ran.lines[0]
    assert (document["tester"], document["target"], document["endpoint"]) == ("aa", "xx", partner_at)
    assert [one["id"] for one in document["checks"]] == [one.id for one in ALL]
    assert f"  1 of {len(ALL)}  CK-01" in ran.err
    shown = typed("partner", "test", "--verify", report)
    assert shown.code == 0
    assert "0 failed" in shown.out
    assert "the signature is that of aa" in shown.err
    assert "live: no; not enforced here" in typed("partner", "show", "xx").out
    went = typed("partner", "live", "xx", "--report", report, "--operator", "op")
    assert (went.code, "xx is live" in went.out) == (0, True)
    assert "by op, report " in typed("partner", "show", "xx").out


def test_a_changed_report_is_refused(typed: Typed, tmp_path: Path, partner_at: str) -> None:
    report = tmp_path / "report.jws"
    assert typed("partner", "test", "xx", "--endpoint", partner_at, "--only", "CK-01", "-o", report).code == 0
    part = typed("partner", "live", "xx", "--report", report)
    assert (part.code, "conformance.report-incomplete" in part.err) == (1, True)
    head, payload, signature = report.read_text(encoding="ascii").strip().split(".")
    report.write_text(f"{head}.{payload[:-4]}AAAA.{signature}", encoding="ascii")
    for words in (("test", "xx", "--verify"), ("live", "xx", "--report")):
        refused = typed("partner", *words, report)
        assert (refused.code, "envelope.not-opened" in refused.err) == (2, True)


def test_a_side_that_fails_is_told_and_does_not_go_live(
    typed: Typed, tmp_path: Path, partner_at: str, catalogue: Catalogue
) -> None:
    del partner_at
    report = tmp_path / "report.jws"
    side = read_side(tmp_path / "xx", "xx", "aa", tmp_path / "aa.json")
    with served(lambda url: defective(catalogue, side, Defect(overlooks="nonces"), url, LIMIT, PATIENCE)) as url:
        words = ("--only", "CK-18", "--only", "CK-11", "-o", report)
        ran = typed("partner", "test", "xx", "--endpoint", url, *words)
    assert ran.code == 1
    assert "the nonce is not remembered" in ran.out
    assert "1 passed, 1 failed" in ran.out
    assert typed("partner", "test", "xx", "--verify", report).code == 1


def test_another_side_tests_with_its_own_keys(typed: Typed, tmp_path: Path, partner_at: str, note_file: Path) -> None:
    del note_file
    side, report = tmp_path / "side.toml", tmp_path / "report.jws"
    side.write_text(SIDE, encoding="utf-8")
    ran = typed("partner", "test", "--as", side, "--endpoint", partner_at, "--only", "CK-04", "-o", report, "--json")
    assert (ran.code, ran.lines[0]["checks"][0]["outcome"], ran.lines[0]["catalogue"]) == (0, "passed", "")
    assert typed("partner", "test", "--as", side, "--verify", report).code == 0


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "nobody named": (("partner", "test"), "usage.conformance"),
    "no address": (("partner", "test", "--as", "side.toml"), "usage.conformance"),
    "an unknown partner": (("partner", "test", "zz"), "partner.unknown"),
    "no keys of it yet": (("partner", "test", "xx"), "key.none-active"),
    "no such file": (("partner", "test", "--as", "gone.toml", "--endpoint", "http://127.0.0.1:1"), "conformance.side"),
    "an unknown partner goes live": (
        ("partner", "live", "zz", "--override", "A", "--reason", "x"),
        "partner.unknown",
    ),
    "two ways at once": (("partner", "live", "xx", "--override", "A", "--stop"), "give one of"),
    "no way": (("partner", "live", "xx"), "give one of"),
    "no reason": (("partner", "live", "xx", "--override", "A"), "give --reason"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_usage_is_told(typed: Typed, name: str) -> None:
    words, told = WRONG[name]
    said = typed(*words)
    assert (said.code, told in said.err) == (2, True), said.err


def test_a_dead_endpoint_is_told_once(typed: Typed, partner_at: str) -> None:
    del partner_at
    said = typed("partner", "test", "xx", "--endpoint", "http://127.0.0.1:1")
    assert (said.code, said.err.count("delivery.no-answer"), said.out) == (2, 1, "")


def test_an_unknown_check_is_told(typed: Typed, partner_at: str) -> None:
    said = typed("partner", "test", "xx", "--endpoint", partner_at, "--only", "CK-999")
    assert (said.code, "conformance.unknown-check" in said.err) == (2, True)


@pytest.mark.parametrize(
    "changed",
    [{"code": "XX"}, {"auth": '"basic"'}, {"surplus": "1"}, {"message_limit": "1"}],
)
def test_a_side_file_with_faults_is_told(typed: Typed, tmp_path: Path, changed: dict[str, str]) -> None:
    file = tmp_path / "side.toml"
    lines = [f"{name} = {value if value.isdigit() else json.dumps(value)}" for name, value in changed.items()]
    kept = [line for line in SIDE.splitlines() if line.partition(" ")[0] not in changed]
    file.write_text("\n".join(lines + kept), encoding="utf-8")
    said = typed("partner", "test", "--as", file, "--endpoint", "http://127.0.0.1:1")
    assert (said.code, "conformance.side" in said.err) == (2, True)
