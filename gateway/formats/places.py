"""Where an element of a document stands: in our path language and as a WCO pointer.

A path names every level below the root and writes a 1-based position where the schema lets the element repeat, and
for what stands there more often than it may. A pointer names the WCO ids of the levels, ``$n`` for the n-th of a
repeated class, and ends at the attribute's id: ``42A.67A.68A.$2.D005`` (wco 10). A level without a WCO id has no
pointer below it, but for the child that carries a date's text.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.formats.codec_source import clark
from gateway.formats.json_parsing import safe_name
from gateway.formats.parsing import XmlElement, line_of
from gateway.formats.steps import steps_of
from gateway.formats.structure import Element, Structure


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a document.

    Attributes:
        path: in the path language, empty for the root.
        pointer: WCO pointer, empty where none can be written.
        pointable: whether a level below may still add to the pointer.
        line: line in the document.
        element: what the schema says of it, None for an element that the schema does not know here.
    """

    path: str = ""
    pointer: str = ""
    pointable: bool = True
    line: int | None = None
    element: Element | None = None

    def below(
        self, element: Element | None, name: str, position: int, line: int | None, *, numbered: bool = False
    ) -> Place:
        """The place of a child.

        Args:
            element: what the schema says of the child, None when it does not know it.
            name: local name of the child, used only when unknown.
            position: 1-based, among the occurrences of the same element.
            line: line of the child.
            numbered: write the position even of a first one that the schema does not know.
        """
        key = element.key if element is not None else safe_name(name)
        numbered = numbered or position > 1 or (element is not None and element.repeats)
        step = f"{key}[{position}]" if numbered else key
        path = f"{self.path}/{step}" if self.path else step
        pointer, pointable = self._pointer(element, position)
        return Place(path, pointer, pointable, line, element)

    def _pointer(self, element: Element | None, position: int) -> tuple[str, bool]:
        if element is None or not self.pointable:
            return self.pointer, False
        identity = element.annotation.wco_id
        if not identity:
            return (self.pointer if element.is_leaf else ""), False
        number = f".${position}" if not element.is_leaf and (element.repeats or position > 1) else ""
        return f"{self.pointer}.{identity}{number}" if self.pointer else f"{identity}{number}", True


class Places:
    """The places of all elements of one document, taken before anything in it is moved.

    Args:
        document: the document element.
        structure: the format's structure.
    """

    def __init__(self, document: XmlElement, structure: Structure) -> None:
        self._tags: dict[int, dict[str, Element]] = {}
        self._locals: dict[int, dict[str, Element]] = {}
        self._places: dict[XmlElement, Place] = {}
        identity = structure.root.annotation.wco_id
        self._take(document, Place(pointer=identity, line=line_of(document), element=structure.root))

    def of(self, node: XmlElement) -> Place | None:
        """The place of an element; None for one that was put in later."""
        return self._places.get(node)

    def by_tag(self, element: Element) -> dict[str, Element]:
        """Children of a class by lxml tag."""
        known = self._tags.get(id(element))
        if known is None:
            known = self._tags[id(element)] = {clark(child): child for child in element.children}
        return known

    def _take(self, node: XmlElement, place: Place) -> None:
        self._places[node] = place
        tags = self.by_tag(place.element) if place.element is not None else {}
        meant = self._meant(place.element)
        counts: dict[str, int] = {}
        for child in node:
            tag = str(child.tag)
            local = tag.rpartition("}")[2]
            known = tags.get(tag)
            twin = known or meant.get(local)
            name = twin.key if twin is not None else local
            counts[name] = counts.get(name, 0) + 1
            numbered = known is None and twin is not None and twin.repeats
            self._take(child, place.below(known, local, counts[name], line_of(child), numbered=numbered))

    def _meant(self, element: Element | None) -> dict[str, Element]:
        """Children of a class by local name: what an element of another namespace is counted among."""
        if element is None:
            return {}
        known = self._locals.get(id(element))
        if known is None:
            known = self._locals[id(element)] = {child.local: child for child in reversed(element.children)}
        return known


def pointer_of(structure: Structure, path: str) -> str:
    """The WCO pointer of a path with positions, as findings and rules write paths.

    Args:
        structure: the format's.
        path: ``Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/SequenceNumeric``; an attribute is left out.
    """
    place = Place(pointer=structure.root.annotation.wco_id, element=structure.root)
    for name, position in steps_of(path):
        child = place.element.child(name) if place.element is not None else None
        place = place.below(child, name, position or 1, None)
    return place.pointer
