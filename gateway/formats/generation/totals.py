"""What the items of a generated message owe its head: totals that add up, containers that are stated above.

Classes and attributes are known by their ids in the data model, so that every package and profile is treated alike.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

from gateway.codes.numbers import parse_decimal, plain
from gateway.formats.generation.facets import admits
from gateway.formats.generation.hints import hint_of
from gateway.formats.structure import Element
from gateway.formats.tree import Tree, entries, leaf_text

_HEADS = frozenset({"42A", "28A"})
_ITEMS = frozenset({"68A", "29A"})
_SUMS = {"131": "126", "146": "144"}
"""Total gross mass of gross masses, total of packages of their quantities (wco 7)."""

_COUNT = "228"
_CONSIGNMENT, _EQUIPMENT, _EQUIPMENT_ID, _SEAL, _NUMBER = "28A", "31B", "159", "44B", "006"


def add_up(element: Element, tree: Tree) -> None:
    """Put the sums of the items into the totals of their declaration and consignment, where both are there.

    Args:
        element: a class.
        tree: its content; totals are replaced.
    """
    for child in element.children:
        if not child.is_leaf:
            for entry in entries(tree, child.key):
                add_up(child, entry)
    if element.annotation.wco_id not in _HEADS:
        return
    items = list(_items(element, tree))
    for child in element.children:
        if child.key not in tree or not items or child.repeats:
            continue
        if child.annotation.wco_id == _COUNT:
            _put(tree, child, str(len(items)))
        total = next((total for part in _parts_of(child) if (total := _sum(items, part)) is not None), None)
        if total is not None:
            _put(tree, child, plain(total))


def _parts_of(total: Element) -> tuple[str, ...]:
    """Ids of what adds up to a total, the second where the first is nowhere; a total net mass has no id of its own."""
    if total.annotation.wco_id in _SUMS:
        return (_SUMS[total.annotation.wco_id],)
    return ("128", "126") if hint_of(total) == "net-mass" else ()


def _sum(items: list[tuple[Element, Tree]], wco_id: str) -> Decimal | None:
    texts = (text for item, entry in items for text in _texts(item, entry, wco_id))
    numbers = [number for text in texts if (number := parse_decimal(text)) is not None]
    return sum(numbers, Decimal(0)) if numbers else None


def _items(element: Element, tree: Tree) -> Iterator[tuple[Element, Tree]]:
    for child in element.children:
        if child.is_leaf:
            continue
        for entry in entries(tree, child.key):
            if child.annotation.wco_id in _ITEMS:
                yield child, entry
            else:
                yield from _items(child, entry)


def _texts(element: Element, tree: Tree, wco_id: str) -> Iterator[str]:
    """Texts of the leaves with an id, below classes that have one themselves."""
    for child in element.children:
        if child.key not in tree:
            continue
        if child.is_leaf:
            if child.annotation.wco_id == wco_id and not child.repeats:
                yield leaf_text(tree[child.key])
        elif child.annotation.wco_id:
            for entry in entries(tree, child.key):
                yield from _texts(child, entry, wco_id)


def _put(tree: Tree, element: Element, text: str) -> None:
    if element.type is None or not admits(element.type, text):
        return
    held = tree[element.key]
    if isinstance(held, dict):
        held["value"] = text
    else:
        tree[element.key] = text


def link_equipment(element: Element, tree: Tree, stream: random.Random, stated: tuple[str, ...] = ()) -> None:
    """Let items name only containers that their consignment states.

    The equipment of a consignment may carry seals; what an item names has no place for them, it is a reference.

    Args:
        element: a class.
        tree: its content; references are replaced, or taken out where nothing is stated.
        stream: source of chance.
        stated: numbers of the equipment that the classes above state.
    """
    stated = tuple(_stated(element, tree)) or stated
    for child in element.children:
        if child.is_leaf or child.key not in tree:
            continue
        if child.annotation.wco_id == _EQUIPMENT and child.repeats and not _has(child, _SEAL):
            _name_some(child, tree, stream, stated)
            continue
        for entry in entries(tree, child.key):
            link_equipment(child, entry, stream, stated)


def _stated(element: Element, tree: Tree) -> Iterator[str]:
    """Numbers of the equipment of a class and of its consignment."""
    for child in element.children:
        if child.is_leaf:
            continue
        for entry in entries(tree, child.key):
            if child.annotation.wco_id == _EQUIPMENT and _has(child, _SEAL):
                key = _key_of(child, _EQUIPMENT_ID)
                if key in entry:
                    yield leaf_text(entry[key])
            elif child.annotation.wco_id == _CONSIGNMENT and not child.repeats:
                yield from _stated(child, entry)


def _name_some(child: Element, tree: Tree, stream: random.Random, stated: tuple[str, ...]) -> None:
    number, identity = _key_of(child, _NUMBER), _key_of(child, _EQUIPMENT_ID)
    if not identity:
        return
    if not stated:
        if child.minimum == 0 and len(tree) > 1:
            del tree[child.key]
        return
    known = list(dict.fromkeys(stated))
    chosen = stream.sample(known, min(len(known), len(tree[child.key])))
    tree[child.key] = [
        ({number: str(position)} if number else {}) | {identity: text} for position, text in enumerate(chosen, 1)
    ]


def _has(element: Element, wco_id: str) -> bool:
    return any(child.annotation.wco_id == wco_id for child in element.children)


def _key_of(element: Element, wco_id: str) -> str:
    return next((child.key for child in element.children if child.annotation.wco_id == wco_id), "")
