"""Ways from a class down to leaves, fixed for one format: ``GovernmentAgencyGoodsItem/Commodity/GoodsMeasure``.

A step is a key of the message tree or ``#126`` for the child with that WCO id; an attribute stands after ``@``. A way
is followed through every entry of a repeated element. Most ways meet no repeated element; those are followed without
generators, for they are asked of every message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from gateway.formats.structure import Element

_SHORT = 2
"""Ways of so many steps are asked most."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way.

    Attributes:
        steps: keys with whether a list stands there.
        attribute: ``@unitCode``, or empty.
        element: the element at its end.
        keys: the keys alone where nothing on the way repeats, else None.
        trail: what follows the class's path where nothing repeats.
    """

    steps: tuple[tuple[str, bool], ...]
    attribute: str
    element: Element
    keys: tuple[str, ...] | None = field(init=False)
    trail: str = field(init=False)

    def __post_init__(self) -> None:
        plain = not any(repeats for _, repeats in self.steps)
        object.__setattr__(self, "keys", tuple(key for key, _ in self.steps) if plain else None)
        object.__setattr__(self, "trail", "".join(f"/{key}" for key, _ in self.steps) + self.attribute)

    def one(self, tree: Any) -> Any:
        """What stands at the end of a way on which nothing repeats; None where nothing does."""
        for key in self.keys or ():
            tree = tree.get(key)
            if tree is None:
                return None
        if not self.attribute:
            return tree
        return tree.get(self.attribute) if tree.__class__ is dict else None

    def only(self, tree: Any) -> tuple[str, Any] | None:
        """What stands at the end of the way, with its path, when exactly one thing does."""
        if self.keys is not None:
            value = self.one(tree)
            return None if value is None else (self.trail, value)
        found = list(self.values(tree))
        return found[0] if len(found) == 1 else None

    def values(self, tree: Any) -> Iterator[tuple[str, Any]]:
        """Everything at the end of the way, with what follows the class's path: ``/Item[2]/Mass``."""
        if self.keys is None:
            yield from self._below(tree, 0, "")
        elif (value := self.one(tree)) is not None:
            yield self.trail, value

    def _below(self, tree: Any, at: int, trail: str) -> Iterator[tuple[str, Any]]:
        if at == len(self.steps):
            yield from self._end(tree, trail)
            return
        key, repeats = self.steps[at]
        given = tree.get(key)
        if given is None:
            return
        if not repeats:
            yield from self._below(given, at + 1, f"{trail}/{key}")
            return
        for position, entry in enumerate(given, 1):
            yield from self._below(entry, at + 1, f"{trail}/{key}[{position}]")

    def _end(self, value: Any, trail: str) -> Iterator[tuple[str, Any]]:
        if not self.attribute:
            yield trail, value
        elif isinstance(value, dict) and self.attribute in value:
            yield f"{trail}{self.attribute}", value[self.attribute]

    def is_present(self, tree: Any) -> bool:
        """Whether anything stands at the end of the way."""
        return self._is_below(tree, 0)

    @property
    def presence(self) -> Callable[[Any], bool]:
        """`is_present`, made for this way: the short ways that most rules ask for are a look-up or two."""
        if self.attribute or len(self.steps) > _SHORT or any(repeats for _, repeats in self.steps[:-1]):
            return self.is_present
        *above, (last, listed) = self.steps
        if not above:
            return (lambda tree: bool(tree.get(last))) if listed else (lambda tree: last in tree)
        ((first, _),) = above

        def present(tree: Any) -> bool:
            holder = tree.get(first)
            return holder is not None and (bool(holder.get(last)) if listed else last in holder)

        return present

    def _is_below(self, tree: Any, at: int) -> bool:
        for number in range(at, len(self.steps)):
            key, repeats = self.steps[number]
            tree = tree.get(key)
            if not tree and (tree is None or repeats):
                return False
            if repeats:
                return any(self._is_below(entry, number + 1) for entry in tree)
        return not self.attribute or (tree.__class__ is dict and self.attribute in tree)

    def count(self, tree: Any) -> int:
        """How many things stand at the end of the way."""
        *above, (last, listed) = self.steps
        if self.attribute or not listed or any(repeats for _, repeats in above):
            return sum(1 for _ in self.values(tree))
        for key, _ in above:
            tree = tree.get(key)
            if tree is None:
                return 0
        return len(tree.get(last, ()))

    def whole(self, tree: Any) -> list[Any] | None:
        """What stands at the end under every entry on the way; None where an entry on the way leads nowhere."""
        found: list[Any] = []
        return found if self._gather(tree, 0, found) else None

    def _gather(self, tree: Any, at: int, found: list[Any]) -> bool:
        if at == len(self.steps):
            found.extend(value for _, value in self._end(tree, ""))
            return True
        key, repeats = self.steps[at]
        given = tree.get(key)
        if given is None or given == []:
            return False
        below = given if repeats else (given,)
        return all(self._gather(entry, at + 1, found) for entry in below)


def route_of(element: Element, path: str) -> Route | None:
    """The way that a path names from an element; None where the format does not have it.

    Args:
        element: a class, or a leaf for a path of an attribute alone.
        path: ``A/B@c``, ``#28A/A``, ``@c``, or empty for the element itself.
    """
    body, mark, attribute = path.partition("@")
    here, steps = element, []
    for step in body.split("/") if body else ():
        child = _child(here, step)
        if child is None:
            return None
        steps.append((intern(child.key), child.repeats))
        here = child
    if mark and attribute not in here.attribute_by_name:
        return None
    return Route(tuple(steps), f"@{attribute}" if mark else "", here)


def routes_of(element: Element, paths: Sequence[str]) -> tuple[Route, ...]:
    """The ways of those paths that the format has."""
    return tuple(route for path in paths if (route := route_of(element, path)) is not None)


def _child(element: Element, step: str) -> Element | None:
    if not step.startswith("#"):
        return element.child(step)
    return next((child for child in element.children if child.annotation.wco_id == step[1:]), None)
