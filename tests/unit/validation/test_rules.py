from __future__ import annotations

from typing import Any

import pytest

from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.findings import Layer, Severity
from gateway.formats.format import Format
from gateway.validation.rules import RULES
from gateway.validation.verdict import check_rules

Schemes = dict[str, IdentifierScheme]


def date(text: str, form: str | None) -> dict[str, Any]:
    leaf = text if form is None else {"value": text, "@formatCode": form}
    return {"Issue": {"DateTimeString": leaf}}


def mass(gross: Any, net: Any) -> dict[str, Any]:
    return {"Equipment": [{"Gross": gross, "Net": net}]}


def numbers(*texts: str) -> dict[str, Any]:
    return {"Equipment": [{"Number": text} for text in texts]}


PASSING = {
    "rule.date": [
        date("20240229", "102"),
        date("202402291259", "203"),
        date("20240229125959", "204"),
        date("20240229125959Z", "304"),
        date("20240229125959+05", "304"),
        date("20240229125959-03 ", "304"),
        date("anything", "713"),
        date("anything", None),
    ],
    "rule.container-check-digit": [
        {"Equipment": [{"ID": "CSQU3054383"}, {"ID": "TRAILER 12"}, {"ID": "ABCX1234567"}, {}]},
    ],
    "rule.net-above-gross": [
        mass("10", "10.000"),
        mass("10.5", "9"),
        mass({"value": "1", "@unitCode": "TNE"}, {"value": "900", "@unitCode": "KGM"}),
        {"Equipment": [{"Net": "5"}, {"Gross": "5"}]},
    ],
    "rule.sequence-repeated": [
        numbers("1", "2", "3"),
        {"Equipment": [{}, {}]},
        {"Pointer": [{"Number": "1"}, {"Number": "1"}]},
    ],
}
FAILING = {
    "rule.date": [
        (date("20230229", "102"), ["Issue/DateTimeString"]),
        (date("20240229120000Z", "102"), ["Issue/DateTimeString"]),
        (date("20240229", "304"), ["Issue/DateTimeString"]),
        (date("20240229250000Z", "304"), ["Issue/DateTimeString"]),
        (date("", "102"), ["Issue/DateTimeString"]),
    ],
    "rule.container-check-digit": [
        ({"Equipment": [{}, {"ID": "CSQU3054384"}]}, ["Equipment[2]/ID"]),
    ],
    "rule.net-above-gross": [
        (mass("10", "10.001"), ["Equipment[1]"]),
        (mass({"value": "1", "@unitCode": "KGM"}, {"value": "2", "@unitCode": "KGM"}), ["Equipment[1]"]),
    ],
    "rule.sequence-repeated": [
        (numbers("1", "2", "1", "01"), ["Equipment[3]/Number", "Equipment[4]/Number"]),
    ],
}


def test_every_rule_has_both_kinds_of_vectors_and_is_told_in_full() -> None:
    assert set(PASSING) == set(FAILING) == {rule.id for rule in RULES}
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.source and rule.text and rule.remedy for rule in RULES)


@pytest.mark.parametrize(("rule", "content"), [(rule, content) for rule, many in PASSING.items() for content in many])
def test_passes(report: Format, schemes: Schemes, rule: str, content: dict[str, Any]) -> None:
    findings = check_rules(report, {"Report": content}, schemes=schemes)
    assert rule not in [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("rule", "content", "paths"), [(rule, *vector) for rule, many in FAILING.items() for vector in many]
)
def test_fails(report: Format, schemes: Schemes, rule: str, content: dict[str, Any], paths: list[str]) -> None:
    findings = check_rules(report, {"Report": content}, schemes=schemes)
    assert [(finding.code, finding.path) for finding in findings] == [(rule, path) for path in paths]
    assert all(finding.layer is Layer.RULE and finding.remedy and finding.expected for finding in findings)


def test_only_dates_make_a_message_invalid() -> None:
    assert [rule.id for rule in RULES if rule.severity is Severity.ERROR] == ["rule.date"]


def test_pointers_and_no_values(report: Format, schemes: Schemes) -> None:
    content = {"Equipment": [{}, {"ID": "CSQU3054384"}], **date("20230229", "102")}
    findings = check_rules(report, {"Report": content}, schemes=schemes)
    assert [finding.pointer for finding in findings] == ["D011", "31B.$2.159"]
    assert "3054384" not in repr(findings)
    assert "20230229" not in repr(findings)


def test_without_its_scheme_a_rule_says_nothing(report: Format) -> None:
    assert check_rules(report, {"Report": {"Equipment": [{"ID": "CSQU3054384"}]}}) == ()
