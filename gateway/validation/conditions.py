"""The conditions of a rule's ``when``, ready for one class of one format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, is_leaf, leaf_text
from gateway.validation.check import Run
from gateway.validation.routes import Route, route_of
from gateway.validation.rule import Condition

Holds: TypeAlias = Callable[[Tree, Run], bool]
_MOST_KNOWN, _LONGEST_KNOWN = 500, 100
"""Codes that conditions ask for are short and few; longer texts are asked again each time."""
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


class Doors:
    """What lies behind the conditions of one class, told by the texts that they ask for.

    A class asks for few texts, and they take few values: what is open for a combination that was met before is known.

    Args:
        holder: the class.
        structure: of the format.
    """

    __slots__ = ("_asked", "_behind", "_holder", "_known", "_structure")

    def __init__(self, holder: Element, structure: Structure) -> None:
        self._holder, self._structure = holder, structure
        self._asked: dict[tuple[str, bool], tuple[bool, Callable[[Any], Any]]] | None = {}
        self._behind: dict[Condition, list[tuple[Holds, Any]]] = {}
        self._known: dict[Any, tuple[Any, ...]] = {}

    def add(self, conditions: Sequence[Condition], behind: Any) -> Any:
        """Put something behind conditions of which all must hold; what has the same first one stands together.

        Returns:
            True where no message can change the answer: it is always open, and not put anywhere; None where never.
        """
        test = all_hold(conditions, self._holder, self._structure)
        if isinstance(test, bool):
            return test or None
        self._behind.setdefault(conditions[0], []).append((test, behind))
        for condition in conditions:
            self._ask(condition)
        return behind

    def _ask(self, condition: Condition) -> None:
        """Add what a condition depends on; where that is not one text or one presence, nothing is remembered."""
        absolute = condition.path.startswith("/")
        route = route_of(self._structure.root if absolute else self._holder, condition.path.lstrip("/"))
        by_text = not isinstance(condition.wanted, str)
        if route is None or self._asked is None:
            return
        if by_text and route.keys is None:
            self._asked = None
        else:
            self._asked[condition.path, by_text] = absolute, route.one if by_text else route.presence

    def open(self, tree: Tree, run: Run) -> tuple[Any, ...]:
        """What lies behind those conditions that hold for a class of a message, in the order in which it was put."""
        if self._asked is None:
            return self._find(tree, run)
        key: tuple[Any, ...] = ()
        for absolute, ask in self._asked.values():
            answer = ask(run.root if absolute else tree)
            if answer.__class__ is dict:
                return self._find(tree, run)
            key += (answer,)
        found = self._known.get(key)
        if found is None:
            found = self._find(tree, run)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            if sum(len(text) for text in key if text.__class__ is str) <= _LONGEST_KNOWN:
                self._known[key] = found
        return found

    def _find(self, tree: Tree, run: Run) -> tuple[Any, ...]:
        return tuple(one for same in self._behind.values() for test, one in same if test(tree, run))

    def __bool__(self) -> bool:
        """Whether there is anything behind them."""
        return bool(self._behind)


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
