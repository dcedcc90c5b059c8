from __future__ import annotations

import pytest

from gateway.findings import Severity
from gateway.validation.rule import Condition
from gateway.validation.rule_files import read_rules

GOOD = """
[[rule]]
id = "rule.one"
severity = "warning"
source = "made up for tests"
text = "it must hold"
remedy = "mend it, please"
kind = "code"
at = ["id:159", "end:A/B@c"]
list = "boxes"
when = { A = ["1"], "!/B/C" = "present" }
packages = ["DEC"]
"""


def test_a_sound_file() -> None:
    (rule,), faults = read_rules(GOOD, "x.toml")
    assert faults == []
    assert (rule.id, rule.severity, rule.kind, rule.options.list) == ("rule.one", Severity.WARNING, "code", "boxes")
    assert rule.when == (Condition("A", ("1",)), Condition("/B/C", "present", negated=True))
    assert rule.is_for("dec-1", "DEC")
    assert not rule.is_for("cri-1", "CRI")
    assert not rule.is_for("national-1", "")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('kind = "code"', 'kind = "guess"', "rule.unknown-kind"),
        ('kind = "code"', 'kind = "code"\nlength = 3', "rule.unknown-key"),
        ('remedy = "mend it, please"', "", "rule.missing"),
        ('severity = "warning"', 'severity = "fatal"', "rule.invalid"),
        ('"id:159"', '"nowhere:159"', "rule.invalid"),
        ('"id:159"', '"id:159@x"', "rule.invalid"),
        ('"id:159"', '"end:a//b"', "rule.invalid"),
        ('id = "rule.one"', 'id = "One"', "rule.invalid"),
        ('list = "boxes"', 'list = "boxes"\nshape = "["', "rule.invalid"),
        ("[[rule]]", "[[rules]]", "rule.unknown-key"),
        ("[[rule]]", "[[rule", "rule.unreadable"),
    ],
)
def test_faults_name_file_and_rule(old: str, new: str, code: str) -> None:
    assert old in GOOD
    rules, faults = read_rules(GOOD.replace(old, new), "x.toml")
    assert rules == []
    assert code in [fault.code for fault in faults]
    assert all(fault.file == "x.toml" and fault.message for fault in faults)


def test_one_bad_rule_does_not_hide_the_others() -> None:
    rules, faults = read_rules(GOOD + GOOD.replace("rule.one", "rule.two").replace('"code"', '"guess"'), "x.toml")
    assert [rule.id for rule in rules] == ["rule.one"]
    assert [fault.row for fault in faults] == ["rule.two"]
