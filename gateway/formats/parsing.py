"""Safe parsing of XML: bytes that a stranger sent become an lxml tree, or a `MalformedMessage` with a stable code.

No default of the parser is relied on: every option is written out, a fresh parser is made for each document, a
DOCTYPE is refused in any encoding, and the size of the document is bounded by `ParseLimits`. The texts of libxml2's
errors may quote the document, so they are never passed on: this module writes its own sentence from the kind of error
and the line.
"""

from __future__ import annotations

from typing import NoReturn, TypeAlias

from lxml import etree

from gateway.errors import MalformedMessage, MessageTooLarge
from gateway.formats.limits import DEFAULT_LIMITS, ParseLimits
from gateway.formats.open_place import OpenPlace, find_open_place

XmlElement: TypeAlias = etree._Element  # noqa: SLF001  (lxml gives its element class no public name)

ENCODINGS = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ASCII", "ISO-8859-1"} | {
    "WINDOWS-1251", "KOI8-R", "GB18030", "GBK", "GB2312"
})  # fmt: skip
"""Encodings that a message may be written in: each keeps ``<`` on its ASCII byte, so that counting bytes is sound."""

_DOCTYPE = b"<!DOCTYPE"
_WIDE_DOCTYPES = ("<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_WIDE_STARTS = (b"\xff\xfe", b"\xfe\xff")

_SENTENCES = {
    "ERR_DOCUMENT_EMPTY": ("parse.empty", "the document has no element"),
    "ERR_DOCUMENT_END": ("parse.not-well-formed", "there is something after the end of the document element"),
    "ERR_TAG_NAME_MISMATCH": ("parse.not-well-formed", "an end tag does not close the element that is open"),
    "ERR_TAG_NOT_FINISHED": ("parse.not-well-formed", "an element is not closed before the document ends"),
    "ERR_HYPHEN_IN_COMMENT": ("parse.not-well-formed", "a comment holds a double hyphen"),
    "ERR_COMMENT_NOT_FINISHED": ("parse.not-well-formed", "a comment is not closed"),
    "ERR_ATTRIBUTE_REDEFINED": ("parse.not-well-formed", "an element has the same attribute twice"),
    "ERR_UNDECLARED_ENTITY": ("parse.entity", "an entity is used; only the five of XML itself are allowed"),
    "ERR_INVALID_CHAR": ("parse.character", "a character stands there that XML does not allow"),
    "ERR_INVALID_ENCODING": ("parse.encoding", "the bytes are not valid in the document's encoding"),
    "ERR_UNSUPPORTED_ENCODING": ("parse.encoding", "the declared encoding is not accepted"),
    "ERR_UNKNOWN_ENCODING": ("parse.encoding", "the declared encoding is not known"),
    "NS_ERR_UNDEFINED_NAMESPACE": ("parse.namespace-prefix", "a prefix is used that no xmlns declaration binds"),
}

_WITHOUT_PLACE = frozenset({"parse.empty"})
"""Codes of faults that stand in no element."""


def parse_xml(data: bytes, limits: ParseLimits = DEFAULT_LIMITS) -> XmlElement:
    """Parse an XML document that nobody vouches for.

    Comments and processing instructions are left out (so that they cannot split a text); nothing is fetched, expanded
    or included.

    Args:
        data: the document as it came.
        limits: see `ParseLimits`.

    Returns:
        The document element.

    Raises:
        MessageTooLarge: more bytes, levels, elements or attributes than the limits allow (``parse.too-large``,
            ``parse.too-deep``, ``parse.too-many-elements``, ``parse.too-many-attributes``).
        MalformedMessage: not well-formed, a DOCTYPE, an entity, an encoding that is not accepted (``parse.*``).
    """
    if len(data) > limits.bytes:
        raise MessageTooLarge(
            f"the document has more than {limits.bytes} bytes", code="parse.too-large", remedy="send it in parts"
        )
    if _holds_the_word(data):
        _stop_at_doctype(data)
    parser = _hardened_parser()
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        _refuse(error, parser, data)
    _check_prolog(root)
    _check_size(root, data, limits)
    return root


def line_of(node: XmlElement) -> int | None:
    """Line of an element in the document that was parsed, 1-based."""
    line = node.sourceline
    return line if isinstance(line, int) else None


def _hardened_parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        ns_clean=False,
    )


def _holds_the_word(data: bytes) -> bool:
    """A cheap look for DOCTYPE in the encodings that are accepted; what it lets through is looked at after parsing."""
    if data.startswith(_WIDE_STARTS) or b"\x00" in data[:4]:
        return any(mark in data for mark in _WIDE_DOCTYPES)
    return b"!" in data and _DOCTYPE in data  # one byte is found much faster, and few messages hold it


class _StopAtFirst(Exception):
    """Carries the first event out of the parser."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class _PrologTarget:
    """Stops the parser at the first DOCTYPE or the first element, whichever comes first."""

    def doctype(self, *_: object) -> None:
        """The document has one."""
        raise _StopAtFirst("doctype")

    def start(self, *_: object) -> None:
        """The prolog is over."""
        raise _StopAtFirst("element")

    def end(self, *_: object) -> None:
        """Never reached; a target has to have it."""

    def data(self, *_: object) -> None:
        """Never reached; a target has to have it."""

    def comment(self, *_: object) -> None:
        """Comments may stand before the first element."""

    def close(self) -> None:
        """Nothing to give back."""


def _stop_at_doctype(data: bytes) -> None:
    """The bytes hold the word; refuse when it really opens a DOCTYPE, without reading any further than that."""
    parser = etree.XMLParser(
        target=_PrologTarget(), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        etree.fromstring(data, parser)
    except _StopAtFirst as stop:
        if stop.what == "doctype":
            raise _doctype() from None
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        _refuse(error, parser, data)


def _doctype() -> MalformedMessage:
    return MalformedMessage(
        "the document has a DOCTYPE", code="parse.doctype", remedy="leave the DOCTYPE out; messages need none"
    )


def _check_prolog(root: XmlElement) -> None:
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise _doctype()
    if (info.encoding or "UTF-8").upper() not in ENCODINGS:
        raise MalformedMessage(
            "the document's encoding is not accepted", code="parse.encoding", remedy="write the document in UTF-8"
        )


def _check_size(root: XmlElement, data: bytes, limits: ParseLimits) -> None:
    """Count exactly only where a count of bytes, which is never too small, could break the limit."""
    if len(data) > limits.elements and data.count(b"<") > limits.elements:
        elements = root.getroottree().xpath("count(//*)")
        _bound(elements, limits.elements, "parse.too-many-elements", "elements")
    if len(data) > limits.attributes and data.count(b"=") > limits.attributes:
        attributes = root.getroottree().xpath("count(//@*)")
        _bound(attributes, limits.attributes, "parse.too-many-attributes", "attributes")
    if _deeper_than(root, limits.depth):
        raise MessageTooLarge(
            f"the elements are nested deeper than {limits.depth} levels",
            code="parse.too-deep",
            remedy="no message of ours is nested that deep: look for a missing end tag",
        )


def _bound(count: object, limit: int, code: str, what: str) -> None:
    if not isinstance(count, float) or count > limit:
        raise MessageTooLarge(f"the document has more than {limit} {what}", code=code, remedy="send it in parts")


def _deeper_than(root: XmlElement, depth: int) -> bool:
    path = _DEPTH_PATHS.get(depth)
    if path is None:
        path = _DEPTH_PATHS[depth] = etree.XPath(f"boolean({'/*' * (depth + 1)})", regexp=False)
    return bool(path(root))


_DEPTH_PATHS: dict[int, etree.XPath] = {}


def _refuse(error: Exception, parser: etree.XMLParser, data: bytes) -> NoReturn:
    """End in our tree with our own sentence: libxml2's would quote the document."""
    entries = list(parser.error_log)
    fatal = [entry for entry in entries if entry.level == etree.ErrorLevels.FATAL]
    entry = next(iter(fatal or entries), None)
    line = (entry.line if entry is not None else getattr(error, "lineno", None)) or None
    kind = entry.type_name if entry is not None else "ERR_INVALID_ENCODING"
    if kind == "ERR_RESOURCE_LIMIT":
        raise _too_much(line, entry.message if entry is not None else "") from None
    code, sentence = _SENTENCES.get(kind, ("parse.not-well-formed", "the document is not well-formed XML"))
    place = OpenPlace() if code in _WITHOUT_PLACE else find_open_place(data)
    if place.ends_here and code == "parse.not-well-formed":
        raise MalformedMessage(
            f"the document ends inside {place.shown}, which opens on line {place.line}",
            code="parse.not-well-formed",
            path=place.path,
            line=place.line,
            remedy="send the whole document, with an end tag for each element",
        ) from None
    inside = f", inside {place.shown}" if place.shown else ""
    raise MalformedMessage(
        f"{sentence}{_at(line)}{inside}",
        code=code,
        path=place.path,
        line=line,
        remedy="correct the document at this line",
    ) from None


def _too_much(line: int | None, told: str) -> MessageTooLarge:
    """The parser's own limits: libxml2's sentence only tells which of them."""
    if "xcessive depth" in told:
        return MessageTooLarge(
            f"the elements are nested too deep{_at(line)}",
            code="parse.too-deep",
            line=line,
            remedy="no message of ours is nested that deep: look for a missing end tag",
        )
    return MessageTooLarge(
        f"one text, name or attribute is longer than a message may hold{_at(line)}",
        code="parse.too-large-text",
        line=line,
        remedy="send documents beside the message, not inside one element",
    )


def _at(line: int | None) -> str:
    return f" (line {line})" if line else ""
