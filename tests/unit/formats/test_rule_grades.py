from __future__ import annotations

import pytest

from gateway.formats.rule_grades import DoubleGradeError, grades_of


def test_each_rule_has_one_grade() -> None:
    assert grades_of({"off": ["rule.a"], "error": [], "info": ["rule.b"]}) == {"rule.a": "off", "rule.b": "info"}


def test_a_rule_in_two_lists() -> None:
    with pytest.raises(DoubleGradeError):
        grades_of({"off": ["rule.a"], "info": ["rule.a"]})
