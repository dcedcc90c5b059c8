"""libxml2's error log as findings that teach: stable code, path, pointer, line, what is expected, what to do.

The log's own texts quote the document, so only the kind of each entry and its place are used, and what the structure
says about that place. Faults of content model are explained by `gateway.formats.content_model`; after each look the
document is mended and validated again, so that one faulty parent does not hide the faults of others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from gateway.findings import Finding, Layer, Severity
from gateway.formats.content_model import ContentModel
from gateway.formats.json_parsing import safe_name
from gateway.formats.limits import ParseLimits
from gateway.formats.log_paths import locate
from gateway.formats.parsing import XmlElement
from gateway.formats.places import Place, Places
from gateway.formats.structure import Structure
from gateway.formats.suggestions import listed, value_words
from gateway.formats.type_text import type_text
from gateway.formats.validators import LogEntry

_ROUNDS = 8
_ATTRIBUTE = re.compile(r"Element '[^']*', attribute '(?:\{[^']*\})?(?P<name>[^']*)'")
_REQUIRED = re.compile(r"The attribute '(?P<name>[^']*)' is required but missing")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (?P<names>[^()]*) \)\.")
_FACET_KINDS = frozenset(
    f"SCHEMAV_CVC_{name}_VALID"
    for name in (
        "LENGTH", "MINLENGTH", "MAXLENGTH", "PATTERN", "ENUMERATION", "TOTALDIGITS", "FRACTIONDIGITS", "MININCLUSIVE",
        "MAXINCLUSIVE", "MINEXCLUSIVE", "MAXEXCLUSIVE",
    )
)  # fmt: skip
_TYPE_KINDS = frozenset(
    {"SCHEMAV_CVC_DATATYPE_VALID_1_2_1", "SCHEMAV_CVC_DATATYPE_VALID_1_2_2", "SCHEMAV_CVC_DATATYPE_VALID_1_2_3"}
)
_UNKNOWN_ATTRIBUTE = frozenset(
    {"SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2", "SCHEMAV_CVC_TYPE_3_1_1"}
)
_IDENTITY = frozenset({"SCHEMAV_CVC_IDC"})


@dataclass(frozen=True, slots=True)
class _Sentence:
    code: str
    message: str
    remedy: str


_SENTENCES = {
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": _Sentence(
        "schema.text", "text stands where only elements may stand", "put it into an element, or take it out"
    ),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": _Sentence("schema.content", "the element must be empty", "take its content out"),
    "SCHEMAV_CVC_TYPE_3_1_2": _Sentence("schema.content", "elements stand where a text is due", "write the text"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": _Sentence("schema.content", "elements stand where a text is due", "write the text"),
    "SCHEMAV_CVC_ELT_1": _Sentence(
        "schema.root", "the document element is not that of the format", "check its name and namespace"
    ),
    "SCHEMAV_CVC_IDC": _Sentence("schema.identity", "a key is missing, repeated or refers to nothing", "correct it"),
}
_OTHER = _Sentence("schema.invalid", "the schema does not allow this", "compare it with the format's description")


def explain(
    document: XmlElement,
    structure: Structure,
    entries: Sequence[LogEntry],
    *,
    places: Places | None,
    validate: Callable[[XmlElement], tuple[LogEntry, ...]],
    limits: ParseLimits,
) -> tuple[Finding, ...]:
    """Explain why the validator refused a document.

    Args:
        document: the document element; its children are moved while explaining, it must not be used afterwards.
        structure: of the format.
        entries: the validator's log of the first look.
        places: of the document as it came; None takes them now.
        validate: looks again at the mended document.
        limits: ``findings`` bounds the answer.

    Returns:
        At least one finding of severity error.
    """
    explainer = _Explainer(document, places or Places(document, structure), limits.findings)
    for _ in range(_ROUNDS):
        mended = explainer.take(document, entries)
        if not mended or len(explainer.findings) >= limits.findings:
            break
        entries = validate(document)
        if not entries:
            break
    if not explainer.findings:
        explainer.take_unplaced(entries)
    return _bounded(explainer.in_order(), limits.findings)


def _bounded(findings: list[Finding], limit: int) -> tuple[Finding, ...]:
    if len(findings) <= limit:
        return tuple(findings)
    more = Finding(
        severity=Severity.ERROR,
        code="schema.more",
        layer=Layer.SCHEMA,
        message=f"there are more findings; the first {limit} are shown",
        remedy="correct these and validate again",
    )
    return (*findings[:limit], more)


class _Explainer:
    def __init__(self, document: XmlElement, places: Places, limit: int) -> None:
        self._places = places
        self._limit = limit
        self._ranks = {node: rank for rank, node in enumerate(document.iter())}
        self._model = ContentModel(places, self._ranks, limit)
        self._seen: set[tuple[str, str]] = set()
        self._parents: set[XmlElement] = set()
        self.findings = self._model.findings

    def in_order(self) -> list[Finding]:
        """Findings in the order of the document, then as found: a cause before what follows from it."""
        return [finding for _, finding in sorted(self.findings, key=itemgetter(0))]

    def take_unplaced(self, entries: Sequence[LogEntry]) -> None:
        """Say at least what kind of fault it is, where nothing says at which place."""
        kind = entries[0].kind if entries else ""
        sentence = _SENTENCES.get(kind, _OTHER)
        code = "schema.facet" if kind in _FACET_KINDS else "schema.type" if kind in _TYPE_KINDS else sentence.code
        message = f"{sentence.message}, further down among the repeated elements"
        self._report(0, Place(), code, message, remedy=sentence.remedy)

    def take(self, document: XmlElement, entries: Sequence[LogEntry]) -> bool:
        """Explain one log; says whether the document was mended, so that another look may show more."""
        located = [(entry, locate(document, entry.path)) for entry in entries[: 2 * self._limit + 2]]
        for entry, node in located:
            if entry.kind != "SCHEMAV_ELEMENT_CONTENT" and node is not None:
                place = self._places.of(node)
                if place is not None:
                    self._take_value(entry, self._ranks.get(node, 0), place)
        mended = False
        for entry, node in located:
            if entry.kind == "SCHEMAV_ELEMENT_CONTENT" and node is not None:
                mended = self._take_content(entry, node) or mended
        return mended

    def _take_content(self, entry: LogEntry, node: XmlElement) -> bool:
        missing = "Missing child" in entry.message
        parent = node if missing else node.getparent()
        if parent is None or parent in self._parents:
            return False
        self._parents.add(parent)
        place = self._places.of(parent)
        if place is None or place.element is None:
            return False
        if not self._model.explain(parent, place, place.element):
            shown = self._places.of(node) or place
            names = _EXPECTED.search(entry.message)
            expected = listed([name.rpartition("}")[2] for name in names["names"].split(", ")]) if names else ""
            self._report(
                self._ranks.get(node, 0),
                shown,
                "schema.content-model",
                "something is missing in it" if missing else "this element is not expected here",
                expected=expected,
                remedy="look at the order and at what must stand together",
            )
        return True

    def _take_value(self, entry: LogEntry, rank: int, place: Place) -> None:
        attribute = _ATTRIBUTE.match(entry.message)
        element = place.element
        if entry.kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
            required = _REQUIRED.search(entry.message)
            name = required["name"] if required else ""
            self._report(
                rank,
                place,
                "schema.attribute-missing",
                "a required attribute is missing",
                remedy=f"add {name}",
                attribute=name,
            )
        elif entry.kind in _UNKNOWN_ATTRIBUTE:
            name = safe_name(attribute["name"]) if attribute else "?"
            known = [known.name for known in element.attributes] if element is not None else []
            remedy = f"allowed here: {listed(known)}" if known else "no attribute may stand here"
            self._report(
                rank,
                place,
                "schema.attribute-unknown",
                "the schema does not know this attribute",
                remedy=remedy,
                attribute=name,
            )
        elif entry.kind in _FACET_KINDS or entry.kind in _TYPE_KINDS:
            self._take_facet(entry, rank, place, attribute["name"] if attribute else "")
        else:
            sentence = _SENTENCES.get(entry.kind, _OTHER)
            self._report(rank, place, sentence.code, sentence.message, remedy=sentence.remedy)

    def _take_facet(self, entry: LogEntry, rank: int, place: Place, attribute: str) -> None:
        simple = None
        if place.element is not None:
            declared = place.element.attribute_by_name.get(attribute)
            simple = declared.type if declared is not None else None if attribute else place.element.type
        if entry.kind in _TYPE_KINDS and (f"{place.path}@{attribute}", "schema.facet") in self._seen:
            return
        code = "schema.facet" if entry.kind in _FACET_KINDS else "schema.type"
        facet = entry.kind.removeprefix("SCHEMAV_CVC_").removesuffix("_VALID") if code == "schema.facet" else ""
        message, remedy = value_words(facet, simple)
        expected = type_text(simple) if simple is not None else ""
        self._report(rank, place, code, message, expected=expected, remedy=remedy, attribute=attribute)

    def _report(
        self, rank: int, place: Place, code: str, message: str, *, expected: str = "", remedy: str, attribute: str = ""
    ) -> None:
        path = f"{place.path or '/'}@{attribute}" if attribute else place.path
        mark = (f"{place.path}@{attribute}", code)
        if mark in self._seen:
            return
        self._seen.add(mark)
        finding = Finding(
            severity=Severity.ERROR,
            code=code,
            layer=Layer.SCHEMA,
            path=path,
            pointer=place.pointer,
            line=place.line,
            message=message,
            expected=expected,
            remedy=remedy,
        )
        self.findings.append((rank, finding))
