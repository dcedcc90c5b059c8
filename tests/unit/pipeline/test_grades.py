"""An agreement and a partner's profile grade the business rules of the messages exchanged under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import load_catalogue
from gateway.identifiers import PartnerCode
from gateway.pipeline.engines import Engines
from gateway.pipeline.knowledge import CatalogueKnowledge
from gateway.validation.rule_files import read_rules
from gateway.validation.rulebook import RuleBook
from tests.world.partner import NOTE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DATA = Path(__file__).parents[2] / "world" / "data"
RULE = """[[rule]]
id = "rule.number"
severity = "error"
source = "made up for tests"
text = "the number is a digit"
remedy = "write a digit"
kind = "pattern"
at = ["end:Number"]
formats = ["xx-note-1.0"]
pattern = "[0-9]"
"""


def engines(agreed: Mapping[str, Any], own: Mapping[str, Any]) -> Engines:
    catalogue = load_catalogue(DATA)
    rules, faults = read_rules(RULE, "made-up.toml")
    assert faults == []
    agreements = tuple(
        replace(one, terms=one.terms.model_copy(update={"rules": type(one.terms.rules)(**agreed)}))
        for one in catalogue.agreements
    )
    profile = catalogue.profile("xx")
    partner = profile.model_copy(update={"rules": type(profile.rules)(**own)})
    changed = replace(catalogue, rules=RuleBook(rules), agreements=agreements, partners={"xx": partner})
    return Engines(CatalogueKnowledge(changed), keys=None)  # type: ignore[arg-type] # nothing is hashed here


@pytest.mark.parametrize(
    ("agreed", "own", "severities"),
    [
        ({}, {}, ["error"]),
        ({"warning": ("rule.number",)}, {}, ["warning"]),
        ({"warning": ("rule.number",)}, {"info": ("rule.number",)}, ["info"]),
        ({"off": ("rule.number",)}, {}, []),
    ],
)
def test_the_agreement_then_the_partner(agreed: dict[str, Any], own: dict[str, Any], severities: list[str]) -> None:
    chosen = engines(agreed, own)
    grades = chosen.grades(PartnerCode("xx"), "aa-xx-notes", NOW)
    read = chosen.read(NOTE, None, *grades)
    assert [one.severity.value for one in read.findings if one.code == "rule.number"] == severities


def test_an_agreement_that_is_not_in_force_grades_nothing() -> None:
    chosen = engines({"off": ("rule.number",)}, {})
    assert chosen.grades(PartnerCode("xx"), "aa-xx-nobody", NOW) == ({}, {})
