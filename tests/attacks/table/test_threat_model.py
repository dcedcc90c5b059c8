"""The threat model holds: each threat has its control, module, setting and test, and each class of attacks a threat."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.table.table import ROWS
from tests.attacks.table.threats import PAGE, Threat, faults, kinds_unnamed, read_threats

FEWEST_THREATS = 20
NAMES = frozenset(row.name for row in ROWS)


@pytest.fixture(name="page", scope="module")
def page_fixture(project_root: Path) -> str:
    return (project_root / PAGE).read_text(encoding="utf-8")


@pytest.fixture(name="threats", scope="module")
def threats_fixture(page: str) -> list[Threat]:
    return read_threats(page)


def test_every_threat_names_what_there_is(threats: list[Threat], project_root: Path) -> None:
    assert len(threats) >= FEWEST_THREATS
    assert list(faults(threats, project_root, NAMES)) == []


def test_every_class_of_attacks_belongs_to_a_threat(threats: list[Threat]) -> None:
    assert kinds_unnamed(threats, {row.kind for row in ROWS}) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("`token: no token`", "`token: nobody wrote this row`", "T2: no such test: token: nobody wrote this row"),
        ("`tests/acceptance/test_kill_points.py`", "`tests/gone.py`", "T22: no such test: tests/gone.py"),
        ("`gateway/audit/entry.py`", "`gateway/gone.py`", "T19: no such where: gateway/gone.py"),
        ("`checkpoint_seconds`", "`checkpoint_minutes`", "T20: no such setting: checkpoint_minutes"),
        ("- control: default deny", "- hope: default deny", "T12: no control"),
        ("### T5 ", "### T55 ", "numbers"),
    ],
)
def test_a_promise_that_does_not_hold_is_found(page: str, project_root: Path, old: str, new: str, fault: str) -> None:
    assert old in page
    found = list(faults(read_threats(page.replace(old, new)), project_root, NAMES))
    assert any(one.startswith(fault) for one in found), found


def test_a_threat_without_a_test_is_found(threats: list[Threat], project_root: Path) -> None:
    bare = [Threat(number="T1", name="a", fields={**threats[0].fields, "test": "it will be tried"})]
    assert list(faults(bare, project_root, NAMES)) == ["T1: no test"]


def test_the_page_says_what_is_not_defended(page: str) -> None:
    assert page.partition("## What is not defended")[2].count("\n- **") >= 5
