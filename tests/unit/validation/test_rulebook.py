from __future__ import annotations

from typing import Any

from gateway.findings import Severity
from gateway.formats.format import Format
from gateway.formats.structure import Element
from gateway.validation.rule import Rule, RuleContext, Subject
from gateway.validation.rulebook import RuleBook


def seen(subject: Subject, name: str) -> Rule:
    """A rule that is broken wherever it looks."""

    def concerns(element: Element) -> bool:
        return element.key == name

    def broken(value: Any, element: Element, context: RuleContext) -> tuple[str, ...]:
        assert element.key == name
        assert context == RuleContext()
        return ("[2]",) if isinstance(value, list) else ("",)

    return Rule(
        id=f"rule.{subject}-{name}",
        severity=Severity.INFO,
        source="made up",
        text="never",
        remedy="none",
        subject=subject,
        concerns=concerns,
        broken=broken,
    )


def test_each_subject_is_visited_where_it_stands(report: Format) -> None:
    book = RuleBook([seen("leaf", "ID"), seen("class", "Equipment"), seen("list", "Equipment"), seen("class", "Issue")])
    tree = {"Report": {"Issue": {"DateTimeString": ""}, "Equipment": [{"ID": "a"}, {"Gross": "1"}, {"ID": "b"}]}}
    for _ in range(2):
        findings = book.check(report.structure, tree, RuleContext())
        assert [(finding.code, finding.path) for finding in findings] == [
            ("rule.class-Issue", "Issue"),
            ("rule.list-Equipment", "Equipment[2]"),
            ("rule.class-Equipment", "Equipment[1]"),
            ("rule.leaf-ID", "Equipment[1]/ID"),
            ("rule.class-Equipment", "Equipment[2]"),
            ("rule.class-Equipment", "Equipment[3]"),
            ("rule.leaf-ID", "Equipment[3]/ID"),
        ]


def test_no_rule_concerns_the_format(report: Format) -> None:
    book = RuleBook([seen("leaf", "Nobody")])
    assert book.check(report.structure, {"Report": {"Equipment": [{"ID": "a"}]}}, RuleContext()) == ()
