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
from gateway.formats.xsd_types import UnfitSchema, read_annotation, read_simple_type


def derive_from_xsd(schemas: SchemaSet, head: FormatHead) -> Structure:
    """Derive the structure of a format from its schema set.

    Raises:
        DataFolderError: xmlschema does not accept the schema, the root is not declared in it, or it uses a construct
            that a message tree cannot hold; the path names the file and the place in it.
    """
    try:
        schema = xmlschema.XMLSchema10(
            str(schemas.main), allow="local", defuse="always", use_location_hints=False, loglevel="ERROR"
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
        element = builder.element(_Slot(root, 1, 1), head.root, "")
    except UnfitSchema as unfit:
        raise DataFolderError(
            f"{schemas.main.name}: at {builder.place}: {unfit.message}",
            path=f"{schemas.main}: {builder.place}",
            remedy=unfit.remedy,
            code="format.schema",
        ) from unfit
    return Structure(root=element, digest=schemas.digest, syntax="xml")


@dataclass(frozen=True, slots=True)
class _Slot:
    """One element particle with its effective cardinality under one parent."""

    xsd: Any
    minimum: int
    maximum: int | None

    @property
    def name(self) -> str:
        """Expanded name."""
        name: str = self.xsd.name
        return name


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

    def element(self, slot: _Slot, key: str, parent: str) -> Element:
        """The element of one slot under the key that it has there."""
        memo = (id(slot.xsd), slot.minimum, slot.maximum, key)
        if memo not in self._elements:
            self.place = f"{parent}/{key}" if parent else key
            self._elements[memo] = self._build(slot, key)
        return self._elements[memo]

    def _build(self, slot: _Slot, key: str) -> Element:
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

    def _keys(self, slots: list[_Slot]) -> dict[str, str]:
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


@dataclass(frozen=True, slots=True)
class Choice:
    """Branches (expanded names) of which one parent holds one; ``required`` when one must be there."""

    branches: tuple[tuple[str, ...], ...]
    required: bool


def flatten(group: Any, *, optional: bool) -> tuple[list[_Slot], list[Choice]]:
    """The element particles of a model group in order, and its choices.

    Args:
        group: a model group of xmlschema.
        optional: whether the group stands in something that may be left out.

    Raises:
        UnfitSchema: the group repeats as a whole, so that its order would be lost, or holds a wildcard.
    """
    optional = optional or group.min_occurs == 0
    particles = [particle for particle in group if particle.max_occurs != 0]
    if group.max_occurs != 1 and len(particles) > 1:
        raise UnfitSchema(
            "a group of several elements repeats as a whole, its order would be lost",
            "give each repetition an element of its own",
        )
    if group.model == "choice" and len(particles) > 1:
        return _flatten_choice(particles, optional=optional)
    slots: list[_Slot] = []
    choices: list[Choice] = []
    for particle in particles:
        inner, groups = _particle(particle, optional=optional)
        if group.max_occurs != 1:
            inner = [_times(slot, group.max_occurs) for slot in inner]
        slots += inner
        choices += groups
    names = [slot.name for slot in slots]
    for name in names:
        if names.count(name) > 1:
            raise UnfitSchema(
                f"{name.rpartition('}')[2]} stands at two places of one parent", "let it stand once, with maxOccurs"
            )
    return slots, choices


def _particle(particle: Any, *, optional: bool) -> tuple[list[_Slot], list[Choice]]:
    if isinstance(particle, xmlschema.XsdElement):
        return [_Slot(particle, 0 if optional else particle.min_occurs, particle.max_occurs)], []
    if not hasattr(particle, "model"):
        raise UnfitSchema("a wildcard lets any element stand", "name the elements that may stand here")
    return flatten(particle, optional=optional)


def _times(slot: _Slot, maximum: int | None) -> _Slot:
    product = None if maximum is None or slot.maximum is None else maximum * slot.maximum
    return _Slot(slot.xsd, slot.minimum, product)


def _flatten_choice(particles: list[Any], *, optional: bool) -> tuple[list[_Slot], list[Choice]]:
    merged: dict[str, _Slot] = {}
    branches: list[tuple[str, ...]] = []
    choices: list[Choice] = []
    emptiable = False
    for particle in particles:
        slots, groups = _particle(particle, optional=True)
        emptiable = emptiable or bool(particle.is_emptiable())
        choices += groups
        branches.append(tuple(slot.name for slot in slots))
        for slot in slots:
            merged[slot.name] = _wider(merged[slot.name], slot) if slot.name in merged else slot
    order = _merged_order(branches)
    return [merged[name] for name in order], [Choice(tuple(branches), not optional and not emptiable), *choices]


def _merged_order(branches: list[tuple[str, ...]]) -> list[str]:
    """One order of all names in which each branch keeps its own."""
    order: list[str] = []
    for branch in branches:
        following = len(order)
        for name in reversed(branch):
            if name not in order:
                order.insert(following, name)
            following = order.index(name)
    for branch in branches:
        places = [order.index(name) for name in branch]
        if places != sorted(places):
            raise UnfitSchema(
                "two branches of a choice hold the same elements in another order", "write them in one order"
            )
    return order


def _wider(one: _Slot, other: _Slot) -> _Slot:
    maximum = None if one.maximum is None or other.maximum is None else max(one.maximum, other.maximum)
    return _Slot(one.xsd, 0, maximum)


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
