"""Applies rules to message trees; which places of a format a rule looks at is worked out once for each format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.findings import Finding, Layer, Severity
from gateway.formats.format import Format
from gateway.formats.rule_grades import NO_GRADES, Grade
from gateway.formats.tree import Tree, root_of
from gateway.validation.check import Breaks, Run
from gateway.validation.kinds import KINDS
from gateway.validation.plan import Check, Plan, PlanRequest, Stop
from gateway.validation.rule import Rule, Surroundings


@dataclass(slots=True)
class Broken:
    """A broken rule.

    The way to its subject is written down only on the way back up, so that a message without findings pays nothing.

    Attributes:
        check: the rule at its place.
        place: what follows the subject's path.
        expected: what is expected there beyond the rule's own text.
        steps: from the subject up: each stop with its 1-based position where it repeats, else 0.
    """

    check: Check
    place: str
    expected: str
    steps: list[tuple[Stop, int]] = field(default_factory=list)


_MOST_TOLD = 100
"""So many findings of a check are kept: the same fault at the same place comes again and again."""
_NONE: Sequence[Broken] = ()


class RuleBook:
    """A set of rules, ready for any format and safe to use from several threads.

    Args:
        rules: with distinct ids.
        known: what rules may ask for besides the message.
        grades: what becomes of a rule's findings, by id; goes before the format's own grades and the rule's severity.
    """

    def __init__(
        self, rules: Sequence[Rule], known: Surroundings | None = None, grades: Mapping[str, Grade] = NO_GRADES
    ) -> None:
        self._rules = tuple(rules)
        self._known = known or Surroundings()
        self._grades = dict(grades)
        self._plans: dict[tuple[str, str], Plan] = {}
        self._adjusted: dict[tuple[tuple[str, Grade], ...], RuleBook] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of their files."""
        return self._rules

    def adjusted(self, *grades: Mapping[str, Grade]) -> RuleBook:
        """The same rules as an agreement or a partner grades them.

        Args:
            grades: of the agreement, of the partner; a later one wins.
        """
        merged = {**self._grades, **{rule: grade for one in grades for rule, grade in one.items()}}
        if merged == self._grades:
            return self
        key = tuple(sorted(merged.items()))
        if key not in self._adjusted:
            self._adjusted[key] = RuleBook(self._rules, self._known, merged)
        return self._adjusted[key]

    def everywhere(self, rules: Iterable[Rule]) -> RuleBook:
        """Some of the rules with none switched off, to see where they look."""
        chosen = tuple(rules)
        return RuleBook(chosen, self._known, {rule.id: _GRADES[rule.severity] for rule in chosen})

    def grade_of(self, rule: Rule, found: Format) -> Grade:
        """What becomes of a rule's findings on a format."""
        return self._grades.get(rule.id) or found.head.rules.get(rule.id) or _GRADES[rule.severity]

    def plan(self, found: Format) -> Plan:
        """Which rules look where in a format."""
        key = (found.name, found.digest)
        plan = self._plans.get(key)
        if plan is None:
            package = found.head.wco_package
            mine = [rule for rule in self._rules if rule.is_for(found.name, package)]
            graded = [(rule, self.grade_of(rule, found)) for rule in mine]
            rules = [(rule, Severity(grade)) for rule, grade in graded if grade != "off"]
            request = PlanRequest(structure=found.structure, package=package, rules=rules, known=self._known)
            plan = self._plans[key] = Plan(request)
        return plan

    def check(self, found: Format, tree: Tree) -> tuple[Finding, ...]:
        """All broken rules of a message, in the order of the schema.

        Args:
            found: the message's format.
            tree: a message that the schema accepts.
        """
        run = Run(root_of(tree))
        broken = _visit(self.plan(found).root, run.root, run)
        if len(broken) > 1:
            broken = sorted(broken, key=_order)
        return tuple(_finding(one) for one in broken)


_GRADES: Mapping[Severity, Grade] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def _visit(stop: Stop, tree: Tree, run: Run) -> Sequence[Broken]:
    """Check a class and all below it; the plain texts and codes that make up most of a message cost no call."""
    broken = _look(stop, tree, run) if stop.looks else _NONE
    find = stop.walk.get
    for key, given in tree.items():
        child = find(key)
        if child is True:
            if given.__class__ is str and given.isprintable() and given.strip() == given:
                continue
            child = stop.below[key]
        elif child is None:
            continue
        if given.__class__ is str:
            if given in child.fine:
                continue
            below = _visit_leaf(child, given, run)
        elif child.repeats:
            below = _visit_list(child, given, run)
            if below:
                broken = [*broken, *below]
            continue
        else:
            below = (_visit_leaf if child.is_leaf else _visit)(child, given, run)
        if below:
            broken = [*broken, *_one_up(below, child, 0)]
    return broken


def _one_up(below: Sequence[Broken], stop: Stop, position: int) -> Sequence[Broken]:
    """The same, seen from the class above a stop."""
    for one in below:
        one.steps.append((stop, position))
    return below


def _look(stop: Stop, tree: Tree, run: Run) -> Sequence[Broken]:
    """The checks of one class itself."""
    broken: list[Broken] = []
    for check in stop.values:
        if breaks := check.value(tree, run):  # type: ignore[misc] # set for every check of a value
            broken += _told(check, breaks)
    if stop.doors is not None:
        for check in stop.doors.open(tree, run):
            if breaks := check.value(tree, run):
                broken += _told(check, breaks)
    return broken


def _visit_list(stop: Stop, given: list[Any], run: Run) -> Sequence[Broken]:
    """All occurrences of a repeated element; the answer is seen from the class that holds them."""
    broken: list[Broken] = []
    for check in stop.lists:
        if breaks := check.value(given, run):  # type: ignore[misc]
            broken += _one_up(_told(check, breaks), stop, 0)
    visit, position = _visit_leaf if stop.is_leaf else _visit, 0
    for entry in given:
        position += 1  # noqa: SIM113 - counting along costs less than a pair for each entry
        if below := visit(stop, entry, run):
            broken += _one_up(below, stop, position)
    return broken


def _visit_leaf(stop: Stop, leaf: Any, run: Run) -> Sequence[Broken]:
    """A leaf whose text is not known to be right, or that is more than its text."""
    text = leaf if leaf.__class__ is str else leaf["value"]
    broken: list[Broken] = []
    if text not in stop.known:
        asked = stop.asked if text.isprintable() and text.strip() == text else stop.texts
        broken += [Broken(check, "", "") for check in asked if not check.text(text, run)]  # type: ignore[misc]
    for check in stop.values:
        if breaks := check.value(leaf, run):  # type: ignore[misc]
            broken += _told(check, breaks)
    if stop.attributes and leaf.__class__ is not str:
        for name, checks in stop.attributes.items():
            given = leaf.get(name)
            if given is not None:
                wrong = [one for one in checks if given not in one.fine and not one.text(given, run)]  # type: ignore[misc]
                broken += [Broken(check, name, "") for check in wrong]
    return broken


def _told(check: Check, breaks: Breaks) -> list[Broken]:
    return [Broken(check, place, expected) for place, expected in breaks]


def _order(broken: Broken) -> tuple[int, ...]:
    """The place of a subject in schema order."""
    return tuple(number for stop, position in reversed(broken.steps) for number in (stop.order, position))


def _finding(broken: Broken) -> Finding:
    """What a finding says; `located` adds where it is in other notations when it is shown."""
    check = broken.check
    steps = [f"{stop.key}[{position}]" if position else stop.key for stop, position in reversed(broken.steps)]
    key = (f"{'/'.join(steps)}{broken.place}".removeprefix("/"), broken.expected or check.expected)
    finding = check.told.get(key)
    if finding is None:
        finding = _made(check, *key)
        if len(check.told) >= _MOST_TOLD:
            check.told.clear()
        check.told[key] = finding
    return finding


def _made(check: Check, path: str, more: str) -> Finding:
    rule = check.rule
    return Finding(
        severity=check.severity,
        code=rule.id,
        layer=Layer.RULE,
        path=path,
        message=KINDS[rule.kind].message,
        expected=f"{rule.text}: {more}" if more else rule.text,
        remedy=rule.remedy,
    )
