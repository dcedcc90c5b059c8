"""Findings as advice: places in words, one fault told once, nothing of the message's values."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.cli.advice import advice, counted, place_in_words, sentence
from gateway.findings import Finding, Layer, Severity

ITEM = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem"


def finding(path: str = "", severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    given = {"code": "schema.facet", "layer": Layer.SCHEMA, "message": "it is too long", **more}
    return Finding(severity=severity, path=path, **given)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "the document"),
        ("/@calendar", "the document: attribute calendar"),
        ("WCOTypeName", "WCOTypeName"),
        ("Declaration/ID", "declaration: ID"),
        (f"{ITEM}[2]/AdditionalDocument[3]/TypeCode", "goods item 2, additional document 3: TypeCode"),
        (f"{ITEM}[2]/Commodity/GoodsMeasure/GrossMassMeasure@unitCode",
         "goods item 2, commodity, goods measure: attribute unitCode of GrossMassMeasure"),
        ("Declaration/GoodsShipment/Consignee/Address/CountryCode", "consignee, address: CountryCode"),
        (f"{ITEM}[2]", "declaration, goods shipment: GovernmentAgencyGoodsItem 2"),
        ("Declaration/IssueDateTime/DateTimeString", "declaration: IssueDateTime"),
        ("Declaration/Consignment[4]/UCR/ID", "consignment 4, UCR: ID"),
        ("Declaration/?", "declaration: ?"),
    ],
)  # fmt: skip
def test_places_in_words(path: str, words: str) -> None:
    assert place_in_words(path) == words


def test_one_fault_at_many_places_is_told_once() -> None:
    told = advice([finding(f"{ITEM}[{number}]/Origin[1]/CountryCode", line=10 + number) for number in range(1, 12)])
    assert told.count("It is too long.") == 1
    assert "1. error  line 11, goods item 1, origin 1: CountryCode" in told
    assert "Also: line 12, goods item 2, origin 1: CountryCode; line 13" in told
    assert "; and at 4 more places" in told
    assert "  2. " not in told


def test_errors_come_before_warnings_and_notes() -> None:
    told = advice(
        [
            finding("A", Severity.INFO, message="a note"),
            finding("B", Severity.WARNING, message="a warning"),
            finding("C", message="an error", expected="a code", remedy="ask for one", pointer="42A.1", row="r1"),
        ]
    )
    assert told.index("1. error  C") < told.index("2. warning  B") < told.index("3. note  A")
    for line in ("An error.", "What belongs there: a code", "What to do: ask for one", "[schema.facet, C, 42A.1, r1]"):
        assert line in told


def test_what_a_rule_expects_is_the_rule_itself() -> None:
    told = advice([finding("A", code="rule.date", expected="a date exists", remedy="write one that exists")])
    assert "     The rule: a date exists\n     What to do: write one that exists\n" in told
    assert "What belongs there" not in told


@pytest.mark.parametrize(
    ("remedy", "line"),
    [
        ("did you mean Origin?", "     Did you mean Origin?"),
        ("allowed here: Origin, Seal", "     Allowed here: Origin, Seal."),
        ("nothing may stand here", "     Nothing may stand here."),
        ("no attribute may stand here", "     No attribute may stand here."),
    ],
)
def test_what_is_possible_is_a_sentence_of_its_own(remedy: str, line: str) -> None:
    told = advice([finding("A", code="schema.unknown-element", remedy=remedy)]).splitlines()
    assert line in told
    assert "What to do" not in "".join(told)


def test_colours_and_folding_are_for_terminals_only() -> None:
    long = finding("A", message="word " * 60)
    assert "\x1b[" not in advice([long])
    assert max(map(len, advice([long], width=80).splitlines())) <= 80
    assert "\x1b[" in advice([long], colour=True)


def test_the_parsers_pointer_is_shown_as_it_is() -> None:
    assert "error  line 3, /a/b" in advice([finding("/a/b", layer=Layer.PARSE, line=3)])


def test_findings_are_counted_in_words() -> None:
    assert counted([]) == ""
    assert counted([finding(), finding(), finding(severity=Severity.WARNING)]) == "2 errors, 1 warning"


@pytest.mark.parametrize(("text", "said"), [("add it", "Add it."), ("what?", "What?"), ("Done.", "Done."), ("", "")])
def test_a_sentence_has_a_capital_and_a_stop(text: str, said: str) -> None:
    assert sentence(text) == said
