"""Children in another order: only the classes named, equals keep theirs, unknown ones stay where they were."""

from __future__ import annotations

from lxml import etree

from gateway.formats.dialect_order import put_classes_in_order, put_in_order
from gateway.formats.structure import Element, SimpleType, Structure

TEXT = SimpleType()


def leaf(name: str) -> Element:
    return Element(key=name, local=name, minimum=0, maximum=None, type=TEXT)


POINTER = Element(key="Pointer", local="Pointer", maximum=None, children=(leaf("Sequence"), leaf("Section")))
ROOT = Element(key="R", local="R", children=(leaf("A"), leaf("B"), leaf("C"), POINTER))


def names(node: etree._Element) -> list[str]:
    return [f"{child.tag}{child.text or ''}" for child in node]


def test_in_order_nothing_is_moved() -> None:
    node = etree.fromstring("<R><A>1</A><X/><B/><B/></R>")
    assert put_in_order(node, ROOT) is False
    assert names(node) == ["A1", "X", "B", "B"]


def test_equals_keep_their_order_and_unknown_ones_their_neighbour() -> None:
    node = etree.fromstring("<R><X/><C/><Y/><B>1</B><A/><B>2</B></R>")
    assert put_in_order(node, ROOT) is True
    assert names(node) == ["X", "A", "B1", "B2", "C", "Y"]


def test_only_the_classes_named_are_put_in_order() -> None:
    text = "<R><B/><A/><Pointer><Section/><Sequence/></Pointer><Pointer><Sequence/><Section/></Pointer></R>"
    node = etree.fromstring(text)
    moved = put_classes_in_order(node, Structure(root=ROOT, digest=""), frozenset({"Pointer"}))
    assert [node.index(one) for one in moved] == [2]
    assert names(node)[:2] == ["B", "A"]
    assert names(node[2]) == names(node[3]) == ["Sequence", "Section"]
