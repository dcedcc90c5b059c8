"""Drawing the shape of an instance: which optional elements, how many entries, which branch of a choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.errors import GatewayError
from gateway.formats.generation.hints import REFERENCES, hint_of
from gateway.formats.generation.values import Source, draw_attribute_text, draw_format_code, draw_leaf_text
from gateway.formats.structure import Element
from gateway.formats.tree import Tree

EVERYTHING = 1.0
_SCARCE = 0.03
"""Share of the richness that an optional class keeps when the message is large enough already."""
_EASE = 0.12
"""How gently the chance of a class falls with its size: large classes are often the heart of a message."""
_ATTRIBUTE_SHARE = 0.25
"""Optional attributes are rarer than optional elements."""
_ROOM = 15
"""Leaves that a message should still hold for a further class to be likely."""
_SMALL_ENTRY = 4
"""Leaves of an entry that holds little of what it could."""
_LIST_SIZES = (1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 5)
_LONG_LIST = 12
_LONG_LIST_SHARE = 0.02


class NoInstanceError(GatewayError):
    """No value was found that a mandatory leaf admits: its facets, code list and hint leave nothing."""

    code = "format.no-instance"


@dataclass(frozen=True, slots=True)
class Reference:
    """A leaf whose text depends on the rest of the message: where it stands and what it asks for."""

    holder: dict[str, Any] | list[Any]
    place: str | int
    element: Element
    removable: bool


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where an entry is drawn: about how many leaves it may hold, its number in its list, its general path."""

    allowance: float
    position: int
    path: str


@dataclass(slots=True)
class Drawer:
    """Draws one instance.

    Attributes:
        source: what values are drawn from.
        richness: chance of an optional leaf, 0 to 1; at 1 everything is there.
        sizes: leaves below each element when everything is there once, by its identity.
        references: leaves to fill when the message stands.
    """

    source: Source
    richness: float
    sizes: dict[int, int]
    references: list[Reference] = field(default_factory=list)

    def draw_class(self, element: Element, allowance: float, position: int, path: str) -> Tree:
        """An entry of a class with at least one child wherever the schema allows one.

        Args:
            element: the class.
            allowance: about how many leaves it may hold; mandatory ones come in any case.
            position: number of this entry in its list, 1-based.
            path: general path for errors.
        """
        tree: Tree = {}
        for attribute in element.attributes:
            if attribute.required or self._happens(_ATTRIBUTE_SHARE):
                text = draw_attribute_text(attribute, element, self.source)
                if text is None and attribute.required:
                    raise NoInstanceError("no value found for a mandatory attribute", path=f"{path}@{attribute.name}")
                if text is not None:
                    tree[f"@{attribute.name}"] = text
        forced, barred = self._branches(element)
        chosen = self._children(element, forced, barred, allowance)
        shares = self._shares(element, chosen, allowance)
        for child in element.children:
            if child.key in chosen:
                spot = _Spot(shares[child.key], position, f"{path}/{child.key}")
                self._add(tree, child, chosen[child.key], spot)
        return tree

    def _branches(self, element: Element) -> tuple[set[str], set[str]]:
        """Keys that the drawn branches of the choices demand, and keys that they rule out."""
        forced: list[str] = []
        barred: set[str] = set()
        for number, branches in enumerate(element.choices):
            required = number < len(element.choice_required) and element.choice_required[number]
            open_branches = [branch for branch in branches if branch]
            taken: tuple[str, ...] = ()
            if open_branches and (required or self._happens(1.0)):
                taken = self.source.stream.choice(open_branches)
            barred |= {key for branch in branches for key in branch if key not in taken}
            forced += taken
        return {key for key in forced if key not in barred}, barred

    def _children(self, element: Element, forced: set[str], barred: set[str], allowance: float) -> dict[str, int]:
        """How often each child occurs; children that do not occur are left out."""
        open_children = [child for child in element.children if child.key not in barred]
        sure = [child for child in open_children if child.minimum > 0 or child.key in forced]
        spare = allowance - sum(self._size(child) * max(1, child.minimum) for child in sure)
        chosen = {child.key: self._count(child, allowance) for child in sure}
        optional = [child for child in open_children if child.minimum == 0 and child.key not in forced]
        optional = [child for child in optional if child.maximum != 0]
        for child in optional:
            if self._happens(1.0 if child.is_leaf else self._chance_of_class(child, spare)):
                chosen[child.key] = self._count(child, allowance)
        if not chosen and optional:
            child = self.source.stream.choice(optional)
            chosen[child.key] = 1
        return chosen

    def _chance_of_class(self, child: Element, spare: float) -> float:
        """Share of the richness that is left for an optional class, by its size and what the message may still hold."""
        left = max(0.0, spare)
        share: float = (left / self._size(child)) ** _EASE
        return max(_SCARCE, min(1.0, share) * min(1.0, left / _ROOM))

    def _count(self, child: Element, allowance: float) -> int:
        """How many entries of a child that occurs."""
        least = max(1, child.minimum)
        if not child.repeats:
            return least
        stream = self.source.stream
        count = _LONG_LIST if stream.random() < _LONG_LIST_SHARE else stream.choice(_LIST_SIZES)
        typical = self._size(child) if self.richness >= EVERYTHING else min(self._size(child), _SMALL_ENTRY)
        if not child.is_leaf and allowance < count * typical:
            count = 1
        return max(least, count if child.maximum is None else min(count, child.maximum))

    def _shares(self, element: Element, chosen: dict[str, int], allowance: float) -> dict[str, float]:
        """The allowance of each chosen child's single entry, by how much it could hold."""
        sizes = {key: self._size(child) ** 0.8 for key in chosen if (child := element.child(key)) is not None}
        total = sum(sizes[key] * count for key, count in chosen.items())
        return {key: allowance * size / max(1, total) for key, size in sizes.items()}

    def _size(self, element: Element) -> int:
        return self.sizes[id(element)]

    def _happens(self, share: float) -> bool:
        return self.richness >= EVERYTHING or self.source.stream.random() < self.richness * share

    def _add(self, tree: Tree, child: Element, count: int, spot: _Spot) -> None:
        """Put the entries of one child into its parent's entry."""
        if not child.repeats:
            entry = self._entry(child, spot, spot.position)
            if entry is not None:
                tree[child.key] = entry
                self._remember(tree, child.key, child, removable=child.minimum == 0)
            return
        entries = [self._entry(child, spot, number) for number in range(1, count + 1)]
        tree[child.key] = [entry for entry in entries if entry is not None]
        if not tree[child.key]:
            del tree[child.key]
            return
        for place in range(len(tree[child.key])):
            self._remember(tree[child.key], place, child, removable=False)

    def _entry(self, child: Element, spot: _Spot, position: int) -> Any:
        if not child.is_leaf:
            return self.draw_class(child, spot.allowance, position if child.repeats else 1, spot.path)
        leaf = self._leaf(child, position)
        if leaf is None and child.minimum > 0:
            raise NoInstanceError(
                "no value found that a mandatory leaf admits",
                path=spot.path,
                remedy="compare its facets with its code list, or write a pattern that can be read",
            )
        return leaf

    def _leaf(self, element: Element, position: int) -> str | dict[str, str] | None:
        attributes: dict[str, str] = {}
        form_code = ""
        for attribute in element.attributes:
            if not attribute.required and not self._happens(_ATTRIBUTE_SHARE) and attribute.name != "formatCode":
                continue
            if attribute.name == "formatCode":
                form_code = draw_format_code(attribute, element, self.source) or ""
                text: str | None = form_code or None
            else:
                text = draw_attribute_text(attribute, element, self.source)
            if text is None and attribute.required:
                return None
            if text is not None:
                attributes[f"@{attribute.name}"] = text
        value = draw_leaf_text(element, self.source, position, form_code)
        if value is None:
            return None
        return {"value": value, **attributes} if attributes else value

    def _remember(
        self, holder: dict[str, Any] | list[Any], place: str | int, child: Element, *, removable: bool
    ) -> None:
        if child.is_leaf and hint_of(child).partition(" ")[0] in REFERENCES:
            self.references.append(Reference(holder, place, child, removable))


def measure(element: Element, sizes: dict[int, int]) -> int:
    """Count the leaves below an element, each once, and note it for every element on the way."""
    size = sizes.get(id(element))
    if size is None:
        size = 1 if element.is_leaf else 1 + sum(measure(child, sizes) for child in element.children)
        sizes[id(element)] = size
    return size
