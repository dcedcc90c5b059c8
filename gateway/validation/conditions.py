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
    told, wanted = _told(condition, route), not condition.negated
    if not absolute:
        return lambda tree, _: told(tree) is wanted

    key = repr(condition)  # a text keeps its hash

    def once(_: Tree, run: Run) -> bool:
        """Asked of the message as a whole, so the answer is kept while the message is checked."""
        answer = run.told.get(key)
        if answer is None:
            answer = run.told[key] = told(run.root) is wanted
        return answer

    return once


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
        return lambda tree: any(fits(value) for _, value in route.values(tree))
    one, single = route.one, route.keys[0] if len(route.keys) == 1 and not route.attribute else ""

    def told(tree: Tree) -> bool:
        value = tree.get(single) if single else one(tree)
        return value is not None and ((value.__class__ is str and value in exact) or fits(value))

    return told
