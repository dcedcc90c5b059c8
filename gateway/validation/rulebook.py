"""Applies rules to message trees; which places of a format a rule looks at is worked out once for each format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from gateway.findings import Finding, Layer, Severity
from gateway.formats.format import Format
from gateway.formats.rule_grades import NO_GRADES, Grade
from gateway.formats.tree import Tree, root_of
from gateway.validation.check import Breaks, Run
from gateway.validation.kinds import KINDS
from gateway.validation.plan import Check, Plan, PlanRequest, Stop
from gateway.validation.rule import Rule, Surroundings

Trail: TypeAlias = "tuple[Trail, Stop, int] | tuple[()]"
"""The way to a place: the way to the class above, the stop, and the 1-based position where it repeats (else 0)."""

Broken: TypeAlias = "tuple[Check, Trail, str, str]"
"""A check with the way to its subject, what follows it, and what is expected there."""


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
        broken: list[Broken] = []
        _visit(self.plan(found).root, run.root, (), run, broken)
        if not broken:
            return ()
        broken.sort(key=lambda one: _order(one[1]))
        return tuple(_finding(one) for one in broken)


_GRADES: Mapping[Severity, Grade] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def _visit(stop: Stop, tree: Tree, trail: Trail, run: Run, broken: list[Broken]) -> None:
    """Check a class and all below it; the plain texts and codes that make up most of a message cost no call."""
    if stop.looks:
        _look(stop, tree, trail, run, broken)
    below = stop.below
    for key, given in tree.items():
        child = below.get(key)
        if child is None:
            continue
        if given.__class__ is str:
            if given.isprintable() and given.strip() == given if child.is_plain else given in child.fine:
                continue
            _visit_leaf(child, given, (trail, child, 0), run, broken)
        elif child.repeats:
            _visit_list(child, given, trail, run, broken)
        else:
            (_visit_leaf if child.is_leaf else _visit)(child, given, (trail, child, 0), run, broken)


def _look(stop: Stop, tree: Tree, trail: Trail, run: Run, broken: list[Broken]) -> None:
    """The checks of one class itself."""
    for check in stop.values:
        _note(check, check.value(tree, run), trail, broken)  # type: ignore[misc] # set for every check of a value
    for door, checks in stop.doors:
        if door(tree, run):
            for check in checks:
                _note(check, check.value(tree, run), trail, broken)  # type: ignore[misc]


def _visit_list(child: Stop, given: list[Any], trail: Trail, run: Run, broken: list[Broken]) -> None:
    for check in child.lists:
        _note(check, check.value(given, run), (trail, child, 0), broken)  # type: ignore[misc]
    visit = _visit_leaf if child.is_leaf else _visit
    for position, entry in enumerate(given, 1):
        visit(child, entry, (trail, child, position), run, broken)


def _visit_leaf(stop: Stop, leaf: Any, trail: Trail, run: Run, broken: list[Broken]) -> None:
    text = leaf if leaf.__class__ is str else leaf["value"]
    if text not in stop.fine:
        wrong = (check for check in stop.texts if not check.text(text, run))  # type: ignore[misc]
        broken.extend((check, trail, "", "") for check in wrong)
    for check in stop.values:
        _note(check, check.value(leaf, run), trail, broken)  # type: ignore[misc]
    if leaf.__class__ is not str and stop.attributes:
        for name, checks in stop.attributes.items():
            given = leaf.get(name)
            broken.extend(
                (check, trail, name, "")
                for check in checks
                if given is not None and not check.text(given, run)  # type: ignore[misc]
            )


def _note(check: Check, breaks: Breaks, trail: Trail, broken: list[Broken]) -> None:
    if breaks:
        broken.extend((check, trail, place, expected) for place, expected in breaks)


def _order(trail: Trail) -> tuple[int, ...]:
    """The place of a subject in schema order."""
    order: list[int] = []
    while trail:
        trail, stop, position = trail
        order += (position, stop.order)
    return tuple(reversed(order))


def _path(trail: Trail) -> str:
    steps: list[str] = []
    while trail:
        trail, stop, position = trail
        steps.append(f"{stop.key}[{position}]" if position else stop.key)
    return "/".join(reversed(steps))


def _finding(broken: Broken) -> Finding:
    """What a finding says; `located` adds where it is in other notations when it is shown."""
    check, trail, place, expected = broken
    rule = check.rule
    path = f"{_path(trail)}{place}".removeprefix("/")
    more = expected or check.expected
    return Finding(
        severity=check.severity,
        code=rule.id,
        layer=Layer.RULE,
        path=path,
        message=KINDS[rule.kind].message,
        expected=f"{rule.text}: {more}" if more else rule.text,
        remedy=rule.remedy,
    )
