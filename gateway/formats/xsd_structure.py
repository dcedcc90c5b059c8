"""From an XSD to a `Structure`: xmlschema's component model is read once and flattened.

Sequences and choices become one ordered list of children with their cardinality, because that is what a message tree
can hold. What it cannot hold (an order that the data decides, mixed content, wildcards, recursion) is a fault with the
place in the schema, never a silent loss.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import xmlschema

from gateway.errors import DataFolderError
from gateway.formats.head import FormatHead
from gateway.formats.schema_set import SchemaSet
from gateway.formats.structure import Attribute, Element, SimpleType, Structure
from gateway.formats.xsd_groups import Slot, flatten
from gateway.formats.xsd_types import UnfitSchema, read_annotation, read_simple_type


def derive_from_xsd(schemas: SchemaSet, head: FormatHead) -> Structure:
    """Derive the structure of a format from its schema set.

    libxml2 has the last word on whether a schema is one (`ValidatorPool`), so xmlschema does not hold the documents of
    the set against the schema of schemas once more: that would take most of a first start.

    Raises:
        DataFolderError: xmlschema does not accept the schema, the root is not declared in it, or it uses a construct
            that a message tree cannot hold; the path names the file and the place in it.
    """
    try:
        schema = xmlschema.XMLSchema10(
            str(schemas.main),
            validation="skip",
            allow="local",
            defuse="always",
            use_location_hints=False,
            loglevel="ERROR",
        )
    except xmlschema.XMLSchemaException as error:
        raise DataFolderError(
            f"{schemas.main.name}: xmlschema does not accept the schema: {type(error).__name__}",
            path=str(schemas.main),
            code="format.schema",
        ) from error
    root = schema.maps.elements.get(f"{{{head.namespace}}}{head.root}" if head.namespace else head.root)
    if root is None:
        raise DataFolderError(
            f"{head.file.name}: root: the schema declares no element {head.root} in namespace {head.namespace!r}",
            path=str(head.file),
            code="format.head",
        )
    builder = _Builder(head)
    try:
        element = builder.element(Slot(root, 1, 1), head.root, "")
    except UnfitSchema as unfit:
        raise DataFolderError(
            f"{schemas.main.name}: at {builder.place}: {unfit.message}",
            path=f"{schemas.main}: {builder.place}",
            remedy=unfit.remedy,
            code="format.schema",
        ) from unfit
    return Structure(root=element, digest=schemas.digest, syntax="xml")


@dataclass(frozen=True, slots=True)
class _Content:
    """What a type says, whatever the element is called."""

    type: SimpleType | None
    attributes: tuple[Attribute, ...]
    children: tuple[Element, ...]
    choices: tuple[tuple[tuple[str, ...], ...], ...]
    choice_required: tuple[bool, ...]


class _Builder:
    """Builds elements top-down; a type that stands at many places is read once."""

    def __init__(self, head: FormatHead) -> None:
        self._aliases = head.aliases
        self._contents: dict[int, _Content] = {}
        self._elements: dict[tuple[int, int, int | None, str], Element] = {}
        self._open: list[int] = []
        self.place = head.root

    def element(self, slot: Slot, key: str, parent: str) -> Element:
        """The element of one slot under the key that it has there."""
        memo = (id(slot.xsd), slot.minimum, slot.maximum, key)
        if memo not in self._elements:
            self.place = f"{parent}/{key}" if parent else key
            self._elements[memo] = self._build(slot, key)
        return self._elements[memo]

    def _build(self, slot: Slot, key: str) -> Element:
        xsd = slot.xsd
        declared = xsd.ref if xsd.ref is not None else xsd
        if xsd.default is not None:
            raise UnfitSchema("an element has a default", "absent and empty differ: leave the default out")
        if declared.abstract or next(iter(declared.iter_substitutes()), None) is not None:
            raise UnfitSchema("an element may be substituted by others", "write a choice of the elements")
        content = self._content(xsd.type)
        kind = content.type
        if kind is not None and xsd.fixed is not None:
            kind = replace(kind, enumeration=(xsd.fixed,))
        namespace = slot.name[1:].partition("}")[0] if slot.name.startswith("{") else ""
        return Element(
            key=key,
            local=xsd.local_name,
            namespace=namespace,
            minimum=slot.minimum,
            maximum=slot.maximum,
            type=kind,
            attributes=content.attributes,
            children=content.children,
            choices=content.choices,
            choice_required=content.choice_required,
            annotation=read_annotation(xsd, declared, xsd.type),
        )

    def _content(self, xsd_type: Any) -> _Content:
        known = self._contents.get(id(xsd_type))
        if known is not None:
            return known
        if id(xsd_type) in self._open:
            raise UnfitSchema("an element holds itself", "write the levels out: a message tree is finite")
        self._open.append(id(xsd_type))
        here = self.place
        content = self._contents[id(xsd_type)] = self._read_content(xsd_type)
        self.place = here
        self._open.pop()
        return content

    def _read_content(self, xsd_type: Any) -> _Content:
        if xsd_type.is_simple():
            return _Content(read_simple_type(xsd_type), (), (), (), ())
        attributes = tuple(_attributes(xsd_type))
        if xsd_type.has_simple_content():
            return _Content(read_simple_type(xsd_type.content), attributes, (), (), ())
        if xsd_type.mixed:
            raise UnfitSchema("text and elements are mixed", "give the text an element of its own")
        slots, groups = flatten(xsd_type.content, optional=False)
        keys = self._keys(slots)
        here = self.place
        children = tuple(self.element(slot, keys[slot.name], here) for slot in slots)
        if "value" in keys.values():
            raise UnfitSchema("a child is called 'value'", "the message tree needs this key for the text of a leaf")
        choices = tuple(tuple(tuple(keys[name] for name in branch) for branch in group.branches) for group in groups)
        return _Content(None, attributes, children, choices, tuple(group.required for group in groups))

    def _keys(self, slots: list[Slot]) -> dict[str, str]:
        """Key by expanded name: the local name, with an alias from the second namespace on."""
        keys: dict[str, str] = {}
        for slot in slots:
            local = slot.xsd.local_name
            if local in keys.values():
                alias = self._aliases.get(slot.name[1:].partition("}")[0])
                if alias is None:
                    raise UnfitSchema(
                        f"{local} stands here in two namespaces", "name an alias for the second in [namespaces] aliases"
                    )
                local = f"{alias}:{local}"
            keys[slot.name] = local
        return keys


def _attributes(xsd_type: Any) -> list[Attribute]:
    attributes = []
    for name, xsd in xsd_type.attributes.items():
        if name is None:
            raise UnfitSchema("any attribute may stand here", "name the attributes")
        if name.startswith("{"):
            raise UnfitSchema("an attribute has a namespace", "use attributes without namespace")
        if xsd.use == "prohibited":
            continue
        attributes.append(
            Attribute(
                name=name,
                type=read_simple_type(xsd.type),
                required=xsd.use == "required",
                fixed=xsd.fixed,
                annotation=read_annotation(xsd, xsd.type),
            )
        )
    return attributes
