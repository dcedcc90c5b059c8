"""Lines for findings that have none: rules speak about the message tree, which does not know where it was written.

Worked out only when findings are shown, from the document as it came: of the element, or of the nearest one around it
where the element is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.errors import GatewayError
from gateway.findings import Finding
from gateway.formats.document import Document, parse_document
from gateway.formats.format import Format
from gateway.formats.library import FormatLibrary
from gateway.formats.parsing import XmlElement
from gateway.formats.places import Places
from gateway.formats.prepare import put_namespaces

MOST_JSON = 4 * 1024 * 1024
"""Bytes of a JSON document up to which lines are looked for."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]|[^\s{}\[\],:"]+', re.DOTALL)


def with_lines(library: FormatLibrary, found: Format, data: bytes, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings of one message, each with its line where one can be told.

    Args:
        library: recognises the document again, so that what a dialect repaired has its line too.
        found: the format as which it was judged.
        data: the document as it came.
        findings: with their JSON pointers.
    """
    if all(finding.line for finding in findings):
        return tuple(findings)
    try:
        document = parse_document(data)
    except GatewayError:
        return tuple(findings)
    if document.xml is None:
        if len(data) > MOST_JSON:
            return tuple(findings)
        return _in_json(data.decode("utf-8"), findings)
    return _in_xml(_as_read(library, found, data, document), found, findings)


def _as_read(library: FormatLibrary, found: Format, data: bytes, document: Document) -> XmlElement:
    """The document with the names of its format, as the validator saw it."""
    try:
        recognised = library.recognise_document(document)
        fits = recognised.format is found
        again = recognised.document if fits else parse_document(data)
    except GatewayError:
        again = parse_document(data)
    assert again.xml is not None
    put_namespaces(again.xml, found.structure, found.head)
    return again.xml


def _in_xml(root: XmlElement, found: Format, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    places = Places(root, found.structure)
    lines = {place.path: place.line for node in root.iter() if (place := places.of(node)) is not None}
    return tuple(_lined(finding, (lines.get(path) for path in _upwards(finding.path))) for finding in findings)


def _in_json(text: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    lines = dict(value_lines(text))
    return tuple(_lined(finding, (lines.get(at) for at in _around(finding.json_pointer))) for finding in findings)


def _lined(finding: Finding, lines: Iterable[int | None]) -> Finding:
    if finding.line:
        return finding
    return replace(finding, line=next((line for line in lines if line), None))


def _upwards(path: str) -> Iterator[str]:
    """A path without its attribute, and those above it."""
    here = path.partition("@")[0].rstrip("/")
    yield here
    while here:
        here = here.rpartition("/")[0]
        yield here


def _around(pointer: str) -> Iterator[str]:
    """A pointer and those above it; then the same without the document element, for a body without its envelope."""
    here = pointer
    while here:
        yield here
        here = here.rpartition("/")[0]
    inner = pointer.partition("/")[2].partition("/")[2]
    while inner:
        yield f"/{inner}"
        inner = inner.rpartition("/")[0]


@dataclass(slots=True)
class _Container:
    """An object or array that is open: what its next value is called."""

    pointer: str
    array: bool
    name: str = ""
    count: int = 0
    expects_name: bool = True


def value_lines(text: str) -> Iterator[tuple[str, int]]:
    """Every value of a JSON document with its JSON pointer and line.

    Args:
        text: a document that was parsed before.
    """
    line = 1
    stack: list[_Container] = []
    for match in _TOKEN.finditer(text):
        sign = match.group()
        if sign == "\n":
            line += 1
        elif sign in ("}", "]"):
            stack.pop()
        elif sign == ",":
            stack[-1].count += 1
            stack[-1].expects_name = True
        elif sign == ":":
            stack[-1].expects_name = False
        elif stack and not stack[-1].array and stack[-1].expects_name:
            stack[-1].name = sign[1:-1].replace("~", "~0").replace("/", "~1")
        else:
            pointer = _pointer(stack)
            yield pointer, line
            if sign in ("{", "["):
                stack.append(_Container(pointer, array=sign == "["))


def _pointer(stack: Sequence[_Container]) -> str:
    if not stack:
        return ""
    top = stack[-1]
    return f"{top.pointer}/{top.count if top.array else top.name}"
