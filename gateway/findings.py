"""Findings: what a check says about one place of a message, never quoting its value.

A finding can be rendered as JSON (command line, problem+json, acknowledgement) and is what every layer of checks
returns: parsing, schema, rules, agreement and conversion. Its places in the JSON form and in the document are worked
out from the format's structure only when it is shown (`gateway.formats.locations`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

PROBLEM_TYPE = "urn:sarhad:problem:"
"""How the ``type`` of every problem document begins; the stable code follows."""

_CLASS_ID = re.compile(r"[0-9]{2}[A-Z]$")


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
        json_pointer: the place in the JSON form (RFC 6901), empty until `gateway.formats.locations` fills it.
        xpath: XPath 1.0 of the place in the document, empty until filled.
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
    json_pointer: str = ""
    xpath: str = ""

    @property
    def pointers(self) -> tuple[dict[str, str], ...]:
        """The pointer as the WCO writes it, one ``Pointer`` a level; see `pointer_levels`."""
        return pointer_levels(self.pointer)

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object (contract of ``sarhad validate --json``)."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "layer": self.layer.value,
            "path": self.path,
            "pointer": self.pointer,
            "pointers": list(self.pointers),
            "json_pointer": self.json_pointer,
            "xpath": self.xpath,
            "line": self.line,
            "message": self.message,
            "expected": self.expected,
            "remedy": self.remedy,
            "row": self.row,
        }

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Finding:
        """A finding again from `as_json`, also as earlier versions kept it; what it does not know is left out.

        Args:
            members: severity, code, layer and message at least.
        """
        known = {name: members[name] for name in cls.__slots__ if name in members}
        return cls(**known | {"severity": Severity(members["severity"]), "layer": Layer(members["layer"])})


def pointer_levels(pointer: str) -> tuple[dict[str, str], ...]:
    """A one-line pointer as a list of ``Pointer`` classes, one per level from the root down (wco 10).

    Args:
        pointer: ``42A.67A.68A.$2.D005``: ids of classes, ``$n`` behind one for its n-th entry, an attribute's id last.

    Returns:
        ``DocumentSectionCode`` at each level, ``SequenceNumeric`` where one is written, ``TagID`` on the last only;
        members in the order of the Data Model 3.6.
    """
    levels: list[dict[str, str]] = []
    for part in pointer.split(".") if pointer else ():
        if part.startswith("$") and levels:
            levels[-1] = {"SequenceNumeric": part[1:], **levels[-1]}
        elif _CLASS_ID.match(part) or not levels:
            levels.append({"DocumentSectionCode" if _CLASS_ID.match(part) else "TagID": part})
        else:
            levels[-1]["TagID"] = part
    return tuple(levels)


def problem_document(
    code: str,
    status: int,
    detail: str,
    *,
    path: str = "",
    remedy: str = "",
    exchange_id: str = "",
    findings: Sequence[Finding] = (),
) -> dict[str, Any]:
    """A problem document (RFC 9457 section 3.1) with our extension members; what is empty is left out.

    Args:
        code: stable code; the ``type`` is a URN of it.
        status: HTTP status.
        detail: what happened, one sentence, without a value of a message.
        path: where, in the path language.
        remedy: what to do.
        exchange_id: under which the message is kept, where it is.
        findings: what to mend.
    """
    document: dict[str, Any] = {"type": f"{PROBLEM_TYPE}{code}", "title": code, "status": status, "detail": detail}
    more = {"path": path, "remedy": remedy, "exchange_id": exchange_id}
    document.update({name: text for name, text in more.items() if text})
    if findings:
        document["findings"] = [finding.as_json() for finding in findings]
    return document


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
