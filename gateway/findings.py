"""Findings: what a check says about one place of a message, never quoting its value.

A finding can be rendered as JSON (command line, problem+json, acknowledgement) and is what every layer of checks
returns: parsing, schema, rules, agreement and conversion.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: only an error makes a message invalid."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Layer(StrEnum):
    """Which check speaks."""

    PARSE = "parse"
    SCHEMA = "schema"
    RULE = "rule"
    AGREEMENT = "agreement"
    CONVERSION = "conversion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result of a check.

    Attributes:
        severity: see `Severity`.
        code: stable code such as ``schema.facet`` or ``map.code-unknown``.
        layer: see `Layer`.
        path: place in the path language, with 1-based positions: ``Declaration/Consignment[2]/Consignee/Name``.
        pointer: the WCO one-line pointer, ``42A.28A.$2``, where the elements carry WCO ids.
        line: line of the document, 1-based, where known.
        message: what is wrong, one sentence, without the value.
        expected: what would be right.
        remedy: what the sender can do.
        row: the mapping row or agreement clause that declares the rule, where one does.
    """

    severity: Severity
    code: str
    layer: Layer
    path: str = ""
    pointer: str = ""
    line: int | None = None
    message: str
    expected: str = ""
    remedy: str = ""
    row: str = ""

    def as_json(self) -> dict[str, str | int | None]:
        """The finding as a flat JSON object (contract of ``sarhad validate --json``)."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "layer": self.layer.value,
            "path": self.path,
            "pointer": self.pointer,
            "line": self.line,
            "message": self.message,
            "expected": self.expected,
            "remedy": self.remedy,
            "row": self.row,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a data folder (schemas, mappings, agreements, partners), found before anything runs.

    Attributes:
        file: path of the file, relative to the project's or the checked folder.
        row: row id, or line number as text, or the key in a TOML file.
        code: stable code such as ``mapping.unknown-path``.
        message: what is wrong, one sentence.
        remedy: what to do.
    """

    file: str
    row: str = ""
    code: str
    message: str
    remedy: str = ""


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings makes the message invalid."""
    return any(finding.severity is Severity.ERROR for finding in findings)
