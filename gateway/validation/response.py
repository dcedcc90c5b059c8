"""A verdict as a WCO response: accepted or rejected, one Error a fault with its pointers, the reference of the message.

What the response may say is the finding's own text, which never holds a value of the message; of the message itself
only the two references are repeated that its sender gave it. Carries out wco 9 and 10.
"""

from __future__ import annotations

import hashlib
import tomllib
from base64 import b32encode
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import DataFolderError, GatewayError
from gateway.findings import Finding, Severity, has_errors
from gateway.formats.document import parse_document
from gateway.formats.format import Format
from gateway.formats.json_parsing import JsonNumber
from gateway.formats.parsing import XmlElement
from gateway.formats.tree import Tree

MOST_OF_A_TEXT = 512
"""Characters of a description (attributes 488 and 225, an..512)."""
MOST_OF_A_CODE = 8
"""Characters of a ValidationCode (attribute 377, an..8)."""
MOST_OF_A_NUMBER = 5
"""Digits of a SequenceNumeric (attribute 006, n..5)."""

_REFERENCES = {"FunctionalReferenceID": 35, "ID": 70}
_DECLARATION = "Declaration"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseForm:
    """How responses are written: data of a ``*.response.toml``.

    Attributes:
        format_name: the format of the response.
        accepted, rejected: FunctionCode of the two answers.
        codes: short code by code of a finding.
    """

    format_name: str
    accepted: str
    rejected: str
    codes: Mapping[str, str]

    def short_code(self, code: str) -> str:
        """The ValidationCode of a finding's code: as listed, else its first letter and seven signs of its digest."""
        listed = self.codes.get(code)
        if listed is not None:
            return listed
        digest = b32encode(hashlib.sha256(code.encode()).digest()).decode()
        return f"{code[:1].upper()}{digest[: MOST_OF_A_CODE - 1]}"


def read_response_form(text: str, file: str) -> ResponseForm:
    """Read a ``*.response.toml``.

    Args:
        text: its content.
        file: its name, for faults.

    Raises:
        DataFolderError: not TOML, a key is missing or unknown, a short code is too long or stands for two codes.
    """
    try:
        content = tomllib.loads(text)
        form = ResponseForm(
            format_name=_text(content, "format"),
            accepted=_text(content["function"], "accepted"),
            rejected=_text(content["function"], "rejected"),
            codes={code: _text(content["codes"], code) for code in content["codes"]},
        )
        unknown = sorted({*content} - {"format", "source", "function", "codes"})
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise _fault(file, f"the response form cannot be read ({type(error).__name__})") from None
    if unknown:
        raise _fault(file, f"unknown key {unknown[0]}")
    long = next((code for code, short in form.codes.items() if not 0 < len(short) <= MOST_OF_A_CODE), None)
    if long is not None:
        raise _fault(file, f"the short code of {long} must have 1 to {MOST_OF_A_CODE} characters")
    if len(set(form.codes.values())) < len(form.codes):
        raise _fault(file, "two codes have the same short code")
    return form


def _text(table: Any, key: str) -> str:
    value = table[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _fault(file: str, message: str) -> DataFolderError:
    return DataFolderError(message, path=file, remedy="compare it with the file in the project", code="response.form")


def reference_of(data: bytes) -> dict[str, str]:
    """The references of the message that is answered, as its sender gave them; empty where they cannot be read.

    Args:
        data: the document as it came, valid or not.
    """
    try:
        document = parse_document(data)
    except GatewayError:
        return {}
    found = _of_xml(document.xml) if document.xml is not None else _of_json(document.value)
    return {
        name: text
        for name, most in _REFERENCES.items()
        if 0 < len(text := found.get(name, "").strip()) <= most and text.isprintable()
    }


def _of_xml(root: XmlElement) -> dict[str, str]:
    nodes = (node for node in root.iter() if str(node.tag).rpartition("}")[2] == _DECLARATION)
    declaration = next(nodes, None)
    if declaration is None:
        return {}
    children = {str(child.tag).rpartition("}")[2]: child.text or "" for child in reversed(declaration)}
    return {name: children[name] for name in _REFERENCES if name in children}


def _of_json(value: Any) -> dict[str, str]:
    waiting: deque[Any] = deque([value])
    while waiting:
        here = waiting.popleft()
        if isinstance(here, dict):
            declaration = here.get(_DECLARATION)
            if isinstance(declaration, dict):
                return {name: _leaf(declaration[name]) for name in _REFERENCES if name in declaration}
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return {}


def _leaf(value: Any) -> str:
    inner = value.get("value") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) and not isinstance(inner, JsonNumber) else ""


def response_of(form: ResponseForm, found: Format, findings: Iterable[Finding], reference: Mapping[str, str]) -> Tree:
    """The response as a message tree of the canonical response format.

    Each finding of severity error becomes an Error; warnings and notes become AdditionalInformation, for they refuse
    nothing. Where the message's reference does not fit the response it is left out.

    Args:
        form: codes and format.
        found: the format that `form` names.
        findings: of one message.
        reference: see `reference_of`.
    """
    findings = tuple(findings)
    tree = _tree(form, found, findings, reference)
    return tree if not reference or not has_errors(found.judge(tree)) else _tree(form, found, findings, {})


def _tree(form: ResponseForm, found: Format, findings: tuple[Finding, ...], reference: Mapping[str, str]) -> Tree:
    refused = [finding for finding in findings if finding.severity is Severity.ERROR]
    others = [finding for finding in findings if finding.severity is not Severity.ERROR]
    response: Tree = {"FunctionCode": form.rejected if refused else form.accepted}
    if others:
        response["AdditionalInformation"] = [_statement(form, finding) for finding in others]
    if refused:
        response["Error"] = [_error(form, finding) for finding in refused]
    response[_DECLARATION] = {name: reference[name] for name in _REFERENCES if name in reference}
    return {found.structure.root.key: {**found.head.defaults, "Response": [response]}}


def _error(form: ResponseForm, finding: Finding) -> Tree:
    return {
        "Description": _description(finding),
        "ValidationCode": form.short_code(finding.code),
        **_pointers(finding),
    }


def _statement(form: ResponseForm, finding: Finding) -> Tree:
    return {
        "StatementCode": form.short_code(finding.code),
        "StatementDescription": _description(finding),
        **_pointers(finding),
    }


def _pointers(finding: Finding) -> Tree:
    levels = [
        {name: text for name, text in level.items() if name != "SequenceNumeric" or len(text) <= MOST_OF_A_NUMBER}
        for level in finding.pointers
    ]
    return {"Pointer": levels} if levels else {}


def _description(finding: Finding) -> str:
    """Message, what belongs there and remedy as sentences, cut at a word."""
    parts = [finding.message, f"expected: {finding.expected}" if finding.expected else "", finding.remedy]
    text = " ".join(
        f"{part[0].upper()}{part[1:].rstrip('.')}{'' if part[-1] == '?' else '.'}" for part in parts if part
    )
    return text if len(text) <= MOST_OF_A_TEXT else f"{text[: MOST_OF_A_TEXT - 4].rpartition(' ')[0]} ..."
