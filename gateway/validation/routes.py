"""Ways from a class down to leaves, fixed for one format: ``GovernmentAgencyGoodsItem/Commodity/GoodsMeasure``.

A step is a key of the message tree or ``#126`` for the child with that WCO id; an attribute stands after ``@``. A way
is followed through every entry of a repeated element. Most ways meet no repeated element; those are followed without
generators, for they are asked of every message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Any, TypeAlias

from gateway.formats.structure import Element

Asked: TypeAlias = Callable[[Any], Any]
"""A question about a tree."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way.

    Attributes:
        steps: keys with whether a list stands there.
        attribute: ``@unitCode``, or empty.
        element: the element at its end.
        keys: the keys alone where nothing on the way repeats, else None.
        trail: what follows the class's path where nothing repeats.
        one: what stands at the end of a way on which nothing repeats; None where nothing does.
        presence: whether anything stands at the end of the way.
    """

    steps: tuple[tuple[str, bool], ...]
    attribute: str
    element: Element
    keys: tuple[str, ...] | None = field(init=False)
    trail: str = field(init=False)
    one: Asked = field(init=False, repr=False, compare=False)
    presence: Callable[[Any], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        plain = not any(repeats for _, repeats in self.steps)
        object.__setattr__(self, "keys", tuple(key for key, _ in self.steps) if plain else None)
        object.__setattr__(self, "trail", "".join(f"/{key}" for key, _ in self.steps) + self.attribute)
        object.__setattr__(self, "one", _one_of(self.keys or (), self.attribute))
        object.__setattr__(self, "presence", _presence_of(self.steps, self.attribute))

    def all(self, tree: Any) -> list[Any]:
        """Everything at the end of the way, in the order of the message."""
        if self.keys is not None:
            value = self.one(tree)
            return [] if value is None else [value]
        level = [tree]
        for key, repeats in self.steps:
            below: list[Any] = []
            for entry in level:
                given = entry.get(key)
                if given is None:
                    continue
                if repeats:
                    below += given
                else:
                    below.append(given)
            level = below
        return self._ends(level) if self.attribute else level

    def values(self, tree: Any) -> Iterator[tuple[str, Any]]:
        """`all`, each with what follows the class's path: ``/Item[2]/Mass``."""
        if self.keys is None:
            yield from self._below(tree, 0, "")
        elif (value := self.one(tree)) is not None:
            yield self.trail, value

    def _below(self, tree: Any, at: int, trail: str) -> Iterator[tuple[str, Any]]:
        if at == len(self.steps):
            if not self.attribute:
                yield trail, tree
            elif isinstance(tree, dict) and self.attribute in tree:
                yield f"{trail}{self.attribute}", tree[self.attribute]
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

    def _ends(self, given: list[Any]) -> list[Any]:
        name = self.attribute
        return [one[name] for one in given if isinstance(one, dict) and name in one]

    def count(self, tree: Any) -> int:
        """How many things stand at the end of the way."""
        return len(self.all(tree))

    def whole(self, tree: Any) -> list[Any] | None:
        """What stands at the end under every entry on the way.

        Returns:
            None where one entry on the way leads nowhere and another does not.
        """
        level = [tree]
        for key, repeats in self.steps:
            below: list[Any] = []
            for entry in level:
                given = entry.get(key)
                if not repeats and given is not None:
                    below.append(given)
                elif given:
                    below += given
                else:
                    return None if len(level) > 1 and self.presence(tree) else []
            level = below
        return self._ends(level) if self.attribute else level


def _one_of(keys: tuple[str, ...], attribute: str) -> Asked:
    """What stands at the end of a way on which nothing repeats: the short ones are a look-up or two."""
    if len(keys) == 1 and not attribute:
        (key,) = keys
        return lambda tree: tree.get(key)

    def one(tree: Any) -> Any:
        for key in keys:
            tree = tree.get(key)
            if tree is None:
                return None
        if not attribute:
            return tree
        return tree.get(attribute) if tree.__class__ is dict else None

    return one


def _presence_of(steps: tuple[tuple[str, bool], ...], attribute: str) -> Callable[[Any], bool]:
    """Whether anything stands at the end of a way: most are short and meet no list before their end."""
    if attribute or not steps or any(repeats for _, repeats in steps[:-1]):
        return lambda tree: _is_below(tree, steps, attribute)
    above, (last, listed) = tuple(key for key, _ in steps[:-1]), steps[-1]
    if not above:
        return (lambda tree: bool(tree.get(last))) if listed else (lambda tree: last in tree)

    def present(tree: Any) -> bool:
        for key in above:
            tree = tree.get(key)
            if tree is None:
                return False
        return bool(tree.get(last)) if listed else last in tree

    return present


def _is_below(tree: Any, steps: tuple[tuple[str, bool], ...], attribute: str) -> bool:
    for number, (key, repeats) in enumerate(steps, 1):
        tree = tree.get(key)
        if not tree and (tree is None or repeats):
            return False
        if repeats:
            below = steps[number:]
            if not below and not attribute:
                return True
            return any(_is_below(entry, below, attribute) for entry in tree)
    return not attribute or (tree.__class__ is dict and attribute in tree)


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
