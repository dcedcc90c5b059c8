from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Typed


@pytest.fixture(autouse=True)
def _real_data(typed: Typed, monkeypatch: pytest.MonkeyPatch, project_root: Path) -> None:
    """The project's own rules; the made-up data folders of the other tests have none."""
    del typed  # it names the made-up folders first
    monkeypatch.setenv("SARHAD_ROOT", str(project_root))


def test_all_rules_are_listed(typed: Typed) -> None:
    shown = typed("rules", "--json")
    assert shown.code == 0
    ids = [line["id"] for line in shown.lines]
    assert len(ids) == len(set(ids)) > 40
    assert all(line["source"] and line["text"] and line["remedy"] and line["severity"] for line in shown.lines)


def test_one_rule_is_told_in_full(typed: Typed) -> None:
    shown = typed("rules", "rule.country")
    assert shown.code == 0
    assert "ISO 3166-1" in shown.out
    assert "dms-3.6: warning" in shown.out


def test_a_format_grades_its_rules(typed: Typed) -> None:
    graded = {line["id"]: line["severity"] for line in typed("rules", "--format", "dms-3.6", "--json").lines}
    assert graded["rule.country"] == "warning"
    assert "rule.transit-guarantee" not in graded


def test_an_unknown_rule(typed: Typed) -> None:
    shown = typed("rules", "rule.contry")
    assert shown.code != 0
    assert "rule.country" in shown.err
