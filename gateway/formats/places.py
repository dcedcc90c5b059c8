"""Where an element of a document stands: in our path language and as a WCO pointer.

A path names every level below the root and writes a 1-based position only where the schema lets the element repeat.
A pointer names the WCO ids of the levels, ``$n`` for the n-th of a repeated class, and ends at the attribute's id:
``42A.67A.68A.$2.D005``. A level without a WCO id has no pointer below it, but for the child that carries a date's text.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.formats.codec_source import clark
from gateway.formats.json_parsing import safe_name
from gateway.formats.parsing import XmlElement, line_of
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

    def below(self, element: Element | None, name: str, position: int, line: int | None) -> Place:
        """The place of a child.

        Args:
            element: what the schema says of the child, None when it does not know it.
            name: local name of the child, used only when unknown.
            position: 1-based, among the occurrences of the same element.
            line: line of the child.
        """
        key = element.key if element is not None else safe_name(name)
        step = f"{key}[{position}]" if element is not None and element.repeats else key
        path = f"{self.path}/{step}" if self.path else step
        pointer, pointable = self._pointer(element, position)
        return Place(path, pointer, pointable, line, element)

    def _pointer(self, element: Element | None, position: int) -> tuple[str, bool]:
        if element is None or not self.pointable:
            return self.pointer, False
        identity = element.annotation.wco_id
        if not identity:
            return (self.pointer if element.is_leaf else ""), False
        number = f".${position}" if element.repeats else ""
        return f"{self.pointer}.{identity}{number}" if self.pointer else f"{identity}{number}", True


class Places:
    """The places of all elements of one document, taken before anything in it is moved.

    Args:
        document: the document element.
        structure: the format's structure.
    """

    def __init__(self, document: XmlElement, structure: Structure) -> None:
        self._tags: dict[int, dict[str, Element]] = {}
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
        counts: dict[str, int] = {}
        for child in node:
            tag = str(child.tag)
            counts[tag] = counts.get(tag, 0) + 1
            self._take(child, place.below(tags.get(tag), tag.rpartition("}")[2], counts[tag], line_of(child)))


def pointer_of(structure: Structure, path: str) -> str:
    """The WCO pointer of a path with positions, as findings and rules write paths.

    Args:
        structure: the format's.
        path: ``Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/SequenceNumeric``; an attribute is left out.
    """
    place = Place(pointer=structure.root.annotation.wco_id, element=structure.root)
    for step in path.partition("@")[0].split("/") if path else ():
        name, _, position = step.partition("[")
        child = place.element.child(name) if place.element is not None else None
        place = place.below(child, name, int(position.rstrip("]") or 1), None)
    return place.pointer
