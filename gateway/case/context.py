"""What an amendment holds beside the places that it names: it must say what the declaration says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.case.anatomy import is_class
from gateway.case.entries import pair
from gateway.formats.structure import Element
from gateway.formats.tree import Tree


def foreign_parts(element: Element, declared: Any, given: Any, path: str) -> Iterator[str]:
    """Places of the amendment whose content the declaration does not have, as paths in the amendment.

    Args:
        element: of the place.
        declared: its content in the declaration, None where it has none.
        given: its content in the amendment; a class may hold less than the declaration's.
        path: where it stands in the amendment.
    """
    if given == declared:
        return
    if declared is None or element.is_leaf or not is_class(element):
        yield path
        return
    for key, value in given.items():
        child = element.by_key.get(key)
        below = f"{path}/{key}" if child is not None else f"{path}{key}"
        if child is None or not (child.repeats and is_class(child)):
            held = declared.get(key)
            yield from foreign_parts(child, held, value, below) if child is not None else _unless(held == value, below)
        else:
            yield from _foreign_entries(child, declared.get(key, []), value, below)


def _foreign_entries(element: Element, declared: list[Tree], given: list[Tree], path: str) -> Iterator[str]:
    pairing = pair(element, declared, list(enumerate(given, 1)), ())
    yield from (f"{path}[{position}]" for position, _ in pairing.strays)
    for position, (at, entry) in pairing.context:
        yield from foreign_parts(element, declared[position - 1], entry, f"{path}[{at}]")


def _unless(same: bool, path: str) -> Iterator[str]:
    if not same:
        yield path
