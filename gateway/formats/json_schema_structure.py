"""From a JSON Schema (2020-12) to a `Structure`, for formats whose native syntax is JSON.

Only the keywords listed here are read; any other is a fault, because a keyword that is checked but not understood here
would make the structure say less than the validator does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from gateway.errors import DataFolderError
from gateway.formats.head import FormatHead
from gateway.formats.structure import Annotation, Base, Element, SimpleType, Structure

_NOTES = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "x-sarhad", "examples"})
_KEYWORDS: dict[str, frozenset[str]] = {
    "object": frozenset({"type", "properties", "required", "additionalProperties", "oneOf"}),
    "array": frozenset({"type", "items", "minItems", "maxItems"}),
    "string": frozenset({"type", "pattern", "minLength", "maxLength", "enum", "const"}),
    "number": frozenset({"type", "minimum", "maximum", "multipleOf", "enum"}),
    "integer": frozenset({"type", "minimum", "maximum", "enum"}),
    "boolean": frozenset({"type"}),
}
_BASES: dict[str, Base] = {"string": "string", "number": "decimal", "integer": "integer", "boolean": "boolean"}


def read_json_schema(file: Path) -> dict[str, Any]:
    """The schema document as plain objects, numbers as written (decimals as float, which schemas may use).

    Raises:
        DataFolderError: not readable or not a JSON object.
    """
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataFolderError(
            f"{file.name}: the schema cannot be read: {error}", path=str(file), code="format.schema"
        ) from error
    if not isinstance(schema, dict):
        raise DataFolderError(f"{file.name}: a schema must be an object", path=str(file), code="format.schema")
    return schema


def derive_from_json_schema(schema: dict[str, Any], head: FormatHead, digest: str) -> Structure:
    """Derive the structure of a JSON-native format.

    Args:
        schema: the document, which describes the content of the message tree's root.
        head: the format head; its root names that content.
        digest: digest of the schema file.

    Raises:
        DataFolderError: an unknown keyword, an open object, or a shape that a message tree cannot hold; the path is
            the file and the JSON pointer.
    """
    root = _Reader(schema, head.schema).element(head.root, schema, "#", required=True)
    if root.is_leaf or root.repeats:
        raise DataFolderError(
            f"{head.schema.name}: the schema must describe an object", path=str(head.schema), code="format.schema"
        )
    return Structure(root=root, digest=digest, syntax="json")


class _Reader:
    def __init__(self, schema: dict[str, Any], file: Path) -> None:
        self._schema = schema
        self._file = file
        self._open: list[str] = []

    def element(self, key: str, node: object, pointer: str, *, required: bool) -> Element:
        """The element for one property."""
        if isinstance(node, dict) and "$ref" in node:
            return self._referred(key, node, pointer, required=required)
        node, kind = self._checked(node, pointer)
        note = _annotation(node)
        if kind == "array":
            return self._repeated(key, node, pointer, required=required)
        if kind == "object":
            return Element(
                key=key,
                local=key,
                minimum=int(required),
                children=self._children(node, pointer),
                choices=self._choices(node, pointer),
                choice_required=(True,) if "oneOf" in node else (),
                annotation=note,
            )
        json_type: Literal["string", "number", "boolean"] = "number" if kind == "integer" else kind  # type: ignore[assignment]
        return Element(
            key=key, local=key, minimum=int(required), type=_simple(node, kind), annotation=note, json_type=json_type
        )

    def _fault(self, pointer: str, message: str, remedy: str = "") -> DataFolderError:
        return DataFolderError(
            f"{self._file.name}: at {pointer}: {message}",
            path=f"{self._file}: {pointer}",
            remedy=remedy,
            code="format.schema",
        )

    def _checked(self, node: object, pointer: str) -> tuple[dict[str, Any], str]:
        kind = node.get("type") if isinstance(node, dict) else None
        if not isinstance(node, dict) or not isinstance(kind, str) or kind not in _KEYWORDS:
            raise self._fault(pointer, "needs a single type", f"known are {', '.join(_KEYWORDS)}")
        unknown = sorted(set(node) - _KEYWORDS[kind] - _NOTES)
        if unknown:
            raise self._fault(pointer, f"unknown keyword {unknown[0]} for {kind}", "write it with the known keywords")
        return node, kind

    def _referred(self, key: str, node: Mapping[str, Any], pointer: str, *, required: bool) -> Element:
        target = node["$ref"]
        if not isinstance(target, str) or not target.startswith("#/$defs/") or set(node) - _NOTES - {"$ref"}:
            raise self._fault(pointer, "a $ref must stand alone and point into #/$defs")
        if target in self._open:
            raise self._fault(pointer, "a definition holds itself", "write the levels out: a message tree is finite")
        definition = self._schema.get("$defs", {}).get(target.removeprefix("#/$defs/"))
        if definition is None:
            raise self._fault(pointer, f"{target} is not defined")
        self._open.append(target)
        merged = {**definition, **{word: value for word, value in node.items() if word != "$ref"}}
        element = self.element(key, merged, target, required=required)
        self._open.pop()
        return element

    def _repeated(self, key: str, node: dict[str, Any], pointer: str, *, required: bool) -> Element:
        inner = self.element(key, node.get("items"), f"{pointer}/items", required=True)
        if inner.repeats:
            raise self._fault(pointer, "an array of arrays", "give the inner array a name of its own")
        maximum = node.get("maxItems")
        if maximum == 1:
            raise self._fault(pointer, "an array of at most one entry", "write the entry without an array")
        own = _annotation(node)
        return Element(
            key=key,
            local=key,
            minimum=node.get("minItems", 0) if required else 0,
            maximum=maximum,
            type=inner.type,
            children=inner.children,
            choices=inner.choices,
            choice_required=inner.choice_required,
            annotation=own if own != Annotation() else inner.annotation,
            json_type=inner.json_type,
        )

    def _children(self, node: dict[str, Any], pointer: str) -> tuple[Element, ...]:
        if node.get("additionalProperties") is not False:
            raise self._fault(pointer, "the object is open", "write additionalProperties: false")
        properties = node.get("properties", {})
        needed = set(node.get("required", ()))
        if needed - set(properties):
            raise self._fault(pointer, "requires a member that it does not name")
        if "value" in properties:
            raise self._fault(pointer, "a member is called 'value'", "the message tree needs this key for a leaf")
        return tuple(
            self.element(name, child, f"{pointer}/properties/{name}", required=name in needed)
            for name, child in properties.items()
        )

    def _choices(self, node: dict[str, Any], pointer: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """``oneOf`` is read only in the form that says which members exclude each other: a list of ``required``."""
        if "oneOf" not in node:
            return ()
        branches = node["oneOf"]
        if not all(isinstance(branch, dict) and set(branch) == {"required"} for branch in branches):
            raise self._fault(f"{pointer}/oneOf", "is more than a choice of members", 'write {"required": [...]} only')
        return (tuple(tuple(branch["required"]) for branch in branches),)


def _annotation(node: Mapping[str, Any]) -> Annotation:
    own = node.get("x-sarhad", {})
    return Annotation(
        wco_id=own.get("wcoId", ""),
        wco_format=own.get("format", ""),
        edifact=own.get("edifact", ""),
        code_list=own.get("codeList", ""),
        hint=own.get("hint", ""),
        verified=own.get("verified", True),
        text=node.get("description", node.get("title", "")),
    )


def _simple(node: Mapping[str, Any], kind: str) -> SimpleType:
    pattern = node.get("pattern")
    values = node.get("enum", [node["const"]] if "const" in node else [])
    step = node.get("multipleOf")
    return SimpleType(
        base=_BASES[kind],
        min_length=node.get("minLength", 0),
        max_length=node.get("maxLength"),
        patterns=(_unanchored(pattern),) if pattern else (),
        enumeration=tuple(str(value) for value in values),
        fraction_digits=len(f"{step:.12f}".rstrip("0").partition(".")[2]) if step is not None else None,
        min_inclusive=_text(node.get("minimum")),
        max_inclusive=_text(node.get("maximum")),
    )


def _text(number: float | None) -> str | None:
    return None if number is None else str(number)


def _unanchored(pattern: str) -> str:
    """The same pattern as an XSD writes it: whole value, no anchors; an open end becomes ``.*``."""
    start = pattern[1:] if pattern.startswith("^") else f".*{pattern}"
    return start[:-1] if start.endswith("$") and not start.endswith("\\$") else f"{start}.*"
