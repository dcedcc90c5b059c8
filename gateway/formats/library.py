"""All known formats: look-up by name, and recognition of a document that does not say what it is.

A document is recognised by the heads of the formats first, then by the dialects (`gateway.formats.dialect`), then as a
message wrapped in transport elements. What almost fits is read as the format that it begins like, so that the findings
name the damaged place; what fits nothing is refused with the nearest guess.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.errors import UnknownFormat
from gateway.findings import Finding
from gateway.formats.dialect import Dialect
from gateway.formats.dialect_names import DocumentNames
from gateway.formats.dialect_notes import Notes
from gateway.formats.dialect_search import Found, dialect_at, inside_json, inside_xml, unknown_kind
from gateway.formats.dialect_xml import DialectReader
from gateway.formats.document import Document, parse_document
from gateway.formats.format import Format, Reading
from gateway.formats.guessing import known_roots, unknown_json, unknown_xml
from gateway.formats.limits import DEFAULT_LIMITS, ParseLimits
from gateway.formats.parsing import XmlElement
from gateway.formats.recognition import RootIndex, nearly_json, nearly_xml, score_json, score_xml
from gateway.formats.second_look import look_again
from gateway.formats.suggestions import nearest


@dataclass(frozen=True, slots=True)
class Recognised:
    """As what a document is to be read.

    Attributes:
        format: the format.
        document: in the format's own form.
        profile: name of the dialect that it was written in, empty for none.
        findings: what was repaired.
        names: names of the document that differ from the format's.
    """

    format: Format
    document: Document
    profile: str = ""
    findings: tuple[Finding, ...] = ()
    names: DocumentNames = field(default_factory=DocumentNames)


class FormatLibrary:
    """The formats of one catalogue.

    Args:
        formats: each under its own name.
        limits: how much a document may ask for while it is recognised.
        dialects: styles in which documents of these formats may come.

    Raises:
        UnknownFormat: a dialect names a format that is not among them.
    """

    def __init__(
        self, formats: Iterable[Format], limits: ParseLimits = DEFAULT_LIMITS, *, dialects: Iterable[Dialect] = ()
    ) -> None:
        self._formats = {one.name: one for one in formats}
        self._limits = limits
        self._by_root = RootIndex(self._formats.values())
        self._dialects = tuple(dialects)
        self._roots = known_roots(self._formats.values(), self._dialects)
        self._readers = {
            (dialect.name, kind.format): DialectReader(dialect, target.structure, target.head)
            for dialect in self._dialects
            for kind in dialect.kinds
            for target in (self.get(kind.format),)
        }

    def names(self) -> tuple[str, ...]:
        """Names of all formats, sorted."""
        return tuple(sorted(self._formats))

    def limited_to(self, names: Collection[str]) -> FormatLibrary:
        """A library that knows only some of the formats, and says nothing of the others, not even in a suggestion.

        Args:
            names: of the formats that it shall know; one that is not here is left out.
        """
        kept = [one for one in self._formats.values() if one.name in names]
        known = {one.name for one in kept}
        dialects = [
            replace(each, kinds=tuple(kind for kind in each.kinds if kind.format in known)) for each in self._dialects
        ]
        useful = [each for each in dialects if each.kinds or each.only_unwraps]
        return FormatLibrary(kept, self._limits, dialects=useful)

    def dialects(self) -> tuple[Dialect, ...]:
        """The dialects known."""
        return self._dialects

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
        """The format of a document, by what the format heads and dialects ask for.

        Raises:
            MalformedMessage: the bytes cannot be parsed.
            MessageTooLarge: beyond the limits.
            UnknownFormat: no format fits, or several fit equally well.
        """
        return self.recognise_document(parse_document(data, self._limits)).format

    def read(self, data: bytes, name: str | None = None) -> tuple[Format, Reading]:
        """Recognise a message (unless its format is named) and read it, parsing it once.

        A message of the format named may come in any dialect of it.

        Raises:
            MalformedMessage: the bytes cannot be parsed.
            MessageTooLarge: beyond the limits.
            UnknownFormat: see `recognise`.
        """
        document = parse_document(data, self._limits)
        known = self.recognise_document(document) if name is None else self._as_named(self.get(name), document)
        found, reading = known.format, known.format.read_document(known.document)
        if name is None and known.document.xml is None:
            found, reading = look_again(tuple(self._formats.values()), known.document, found, reading)
        if known.profile:
            reading = replace(
                reading,
                findings=(*known.findings, *known.names.tell(reading.findings)),
                profile=reading.profile or known.profile,
            )
        return found, reading

    def recognise_document(self, document: Document) -> Recognised:
        """The same for a document that is parsed already; it must not be used afterwards.

        Of several formats that fit, the one with the most conditions wins; between equals a format goes before an
        input profile, which only reads other namespaces into it.

        Raises:
            UnknownFormat: none, or several.
        """
        own = self._own_form(document)
        if own is not None:
            return Recognised(own, document)
        found = self._find(document)
        if found is not None:
            return self._repaired(found)
        almost = self._almost(document)
        if almost is not None:
            return Recognised(almost, document)
        if document.xml is not None:
            raise unknown_xml(document.xml, self._roots)
        roots = {one.head.root for one in self._formats.values() if one.structure.syntax == "xml"}
        bodies = {root for one in self._dialects if one.json for root in one.roots}
        raise unknown_json(document.value, sorted(roots | bodies))

    def _as_named(self, wanted: Format, document: Document) -> Recognised:
        """A document read as the format named: repaired where it comes in a dialect of that very format."""
        if not self._dialects or _score(wanted, document):
            return Recognised(wanted, document)
        found = self._find(document)
        if found is None or self._target(found) is not wanted:
            return Recognised(wanted, document)
        return self._repaired(found)

    def _own_form(self, document: Document) -> Format | None:
        """The format whose head recognises a document.

        Raises:
            UnknownFormat: several do.
        """
        if document.xml is not None:
            scored = self._by_root.scores(document.xml)
        else:
            scored = [(score_json(one, document.value), one) for one in self._formats.values()]
        if len(scored) == 1:
            ((score, only),) = scored
            return only if score else None
        best = max((score for score, _ in scored), default=0)
        fitting = [one for score, one in scored if score == best] if best else []
        if len(fitting) > 1:
            fitting = [one for one in fitting if not one.head.canonical] or fitting
        if len(fitting) > 1:
            raise UnknownFormat(
                f"several formats fit: {', '.join(one.name for one in fitting)}", remedy="name the format"
            )
        return fitting[0] if fitting else None

    def _find(self, document: Document) -> Found | None:
        """The message of a dialect, at the root or wrapped."""
        formats = tuple(self._formats.values())
        if document.xml is None:
            return inside_json(document.value, formats, self._dialects, self._roots)
        return dialect_at(self._dialects, document.xml) or inside_xml(
            document.xml, formats, self._dialects, self._roots
        )

    def _target(self, found: Found) -> Format | None:
        """The format that a message found becomes; None where its kind is not known."""
        if found.kind is not None:
            return self.get(found.kind.format)
        if found.dialect is not None and found.dialect.only_unwraps:
            return self._own_form(_as_document(found.value))
        return None

    def _repaired(self, found: Found) -> Recognised:
        """A message of a dialect in the form of its format."""
        target, dialect = self._target(found), found.dialect
        if target is None or dialect is None:
            raise unknown_kind(found)
        notes = Notes()
        value = found.value
        if isinstance(value, XmlElement):
            value = copy.deepcopy(value) if found.depth else value
            if found.kind is not None:
                value = self._readers[dialect.name, target.name].read(value, notes)
        elif found.kind is not None:
            value = _enveloped(target, value, notes)
        if found.depth:
            notes.add("profile.wrapped", value if isinstance(value, XmlElement) else None, number=found.depth)
        findings = notes.findings(target.structure)
        return Recognised(target, _as_document(value), dialect.name, findings, notes.names)

    def _almost(self, document: Document) -> Format | None:
        """The format that a document begins like, though it does not say of itself what the format asks for."""
        formats = [one for one in self._formats.values() if one.structure.syntax == "xml"]
        if document.xml is not None:
            return _best([(nearly_xml(one.head, document.xml), one) for one in formats])
        return _best([(nearly_json(one, document.value), one) for one in formats])


def _score(one: Format, document: Document) -> int:
    """How many conditions of a format head hold; 0 when one does not."""
    if document.xml is not None:
        return score_xml(one.head, document.xml) if one.structure.syntax == "xml" else 0
    return score_json(one, document.value)


def _best(scored: Sequence[tuple[int, Format]]) -> Format | None:
    """The one with the highest score; between equals a format goes before a form of it, and else none is."""
    best = max((score for score, _ in scored), default=0)
    fitting = [one for score, one in scored if score == best] if best else []
    if len(fitting) > 1:
        fitting = [one for one in fitting if not one.head.canonical]
    return fitting[0] if len(fitting) == 1 else None


def _as_document(value: Any) -> Document:
    return Document("xml", xml=value) if isinstance(value, XmlElement) else Document("json", value=value)


def _enveloped(target: Format, body: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """The JSON body of a message with the format's envelope put around it."""
    fixed = {path: text for path, text in target.head.defaults.items() if "/" not in path}
    notes.add("profile.body-only", detail=target.structure.root.key)
    for key in fixed:
        notes.add("profile.default", detail=key)
    named = {key: _as_the_schema_repeats(target, key, content) for key, content in body.items()}
    return {target.structure.root.key: {**fixed, **named}}


def _as_the_schema_repeats(target: Format, key: str, content: Any) -> Any:
    """A body alone is one body; where the envelope may hold several, it becomes a list of one."""
    element = target.structure.root.child(key)
    return [content] if element is not None and element.repeats and isinstance(content, dict) else content
