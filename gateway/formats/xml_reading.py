"""Reading an XML document of one format: prepare, validate, decode, or explain why not."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml import etree

from gateway.findings import Finding, Layer, Severity
from gateway.formats.codec import Codec
from gateway.formats.dialect_notes import Notes
from gateway.formats.dialect_order import put_classes_in_order
from gateway.formats.explain import explain
from gateway.formats.head import FormatHead
from gateway.formats.limits import ParseLimits
from gateway.formats.parsing import XmlElement, line_of, parse_xml
from gateway.formats.places import Places
from gateway.formats.prepare import Empties, find_empties, put_namespaces, take_unknown_aside
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from gateway.formats.validators import LogEntry, ValidatorPool

_INSTANCE = {"xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_MAY_RETYPE = etree.XPath(
    "boolean(/descendant::*/@xsi:*[local-name() != 'schemaLocation' and local-name() != 'noNamespaceSchemaLocation'])",
    namespaces=_INSTANCE,
    regexp=False,
)
_RETYPED = etree.XPath("//*[@xsi:type or @xsi:nil]", namespaces=_INSTANCE)


_SHORTEST_ELEMENT = len("<a/>")


@dataclass(frozen=True, slots=True)
class XmlReader:
    """What reading needs of a format.

    Attributes:
        head: its policies.
        structure: what may stand where.
        codec: decodes what the validator accepts.
        validators: decide.
        limits: of findings and of parsing.
    """

    head: FormatHead
    structure: Structure
    codec: Codec
    validators: ValidatorPool
    limits: ParseLimits

    def read(self, document: XmlElement, source: bytes | None = None) -> tuple[Tree | None, tuple[Finding, ...]]:
        """The message tree (None when refused) and all findings; the document must not be used afterwards.

        Args:
            document: the document element.
            source: the bytes that it was parsed from, which bound the number of its elements.
        """
        retyped = self._retyped(document)
        if retyped:
            return None, retyped
        at_most = None if source is None else len(source) // _SHORTEST_ELEMENT
        warnings = put_namespaces(document, self.structure, self.head)
        if document.tag != self.codec.tag:
            return None, (*warnings, self._other_root(document))
        if self.head.unknown == "kept-aside":
            warnings = (*warnings, *take_unknown_aside(document, self.structure))
        empties = find_empties(document, self.structure) if self.head.absent == "empty" else Empties()
        places = None
        if empties.found:
            places = Places(document, self.structure)
            empties.remove()
        entries = self.validators.validate(document, at_most)
        if entries and self.head.any_order and (moved := self._put_in_order(document)):
            warnings = (*warnings, *moved)
            entries = self.validators.validate(document)
        if entries:
            return None, (*warnings, *self._explain(document, entries, places))
        empties.restore()
        return self.codec.read(document), warnings

    def _put_in_order(self, document: XmlElement) -> tuple[Finding, ...]:
        """Put the children of classes that may be written in any order into the schema's, and say so."""
        notes = Notes()
        for node in put_classes_in_order(document, self.structure, self.head.any_order):
            notes.add("profile.order", node)
        return notes.findings(self.structure)

    def _other_root(self, document: XmlElement) -> Finding:
        """The validator would accept any element that the schema declares globally."""
        root = self.structure.root
        return Finding(
            severity=Severity.ERROR,
            code="schema.root",
            layer=Layer.SCHEMA,
            line=line_of(document),
            message="the document element is not that of the format",
            expected=f"{root.local} in {f'namespace {root.namespace}' if root.namespace else 'no namespace'}",
            remedy="check its name and namespace",
        )

    def judge(self, written: bytes) -> tuple[Finding, ...]:
        """What the validator says of a message that the codec wrote; no lines, for nobody has seen this document."""
        document = parse_xml(written, self.limits)
        places = None
        if self.head.absent == "empty":
            empties = find_empties(document, self.structure)
            if empties.found:
                places = Places(document, self.structure)
                empties.remove()
        entries = self.validators.validate(document)
        if not entries:
            return ()
        return tuple(replace(finding, line=None) for finding in self._explain(document, entries, places))

    def _explain(
        self, document: XmlElement, entries: tuple[LogEntry, ...], places: Places | None
    ) -> tuple[Finding, ...]:
        return explain(
            document,
            self.structure,
            entries,
            places=places,
            validate=self.validators.validate,
            limits=self.limits,
        )

    def _retyped(self, document: XmlElement) -> tuple[Finding, ...]:
        """An ``xsi:type`` or ``xsi:nil`` would let the validator accept what the structure does not know."""
        nodes = _RETYPED(document) if _MAY_RETYPE(document) else []
        assert isinstance(nodes, list)
        if not nodes:
            return ()
        places = Places(document, self.structure)
        findings = []
        for node in nodes[: self.limits.findings]:
            assert isinstance(node, XmlElement)
            place = places.of(node)
            findings.append(
                Finding(
                    severity=Severity.ERROR,
                    code="schema.retyped",
                    layer=Layer.SCHEMA,
                    path=place.path if place is not None else "",
                    line=line_of(node),
                    message="xsi:type and xsi:nil are not accepted",
                    remedy="leave them out; leave out an element that has no value",
                )
            )
        return tuple(findings)
