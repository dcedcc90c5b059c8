"""The verdict on a JSON-native document: jsonschema-rs decides, its errors become findings without values."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs

from gateway.errors import DataFolderError
from gateway.findings import Finding, Layer, Severity
from gateway.formats.json_parsing import safe_name
from gateway.formats.limits import ParseLimits
from gateway.formats.places import pointer_of
from gateway.formats.structure import Element, Structure
from gateway.formats.type_text import type_text

_WORDS: dict[str, tuple[str, str]] = {
    "required": ("schema.missing-element", "a required member is missing"),
    "additionalProperties": ("schema.unknown-element", "a member is not known here"),
    "type": ("schema.json-type", "another JSON type is due here"),
    "maxItems": ("schema.too-many", "the list has more entries than allowed"),
    "minItems": ("schema.missing-element", "the list has fewer entries than required"),
}


class JsonValidator:
    """A compiled JSON Schema.

    Args:
        schema: the schema document.
        file: where it came from, for faults.

    Raises:
        DataFolderError: the schema itself is at fault.
    """

    def __init__(self, schema: dict[str, Any], file: Path) -> None:
        try:
            self._validator = jsonschema_rs.Draft202012Validator(schema)
        except (ValueError, jsonschema_rs.ValidationError) as error:
            raise DataFolderError(
                f"{file.name}: jsonschema-rs does not accept the schema", path=str(file), code="format.schema"
            ) from error

    def judge(self, document: bytes, structure: Structure, limits: ParseLimits) -> tuple[Finding, ...]:
        """All findings of a document of the format; empty means valid.

        Args:
            document: written by `gateway.formats.json_form`, hence well-formed and of known shape.
            structure: of the format, for paths and expected types.
            limits: ``findings`` bounds the answer.
        """
        instance = json.loads(document, parse_float=Decimal)
        if self._validator.is_valid(instance):
            return ()
        findings: list[Finding] = []
        for error in self._validator.iter_errors(instance):
            findings.append(_finding(error, structure))
            if len(findings) >= limits.findings:
                break
        return tuple(findings)


def _finding(error: jsonschema_rs.ValidationError, structure: Structure) -> Finding:
    path, element = _place(error.instance_path, structure)
    code, message = _WORDS.get(error.kind.name, ("schema.facet", "the value is outside what the schema allows"))
    expected = type_text(element.type) if element is not None and element.type is not None else ""
    remedy = "write a value of this kind"
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        name = safe_name(error.kind.property)
        path = f"{path}/{name}" if path else name
        remedy = f"add {name}"
    return Finding(
        severity=Severity.ERROR,
        code=code,
        layer=Layer.SCHEMA,
        path=path,
        pointer=pointer_of(structure, path),
        message=message,
        expected=expected,
        remedy=remedy,
    )


def _place(steps: list[str | int], structure: Structure) -> tuple[str, Element | None]:
    """Path in our language, and the element there."""
    path = ""
    element: Element | None = structure.root
    for step in steps:
        if isinstance(step, int):
            path = f"{path}[{step + 1}]"
            continue
        path = f"{path}/{safe_name(step)}" if path else safe_name(step)
        element = element.child(step) if element is not None else None
    return path, element
