"""Where a rule looks, told so that one rule works on every format that carries the marks.

* ``id:159``: an element with this WCO id, ``id:31B/ID`` the child of such an element;
* ``list:iso-3166-1``: a leaf or an attribute whose schema names this code list, ``list:*`` any list;
* ``end:Packaging/QuantityQuantity``: a place whose general path ends so, ``end:*@unitCode`` an attribute;
* ``in:Declaration``: every place below the element with this general path;
* ``path:Declaration/*/ID``: a place with exactly this general path, ``*`` being any one step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gateway.formats.structure import Attribute, Element

Manner = Literal["id", "list", "end", "in", "path"]
MANNERS: tuple[Manner, ...] = ("id", "list", "end", "in", "path")


class SelectorError(ValueError):
    """A selector that nobody knows."""


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector.

    Attributes:
        manner: see the module.
        steps: names, ids or a list's name; the last one is the subject.
        attribute: name of an attribute without ``@``.
    """

    manner: Manner
    steps: tuple[str, ...]
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a format with the elements above it.

    Attributes:
        trail: from below the root down to the element itself.
        attribute: set where the place is an attribute.
    """

    trail: tuple[Element, ...]
    attribute: Attribute | None = None

    @property
    def element(self) -> Element:
        """The element there."""
        return self.trail[-1]


def parse_selector(text: str) -> Selector:
    """Read a selector.

    Raises:
        SelectorError: it has none of the forms of the module.
    """
    manner, colon, rest = text.partition(":")
    body, mark, attribute = rest.partition("@")
    steps = tuple(body.split("/"))
    if not colon or manner not in MANNERS or not all(steps) or (mark and not attribute):
        raise SelectorError(f"{text!r} is no place; known are {', '.join(f'{one}:...' for one in MANNERS)}")
    if mark and manner not in {"end", "path"}:
        raise SelectorError(f"{text!r}: an attribute stands after end:... or path:... only")
    return Selector(manner, steps, attribute)


class SelectorIndex:
    """Many selectors, asked one place at a time: only those that can match are compared.

    Args:
        pairs: selectors, each with the number that is answered where it matches.
    """

    def __init__(self, pairs: Iterable[tuple[int, Selector]]) -> None:
        self._by_id: dict[str, list[tuple[int, Selector]]] = {}
        self._by_list: dict[str, list[int]] = {}
        self._by_name: dict[str, list[tuple[int, Selector]]] = {}
        self._inside: list[tuple[int, Selector]] = []
        self._by_attribute: dict[str, list[tuple[int, Selector]]] = {}
        for number, selector in pairs:
            if selector.manner == "list":
                self._by_list.setdefault(selector.steps[0], []).append(number)
            elif selector.manner == "in":
                self._inside.append((number, selector))
            elif selector.attribute:
                self._by_attribute.setdefault(selector.attribute, []).append((number, selector))
            elif selector.manner == "id" and len(selector.steps) == 1:
                self._by_id.setdefault(selector.steps[0], []).append((number, selector))
            else:
                self._by_name.setdefault(selector.steps[-1], []).append((number, selector))

    def matching(self, spot: Spot) -> set[int]:
        """Numbers of the selectors that match a place."""
        found: set[int] = set()
        note = (spot.attribute or spot.element).annotation
        if note.code_list:
            found.update(self._by_list.get(note.code_list, ()), self._by_list.get("*", ()))
        if spot.attribute is not None:
            named = self._by_attribute.get(spot.attribute.name, ())
            found.update(number for number, selector in named if _fits(selector, spot.trail))
            return found
        found.update(number for number, one in self._inside if _is_inside(one.steps, spot.trail))
        if note.wco_id:
            found.update(number for number, _ in self._by_id.get(note.wco_id, ()))
        for name in (spot.element.key, "*"):
            found.update(number for number, one in self._by_name.get(name, ()) if _fits(one, spot.trail))
        return found


def _is_inside(steps: tuple[str, ...], trail: tuple[Element, ...]) -> bool:
    return len(trail) > len(steps) and all(a == b.key for a, b in zip(steps, trail, strict=False))


def _fits(selector: Selector, trail: tuple[Element, ...]) -> bool:
    steps = selector.steps
    if len(steps) > len(trail) or (selector.manner == "path" and len(steps) != len(trail)):
        return False
    if selector.manner == "id":
        return len(trail) > 1 and trail[-2].annotation.wco_id == steps[0] and trail[-1].key == steps[-1]
    return all(step in {"*", element.key} for step, element in zip(reversed(steps), reversed(trail), strict=False))
