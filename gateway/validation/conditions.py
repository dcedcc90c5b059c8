"""The conditions of a rule's ``when``, ready for one class of one format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, is_leaf, leaf_text
from gateway.validation.check import Run
from gateway.validation.routes import Route, route_of
from gateway.validation.rule import Condition

Holds: TypeAlias = Callable[[Tree, Run], bool]
_MOST_KNOWN, _LONGEST_KNOWN = 200, 40
"""Codes that conditions ask for are short and few; others are asked again each time."""
_Told: TypeAlias = Callable[[Tree], bool]


def holds(condition: Condition, holder: Element, structure: Structure) -> Holds | bool:
    """Whether a condition holds for a class of a message.

    Args:
        condition: one of a rule's.
        holder: the class that its path begins at.
        structure: of the format.

    Returns:
        A test, or the answer itself where the format lacks the place.
    """
    absolute = condition.path.startswith("/")
    route = route_of(structure.root if absolute else holder, condition.path.lstrip("/"))
    if route is None:
        return (condition.wanted == "absent") is not condition.negated
    told = _told(condition, route)
    if not absolute:
        return (lambda tree, _: not told(tree)) if condition.negated else (lambda tree, _: told(tree))
    wanted, key = not condition.negated, repr(condition)  # a text keeps its hash

    def once(_: Tree, run: Run) -> bool:
        """Asked of the message as a whole, so the answer is kept while the message is checked."""
        answer = run.told.get(key)
        if answer is None:
            answer = run.told[key] = told(run.root) is wanted
        return answer

    return once


@dataclass(slots=True)
class Doors:
    """What lies behind conditions that ask the same place of a class, told by what stands there.

    Attributes:
        absolute: the place is asked of the message as a whole.
        one: what stands there; None as well where the way has lists, so that each condition is asked.
        behind: each condition with what lies behind it.
        known: what is open for a text that was met before, or for its absence.
    """

    absolute: bool
    one: Callable[[Any], Any] | None
    behind: list[tuple[Holds, list[Any]]]
    known: dict[str | None, tuple[Any, ...]] = field(default_factory=dict)

    def find(self, tree: Tree, run: Run) -> tuple[Any, ...]:
        """What lies behind those conditions that hold."""
        found = tuple(one for door, behind in self.behind if door(tree, run) for one in behind)
        if self.one is not None and len(self.known) < _MOST_KNOWN:
            text = self.one(run.root if self.absolute else tree)
            if text is None or (text.__class__ is str and len(text) <= _LONGEST_KNOWN):
                self.known[text] = found
        return found


def asked_place(condition: Condition, holder: Element, structure: Structure) -> Callable[[Any], Any] | None:
    """The question for the one text on which a condition's answer depends; None where it is not one text."""
    absolute = condition.path.startswith("/")
    route = route_of(structure.root if absolute else holder, condition.path.lstrip("/"))
    return None if route is None or route.keys is None else route.one


def all_hold(conditions: Sequence[Condition], holder: Element, structure: Structure) -> Holds | bool:
    """Whether all conditions hold: a test, or the answer itself where no message can change it."""
    tests: list[Holds] = []
    for condition in conditions:
        test = holds(condition, holder, structure)
        if test is False:
            return False
        if not isinstance(test, bool):
            tests.append(test)
    if len(tests) < 2:
        return tests[0] if tests else True

    def together(tree: Tree, run: Run) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the few questions
            if not test(tree, run):
                return False
        return True

    return together


def _told(condition: Condition, route: Route) -> _Told:
    present = route.presence
    if condition.wanted == "present":
        return present
    if condition.wanted == "absent":
        return lambda tree: not present(tree)
    exact = frozenset(text for text in condition.wanted if not text.endswith("*"))
    begins = tuple(text[:-1] for text in condition.wanted if text.endswith("*"))

    def fits(value: Any) -> bool:
        text = value if value.__class__ is str else leaf_text(value) if is_leaf(value) else ""
        return text in exact or text.strip() in exact or (bool(begins) and text.strip().startswith(begins))

    if route.keys is None:
        every = route.all
        return lambda tree: any(map(fits, every(tree)))
    one = route.one

    def told(tree: Tree) -> bool:
        value = one(tree)
        if value is None:
            return False
        return value in exact if value.__class__ is str and not begins and value.isalnum() else fits(value)

    return told
