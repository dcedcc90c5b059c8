"""`exchange list|show` and `feed pull`."""

from __future__ import annotations

import pytest

from tests.unit.cli.conftest import Kept, Typed


def test_exchanges_in_order_of_opening(typed: Typed, kept: Kept) -> None:
    lines = typed("exchange", "list", "--json").lines
    assert [line["id"] for line in lines] == [kept.received, kept.lodged]
    assert [line["direction"] for line in lines] == ["inbound", "outbound"]
    shown = typed("exchange", "list")
    assert shown.code == 0
    assert kept.received in shown.out


def test_exchanges_are_chosen_and_turned_page_by_page(
    typed: Typed, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ids(*words: str) -> list[str]:
        return [line["id"] for line in typed("exchange", "list", "--json", *words).lines]

    assert ids("--direction", "outbound") == [kept.lodged]
    assert ids("--partner", "xx", "--state", "concluded") == [kept.received]
    assert ids("--partner", "zz") == []
    assert ids("--limit", "1") == [kept.received]
    assert ids("--after", kept.received) == [kept.lodged]
    assert f"--after {kept.received}" in typed("exchange", "list", "--limit", "1").out
    monkeypatch.setenv("SARHAD_PAGE_LIMIT", "1")
    assert ids("--limit", "9") == [kept.received, kept.lodged]


def test_a_state_or_direction_that_is_none(typed: Typed, kept: Kept) -> None:
    del kept
    shown = typed("exchange", "list", "--direction", "sideways")
    assert shown.code == 2
    assert "inbound, outbound" in shown.err
    assert typed("exchange", "list", "--state", "nowhere").code == 2


def test_one_exchange_whole_and_no_value_of_it(typed: Typed, kept: Kept) -> None:
    received = typed("exchange", "show", kept.received)
    assert received.code == 0
    for words in ("inbound, partner xx, note", "state concluded", "xx-note-1.0 > note-1.0", "clause A1"):
        assert words in received.out
    lodged = typed("exchange", "show", kept.lodged)
    assert "Declaration/Secret" in lodged.out
    assert "Attempts of delivery" in lodged.out
    [whole] = typed("exchange", "show", kept.lodged, "--json").lines
    assert whole["report"]["withheld"][0]["path"] == "Declaration/Secret"
    assert whole["report"]["account"]["counts"]
    assert not [word for word in ("apricots", "apples", "plum") if word in received.out + lodged.out + str(whole)]


def test_an_exchange_that_is_none(typed: Typed, kept: Kept) -> None:
    del kept
    shown = typed("exchange", "show", "0" * 32)
    assert shown.code == 2
    assert "not-found" in shown.err


def test_a_feed_is_printed_in_order_one_document_a_line(
    typed: Typed, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    [entry] = typed("feed", "pull", "rms").lines
    assert (entry["position"], entry["exchange"], entry["type"]) == (1, kept.received, "sarhad.note.accepted")
    assert entry["data"]["MetaData"]["Declaration"]["Item"][0]["Description"] == "apricots"
    assert typed("feed", "pull", "rms", "--after", "1").out == ""
    monkeypatch.setenv("SARHAD_PAGE_LIMIT", "1")
    assert len(typed("feed", "pull", "rms", "--limit", "7").lines) == 1
    unknown = typed("feed", "pull", "nothing")
    assert (unknown.code, unknown.out) == (2, "")
    assert "rms" in unknown.err


@pytest.mark.parametrize("words", [("exchange", "list"), ("feed", "pull", "rms"), ("dispatch", "list")])
def test_a_gateway_that_was_never_set_up(typed: Typed, words: tuple[str, ...]) -> None:
    shown = typed(*words)
    assert (shown.code, shown.out) == (2, "")
    assert "what to do" in shown.err
