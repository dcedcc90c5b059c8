"""`partner stop`, `start` and `stops`."""

from __future__ import annotations

from tests.unit.cli.conftest import Kept, Typed


def test_a_partner_is_stopped_listed_and_started_again_and_the_log_tells(typed: Typed, kept: Kept) -> None:
    del kept
    assert typed("partner", "stops", "--json").lines == []
    [before] = typed("audit", "verify", "--json").lines
    assert "refused" in typed("partner", "stop", "xx", "--reason", "keys stolen", "--operator", "me").out
    [line] = typed("partner", "stops", "--json").lines
    assert (line["partner"], line["is"], line["until"]) == ("xx", "stopped", None)
    assert "stopped" in typed("partner", "stops").out
    assert "served" in typed("partner", "start", "xx", "--reason", "new keys", "--operator", "me").out
    assert [line["is"] for line in typed("partner", "stops", "--json").lines] == ["served"]
    [after] = typed("audit", "verify", "--json").lines
    assert after["size"] == before["size"] + 2


def test_an_unknown_partner_and_a_stop_without_a_reason_are_refused(typed: Typed, kept: Kept) -> None:
    del kept
    assert typed("partner", "stop", "zz", "--reason", "x").code == 2
    assert typed("partner", "stop", "xx").code == 2
    assert typed("partner", "stops", "--json").lines == []
