"""Applies rules to message trees: which places of a format a rule concerns is worked out once for each format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.findings import Finding, Layer
from gateway.formats.places import pointer_of
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, root_of
from gateway.validation.rule import Rule, RuleContext


@dataclass(frozen=True, slots=True)
class _Stop:
    """One element that rules concern, or that leads to such."""

    element: Element
    entry_rules: tuple[Rule, ...]
    list_rules: tuple[Rule, ...]
    below: tuple[_Stop, ...]


class RuleBook:
    """A set of rules, ready for any format.

    Args:
        rules: with distinct ids.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._routes: dict[tuple[str, str], _Stop] = {}

    def check(self, structure: Structure, tree: Tree, context: RuleContext) -> tuple[Finding, ...]:
        """All broken rules of a message.

        Args:
            structure: of the message's format.
            tree: a message that the schema accepts.
            context: what rules may ask for.
        """
        route = self._route(structure)
        broken: list[tuple[Rule, str]] = []
        _visit(route, root_of(tree), "", context, broken)
        return tuple(_finding(rule, path, structure) for rule, path in broken)

    def _route(self, structure: Structure) -> _Stop:
        key = (structure.digest, structure.root.key)
        route = self._routes.get(key)
        if route is None:
            route = self._routes[key] = self._stop(structure.root, {}) or _Stop(structure.root, (), (), ())
        return route

    def _stop(self, element: Element, known: dict[int, _Stop | None]) -> _Stop | None:
        if id(element) not in known:
            mine = [rule for rule in self._rules if rule.concerns(element)]
            entry_rules = tuple(rule for rule in mine if rule.subject == ("leaf" if element.is_leaf else "class"))
            list_rules = tuple(rule for rule in mine if rule.subject == "list")
            below = tuple(stop for child in element.children if (stop := self._stop(child, known)) is not None)
            useful = bool(entry_rules or list_rules or below)
            known[id(element)] = _Stop(element, entry_rules, list_rules, below) if useful else None
        return known[id(element)]


def _visit(stop: _Stop, value: Any, path: str, context: RuleContext, broken: list[tuple[Rule, str]]) -> None:
    for rule in stop.entry_rules:
        broken.extend((rule, f"{path}{place}") for place in rule.broken(value, stop.element, context))
    for child in stop.below:
        given = value.get(child.element.key)
        if given is None:
            continue
        below = f"{path}/{child.element.key}" if path else child.element.key
        if not child.element.repeats:
            _visit(child, given, below, context, broken)
            continue
        for rule in child.list_rules:
            broken.extend((rule, f"{below}{place}") for place in rule.broken(given, child.element, context))
        for position, entry in enumerate(given, 1):
            _visit(child, entry, f"{below}[{position}]", context, broken)


def _finding(rule: Rule, path: str, structure: Structure) -> Finding:
    return Finding(
        severity=rule.severity,
        code=rule.id,
        layer=Layer.RULE,
        path=path,
        pointer=pointer_of(structure, path),
        message="a business rule is broken",
        expected=rule.text,
        remedy=rule.remedy,
    )
