"""`run`, `dispatch` and `bench`; what `run` serves is seen in the acceptance tests."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gateway.adapters.system import SystemClock
from gateway.bootstrap import Outside, build_gateway
from gateway.cli.state import settings_from
from tests.unit.cli.conftest import Kept, Typed
from tests.world.partner import answer


@pytest.fixture
def dead_letter(kept: Kept) -> str:
    """A delivery that the partner will never take."""
    kept.partner.mood.append(answer(422))
    with build_gateway(settings_from(None), Outside(clock=SystemClock(), channel=kept.partner)) as gateway:
        exchange = gateway.lodge(b'{"number": "N-10"}', "xx", "reply", message_id="L-2").exchange_id
        gateway.dispatch_once()
    return exchange


def test_the_kill_switch_is_seen_in_the_list_and_in_the_log(typed: Typed, kept: Kept) -> None:
    del kept
    [before] = typed("audit", "verify", "--json").lines
    assert "stopped" in typed("dispatch", "stop", "xx", "--reason", "asked", "--operator", "me").out
    lanes = {line["lane"]: line for line in typed("dispatch", "list", "--json").lines if "lane" in line}
    assert lanes["deliver/xx"]["stopped"]
    assert "stopped" in typed("dispatch", "list").out
    assert "open" in typed("dispatch", "start", "xx", "--reason", "asked").out
    [after] = typed("audit", "verify", "--json").lines
    assert after["size"] == before["size"] + 2


def test_a_dead_letter_is_listed_and_made_due_again(typed: Typed, dead_letter: str) -> None:
    [letter] = [line for line in typed("dispatch", "list", "--json").lines if "dead_letter" in line]
    assert letter["exchange_id"] == dead_letter
    assert dead_letter in typed("dispatch", "list").out
    shown = typed("dispatch", "redrive", letter["dead_letter"], "--reason", "the partner is back")
    assert shown.code == 0, shown.err
    lines = typed("dispatch", "list", "--json").lines
    assert not [line for line in lines if "dead_letter" in line]
    assert [line["due"] for line in lines if line["lane"] == "deliver/xx"] == [1]


def test_wrong_usage(typed: Typed, kept: Kept) -> None:
    del kept
    assert typed("dispatch", "stop", "zz", "--reason", "x").code == 2
    assert typed("dispatch", "stop", "xx").code == 2
    shown = typed("dispatch", "redrive", "nothing", "--reason", "x")
    assert shown.code == 2
    assert "not-found" in shown.err


def test_an_address_in_use_stops_the_start_before_any_work(
    typed: Typed, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    del kept
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("SARHAD_PARTNER_PORT", "0")
        monkeypatch.setenv("SARHAD_INTERNAL_PORT", str(listener.getsockname()[1]))
        [before] = typed("audit", "verify", "--json").lines
        shown = typed("run")
    assert (shown.code, shown.out) == (2, "")
    assert "settings.address at internal_port" in shown.err
    assert typed("audit", "verify", "--json").lines == [before]


@pytest.mark.parametrize(
    ("name", "text"), [("SARHAD_PARTNER_HOST", "192.0.2.1"), ("SARHAD_PARTNER_PORT", "many"), ("SARHAD_HOME", "ABC")]
)
def test_unsafe_settings_do_not_serve(typed: Typed, monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    monkeypatch.setenv(name, text)
    shown = typed("run")
    assert shown.code == 2
    assert "settings.invalid" in shown.err


def test_a_settings_file_that_is_none(typed: Typed, tmp_path: Path) -> None:
    assert typed("run", "--settings", tmp_path / "gone.toml").code == 2
    (tmp_path / "bad.toml").write_text("colour = 'red'", encoding="utf-8")
    shown = typed("run", "--settings", tmp_path / "bad.toml")
    assert shown.code == 2
    assert "colour" in shown.err


def test_bench_needs_its_folder(typed: Typed) -> None:
    shown = typed("bench")
    assert shown.code == 2
    assert "usage.no-benchmarks" in shown.err
