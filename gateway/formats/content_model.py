"""What is wrong with the children of one element, in words that teach.

libxml2 says only that "this element is not expected" and stops there for its parent. Here all children of that parent
are compared with the structure, so that every unknown, surplus, misplaced and missing element of it is named at once,
with what the sender can do. Then the children are brought into an order that the validator accepts, so that it can look
at the rest of the document.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from lxml import etree

from gateway.findings import Finding, Layer, Severity
from gateway.formats.codec_source import clark
from gateway.formats.parsing import XmlElement
from gateway.formats.places import Place, Places
from gateway.formats.structure import Element
from gateway.formats.suggestions import advice, due_place, listed

_SLIP = 0.8
"""Likeness from which on a name that is not known stands for one that is missing beside it."""


def _order(element: Element) -> dict[str, int]:
    """Place of each child in the schema's order, by key."""
    return {child.key: position for position, child in enumerate(element.children)}


def _is_meant(name: str, known: str) -> bool:
    """Whether a name that the schema does not know is a slip of the pen for one that it knows."""
    return name == known or SequenceMatcher(None, name, known).ratio() >= _SLIP


def _in_order(kept: list[tuple[int, XmlElement]]) -> list[int]:
    """Indices of a longest run of children that stand in the schema's order among each other."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (mine, _) in enumerate(kept):
        at = bisect_right(ends, mine)
        before.append(last[at - 1] if at else -1)
        ends[at : at + 1] = [mine]
        last[at : at + 1] = [index]
    run = []
    here = last[-1] if last else -1
    while here >= 0:
        run.append(here)
        here = before[here]
    return run[::-1]


@dataclass(slots=True)
class _Sifted:
    """The children of one parent after what cannot stay was taken out.

    Attributes:
        kept: what stays, with its place in the schema's order.
        counts: how often each known child stands there, by key.
        strangers: local name and rank of each child that the schema does not know.
    """

    kept: list[tuple[int, XmlElement]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    strangers: list[tuple[str, int]] = field(default_factory=list)

    def means_one_of(self, names: Iterable[str]) -> bool:
        """Whether a child that the schema does not know stands there for one of these."""
        return any(_is_meant(stranger, name) for stranger, _ in self.strangers for name in names)


@dataclass(slots=True)
class ContentModel:
    """Compares children with the structure and mends them.

    Attributes:
        places: of the document.
        ranks: place of each element in the order of the document as it came.
        limit: with so many findings, nothing more is compared.
        findings: what was found, each with the rank by which findings are put into order.
    """

    places: Places
    ranks: Mapping[XmlElement, int]
    limit: int
    findings: list[tuple[int, Finding]] = field(default_factory=list)

    def explain(self, parent: XmlElement, place: Place, element: Element) -> bool:
        """Name what is wrong below a parent, and mend it for the next look of the validator.

        Returns:
            Whether anything was found.
        """
        before = len(self.findings)
        sifted = self._sift(parent, element)
        if len(self.findings) > self.limit:
            return True
        self._order(sifted.kept)
        kept = sifted.kept + self._missing(parent, place, element, sifted)
        kept = self._choices(parent, place, element, sifted, kept)
        kept.sort(key=lambda pair: pair[0])
        for _, node in kept:
            parent.append(node)
        return len(self.findings) > before

    def _sift(self, parent: XmlElement, element: Element) -> _Sifted:
        """Take out what the schema does not know or has too often."""
        tags = self.places.by_tag(element)
        order = _order(element)
        sifted = _Sifted()
        for node in list(parent):
            if len(self.findings) > self.limit:
                break
            known = tags.get(str(node.tag))
            if known is None:
                sifted.strangers.append((self._unknown(node, element), self.ranks.get(node, 0)))
                parent.remove(node)
                continue
            counts = sifted.counts
            counts[known.key] = counts.get(known.key, 0) + 1
            if known.maximum is not None and counts[known.key] > known.maximum:
                allowed = f"at most {known.maximum}"
                self._report(node, "schema.too-many", "it stands more often than allowed", allowed, "take it out")
                parent.remove(node)
                continue
            sifted.kept.append((order[known.key], node))
        return sifted

    def _order(self, kept: list[tuple[int, XmlElement]]) -> None:
        """Report the fewest elements whose moving brings all into the schema's order."""
        steady = _in_order(kept)
        if len(steady) == len(kept):
            return
        ranks = [kept[index][0] for index in steady]
        standing = set(steady)
        for index, (mine, node) in enumerate(kept):
            if index in standing:
                continue
            if len(self.findings) > self.limit:
                break
            at = bisect_right(ranks, mine)
            earlier = kept[steady[at - 1]][1] if at else None
            later = kept[steady[at]][1] if at < len(steady) else None
            is_late = at < len(steady) and steady[at] < index
            self._misplaced(node, "late" if is_late else "early", later, earlier)

    def _unknown(self, node: XmlElement, element: Element) -> str:
        """Report an element that the schema does not know here, and give the name that may have been meant."""
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
            return meant.local
        remedy = advice(local, element, self._above(node.getparent()))
        self._report(node, "schema.unknown-element", "the schema does not know this element here", "", remedy)
        return local

    def _above(self, parent: XmlElement | None) -> list[Element]:
        """The classes around a class, innermost first."""
        nodes = parent.iterancestors() if parent is not None else ()
        places = (self.places.of(node) for node in nodes)
        return [place.element for place in places if place is not None and place.element is not None]

    def _misplaced(self, node: XmlElement, how: str, later: XmlElement | None, earlier: XmlElement | None) -> None:
        """Name both neighbours between which it belongs."""
        after = f"after {self._name(earlier)}" if earlier is not None else ""
        before = f"before {self._name(later)}" if later is not None else ""
        where = " and ".join(part for part in (after, before) if part)
        self._report(
            node,
            "schema.wrong-order",
            f"it stands too {how} among its siblings",
            f"the schema's order: here {where}",
            f"move it {where}",
        )

    def _name(self, node: XmlElement) -> str:
        place = self.places.of(node)
        return place.path.rpartition("/")[2].partition("[")[0] if place is not None else "an earlier element"

    def _missing(
        self, parent: XmlElement, place: Place, element: Element, sifted: _Sifted
    ) -> list[tuple[int, XmlElement]]:
        """Report required children that are not there and give stand-ins, which have no place and no findings.

        One that stands there under a wrong name is not missing: the wrong name was reported.
        """
        stand_ins = []
        order = _order(element)
        rank = max([self.ranks.get(parent, 0), *(rank for _, rank in sifted.strangers)])
        for child in element.children:
            lacking = child.minimum - sifted.counts.get(child.key, 0)
            if lacking <= 0:
                continue
            stand_ins += [(order[child.key], etree.Element(clark(child))) for _ in range(lacking)]
            if not sifted.means_one_of([child.local]):
                below = place.below(child, child.local, sifted.counts.get(child.key, 0) + 1, place.line)
                expected = f"at least {child.minimum}" if child.minimum > 1 else child.key
                due = due_place(child, element, tuple(sifted.counts))
                remedy = f"add {child.key} {due}".rstrip()
                self._add(rank, below, "schema.missing-element", "a required element is missing", expected, remedy)
        return stand_ins

    def _choices(
        self,
        parent: XmlElement,
        place: Place,
        element: Element,
        sifted: _Sifted,
        kept: list[tuple[int, XmlElement]],
    ) -> list[tuple[int, XmlElement]]:
        tags = self.places.by_tag(element)
        for branches, required in zip(element.choices, element.choice_required, strict=True):
            present = [branch for branch in branches if any(tags[str(node.tag)].key in branch for _, node in kept)]
            if not present and required and not sifted.means_one_of([key for branch in branches for key in branch]):
                names = listed([branch[0] for branch in branches if branch])
                rank = max([self.ranks.get(parent, 0), *(rank for _, rank in sifted.strangers)])
                self._add(rank, place, "schema.missing-element", "one of several elements is missing", names, "add one")
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
            self._add(self.ranks.get(node, 0), place, code, message, expected, remedy)

    def _add(self, rank: int, place: Place, code: str, message: str, expected: str, remedy: str) -> None:
        finding = Finding(
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
        self.findings.append((rank, finding))
