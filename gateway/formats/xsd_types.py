"""Simple types and annotations of an XSD, read from xmlschema's component model into our plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.formats.structure import Annotation, Base, SimpleType

ANNOTATION_ELEMENT = "{urn:sarhad:annotation:1}element"
_XSD = "{http://www.w3.org/2001/XMLSchema}"

_BASES: dict[str, Base] = {
    "string": "string",
    "decimal": "decimal",
    "boolean": "boolean",
    "date": "date",
    "dateTime": "dateTime",
}
_TOKENS_WITH_PATTERN = {
    "time": r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?",
    "gYear": r"-?[0-9]{4,}(Z|[+-][0-9]{2}:[0-9]{2})?",
    "gYearMonth": r"-?[0-9]{4,}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?",
    "base64Binary": r"[A-Za-z0-9+/= ]*",
    "hexBinary": r"([0-9A-Fa-f]{2})*",
    "anyURI": "",
}


class UnfitSchema(Exception):
    """A construct that a message tree cannot hold; turned into a fault with the place by the caller."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def read_simple_type(xsd: Any) -> SimpleType:
    """A simple type with the facets of its whole derivation.

    Args:
        xsd: a simple type of xmlschema.

    Raises:
        UnfitSchema: the base type has no exact text form (float), or is a union that is no enumeration.
    """
    if xsd.is_union():
        return _union(xsd)
    if xsd.is_list():
        return SimpleType(base="token")
    known = getattr(xsd, "primitive_type", None)
    primitive = (known.local_name or "") if known is not None else "string"
    facets = _own_facets(xsd)
    if primitive in _TOKENS_WITH_PATTERN:
        pattern = _TOKENS_WITH_PATTERN[primitive]
        return SimpleType(base="token", **_facets(facets, (pattern,) if pattern else ()))
    if primitive not in _BASES:
        raise UnfitSchema(f"values of xs:{primitive} have no exact text", "use xs:decimal, xs:string or a date type")
    return SimpleType(base=_base(xsd, primitive), **_facets(facets, ()))


def read_annotation(*components: Any) -> Annotation:
    """What people are told about an element; the first component that says a thing wins.

    Args:
        components: element, global element, type: in this order.
    """
    merged: dict[str, str] = {}
    text = ""
    for component in components:
        for note in getattr(component, "annotations", ()) if component is not None else ():
            for element in note.elem.iter():
                if element.tag == ANNOTATION_ELEMENT:
                    for name, value in element.attrib.items():
                        merged.setdefault(name, value)
                elif element.tag == f"{_XSD}documentation" and not text:
                    text = " ".join("".join(element.itertext()).split())
    return Annotation(
        wco_id=merged.get("wcoId", ""),
        wco_format=merged.get("format", ""),
        edifact=merged.get("edifact", ""),
        code_list=merged.get("codeList", ""),
        packages=merged.get("packages", ""),
        hint=merged.get("hint", ""),
        verified=merged.get("verified", "true") != "false",
        text=text,
    )


def _union(xsd: Any) -> SimpleType:
    values: list[str] = []
    for member in xsd.member_types:
        read = read_simple_type(member)
        if not read.enumeration:
            raise UnfitSchema(
                "a union of types is not told apart by a message tree", "write one type, or enumerations only"
            )
        values.extend(read.enumeration)
    return SimpleType(base="token", enumeration=tuple(dict.fromkeys(values)))


def _base(xsd: Any, primitive: str) -> Base:
    names = {step.local_name for step in _derivation(xsd)}
    if primitive == "decimal" and "integer" in names:
        return "integer"
    if primitive == "string" and xsd.white_space == "collapse":
        return "token"
    return _BASES[primitive]


def _derivation(xsd: Any) -> Iterator[Any]:
    """The type, its base, the base of that, and so on."""
    step = xsd
    while step is not None:
        yield step
        step = step.base_type


def _own_facets(xsd: Any) -> list[tuple[str, Any]]:
    """Facets by local name, the most derived first, each facet object once."""
    seen: set[int] = set()
    facets = []
    for step in _derivation(xsd):
        for name, facet in (getattr(step, "facets", None) or {}).items():
            if name is not None and id(facet) not in seen:
                seen.add(id(facet))
                facets.append((name.removeprefix(_XSD), facet))
    return facets


def _facets(facets: list[tuple[str, Any]], patterns: tuple[str, ...]) -> dict[str, Any]:
    first: dict[str, Any] = {}
    found = list(patterns)
    for name, facet in facets:
        if name == "pattern":
            found.append("|".join(f"({expression})" for expression in facet.regexps) if len(facet.regexps) > 1
                         else facet.regexps[0])  # fmt: skip
        else:
            first.setdefault(name, facet)
    length = first.get("length")
    minimum, maximum = first.get("minLength", length), first.get("maxLength", length)
    return {
        "patterns": tuple(found),
        "enumeration": tuple(str(value) for value in _enumeration(first)),
        "min_length": minimum.value if minimum is not None else 0,
        "max_length": maximum.value if maximum is not None else None,
        "total_digits": first["totalDigits"].value if "totalDigits" in first else None,
        "fraction_digits": first["fractionDigits"].value if "fractionDigits" in first else None,
        "min_inclusive": _bound(first, "minInclusive"),
        "max_inclusive": _bound(first, "maxInclusive"),
    }


def _enumeration(first: dict[str, Any]) -> list[str]:
    facet = first.get("enumeration")
    return [element.get("value", "") for element in facet] if facet is not None else []


def _bound(first: dict[str, Any], name: str) -> str | None:
    facet = first.get(name)
    if facet is not None and facet.elem is not None:
        text: str = facet.elem.get("value", "")
        return text
    if facet is not None:
        return str(facet.value)
    exclusive = first.get(name.replace("Inclusive", "Exclusive"))
    if exclusive is not None:
        raise UnfitSchema("an exclusive bound cannot be shown in the path dictionary", f"write {name} instead")
    return None
