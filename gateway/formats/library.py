"""All known formats: look-up by name, and recognition of a document that does not say what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.errors import UnknownFormat
from gateway.formats.document import Document, parse_document
from gateway.formats.format import Format, Reading
from gateway.formats.head import FormatHead
from gateway.formats.limits import DEFAULT_LIMITS, ParseLimits
from gateway.formats.parsing import XmlElement
from gateway.formats.prepare import namespace_of
from gateway.formats.suggestions import nearest


class FormatLibrary:
    """The formats of one catalogue.

    Args:
        formats: each under its own name.
        limits: how much a document may ask for while it is recognised.
    """

    def __init__(self, formats: Iterable[Format], limits: ParseLimits = DEFAULT_LIMITS) -> None:
        self._formats = {one.name: one for one in formats}
        self._limits = limits

    def names(self) -> tuple[str, ...]:
        """Names of all formats, sorted."""
        return tuple(sorted(self._formats))

    def get(self, name: str) -> Format:
        """The format with this name.

        Raises:
            UnknownFormat: there is none.
        """
        found = self._formats.get(name)
        if found is None:
            raise UnknownFormat(
                "no format with this name is known", remedy=nearest(name, self.names()), code="format.unknown"
            )
        return found

    def recognise(self, data: bytes) -> Format:
        """The format of a document, by what the format heads ask for.

        Raises:
            MalformedMessage: the bytes cannot be parsed.
            MessageTooLarge: beyond the limits.
            UnknownFormat: no format fits, or several fit equally well.
        """
        return self.recognise_document(parse_document(data, self._limits))

    def read(self, data: bytes, name: str | None = None) -> tuple[Format, Reading]:
        """Recognise a message (unless its format is named) and read it, parsing it once.

        Raises:
            MalformedMessage: the bytes cannot be parsed.
            MessageTooLarge: beyond the limits.
            UnknownFormat: see `recognise`.
        """
        document = parse_document(data, self._limits)
        found = self.get(name) if name is not None else self.recognise_document(document)
        return found, found.read_document(document)

    def recognise_document(self, document: Document) -> Format:
        """The same for a document that is parsed already.

        Of several formats that fit, the one with the most conditions wins; between equals a format goes before an
        input profile, which only reads other namespaces into it.

        Raises:
            UnknownFormat: none, or several.
        """
        scored = [(_score(one, document), one) for one in self._formats.values()]
        best = max((score for score, _ in scored), default=0)
        fitting = [one for score, one in scored if score == best] if best else []
        if len(fitting) > 1:
            fitting = [one for one in fitting if not one.head.canonical] or fitting
        if not fitting:
            raise UnknownFormat(
                "no known format recognises this document",
                remedy="check the document element and its namespace, or name the format",
            )
        if len(fitting) > 1:
            raise UnknownFormat(
                f"several formats fit: {', '.join(one.name for one in fitting)}", remedy="name the format"
            )
        return fitting[0]


def _score(one: Format, document: Document) -> int:
    """How many conditions of a format head hold; 0 when one does not."""
    if document.xml is not None:
        return _score_xml(one.head, document.xml) if one.structure.syntax == "xml" else 0
    return _score_json(one, document.value)


def _score_xml(head: FormatHead, root: XmlElement) -> int:
    tag = str(root.tag)
    space = namespace_of(tag)
    if tag.rpartition("}")[2] != head.root:
        return 0
    known = {*head.recognise_namespaces}
    counted = {other for wanted in known for other in head.any_of.get(wanted, ())}
    loose = head.namespaces == "ignored" or (head.namespaces == "absent-repaired" and not space)
    score = 1 + (space in known or space in counted)
    if score == 1 and not loose:
        return 0
    for path, texts in head.recognise_leaves.items():
        if _text_at(root, path.split("/")) not in texts:
            return 0
        score += 1
    if head.recognise_children:
        children = {str(child.tag).rpartition("}")[2] for child in root}
        if not children & {key.rpartition(":")[2] for key in head.recognise_children}:
            return 0
        score += 1
    return score


def _text_at(node: XmlElement, steps: list[str]) -> str | None:
    """Text of the first element at a path of local names."""
    for step in steps:
        local = step.rpartition(":")[2]
        found = next((child for child in node if str(child.tag).rpartition("}")[2] == local), None)
        if found is None:
            return None
        node = found
    return (node.text or "").strip()


def _score_json(one: Format, value: Any) -> int:
    head = one.head
    if not isinstance(value, dict):
        return 0
    native = one.structure.syntax == "json"
    if not native and list(value) != [head.root]:
        return 0
    content = value if native else value[head.root]
    if not isinstance(content, dict) or (native and not _knows(content, one)):
        return 0
    score = 1
    for path, texts in head.recognise_leaves.items():
        if _json_text_at(content, path.split("/")) not in texts:
            return 0
        score += 1
    if head.recognise_children:
        if not set(content) & set(head.recognise_children):
            return 0
        score += 1
    return score


def _knows(content: Mapping[str, Any], one: Format) -> bool:
    """Whether a native document has at least one member of the format; JSON has no name for its document element."""
    return any(key in one.structure.root.by_key for key in content)


def _json_text_at(value: Any, steps: list[str]) -> str | None:
    for step in steps:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value = value.get("value")
    return value.strip() if isinstance(value, str) else None
