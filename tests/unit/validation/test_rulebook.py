from __future__ import annotations

from typing import Any

import pytest

from gateway.codes.codelists import CodeList, CodeRow
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.findings import Layer, Severity
from gateway.formats.format import Format
from gateway.formats.locations import located
from gateway.validation.rule import Surroundings
from gateway.validation.rule_files import read_rules
from gateway.validation.rulebook import RuleBook

LISTED = CodeList(name="boxes", rows=(CodeRow(national="A1", wco="B1"), CodeRow(national="A2", wco="B2")))


def book_of(kind: str, at: str, *, known: Surroundings | None = None, severity: str = "error", **keys: Any) -> RuleBook:
    """One rule on the made-up format."""
    lines = [f"{name} = {value if isinstance(value, str) else list(value)}" for name, value in keys.items()]
    text = (
        f'[[rule]]\nid = "rule.one"\nseverity = "{severity}"\nsource = "made up for tests"\ntext = "it must hold"\n'
        f'remedy = "mend it, please"\nkind = "{kind}"\nat = ["{at}"]\nformats = ["aa-report-1"]\n' + "\n".join(lines)
    )
    rules, faults = read_rules(text, "made-up.toml")
    assert faults == []
    return RuleBook(rules, known)


def broken(book: RuleBook, report: Format, content: dict[str, Any]) -> list[str]:
    findings = book.check(report, {"Report": content})
    assert {finding.code for finding in findings} <= {"rule.one"}
    return [finding.path for finding in findings]


def boxes(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"Equipment": list(entries)}


def mass(gross: Any, net: Any) -> dict[str, Any]:
    return boxes({"Gross": gross, "Net": net})


def kg(text: str, unit: str = "KGM") -> dict[str, str]:
    return {"value": text, "@unitCode": unit}


def date(text: str, form: str) -> dict[str, Any]:
    return {"Issue": {"DateTimeString": {"value": text, "@formatCode": form}}}


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (date("20240229", "102"), []),
        (date("202402291259", "203"), []),
        (date("20240229125959", "204"), []),
        (date("20240229125959-03 ", "304"), []),
        (date("anything", "713"), []),
        ({"Issue": {"DateTimeString": "anything"}}, []),
        (date("20230229", "102"), ["Issue/DateTimeString"]),
        (date("20240229250000Z", "304"), ["Issue/DateTimeString"]),
        (date("", "102"), ["Issue/DateTimeString"]),
    ],
)
def test_dates(report: Format, content: dict[str, Any], paths: list[str]) -> None:
    assert broken(book_of("date", "end:DateTimeString"), report, content) == paths


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (mass("10", "10.000"), []),
        (mass(kg("1", "TNE"), kg("900")), []),
        (boxes({"Net": "5"}, {"Gross": "5"}), []),
        (mass("10", "10.001"), ["Equipment[1]"]),
        (mass(kg("1"), kg("2")), ["Equipment[1]"]),
    ],
)
def test_comparisons(report: Format, content: dict[str, Any], paths: list[str]) -> None:
    book = book_of("compare", "id:31B", larger='"#126"', smaller='"#128"')
    assert broken(book, report, content) == paths


def test_codes_of_a_national_format_are_of_the_national_side(report: Format) -> None:
    book = book_of("code", "id:159", list='"boxes"', known=Surroundings(code_lists={"boxes": LISTED}))
    assert broken(book, report, boxes({"ID": "A1"}, {"ID": "B1"}, {})) == ["Equipment[2]/ID"]


@pytest.mark.parametrize(("complete", "severity"), [(True, Severity.ERROR), (False, Severity.WARNING)])
def test_a_code_that_may_merely_not_be_loaded_is_a_warning(report: Format, complete: bool, severity: Severity) -> None:
    listed = CodeList(name="boxes", rows=LISTED.rows, complete=complete)
    book = book_of("code", "id:159", list='"boxes"', known=Surroundings(code_lists={"boxes": listed}))
    (finding,) = book.check(report, {"Report": boxes({"ID": "secret"})})
    assert finding.severity is severity
    assert ("not be loaded" in finding.expected) is not complete
    assert finding.layer is Layer.RULE
    assert "secret" not in repr(finding)


def test_an_unknown_list_or_scheme_says_nothing(report: Format) -> None:
    assert broken(book_of("code", "id:159", list='"boxes"'), report, boxes({"ID": "x"})) == []
    assert broken(book_of("scheme", "id:159", scheme='"iso6346"'), report, boxes({"ID": "CSQU3054384"})) == []


@pytest.mark.parametrize(
    ("strict", "text", "right"),
    [
        ("false", "CSQU3054383", True),
        ("false", "CSQU3054384", False),
        ("false", "TRAILER 12", True),
        ("true", "TRAILER 12", False),
    ],
)
def test_schemes(report: Format, schemes: dict[str, IdentifierScheme], strict: str, text: str, right: bool) -> None:
    book = book_of("scheme", "id:159", scheme='"iso6346"', strict=strict, known=Surroundings(schemes=schemes))
    assert (broken(book, report, boxes({"ID": text})) == []) is right


def test_unique_and_sequence(report: Format) -> None:
    content = boxes({"Number": "1"}, {"Number": "2"}, {"Number": "01"}, {}, {"Number": "4"})
    assert broken(book_of("unique", "id:31B", field='"#006"'), report, content) == ["Equipment[3]/Number"]
    assert broken(book_of("sequence", "id:31B", field='"#006"'), report, content) == ["Equipment[3]/Number"]
    assert broken(book_of("sequence", "id:31B", field='"#006"'), report, boxes({"Number": "01"}, {"Number": "2"})) == []
    many = boxes(*({"Number": str(number)} for number in range(1, 400)))
    assert broken(book_of("sequence", "id:31B", field='"#006"'), report, many) == []


def test_required_names_what_is_missing_at_its_parent(report: Format) -> None:
    book = book_of("required", "id:31B", fields=["ID|Number", "Gross"])
    findings = book.check(report, {"Report": boxes({"ID": "x", "Gross": "1"}, {})})
    assert [(one.path, one.expected.partition(": ")[2]) for one in findings] == [
        ("Equipment[2]", "ID or Number"),
        ("Equipment[2]", "Gross"),
    ]


def test_a_condition_on_a_sibling(report: Format) -> None:
    book = book_of("pattern", "id:159", pattern='"[A-Z]+"', when='{ Number = ["1", "2*"], "!Gross" = "present" }')
    content = boxes(
        {"ID": "1", "Number": "1"},
        {"ID": "1", "Number": "21"},
        {"ID": "1", "Number": "3"},
        {"ID": "1"},
        {"ID": "1", "Number": "1", "Gross": "5"},
    )
    assert broken(book, report, content) == ["Equipment[1]/ID", "Equipment[2]/ID"]


@pytest.mark.parametrize(
    ("when", "speaks"),
    [
        ('{ "/Issue" = "present" }', True),
        ('{ "/Issue" = "absent" }', False),
        ('{ "/Nobody" = "absent" }', True),
        ('{ "/Nobody" = "present" }', False),
        ('{ "!/Nobody" = "present" }', True),
        ('{ "!/Nobody" = "absent" }', False),
        ('{ "/Equipment/Number" = ["7"] }', True),
        ('{ "/Equipment/Number" = ["8"] }', False),
    ],
)
def test_conditions_on_the_message(report: Format, when: str, speaks: bool) -> None:
    book = book_of("pattern", "id:159", pattern='"[A-Z]+"', when=when)
    content = date("20240229", "102") | boxes({"ID": "1"}, {"Number": "7"})
    assert (broken(book, report, content) != []) is speaks


def test_references_sums_and_counts(report: Format) -> None:
    reference = book_of("reference", "id:31B", values=["ID"], among=["Number"])
    assert broken(reference, report, boxes({"ID": "1", "Number": "1"}, {"ID": "2", "Number": "1"}, {"ID": "3"})) == [
        "Equipment[2]/ID"
    ]
    total = book_of("sum", "id:31B", total='"Gross"', parts=["Net"], tolerance='"0.5"')
    assert broken(total, report, mass("10", "10.5")) == []
    assert broken(total, report, mass("10", "10.6")) == ["Equipment[1]/Gross"]
    assert broken(total, report, mass(kg("10"), "99")) == []
    equal = book_of("equal", "id:31B", one='"ID"', other='"Number"')
    assert broken(equal, report, boxes({"ID": "1", "Number": "1"}, {"ID": "1"}, {"ID": "1", "Number": "2"})) == [
        "Equipment[3]/Number"
    ]


def test_tidy_texts(report: Format) -> None:
    blanks, controls = (book_of("tidy", "in:Equipment", forbid=f'"{word}"') for word in ("blanks", "controls"))
    content = boxes({"ID": "a b"}, {"ID": " a"}, {"ID": "a\tb"}, {"ID": ""}, {"ID": "a\xa0b"}, {"ID": "a\x85b"})
    assert broken(blanks, report, content) == ["Equipment[2]/ID"]
    assert broken(controls, report, content) == ["Equipment[3]/ID", "Equipment[6]/ID"]


def test_grades(report: Format, book: RuleBook) -> None:
    tree = {"Report": date("20230229", "102") | boxes({"ID": "CSQU3054384"})}

    def graded(which: RuleBook) -> list[tuple[str, str]]:
        return [(one.code, one.severity.value) for one in which.check(report, tree)]

    assert graded(book) == [("rule.date", "error"), ("rule.box", "warning")]
    eased = book.adjusted({"rule.date": "info"})
    assert graded(eased) == [("rule.date", "info"), ("rule.box", "warning")]
    assert graded(eased.adjusted({"rule.date": "off"}, {"rule.box": "error"})) == [("rule.box", "error")]
    assert graded(book) == [("rule.date", "error"), ("rule.box", "warning")]
    assert book.adjusted({"rule.date": "info"}) is eased
    assert book.adjusted() is book


def test_findings_come_in_the_order_of_the_schema(report: Format, book: RuleBook) -> None:
    dated, boxed = date("20230229", "102"), boxes({}, {"ID": "CSQU3054384"})
    one, other = ({"Report": dated | boxed}, {"Report": boxed | dated})
    assert book.check(report, one) == book.check(report, other)
    assert [finding.pointer for finding in located(book.check(report, one), report.structure)] == ["D011", "31B.$2.159"]


def test_a_rule_for_another_format_says_nothing(report: Format) -> None:
    rules, _ = read_rules(RULE_FOR_PACKAGES, "made-up.toml")
    assert RuleBook(rules).check(report, {"Report": boxes({"ID": "1"})}) == ()


RULE_FOR_PACKAGES = """
[[rule]]
id = "rule.one"
severity = "error"
source = "made up for tests"
text = "it must hold"
remedy = "mend it, please"
kind = "pattern"
at = ["id:159"]
pattern = "[A-Z]+"
"""
