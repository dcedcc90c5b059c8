"""Kinds of damage that any XML message can suffer: names, order, namespaces, attributes, cut short.

Each damage is forbidden by construction: the schema says so at the place where it is done.
"""

from __future__ import annotations

import copy
import random
from xml.parsers import expat

from gateway.formats.codec_source import clark
from gateway.formats.structure import Element
from tests.proof.damage import Damage, Maker
from tests.proof.subjects import Node, Subject, line_in, step, written

OTHER = "urn:example:other"
POINTER = "97A"


def _done(subject: Subject, *places: str, lines_of: tuple[Node, ...] = ()) -> Damage:
    data = written(subject.root)
    lines = frozenset(line_in(subject.root, node, data) for node in lines_of)
    return Damage(data=data, places=frozenset(places), lines=lines)


def misspelt_tag(subject: Subject, chance: random.Random) -> Damage | None:
    """One letter of a name is lost, doubled or swapped with the next."""
    node, element = chance.choice(list(subject.nodes()))
    parent = node.getparent()
    assert parent is not None
    local = element.local
    at = chance.randrange(len(local) - 1)
    wrong = chance.choice(
        [
            local[:at] + local[at + 1 :],
            local[: at + 1] + local[at:],
            local[:at] + local[at + 1] + local[at] + local[at + 2 :],
        ]
    )
    if wrong in {child.local for child in subject.elements[parent].children} or not wrong[0].isalpha():
        return None
    above = subject.path(parent)
    space = str(node.tag).rpartition("}")
    node.tag = f"{space[0]}{space[1]}{wrong}"
    return _done(subject, f"{above}/{wrong}".lstrip("/"), lines_of=(node,))


def foreign_namespace(subject: Subject, chance: random.Random) -> Damage | None:
    """One element stands in a namespace that no schema of ours has."""
    node, element = chance.choice(list(subject.nodes()))
    path = subject.path(node)
    node.tag = f"{{{OTHER}}}{element.local}"
    return _done(subject, path, lines_of=(node,))


def swapped_neighbours(subject: Subject, chance: random.Random) -> Damage | None:
    """Two neighbours that the schema puts in this order, the other way round."""
    pairs = [
        (node, after)
        for node, element in subject.nodes()
        if (after := node.getnext()) is not None and _is_order_fixed(subject, node, element, after)
    ]
    if not pairs:
        return None
    first, second = chance.choice(pairs)
    first.addprevious(second)
    return _done(subject, subject.path(first), subject.path(second), lines_of=(first, second))


def swapped_far(subject: Subject, chance: random.Random) -> Damage | None:
    """Two children of one parent that are not alike, each at the other's place."""
    parents = [node for node in subject.root.iter() if len(node) > 2]
    if not parents:
        return None
    parent = chance.choice(parents)
    first, second = sorted(chance.sample(range(len(parent)), 2))
    nodes = list(parent)
    if not _is_order_fixed(subject, nodes[first], subject.elements[nodes[first]], nodes[second]):
        return None
    nodes[first], nodes[second] = nodes[second], nodes[first]
    for node in nodes:
        parent.append(node)
    moved = (nodes[first], nodes[second])
    return _done(subject, *(subject.path(node) for node in moved), lines_of=moved)


def undeclared_attribute(subject: Subject, chance: random.Random) -> Damage | None:
    """An attribute that the schema does not know."""
    node = chance.choice(list(subject.root.iter()))
    name = chance.choice(["note", "unit", "formatcode", "schemaId", "id"])
    if name in subject.elements[node].attribute_by_name:
        return None
    node.set(name, "x")
    return _done(subject, f"{subject.path(node) or '/'}@{name}", lines_of=(node,))


def missing_mandatory(subject: Subject, chance: random.Random) -> Damage | None:
    """A mandatory element is taken out."""
    held = [(node, element) for node, element in subject.nodes() if _is_missed(subject, node, element)]
    if not held:
        return None
    node, element = chance.choice(held)
    parent = node.getparent()
    assert parent is not None
    parent.remove(node)
    place = f"{subject.path(parent)}/{step(element, 1)}".lstrip("/")
    return _done(subject, place, lines_of=(parent,))


def duplicated_single(subject: Subject, chance: random.Random) -> Damage | None:
    """An element that may stand once stands twice, the second after the first."""
    held = [(node, element) for node, element in subject.nodes() if not element.repeats and not _twinned(subject, node)]
    if not held:
        return None
    node, element = chance.choice(held)
    again = copy.deepcopy(node)
    subject.elements[again] = element
    node.addnext(again)
    return _done(subject, subject.path(again), lines_of=(again,))


def text_between(subject: Subject, chance: random.Random) -> Damage | None:
    """Text stands between elements."""
    node = chance.choice([node for node in subject.root.iter() if not subject.elements[node].is_leaf])
    if len(node) and chance.random() < 0.5:
        chance.choice(list(node)).tail = "text"
    else:
        node.text = "text"
    return _done(subject, subject.path(node), lines_of=(node,))


def truncated(subject: Subject, chance: random.Random) -> Damage | None:
    """The file ends too early, anywhere after the document element has begun."""
    data = subject.data
    start = data.index(b">", data.index(str(subject.root.tag).rpartition("}")[2].encode())) + 1
    cut = data[: chance.randrange(start, data.rindex(b"<") + 1)]
    opened, line = last_open(cut)
    return Damage(data=cut, places=frozenset(["/".join(opened[1:])]), lines=frozenset([line]))


def last_open(data: bytes) -> tuple[list[str], int]:
    """What is open where a document breaks off, as another parser than ours sees it."""
    opened: list[tuple[str, dict[str, int], int]] = []

    def start(tag: str, _: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        counts = opened[-1][1] if opened else {}
        counts[local] = counts.get(local, 0) + 1
        name = local if counts[local] == 1 else f"{local}[{counts[local]}]"
        opened.append((name, {}, parser.CurrentLineNumber))

    def end(_: str) -> None:
        opened.pop()

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(data, False)  # noqa: FBT003 (positional in the standard library)
    return [name for name, _, _ in opened], opened[-1][2]


def _is_order_fixed(subject: Subject, first: Node, element: Element, second: Node) -> bool:
    """Whether the schema puts one before the other. The two orders of a pointer's children are both read (wco 10)."""
    parent = first.getparent()
    pointed = parent is not None and subject.elements[parent].annotation.wco_id == POINTER
    twins = _twinned(subject, first) or _twinned(subject, second)
    return subject.elements[second] is not element and not pointed and not twins


def _is_missed(subject: Subject, node: Node, element: Element) -> bool:
    """Whether the schema misses an element that is taken out; a leaf that tells the form apart makes another form."""
    parent, head = node.getparent(), subject.form.head
    if parent is None or _twinned(subject, node) or (head.canonical and subject.path(node) in head.recognise_leaves):
        return False
    return 0 < element.minimum == sum(subject.elements.get(one) is element for one in parent)


def _twinned(subject: Subject, node: Node) -> bool:
    """Whether two elements of the schema share this name here: without namespaces a second one stands for the other."""
    parent = node.getparent()
    known: tuple[Element, ...] = subject.elements[parent].children if parent is not None else ()
    local = subject.elements[node].local
    return sum(child.local == local for child in known) > 1 and str(node.tag) != clark(subject.elements[node])


XML_KINDS: dict[str, Maker] = {
    "misspelt tag": misspelt_tag,
    "swapped neighbours": swapped_neighbours,
    "swapped far apart": swapped_far,
    "foreign namespace": foreign_namespace,
    "undeclared attribute": undeclared_attribute,
    "missing mandatory": missing_mandatory,
    "duplicate of a single": duplicated_single,
    "text between elements": text_between,
    "truncated file": truncated,
}
