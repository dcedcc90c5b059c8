"""The page of the rules tells every rule with its source, where a rule may look, and every kind with its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.catalogue import Judging, load_judging
from gateway.cli.rules_page import rules_page
from gateway.validation.selectors import MANNERS

KINDS = ("date", "code", "scheme", "pattern", "tidy", "decimals", "compare", "equal", "sum", "count", "required",
         "reference", "unique", "sequence", "pointer", "usage")  # fmt: skip


@pytest.fixture(name="known", scope="module")
def known_fixture(project_root: Path) -> Judging:
    cache = project_root / ".sarhad" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    return load_judging(project_root, cache=cache)


def test_each_rule_is_told_once_with_its_source(known: Judging) -> None:
    lines = rules_page(known.rules.rules, ()).splitlines()
    for rule in known.rules.rules:
        [line] = [one for one in lines if one.startswith(f"| `{rule.id}` | {rule.severity.value} |")]
        assert line.endswith(f"| {rule.source.replace('|', chr(92) + '|')} |")
    assert rules_page((), ()).count("| `rule.") == 0


def test_what_a_form_grades_otherwise_is_told(known: Judging) -> None:
    dms = known.formats.get("dms-3.6")
    graded = rules_page((), (dms,)).partition("## Graded otherwise by a form")[2]
    assert len(dms.head.rules) > 0
    for rule_id, grade in dms.head.rules.items():
        assert f"| `{rule_id}` | dms-3.6 | {grade} |" in graded


def test_every_manner_of_looking_is_told() -> None:
    where = rules_page((), ()).partition("## Where a rule looks")[2]
    for manner in MANNERS:
        assert f"* `{manner}:" in where


def test_every_kind_is_told_with_the_keys_that_must_be_given() -> None:
    kinds = rules_page((), ()).partition("## Kinds")[2]
    for kind in KINDS:
        assert f"| `{kind}` |" in kinds
    assert "`scheme`: name of the identifier scheme; `strict`?: the shape is judged too" in kinds
