"""The published JSON Schema (2020-12) of a format's JSON form, generated from the structure.

It must accept whatever the format's own validator accepts, because that one decides. So a facet is written only where
it can be said without being stricter: blanks around a token are allowed for, decimals are text, patterns are
translated or left out, mutual exclusion is left to the validator.
"""

from __future__ import annotations

import re
from typing import Any

from gateway.formats.head import FormatHead
from gateway.formats.schema_patterns import json_pattern, token_length_pattern, token_pattern
from gateway.formats.structure import Annotation, Attribute, Element, SimpleType, Structure

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BLANK = "[ \\t\\n\\r]*"
_NUMBERS = {
    "integer": f"^{_BLANK}[+-]?[0-9]+{_BLANK}$",
    "boolean": f"^{_BLANK}(true|false|1|0){_BLANK}$",
}


def json_schema_of(structure: Structure, head: FormatHead) -> dict[str, Any]:
    """The JSON Schema of the JSON form of an XML format.

    Args:
        structure: of the format.
        head: its empty and unknown elements loosen the schema, its name and title head it.
    """
    return _SchemaWriter(head).document(structure)


class _SchemaWriter:
    def __init__(self, head: FormatHead) -> None:
        self._head = head
        self._empty = head.absent == "empty"
        self._definitions: dict[str, Any] = {}
        self._names: dict[str, str] = {}

    def document(self, structure: Structure) -> dict[str, Any]:
        """The whole schema; equal classes and leaves stand in ``$defs`` once."""
        root = structure.root
        return {
            "$schema": _DIALECT,
            "$id": f"urn:sarhad:format:{self._head.name}",
            "title": self._head.title or self._head.name,
            "type": "object",
            "properties": {root.key: self._content(root)},
            "required": [root.key],
            "additionalProperties": False,
            "$defs": self._definitions,
        }

    def _content(self, element: Element) -> dict[str, Any]:
        schema = self._class(element) if element.type is None else self._leaf(element, element.type)
        return self._shared(element.local, schema)

    def _shared(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        text = repr(schema)
        known = self._names.get(text)
        if known is None:
            known = name
            number = 1
            while known in self._definitions:
                number += 1
                known = f"{name}-{number}"
            self._names[text] = known
            self._definitions[known] = schema
        return {"$ref": f"#/$defs/{known}"}

    def _class(self, element: Element) -> dict[str, Any]:
        properties: dict[str, Any] = {f"@{one.name}": _attribute(one) for one in element.attributes}
        required = [f"@{one.name}" for one in element.attributes if one.required]
        for child in element.children:
            properties[child.key] = self._occurrences(child)
            if child.minimum > 0:
                required.append(child.key)
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required and not self._empty:
            # Where empty means absent, a class of nothing but empty elements is absent as a whole.
            schema["required"] = required
        if self._head.unknown == "refused":
            schema["additionalProperties"] = False
        return schema

    def _occurrences(self, element: Element) -> dict[str, Any]:
        schema = self._content(element)
        note = _note(element.annotation)
        if not element.repeats:
            return {**schema, **note}
        array: dict[str, Any] = {"type": "array", "items": schema, "minItems": 1, **note}
        if element.minimum > 1 and not self._empty:
            array["minItems"] = element.minimum
        if element.maximum is not None and not self._empty:
            array["maxItems"] = element.maximum
        return array

    def _leaf(self, element: Element, simple: SimpleType) -> dict[str, Any]:
        text = _text(simple)
        if self._empty:
            text = {"anyOf": [{"const": ""}, text]}
        if not element.attributes:
            return text
        required = [f"@{one.name}" for one in element.attributes if one.required]
        holder: dict[str, Any] = {
            "type": "object",
            "properties": {"value": text, **{f"@{one.name}": _attribute(one) for one in element.attributes}},
            "required": ["value", *required],
        }
        if self._head.unknown == "refused":
            holder["additionalProperties"] = False
        return holder if required and not self._empty else {"anyOf": [text, holder]}


def _attribute(attribute: Attribute) -> dict[str, Any]:
    return {**_text(attribute.type), **_note(attribute.annotation)}


def _note(note: Annotation) -> dict[str, Any]:
    """What people are told; no validator reads it."""
    own = {
        "wcoId": note.wco_id,
        "format": note.wco_format,
        "edifact": note.edifact,
        "codeList": note.code_list,
        **({} if note.verified else {"verified": False}),
    }
    kept = {name: value for name, value in own.items() if value != ""}
    return {**({"description": note.text} if note.text else {}), **({"x-sarhad": kept} if kept else {})}


def _text(simple: SimpleType) -> dict[str, Any]:
    if simple.enumeration:
        return _enumeration(simple)
    if simple.base == "decimal":
        return {"type": "string", "pattern": _decimal(simple)}
    if simple.base in _NUMBERS:
        return {"type": "string", "pattern": _NUMBERS[simple.base]}
    if simple.base in ("date", "dateTime"):
        return {"type": "string", "minLength": 10}
    if simple.base == "token":
        patterns = [pattern for pattern in map(token_pattern, simple.patterns) if pattern is not None]
        if simple.min_length or simple.max_length is not None:
            patterns.append(token_length_pattern(simple.min_length, simple.max_length))
        return _with_patterns({"type": "string"}, patterns)
    schema: dict[str, Any] = {"type": "string"}
    if simple.min_length:
        schema["minLength"] = simple.min_length
    if simple.max_length is not None:
        schema["maxLength"] = simple.max_length
    return _with_patterns(schema, [pattern for pattern in map(json_pattern, simple.patterns) if pattern is not None])


def _decimal(simple: SimpleType) -> str:
    """Digits before and after the point as far as facets bound them; zeros in front and behind count for nothing."""
    before = "[0-9]*" if simple.total_digits is None else f"0*[0-9]{{0,{simple.total_digits}}}"
    after = "[0-9]*" if simple.fraction_digits is None else f"[0-9]{{0,{simple.fraction_digits}}}0*"
    return f"^{_BLANK}[+-]?(?=\\.?[0-9]){before}(\\.{after})?{_BLANK}$"


def _enumeration(simple: SimpleType) -> dict[str, Any]:
    """The values themselves where blanks count; else with blanks around them. A fixed value may be left empty."""
    values = list(simple.enumeration)
    if len(values) == 1:
        values.append("")
    if simple.base == "string":
        return {"type": "string", "enum": values}
    if simple.base in ("decimal", "integer", "boolean"):
        return {"type": "string"}
    words = "|".join(re.escape(value).replace("\\ ", "[ \\t\\n\\r]+").replace("\\-", "-") for value in values)
    return {"type": "string", "pattern": f"^{_BLANK}({words}){_BLANK}$"}


def _with_patterns(schema: dict[str, Any], patterns: list[str]) -> dict[str, Any]:
    if len(patterns) == 1:
        schema["pattern"] = patterns[0]
    elif patterns:
        schema["allOf"] = [{"pattern": pattern} for pattern in patterns]
    return schema
