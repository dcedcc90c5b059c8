"""Children that stand in another order than the schema's, put into it."""

from __future__ import annotations

from collections.abc import Callable

from gateway.formats.codec_source import clark
from gateway.formats.parsing import XmlElement
from gateway.formats.structure import Element, Structure


def put_in_order(node: XmlElement, element: Element) -> bool:
    """Bring the children of one element into the schema's order; equals keep theirs.

    An element that the schema does not know stays behind the one that it stood behind.

    Args:
        node: the element.
        element: what the schema says of it.

    Returns:
        Whether anything had to be moved.
    """
    ranks = {clark(child): rank for rank, child in enumerate(element.children)}
    placed: list[tuple[int, XmlElement]] = []
    last, furthest, sorted_already = -1, -1, True
    for child in node:
        last = ranks.get(str(child.tag), last)
        sorted_already = sorted_already and last >= furthest
        furthest = max(furthest, last)
        placed.append((last, child))
    if sorted_already:
        return False
    placed.sort(key=lambda pair: pair[0])
    for _, child in placed:
        node.append(child)
    return True


def put_classes_in_order(document: XmlElement, structure: Structure, names: frozenset[str]) -> list[XmlElement]:
    """The same for every class of a document that has one of the names.

    Args:
        document: its elements have the names of the schema.
        structure: of the format.
        names: local names of the classes that may be written in any order.

    Returns:
        The elements whose children were moved.
    """
    moved: list[XmlElement] = []
    _walk(document, structure.root, names, moved.append)
    return moved


def _walk(node: XmlElement, element: Element, names: frozenset[str], tell: Callable[[XmlElement], None]) -> None:
    known = {clark(child): child for child in element.children}
    for child in node:
        inner = known.get(str(child.tag))
        if inner is not None and not inner.is_leaf:
            _walk(child, inner, names, tell)
    if element.local in names and put_in_order(node, element):
        tell(node)
