"""What is wrong with the children of one element, in words that teach.

libxml2 says only that "this element is not expected" and stops there for its parent. Here all children of that parent
are compared with the structure, so that every unknown, surplus, misplaced and missing element of it is named at once,
with what the sender can do. Then the children are brought into an order that the validator accepts, so that it can look
at the rest of the document.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree

from gateway.findings import Finding, Layer, Severity
from gateway.formats.codec_source import clark
from gateway.formats.parsing import XmlElement
from gateway.formats.places import Place, Places
from gateway.formats.structure import Element
from gateway.formats.suggestions import listed, nearest


def _order(element: Element) -> dict[str, int]:
    """Place of each child in the schema's order, by key."""
    return {child.key: position for position, child in enumerate(element.children)}


@dataclass(slots=True)
class ContentModel:
    """Compares children with the structure and mends them.

    Attributes:
        places: of the document.
        limit: with so many findings, nothing more is compared.
        findings: what was found.
    """

    places: Places
    limit: int
    findings: list[Finding] = field(default_factory=list)

    def explain(self, parent: XmlElement, place: Place, element: Element) -> bool:
        """Name what is wrong below a parent, and mend it for the next look of the validator.

        Returns:
            Whether anything was found.
        """
        before = len(self.findings)
        kept, counts = self._sift(parent, element)
        if len(self.findings) <= self.limit:
            kept += self._missing(place, element, counts)
            kept = self._choices(parent, place, element, kept)
            kept.sort(key=lambda pair: pair[0])
            for _, node in kept:
                parent.append(node)
        return len(self.findings) > before

    def _sift(self, parent: XmlElement, element: Element) -> tuple[list[tuple[int, XmlElement]], dict[str, int]]:
        """Take out what the schema does not know or has too often; what stays, with its place in the schema's order."""
        tags = self.places.by_tag(element)
        order = _order(element)
        kept: list[tuple[int, XmlElement]] = []
        furthest: list[tuple[int, XmlElement]] = []
        counts: dict[str, int] = {}
        for node in list(parent):
            if len(self.findings) > self.limit:
                break
            known = tags.get(str(node.tag))
            if known is None:
                self._unknown(node, element)
                parent.remove(node)
                continue
            counts[known.key] = counts.get(known.key, 0) + 1
            if known.maximum is not None and counts[known.key] > known.maximum:
                allowed = f"at most {known.maximum}"
                self._report(node, "schema.too-many", "it stands more often than allowed", allowed, "take it out")
                parent.remove(node)
                continue
            mine = order[known.key]
            later = next((other for position, other in furthest if position > mine), None)
            if later is not None:
                self._misplaced(node, later)
            elif not furthest or mine > furthest[-1][0]:
                furthest.append((mine, node))
            kept.append((mine, node))
        return kept, counts

    def _unknown(self, node: XmlElement, element: Element) -> None:
        local = str(node.tag).rpartition("}")[2]
        meant = next((child for child in element.children if child.local == local), None)
        if meant is not None:
            self._report(
                node,
                "schema.namespace",
                "it stands in another namespace than the schema's",
                f"namespace {meant.namespace or 'none'}",
                "declare this namespace for it",
            )
            return
        remedy = nearest(local, [child.key for child in element.children])
        self._report(node, "schema.unknown-element", "the schema does not know this element here", "", remedy)

    def _misplaced(self, node: XmlElement, later: XmlElement) -> None:
        place = self.places.of(later)
        name = place.path.rpartition("/")[2].partition("[")[0] if place is not None else "an earlier element"
        self._report(
            node, "schema.wrong-order", "it stands too late among its siblings", "", f"it belongs before {name}"
        )

    def _missing(self, place: Place, element: Element, counts: dict[str, int]) -> list[tuple[int, XmlElement]]:
        """Report required children that are not there and give stand-ins, which have no place and no findings."""
        stand_ins = []
        order = _order(element)
        for child in element.children:
            lacking = child.minimum - counts.get(child.key, 0)
            if lacking > 0:
                below = place.below(child, child.local, counts.get(child.key, 0) + 1, place.line)
                expected = f"at least {child.minimum}" if child.minimum > 1 else child.key
                self._add(
                    below, "schema.missing-element", "a required element is missing", expected, f"add {child.key}"
                )
                stand_ins += [(order[child.key], etree.Element(clark(child))) for _ in range(lacking)]
        return stand_ins

    def _choices(
        self, parent: XmlElement, place: Place, element: Element, kept: list[tuple[int, XmlElement]]
    ) -> list[tuple[int, XmlElement]]:
        tags = self.places.by_tag(element)
        for branches, required in zip(element.choices, element.choice_required, strict=True):
            present = [branch for branch in branches if any(tags[str(node.tag)].key in branch for _, node in kept)]
            if not present and required:
                names = listed([branch[0] for branch in branches if branch])
                self._add(place, "schema.missing-element", "one of several elements is missing", names, "add one")
            surplus = {key for branch in present[1:] for key in branch} - set(present[0] if present else ())
            for _, node in kept if surplus else ():
                if tags[str(node.tag)].key in surplus:
                    self._report(
                        node, "schema.choice", "it excludes another element that stands here", "", "keep one of them"
                    )
                    parent.remove(node)
            if surplus:
                kept = [pair for pair in kept if tags[str(pair[1].tag)].key not in surplus]
        return kept

    def _report(self, node: XmlElement, code: str, message: str, expected: str = "", remedy: str = "") -> None:
        place = self.places.of(node)
        if place is not None:
            self._add(place, code, message, expected, remedy)

    def _add(self, place: Place, code: str, message: str, expected: str, remedy: str) -> None:
        self.findings.append(
            Finding(
                severity=Severity.ERROR,
                code=code,
                layer=Layer.SCHEMA,
                path=place.path,
                pointer=place.pointer,
                line=place.line,
                message=message,
                expected=expected,
                remedy=remedy,
            )
        )
