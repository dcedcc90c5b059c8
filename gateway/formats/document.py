"""A parsed document, whatever its syntax: what recognition and reading share, so that nothing is parsed twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from gateway.errors import MalformedMessage
from gateway.formats.json_parsing import parse_json
from gateway.formats.limits import DEFAULT_LIMITS, ParseLimits
from gateway.formats.parsing import XmlElement, parse_xml

_LEADING = b" \t\r\n\x00"
_XML_STARTS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")
_JSON_STARTS = (b"{", b"[", b'"', b"\xef\xbb\xbf{", b"\xef\xbb\xbf[", b"\xff\xfe{", b"\xff\xfe[", b"\xfe\xff\x00{")


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed document.

    Attributes:
        syntax: what it is written in.
        xml: document element, for XML.
        value: parsed value, for JSON.
        source: the bytes that an XML document was parsed from; None where it was changed since.
    """

    syntax: Literal["xml", "json"]
    xml: XmlElement | None = None
    value: Any = None
    source: bytes | None = None


def parse_document(data: bytes, limits: ParseLimits = DEFAULT_LIMITS) -> Document:
    """Parse bytes whose syntax nobody told.

    Raises:
        MalformedMessage: neither XML nor JSON (``parse.unknown-syntax``), or a fault of either.
        MessageTooLarge: beyond the limits.
    """
    start = data[:64].lstrip(_LEADING)
    if start.startswith(_XML_STARTS):
        return Document("xml", xml=parse_xml(data, limits), source=data)
    if start.startswith(_JSON_STARTS):
        return Document("json", value=parse_json(data, limits))
    if not start:
        raise MalformedMessage("the document is empty", code="parse.empty", remedy="send a message")
    raise MalformedMessage(
        "the bytes are neither XML nor JSON",
        code="parse.unknown-syntax",
        remedy="an XML document begins with <, a JSON document with {",
    )
