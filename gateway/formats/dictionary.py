"""The dictionary of paths: everything that a format may hold, one entry a place, derived from its structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.formats.structure import Annotation, Attribute, Element, Structure
from gateway.formats.type_text import type_text

Kind: TypeAlias = Literal["class", "leaf", "attribute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathEntry:
    """One place of a format.

    Attributes:
        path: general path below the root; attributes as ``.../Quantity@unitCode``.
        kind: class, leaf or attribute.
        type: the type in words, empty for a class.
        minimum, maximum: how often under one parent; None for unbounded.
        wco_id, wco_format, edifact, code_list, packages: see `Annotation`.
        verified: False where the id or place is from memory.
        text: one sentence of documentation.
    """

    path: str
    kind: Kind
    type: str
    minimum: int
    maximum: int | None
    wco_id: str
    wco_format: str
    edifact: str
    code_list: str
    packages: str
    verified: bool
    text: str

    @property
    def cardinality(self) -> str:
        """``1..1``, ``0..999``, ``0..*``."""
        return f"{self.minimum}..{'*' if self.maximum is None else self.maximum}"

    def as_json(self) -> dict[str, str | int | bool | None]:
        """The entry as a flat JSON object."""
        return {name: getattr(self, name) for name in self.__slots__}


def dictionary_of(structure: Structure) -> tuple[PathEntry, ...]:
    """All places of a structure in schema order, attributes after their element."""
    root = structure.root
    return (*_attributes(root, "/"), *_entries(structure))


def _entries(structure: Structure) -> Iterator[PathEntry]:
    for path, element in structure.root.walk():
        kind: Kind = "leaf" if element.is_leaf else "class"
        words = type_text(element.type) if element.type is not None else ""
        yield _entry(path, kind, words, (element.minimum, element.maximum), element.annotation)
        yield from _attributes(element, path)


def _attributes(element: Element, path: str) -> Iterator[PathEntry]:
    for attribute in element.attributes:
        yield _entry(
            f"{path}@{attribute.name}",
            "attribute",
            _attribute_text(attribute),
            (int(attribute.required), 1),
            attribute.annotation,
        )


def _attribute_text(attribute: Attribute) -> str:
    return f"always {attribute.fixed}" if attribute.fixed is not None else type_text(attribute.type)


def _entry(path: str, kind: Kind, words: str, occurs: tuple[int, int | None], note: Annotation) -> PathEntry:
    return PathEntry(
        path=path,
        kind=kind,
        type=words,
        minimum=occurs[0],
        maximum=occurs[1],
        wco_id=note.wco_id,
        wco_format=note.wco_format,
        edifact=note.edifact,
        code_list=note.code_list,
        packages=note.packages,
        verified=note.verified,
        text=note.text,
    )
