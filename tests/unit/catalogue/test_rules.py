"""Rules of the data folders: who may add, grade and switch off, and that nothing misspelt passes in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.catalogue import load_catalogue, load_judging
from gateway.findings import Fault
from gateway.validation.verdict import verdict

Laying = Callable[..., Path]
Checking = Callable[..., list[Fault]]

RULES = "wco_schemas/rules/own.toml"
COUNTRY_RULES = "mappings/xx/rules/own.toml"
RULE = """[[rule]]
id = "rule.number"
severity = "error"
source = "made up for tests"
text = "the number is a digit"
remedy = "write a digit"
kind = "pattern"
at = ["end:Number"]
formats = ["xx-goods-0.1"]
pattern = "[0-9]"
"""
GOODS = b'<Goods xmlns="urn:xx-goods"><Number>secret</Number></Goods>'
HEAD = "wco_schemas/national/xx/xx-goods.format.toml"
AGREEMENT = "agreements/aa-xx-goods-v1.toml"
PROFILE = "partners/xx/profile.toml"


@pytest.mark.parametrize("file", [RULES, COUNTRY_RULES, "wco_schemas/rules/deeper/own.toml"])
def test_a_file_adds_a_rule(lay: Laying, file: str) -> None:
    judging = load_judging(lay({file: RULE}))
    assert [rule.id for rule in judging.rules.rules] == ["rule.number"]
    (finding,) = verdict(judging.formats, GOODS, rules=judging.rules).findings
    assert (finding.code, finding.path) == ("rule.number", "Number")


def test_a_format_switches_a_rule_off(lay: Laying) -> None:
    text = (lay() / HEAD).read_text(encoding="utf-8") + '[rules]\noff = ["rule.number"]\n'
    judging = load_judging(lay({RULES: RULE, HEAD: text}))
    assert verdict(judging.formats, GOODS, rules=judging.rules).findings == ()


def test_an_agreement_and_a_partner_grade_rules(lay: Laying) -> None:
    agreement = (lay() / AGREEMENT).read_text(encoding="utf-8") + '[rules]\nwarning = ["rule.number"]\n'
    profile = (lay() / PROFILE).read_text(encoding="utf-8") + '[rules]\ninfo = ["rule.number"]\n'
    catalogue = load_catalogue(lay({RULES: RULE, AGREEMENT: agreement, PROFILE: profile}))
    agreed, own = catalogue.agreement("aa-xx-goods").terms.rules.grades, catalogue.profile("xx").rules.grades

    def severities(*grades: dict[str, str]) -> list[str]:
        rules = catalogue.rules.adjusted(*grades)  # type: ignore[arg-type]
        return [one.severity.value for one in verdict(catalogue.formats, GOODS, rules=rules).findings]

    assert severities() == ["error"]
    assert severities(dict(agreed)) == ["warning"]
    assert severities(dict(agreed), dict(own)) == ["info"]


@pytest.mark.parametrize("file", [HEAD, AGREEMENT, PROFILE])
def test_an_unknown_rule_in_a_table_is_a_fault(lay: Laying, faults_of: Checking, file: str) -> None:
    text = (lay() / file).read_text(encoding="utf-8") + '[rules]\noff = ["rule.nobody"]\n'
    assert [(fault.file, fault.code) for fault in faults_of({RULES: RULE, file: text})] == [(file, "rule.unknown")]


@pytest.mark.parametrize("file", [HEAD, AGREEMENT, PROFILE])
def test_a_rule_that_is_graded_twice_is_a_fault(lay: Laying, faults_of: Checking, file: str) -> None:
    graded = '[rules]\noff = ["rule.number"]\ninfo = ["rule.number"]\n'
    text = (lay() / file).read_text(encoding="utf-8") + graded
    assert file in [fault.file for fault in faults_of({RULES: RULE, file: text})]


@pytest.mark.parametrize(
    ("was", "becomes", "code"),
    [
        ("xx-goods-0.1", "xx-goods-9", "rule.unknown-name"),
        ("end:Number", "end:Nmber", "rule.no-place"),
        ('kind = "pattern"', 'kind = "guess"', "rule.unknown-kind"),
        ('pattern = "[0-9]"', "", "rule.missing"),
        ('pattern = "[0-9]"', 'pattern = "[0-9]"\nwhen = { Nobody = "present" }', "rule.no-use"),
        ('kind = "pattern"\nat = ["end:Number"]', 'kind = "code"\nat = ["end:Number"]\nlist = "x"', "rule.unknown-key"),
    ],
)
def test_what_a_rule_names_must_be_there(faults_of: Checking, was: str, becomes: str, code: str) -> None:
    assert was in RULE
    faults = faults_of({RULES: RULE.replace(was, becomes)})
    assert code in [fault.code for fault in faults]
    assert {fault.file for fault in faults} == {RULES}


@pytest.mark.parametrize(
    ("kind", "keys"),
    [("code", 'list = "nobody"'), ("scheme", 'scheme = "nobody"')],
)
def test_an_unknown_list_or_scheme_is_a_fault(faults_of: Checking, kind: str, keys: str) -> None:
    text = RULE.replace('kind = "pattern"', f'kind = "{kind}"').replace('pattern = "[0-9]"', keys)
    assert "rule.unknown-name" in [fault.code for fault in faults_of({RULES: text})]


def test_a_rule_stands_once_and_a_country_names_its_formats(faults_of: Checking) -> None:
    (fault,) = faults_of({RULES: RULE, COUNTRY_RULES: RULE})
    assert (fault.file, fault.row, fault.code) == (COUNTRY_RULES, "rule.number", "rule.duplicate")
    everywhere = RULE.replace("rule.number", "rule.other").replace('formats = ["xx-goods-0.1"]\n', "")
    assert "rule.no-formats" in [one.code for one in faults_of({COUNTRY_RULES: everywhere})]
