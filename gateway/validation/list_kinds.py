"""The kinds of rules that look at all occurrences of a repeated class at once: unique fields and numbering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.codes.numbers import parse_decimal, plain
from gateway.formats.structure import Element
from gateway.formats.tree import Tree, leaf_text
from gateway.validation.check import FINE, Breaks, Built, Place, Run
from gateway.validation.routes import Route, route_of
from gateway.validation.rule import Rule

_MOST = 255
_NUMBERS = tuple(str(number) for number in range(_MOST + 1))
"""The first numbers as they are mostly written; for later ones the comparison falls back on their value."""


def build_unique(rule: Rule, place: Place) -> Built | None:
    """Entries of a repeated class differ in a field; later ones that repeat it are named."""
    route = _field(place.element, rule.options.field)
    if route is None:
        return None
    one = route.one

    def test(entries: list[Tree], _: Run) -> Breaks:
        if len(entries) < 2:
            return FINE
        values = [value for entry in entries if (value := one(entry)) is not None]
        if len(set(map(_plain, values))) == len(values):
            return FINE
        seen: set[str] = set()
        broken = []
        for trail, text in _texts(route, entries):
            if text in seen:
                broken.append((trail, ""))
            seen.add(text)
        return tuple(broken)

    return Built(value=test)


def build_sequence(rule: Rule, place: Place) -> Built | None:
    """Entries of a repeated class are numbered from 1 on without a gap; the first that is not is named."""
    route = _field(place.element, rule.options.field)
    if route is None:
        return None
    one = route.one

    def test(entries: list[Tree], _: Run) -> Breaks:
        wanted = 0
        for position, entry in enumerate(entries, 1):
            value = one(entry)
            if value is None:
                continue
            wanted += 1
            if value != _NUMBERS[wanted & _MOST] and _plain(value) != str(wanted):
                return ((f"[{position}]{route.trail}", ""),)
        return FINE

    return Built(value=test)


def _field(element: Element, path: str) -> Route | None:
    """The way to a field that each entry has once; None for an element that does not repeat."""
    route = route_of(element, path) if element.repeats else None
    return None if route is None or any(repeats for _, repeats in route.steps) else route


def _texts(route: Route, entries: list[Tree]) -> Iterator[tuple[str, str]]:
    """The field of each entry that has it, numbers without leading zeros."""
    for position, entry in enumerate(entries, 1):
        for trail, value in route.values(entry):
            yield f"[{position}]{trail}", _plain(value)


def _plain(value: Any) -> str:
    text = (value if value.__class__ is str else leaf_text(value)).strip()
    number = None if text.isdigit() and text[0] != "0" else parse_decimal(text)
    return text if number is None else plain(number)
