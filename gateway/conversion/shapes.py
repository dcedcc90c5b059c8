"""Shapes: a structure as the end of a conversion walks it, with what is known about each place beforehand.

Shapes are made when a place is first met and kept for the life of the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.conversion.trails import EMPTY, FIXED, POSITION, UNMAPPED, Trail
from gateway.formats.structure import Attribute, Element, SimpleType

SEQUENCE = "SequenceNumeric"
"""WCO's number of an entry in its list; counted where it is mandatory and nothing writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a mapping knows about source leaves that no row carries.

    Attributes:
        told: by general path, the values that braces or a case's far side give back.
        drops: trails of ``drop`` rows that hold everywhere, by general path.
        rowed: general paths that some row names: a ``drop`` of the class around does not reach them.
        defaults: texts that the format head fixes, by general path.
    """

    told: Mapping[str, Mapping[str, Trail]] = field(default_factory=dict)
    drops: Mapping[str, Trail] = field(default_factory=dict)
    rowed: frozenset[str] = frozenset()
    defaults: Mapping[str, str] = field(default_factory=dict)


class Shape:
    """One place of a structure.

    Args:
        element: the element there.
        path: its general path, empty for the document element.
        known: what the mapping knows.
        drop: the ``drop`` of the class around, if it reaches down here.
    """

    __slots__ = (
        "_attributes",
        "_known",
        "children",
        "counted",
        "drop",
        "element",
        "fills",
        "fixed",
        "is_leaf",
        "is_sequence",
        "names",
        "path",
        "required_attributes",
        "told",
    )

    def __init__(self, element: Element, path: str, known: Known, drop: Trail | None) -> None:
        self.element = element
        self.path = path
        self.drop = known.drops.get(path, drop)
        self.told = known.told.get(path, {})
        self.is_leaf = element.is_leaf
        self.counted = any(child.key == SEQUENCE and child.minimum and child.is_leaf for child in element.children)
        self.fixed = tuple(
            (child.key, value)
            for child in element.children
            if child.minimum and not child.repeats and (value := _only_value(child.type)) is not None
        )
        self.required_attributes = tuple(
            (f"@{attribute.name}", value)
            for attribute in element.attributes
            if attribute.required and (value := _fixed_value(attribute)) is not None
        )
        self.fills = self.counted or bool(self.fixed)
        self.is_sequence = element.key == SEQUENCE
        self._known = known
        self.children: dict[str, Shape] = {}
        self._attributes: dict[str, tuple[str, str | None, Trail | None]] = {}
        self.names: dict[str, str] = {}

    def child(self, key: str) -> Shape:
        """The shape of a child; the schema has it, since the message is valid."""
        shape = self.children.get(key)
        if shape is None:
            element = self.element.child(key) or Element(key=key, local=key)
            path = f"{self.path}/{key}" if self.path else key
            shape = self.children[key] = Shape(element, path, self._known, self.drop)
        return shape

    def unmarked(self, text: str, position: int) -> Trail:
        """The fate of a leaf that no row carried.

        Args:
            text: its text.
            position: position of the entry that it stands in, 1-based.
        """
        if not text or text.isspace():
            return EMPTY
        if text in self.told:
            return self.told[text]
        if text == self._known.defaults.get(self.path) or text == _only_value(self.element.type):
            return FIXED
        if self.is_sequence and text == str(position):
            return POSITION
        if self.drop is not None and (self.path not in self._known.rowed or self.path in self._known.drops):
            return self.drop
        return UNMAPPED

    def unmarked_attribute(self, name: str, text: str) -> Trail:
        """The fate of an attribute that no row carried; ``name`` is its key with ``@``."""
        path, fixed, drop = self._attribute(name)
        if not text or text.isspace():
            return EMPTY
        told = self._known.told.get(path, {})
        if text in told:
            return told[text]
        if text == fixed or text == self._known.defaults.get(path):
            return FIXED
        return drop if drop is not None and path not in self._known.rowed else UNMAPPED

    def attribute_path(self, name: str) -> str:
        """General path of an attribute."""
        return self._attribute(name)[0]

    def named(self, path: str) -> str:
        """How the account calls a leaf: the row's path with its braces where it means this very place."""
        if not path:
            return self.path
        known = self.names.get(path)
        if known is None:
            known = self.names[path] = path if without_braces(path) == self.path else self.path
        return known

    def _attribute(self, name: str) -> tuple[str, str | None, Trail | None]:
        known = self._attributes.get(name)
        if known is None:
            path = f"{self.path}{name}" if self.path else f"/{name}"
            attribute = self.element.attribute_by_name.get(name[1:])
            fixed = _fixed_value(attribute) if attribute is not None else None
            known = self._attributes[name] = (path, fixed, self._known.drops.get(path, self.drop))
        return known


def without_braces(path: str) -> str:
    """A qualified path without its braces."""
    if "{" not in path:
        return path
    kept: list[str] = []
    for piece in path.split("{"):
        kept.append(piece.rpartition("}")[2] if kept else piece)
    return "".join(kept)


def _only_value(kind: SimpleType | None) -> str | None:
    return kind.enumeration[0] if kind is not None and len(kind.enumeration) == 1 else None


def _fixed_value(attribute: Attribute) -> str | None:
    return attribute.fixed if attribute.fixed is not None else _only_value(attribute.type)
