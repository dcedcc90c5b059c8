"""What was repaired while a dialect was read: one finding a kind, with the number and the first place."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.findings import Finding, Layer, Severity
from gateway.formats.codec_source import clark
from gateway.formats.dialect_names import DocumentNames
from gateway.formats.json_parsing import safe_name
from gateway.formats.parsing import XmlElement, line_of
from gateway.formats.places import pointer_of
from gateway.formats.structure import Structure
from gateway.formats.suggestions import listed


@dataclass(frozen=True, slots=True)
class _Sentence:
    severity: Severity
    one: str
    several: str
    remedy: str


_WARNING, _INFO = Severity.WARNING, Severity.INFO
_SENTENCES = {
    "profile.wrapped": _Sentence(
        _WARNING,
        "the message stands inside a transport element; that was left aside",
        "the message stands inside {} transport elements; they were left aside",
        "send the message alone",
    ),
    "profile.body-only": _Sentence(
        _WARNING, "the message has no envelope; it was put around it", "", "send it with its envelope"
    ),
    "profile.namespace-absent": _Sentence(
        _WARNING, "the document has no namespace; the schema's were put in", "", "declare the schema's namespaces"
    ),
    "profile.default": _Sentence(
        _INFO,
        "one leaf of the envelope was put in",
        "{} leaves of the envelope were put in",
        "send them",
    ),
    "profile.envelope": _Sentence(
        _INFO,
        "one text of the envelope was read as its form of today",
        "{} texts of the envelope were read as their forms of today",
        "write them as expected",
    ),
    "profile.tag": _Sentence(
        _INFO,
        "one element has a name of another version; it was read as today's",
        "{} elements have names of another version; they were read as today's",
        "use the names expected",
    ),
    "profile.date": _Sentence(
        _INFO,
        "one date is written in another style; it was brought into DateTimeString",
        "{} dates are written in another style; they were brought into DateTimeString",
        "write the date into a child DateTimeString with its formatCode",
    ),
    "profile.date-form": _Sentence(
        _WARNING,
        "one date has a form that the schema does not know; it was completed",
        "{} dates have a form that the schema does not know; they were completed",
        "write the date in a form of the schema",
    ),
    "profile.date-precision": _Sentence(
        _WARNING,
        "one date says more than DateTimeString can; fractions of a second, or the zone of a day, were left out",
        "{} dates say more than DateTimeString can; fractions of a second, or the zone of a day, were left out",
        "write whole seconds, and days without a zone",
    ),
    "profile.date-zone": _Sentence(
        _INFO,
        "one time has a zone with minutes; it was carried to UTC, the instant is the same",
        "{} times have a zone with minutes; they were carried to UTC, the instants are the same",
        "write the time in UTC",
    ),
    "profile.order": _Sentence(
        _WARNING,
        "the children of one element stand in another order; they were put into the schema's",
        "the children of {} elements stand in another order; they were put into the schema's",
        "write them in the schema's order",
    ),
    "profile.unwrapped": _Sentence(
        _INFO,
        "one element around others was taken away",
        "{} elements around others were taken away",
        "write what stands in it without it",
    ),
    "profile.empty": _Sentence(
        _INFO,
        "one element holds nothing; it counts as absent",
        "{} elements hold nothing; they count as absent",
        "leave them out",
    ),
    "profile.left-aside": _Sentence(
        _WARNING,
        "one element has no place in the format; it was left aside",
        "{} elements have no place in the format; they were left aside",
        "the bytes are kept as they came; nothing of this element is carried further",
    ),
}  # fmt: skip


@dataclass(slots=True)
class _Note:
    number: int = 0
    node: XmlElement | None = None
    name: str = ""
    line: int | None = None
    details: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Notes:
    """Collects repairs of one document.

    Attributes:
        names: names of the document that differ from today's.
    """

    names: DocumentNames = field(default_factory=DocumentNames)
    _notes: dict[str, _Note] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._notes)

    def add(
        self, code: str, node: XmlElement | None = None, detail: str = "", *, name: str = "", number: int = 1
    ) -> None:
        """Note a repair.

        Args:
            code: ``profile.*``.
            node: the element repaired, or the parent of one that was taken out; it must stay in the document.
            detail: what would be right; our own words or names of a profile, never a text of the document.
            name: name of an element that was taken out of ``node``.
            number: how many times.
        """
        note = self._notes.setdefault(code, _Note())
        if not note.number:
            note.node, note.name = node, name
            note.line = line_of(node) if node is not None else None
        note.number += number
        if detail:
            note.details[detail] = None

    def findings(self, structure: Structure) -> tuple[Finding, ...]:
        """One finding a kind, in the order in which they were first met.

        Args:
            structure: of the format that the document has become.
        """
        return tuple(self._finding(code, note, structure) for code, note in self._notes.items())

    @staticmethod
    def _finding(code: str, note: _Note, structure: Structure) -> Finding:
        sentence = _SENTENCES[code]
        path = path_of(note.node, structure) if note.node is not None else ""
        if note.name:
            path = f"{path}/{safe_name(note.name)}" if path else safe_name(note.name)
        return Finding(
            severity=sentence.severity,
            code=code,
            layer=Layer.SCHEMA,
            path=path,
            pointer=pointer_of(structure, path),
            line=note.line,
            message=sentence.one if note.number == 1 or not sentence.several else sentence.several.format(note.number),
            expected=listed(tuple(note.details)),
            remedy=sentence.remedy,
        )


def path_of(node: XmlElement, structure: Structure) -> str:
    """Path of an element in a document whose elements have the names of the schema, with 1-based positions."""
    chain: list[XmlElement] = []
    here: XmlElement | None = node
    while here is not None and (parent := here.getparent()) is not None:
        chain.append(here)
        here = parent
    steps = []
    element = structure.root
    for inner in reversed(chain):
        tag = str(inner.tag)
        known = next((child for child in element.children if clark(child) == tag), None)
        if known is None:
            steps.append(safe_name(tag.rpartition("}")[2]))
            break
        position = 1 + sum(1 for _ in inner.itersiblings(tag, preceding=True))
        steps.append(f"{known.key}[{position}]" if known.repeats else known.key)
        element = known
    return "/".join(steps)
