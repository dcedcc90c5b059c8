"""The kinds of rules that look at one class: what must be there, and how its values go together."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from gateway.codes.numbers import EXACT, parse_decimal
from gateway.formats.tree import Tree, is_leaf, leaf_text
from gateway.validation.check import BROKEN, FINE, Breaks, Built, Place, Run
from gateway.validation.routes import Route, route_of, routes_of
from gateway.validation.rule import Rule
from gateway.validation.rule_options import (
    CompareRule,
    CountRule,
    EqualRule,
    ReferenceRule,
    RequiredRule,
    SumRule,
    tolerance_of,
)

_SHORT = 18
"""Numbers of so many plain digits need no closer look; whole ones are computed with as such."""


def _text(value: Any) -> str:
    if value.__class__ is str:
        return value.strip()
    return leaf_text(value).strip() if is_leaf(value) else ""


def _number(text: str) -> Decimal | int | None:
    """`parse_decimal`, by a shorter way for most numbers."""
    if len(text) <= _SHORT and text.isascii():
        whole, point, part = text.partition(".")
        if whole.isdecimal() and (part.isdecimal() or not point):
            return Decimal(text) if point else int(text)
    return parse_decimal(text)


def _measured(value: Any) -> tuple[Decimal | int, str] | None:
    """The number and the unit or currency of a leaf; None where it is no number."""
    number = _number(_text(value))
    if number is None:
        return None
    if value.__class__ is not dict:
        return number, ""
    unit = value.get("@unitCode")
    return number, (value.get("@currencyID", "") if unit is None else unit).strip()


def _alone(route: Route, tree: Tree) -> Any:
    """What stands at the end of a way when exactly one thing does, else None."""
    if route.keys is not None:
        return route.one(tree)
    found = route.all(tree)
    return found[0] if len(found) == 1 else None


def build_compare(rule: Rule, place: Place) -> Built | None:
    """One number is at least another of the same unit."""
    options: CompareRule = rule.options
    larger, smaller = route_of(place.element, options.larger), route_of(place.element, options.smaller)
    if larger is None or smaller is None:
        return None

    def test(tree: Tree, _: Run) -> Breaks:
        high, low = _alone(larger, tree), _alone(smaller, tree)
        if high is None or low is None:
            return FINE
        one, other = _measured(high), _measured(low)
        if one is None or other is None or one[1] != other[1] or one[0] >= other[0]:
            return FINE
        return BROKEN

    return Built(value=test)


def build_equal(rule: Rule, place: Place) -> Built | None:
    """Two texts are equal where both are stated."""
    options: EqualRule = rule.options
    first, second = route_of(place.element, options.one), route_of(place.element, options.other)
    if first is None or second is None:
        return None

    def test(tree: Tree, _: Run) -> Breaks:
        one = _alone(first, tree)
        wanted = "" if one is None else _text(one)
        if not wanted:
            return FINE
        same = ("", wanted)
        for value in second.all(tree):
            if _text(value) not in same:
                return tuple((trail, "") for trail, value in second.values(tree) if _text(value) not in same)
        return FINE

    return Built(value=test)


def build_sum(rule: Rule, place: Place) -> Built | None:
    """A total is the sum of its parts, within a tolerance."""
    options: SumRule = rule.options
    total, parts = route_of(place.element, options.total), routes_of(place.element, options.parts)
    if total is None or not parts:
        return None
    tolerance = tolerance_of(options)

    def test(tree: Tree, _: Run) -> Breaks:
        stated = _alone(total, tree)
        whole = _measured(stated) if stated is not None else None
        if whole is None:
            return FINE
        added = _added(parts, tree, whole[1])
        if added is None or added == whole[0] or abs(Decimal(added - whole[0])) <= tolerance:
            return FINE
        return _at(total, tree)

    return Built(value=test)


def _added(parts: Iterable[Route], tree: Tree, unit: str) -> Decimal | int | None:
    """The sum over the ways that lead anywhere; None where a part is missing, is no number or has another unit."""
    added: Decimal | int = 0
    any_part = False
    for route in parts:
        values = route.whole(tree)
        if values is None:
            return None
        for value in values:
            part = _measured(value)
            if part is None or part[1] != unit:
                return None
            number, any_part = part[0], True
            added = added + number if isinstance(added, int) and isinstance(number, int) else EXACT.add(added, number)
    return added if any_part else None


def _at(route: Route, tree: Tree) -> Breaks:
    """A breach of the one thing at the end of a way."""
    return tuple((trail, "") for trail, _ in route.values(tree))


def build_count(rule: Rule, place: Place) -> Built | None:
    """A number says how many entries there are."""
    options: CountRule = rule.options
    total, counted = route_of(place.element, options.total), routes_of(place.element, options.of)
    if total is None or not counted:
        return None

    def test(tree: Tree, _: Run) -> Breaks:
        stated = _alone(total, tree)
        if stated is None:
            return FINE
        there = 0
        for route in counted:
            there += route.count(tree)
        text = _text(stated)
        if not there or text == str(there):
            return FINE
        number = parse_decimal(text)
        return FINE if number is None or number == there else _at(total, tree)

    return Built(value=test)


def build_required(rule: Rule, place: Place) -> Built | None:
    """Elements that the business needs are there."""
    options: RequiredRule = rule.options
    asked = [(field, routes_of(place.element, field.split("|"))) for field in options.fields]
    wanted = [(field.replace("|", " or "), routes) for field, routes in asked if routes]
    if not wanted:
        return None
    questions = [tuple(route.presence for route in routes) for _, routes in wanted]

    def test(tree: Tree, _: Run) -> Breaks:
        for alternatives in questions:
            for present in alternatives:
                if present(tree):
                    break
            else:
                break
        else:
            return FINE
        missing = [one for one in wanted if not any(route.presence(tree) for route in one[1])]
        return tuple((_nearest(routes[0], tree), name) for name, routes in missing)

    return Built(value=test)


def _nearest(route: Route, tree: Any) -> str:
    """How far a way leads: the parent of what is missing."""
    trail = ""
    for key, repeats in route.steps[:-1]:
        given = tree.get(key) if isinstance(tree, dict) else None
        if given is None or repeats:
            break
        tree, trail = given, f"{trail}/{key}"
    return trail


def build_reference(rule: Rule, place: Place) -> Built | None:
    """What is named in one place is stated in another."""
    options: ReferenceRule = rule.options
    values, among = routes_of(place.element, options.values), routes_of(place.element, options.among)
    if not values or not among:
        return None

    def test(tree: Tree, _: Run) -> Breaks:
        named = _texts(values, tree)
        if not named:
            return FINE
        stated = _texts(among, tree)
        if not stated or named <= stated:
            return FINE
        places = ((trail, _text(value)) for route in values for trail, value in route.values(tree))
        return tuple((trail, "") for trail, name in places if name and name not in stated)

    return Built(value=test)


def _texts(routes: Iterable[Route], tree: Tree) -> set[str]:
    """The texts at the end of some ways, empty ones left out."""
    found: set[str] = set()
    for route in routes:
        for value in route.all(tree):
            found.add(_text(value))
    found.discard("")
    return found


def build_usage(_: Rule, place: Place) -> Built | None:
    """An element that the model marks for other packages only is not used."""
    packages = place.element.annotation.packages
    if not packages:
        return None
    fixed = _MARKS.get(place.package, "")
    if fixed in packages and place.package not in _BY_TYPE:
        return None

    def test(__: Any, run: Run) -> Breaks:
        return BROKEN if (fixed or _mark_of(run.root)) not in packages else FINE

    return Built(value=test)


_MARKS = {"CRI": "R", "CRE": "r", "CONV": "C", "TRT": "T"}
"""The letter with which the schemas mark what belongs to a package."""

_BY_TYPE = frozenset({"DEC", "DMS"})
"""Packages whose type code says whether it is an import or an export."""

_TYPES = {"IM": "I", "EX": "E"}


def _mark_of(root: Tree) -> str:
    """The letter of a declaration's type code; empty, which every place has, where it is neither."""
    declaration = root.get("Declaration")
    code = _text(declaration.get("TypeCode", "")) if isinstance(declaration, dict) else ""
    return _TYPES.get(code[:2], "")
