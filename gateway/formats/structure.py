"""The structure of a format: what its schema says, as plain frozen values.

A `Structure` is derived from an XSD (through the component model of xmlschema) or from a JSON Schema, and everything
else (codec, JSON form, JSON Schema, path dictionary, generator, static check of mappings) is derived from it. It holds
no library objects, so that it can be cached by the digest of the schema set and handed between engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

UNBOUNDED = None

Base = Literal["string", "token", "decimal", "integer", "boolean", "date", "dateTime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleType:
    """The values a leaf or attribute may take: a base and its facets.

    Attributes:
        base: ``token`` collapses blanks before facets apply, ``string`` keeps them.
        patterns: XSD regular expressions, ALL of which must match the whole value (bars inside one mean "or").
        enumeration: allowed values, empty when not enumerated.
        min_inclusive, max_inclusive: bounds of a number as text.
    """

    base: Base = "string"
    min_length: int = 0
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    enumeration: tuple[str, ...] = ()
    total_digits: int | None = None
    fraction_digits: int | None = None
    min_inclusive: str | None = None
    max_inclusive: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What the schema says for people about an element: WCO id, format, EDIFACT number, code list, text.

    Attributes:
        wco_id: class code (``42A``) or attribute id (``D014``), empty where none is known.
        wco_format: ``an..35``, ``n..16,3`` and so on.
        edifact: number of the UN/EDIFACT data element.
        code_list: name of a list in ``wco_schemas/codelists`` or ``mappings/<cc>/codelists``.
        packages: information packages that the data model marks at this place, a letter each (wco 8): ``I`` import,
            ``E`` export, ``R`` cargo report import, ``r`` cargo report export, ``C`` conveyance, ``T`` transit; empty
            where the source says nothing.
        hint: what the generator should make here (``gross-mass``, ``party-name``, ``plate``, ...).
        verified: False where the id or place is from memory or from a mapping table only.
        text: one sentence of documentation.
    """

    wco_id: str = ""
    wco_format: str = ""
    edifact: str = ""
    code_list: str = ""
    packages: str = ""
    hint: str = ""
    verified: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of an element; ``name`` is without ``@``."""

    name: str
    type: SimpleType
    required: bool = False
    fixed: str | None = None
    annotation: Annotation = Annotation()


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element at one place of the tree.

    Attributes:
        key: key in the message tree: the local name, or ``alias:local`` where two namespaces share a local name
            under one parent.
        local, namespace: XML name.
        minimum: smallest number of occurrences under one parent; 0 inside a choice.
        maximum: largest number, None for unbounded. More than one means a list in the message tree.
        type: set for a leaf, None for a class.
        attributes: in schema order.
        children: elements of a class in schema order.
        choices: groups of keys of which one parent may hold members of one branch only; each group is a tuple of
            branches, each branch a tuple of keys. ``choice_required`` says, group by group, whether one must be there.
        json_type: how a JSON-native format writes the leaf; XML formats always use ``string``.
    """

    key: str
    local: str
    namespace: str = ""
    minimum: int = 1
    maximum: int | None = 1
    type: SimpleType | None = None
    attributes: tuple[Attribute, ...] = ()
    children: tuple[Element, ...] = ()
    choices: tuple[tuple[tuple[str, ...], ...], ...] = ()
    choice_required: tuple[bool, ...] = ()
    annotation: Annotation = Annotation()
    json_type: Literal["string", "number", "boolean"] = "string"
    by_key: dict[str, Element] = field(default_factory=dict, compare=False, repr=False)
    attribute_by_name: dict[str, Attribute] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.by_key.update({child.key: child for child in self.children})
        self.attribute_by_name.update({attribute.name: attribute for attribute in self.attributes})

    @property
    def repeats(self) -> bool:
        """Whether the message tree holds a list here."""
        return self.maximum is None or self.maximum > 1

    @property
    def is_leaf(self) -> bool:
        """Whether the element carries text and no child elements."""
        return self.type is not None

    def child(self, key: str) -> Element | None:
        """The child with this key, or None."""
        return self.by_key.get(key)

    def walk(self, prefix: str = "") -> Iterator[tuple[str, Element]]:
        """All elements below this one with their general path (no positions), in schema order."""
        for child in self.children:
            path = f"{prefix}/{child.key}" if prefix else child.key
            yield path, child
            yield from child.walk(path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A whole format.

    Attributes:
        root: the document element. Paths are written from below it: ``Declaration/ID`` under ``MetaData``.
        digest: SHA-256 of the schema set it was derived from, hexadecimal.
        syntax: ``xml``, or ``json`` for a JSON-native format.
    """

    root: Element
    digest: str
    syntax: Literal["xml", "json"] = "xml"

    def find(self, path: str) -> Element | None:
        """The element at a general path (no positions, no attribute), or None."""
        here: Element | None = self.root
        for step in path.split("/") if path else ():
            here = here.child(step) if here is not None else None
        return here
