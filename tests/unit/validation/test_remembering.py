"""What rules keep between messages changes no answer."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.formats.format import Format
from gateway.validation.check import remembered
from gateway.validation.rule_files import read_rules
from gateway.validation.rulebook import RuleBook

RULE = """[[rule]]
id = "rule.one"
severity = "error"
source = "made up for tests"
text = "it must hold"
remedy = "mend it, please"
formats = ["aa-report-1"]
"""


def book_of(rest: str) -> RuleBook:
    rules, faults = read_rules(RULE + rest, "made-up.toml")
    assert faults == []
    return RuleBook(rules)


def paths(book: RuleBook, report: Format, content: dict[str, Any]) -> list[str]:
    return [finding.path for finding in book.check(report, {"Report": content})]


def test_a_remembered_test_answers_like_the_test_itself() -> None:
    asked = []

    def test(text: str) -> bool:
        asked.append(text)
        return text.isdigit()

    right = remembered(test)
    texts = [f"{number}{'x' * (number % 2)}" for number in range(2000)]
    assert [right(text) for text in texts * 2] == [text.isdigit() for text in texts * 2]
    asked.clear()
    assert [right("7"), right("7"), right("7x"), right("7x")] == [True, True, False, False]
    assert len(asked) == 2


def test_long_texts_are_asked_each_time() -> None:
    asked = []

    def test(text: str) -> bool:
        asked.append(text)
        return True

    right = remembered(test)
    assert right("x" * 1000)
    assert right("x" * 1000)
    assert len(asked) == 2


def test_many_texts_of_a_condition(report: Format) -> None:
    book = book_of(
        'kind = "required"\nat = ["id:31B"]\nfields = ["Gross"]\nwhen = { ID = ["7*"], "!Number" = ["3"] }\n'
    )
    for number in [*range(1500), *range(80)]:
        text = str(number)
        for third, speaks in (("3", False), ("4", text.startswith("7"))):
            found = paths(book, report, {"Equipment": [{"Number": third, "ID": text}]})
            assert bool(found) == speaks, (text, third)


@pytest.mark.parametrize("text", ["7", " 7 ", "7 and something that is far too long to be worth keeping" * 3])
def test_a_condition_on_any_text(report: Format, text: str) -> None:
    book = book_of('kind = "required"\nat = ["id:31B"]\nfields = ["Gross"]\nwhen = { ID = ["7*"] }\n')
    for _ in range(3):
        assert paths(book, report, {"Equipment": [{"ID": text}]}) == ["Equipment[1]"]
        assert paths(book, report, {"Equipment": [{"ID": f"1{text}"}]}) == []
        assert paths(book, report, {"Equipment": [{}]}) == []


def test_a_condition_on_a_leaf_with_an_attribute(report: Format) -> None:
    book = book_of('kind = "required"\nat = ["id:31B"]\nfields = ["ID"]\nwhen = { Net = ["1"] }\n')
    for net in ({"value": "1", "@unitCode": "KGM"}, "1", {"value": "1", "@unitCode": "GRM"}):
        assert paths(book, report, {"Equipment": [{"Net": net}]}) == ["Equipment[1]"]
    for net in ({"value": "2", "@unitCode": "KGM"}, "2"):
        assert paths(book, report, {"Equipment": [{"Net": net}]}) == []


def test_a_condition_of_a_list_below_the_document_element(report: Format) -> None:
    book = book_of('kind = "unique"\nat = ["id:31B"]\nfield = "ID"\nwhen = { Issue = "present" }\n')
    twice = [{"ID": "A"}, {"ID": "B"}, {"ID": "A"}]
    assert paths(book, report, {"Issue": {"DateTimeString": "x"}, "Equipment": twice}) == ["Equipment[3]/ID"]
    assert paths(book, report, {"Equipment": twice}) == []


def test_the_same_fault_at_the_same_place_is_told_each_time(report: Format) -> None:
    book = book_of('kind = "required"\nat = ["id:31B"]\nfields = ["ID|Number", "Gross"]\n')
    first = book.check(report, {"Report": {"Equipment": [{}, {"ID": "A", "Gross": "1"}]}})
    assert [finding.expected for finding in first] == ["it must hold: ID or Number", "it must hold: Gross"]
    assert book.check(report, {"Report": {"Equipment": [{}, {"ID": "B", "Gross": "2"}]}}) == first
    moved = book.check(report, {"Report": {"Equipment": [{"ID": "A", "Gross": "1"}, {"ID": "A"}]}})
    assert [(finding.path, finding.expected) for finding in moved] == [("Equipment[2]", "it must hold: Gross")]
    many = book.check(report, {"Report": {"Equipment": [{}] * 300}})
    assert [finding.path for finding in many[::2]] == [f"Equipment[{number}]" for number in range(1, 301)]
