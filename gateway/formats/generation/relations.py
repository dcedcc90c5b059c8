"""What the parts of one message owe each other: gross at least net, amount = quantity x price, lines that are named."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gateway.codes.numbers import parse_decimal, plain, round_to
from gateway.formats.generation.facets import admits
from gateway.formats.generation.hints import hint_of
from gateway.formats.generation.instances import Reference
from gateway.formats.structure import Element
from gateway.formats.tree import Tree, entries, is_leaf, leaf_text

_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?)(.*)", re.DOTALL)


def relate(element: Element, tree: Tree) -> None:
    """Set right, in every class of a message, what is related among its own leaves."""
    hinted: dict[str, Element] = {}
    for child in element.children:
        if child.is_leaf and not child.repeats and child.key in tree:
            hinted.setdefault(hint_of(child), child)
        elif not child.is_leaf:
            for entry in entries(tree, child.key):
                relate(child, entry)
    if "gross-mass" in hinted and "net-mass" in hinted:
        _order_masses(tree, hinted["gross-mass"], hinted["net-mass"])
    if {"quantity", "unit-price", "line-amount"} <= set(hinted):
        _multiply(tree, hinted["quantity"], hinted["unit-price"], hinted["line-amount"])


def _order_masses(tree: Tree, gross: Element, net: Element) -> None:
    heavy, light = _NUMBER.fullmatch(_text(tree, gross)), _NUMBER.fullmatch(_text(tree, net))
    if heavy is None or light is None:
        return
    if Decimal(heavy[1]) >= Decimal(light[1]) and heavy[2] == light[2]:
        return
    if heavy[2] == light[2] and _admit(net, heavy[0]) and _admit(gross, light[0]):
        _put(tree, gross, light[0])
        _put(tree, net, heavy[0])
    elif _admit(net, heavy[0]):
        _put(tree, net, heavy[0])
    elif _admit(gross, light[0]):
        _put(tree, gross, light[0])


def _multiply(tree: Tree, quantity: Element, price: Element, amount: Element) -> None:
    factors = parse_decimal(_text(tree, quantity)), parse_decimal(_text(tree, price))
    if factors[0] is None or factors[1] is None:
        return
    product = round_to(factors[0] * factors[1], 2, "half-up")
    text = next((text for text in (plain(product), format(product, "f")) if _admit(amount, text)), None)
    if text is not None:
        _put(tree, amount, text)


def fill_references(references: list[Reference], content: Tree, stream: random.Random) -> None:
    """Fill the leaves that point at other parts of the message, or take them out where these are absent.

    Args:
        references: as the drawer collected them.
        content: content of the document element.
        stream: source of chance.
    """
    for reference in references:
        kind, _, path = hint_of(reference.element).partition(" ")
        found = list(_at(content, path.split("/")))
        text = _reference_text(kind, found, stream, reference.element)
        if text is None or not _admit(reference.element, text):
            if text is None and reference.removable and isinstance(reference.holder, dict):
                reference.holder.pop(str(reference.place), None)
            continue
        held: Any = reference.holder[reference.place]  # type: ignore[index]
        if isinstance(held, dict):
            held["value"] = text
        else:
            reference.holder[reference.place] = text  # type: ignore[index]


def _reference_text(kind: str, found: list[Any], stream: random.Random, element: Element) -> str | None:
    if kind == "count-of":
        return str(len(found))
    if not found:
        return None
    if kind == "line-of":
        return str(stream.randint(1, len(found)))
    if kind == "lines-of":
        lines = stream.sample(range(1, len(found) + 1), stream.randint(1, min(4, len(found))))
        return ",".join(str(line) for line in sorted(lines))
    texts = [leaf_text(leaf) for leaf in found if is_leaf(leaf)]
    if kind == "value-of":
        return stream.choice(texts) if texts else None
    total = sum((number for text in texts if (number := parse_decimal(text)) is not None), Decimal(0))
    assert element.type is not None
    return plain(total if element.type.fraction_digits is None else round_to(total, element.type.fraction_digits))


def _at(content: Tree, steps: list[str]) -> Iterator[Any]:
    for entry in entries(content, steps[0]):
        if len(steps) == 1:
            yield entry
        elif isinstance(entry, dict):
            yield from _at(entry, steps[1:])


def _admit(element: Element, text: str) -> bool:
    return element.type is not None and admits(element.type, text)


def _text(tree: Tree, element: Element) -> str:
    return leaf_text(tree[element.key])


def _put(tree: Tree, element: Element, text: str) -> None:
    held = tree[element.key]
    if isinstance(held, dict):
        held["value"] = text
    else:
        tree[element.key] = text
