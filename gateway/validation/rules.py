"""The rules that hold for every message; a code list's and an agreement's rules stand with those.

Each has a vector that passes and one that fails in the tests, and none may refuse a real message that the profile's
owner accepts: where a rule is good practice rather than law it is a warning.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.codes.dates import parse_moment
from gateway.codes.numbers import parse_decimal
from gateway.findings import Severity
from gateway.formats.structure import Element
from gateway.formats.tree import Tree, leaf_text
from gateway.validation.rule import Rule, RuleContext

DATE_TEXT = "DateTimeString"
DATE_FORMS = frozenset({"102", "203", "204", "304"})
CONTAINER_SCHEME = "iso6346"
_EQUIPMENT_ID = "159"
_GROSS_MASS = "126"
_NET_MASS = "128"
_SEQUENCE = "006"
_POINTER = "97A"


def _child_of_id(element: Element, identity: str) -> Element | None:
    return next((child for child in element.children if child.annotation.wco_id == identity and child.is_leaf), None)


def _is_date(element: Element) -> bool:
    return element.local == DATE_TEXT and "formatCode" in element.attribute_by_name


def _date_broken(value: Any, _: Element, __: RuleContext) -> tuple[str, ...]:
    form = value.get("@formatCode", "") if isinstance(value, dict) else ""
    known = form in DATE_FORMS
    return ("",) if known and parse_moment(leaf_text(value).strip(), form) is None else ()


def _is_container(element: Element) -> bool:
    return element.is_leaf and element.annotation.wco_id == _EQUIPMENT_ID


def _container_broken(value: Any, _: Element, context: RuleContext) -> tuple[str, ...]:
    scheme = context.schemes.get(CONTAINER_SCHEME)
    text = leaf_text(value).strip()
    if scheme is None or scheme.pattern.fullmatch(text) is None or scheme.is_valid(text):
        return ()
    return ("",)


def _has_both_masses(element: Element) -> bool:
    return all(
        (mass := _child_of_id(element, identity)) is not None and not mass.repeats
        for identity in (_GROSS_MASS, _NET_MASS)
    )


def _masses_broken(value: Tree, element: Element, _: RuleContext) -> tuple[str, ...]:
    gross, net = (_mass(value, element, identity) for identity in (_GROSS_MASS, _NET_MASS))
    if gross is None or net is None or gross[1] != net[1] or net[0] <= gross[0]:
        return ()
    return ("",)


def _mass(value: Tree, element: Element, identity: str) -> tuple[Decimal, str] | None:
    """The number and unit of a mass, None where it is absent or no number."""
    child = _child_of_id(element, identity)
    leaf = value.get(child.key) if child is not None else None
    number = parse_decimal(leaf_text(leaf).strip()) if leaf is not None else None
    unit = leaf.get("@unitCode", "") if isinstance(leaf, dict) else ""
    return None if number is None else (number, unit)


def _is_numbered(element: Element) -> bool:
    """A repeated class that numbers its entries; a pointer's number names an entry elsewhere and may return."""
    number = _child_of_id(element, _SEQUENCE)
    return element.repeats and element.annotation.wco_id != _POINTER and number is not None and not number.repeats


def _sequence_broken(value: list[Tree], element: Element, _: RuleContext) -> tuple[str, ...]:
    number = _child_of_id(element, _SEQUENCE)
    seen: set[Decimal] = set()
    repeated = []
    for position, entry in enumerate(value, 1):
        leaf = entry.get(number.key) if number is not None else None
        counted = parse_decimal(leaf_text(leaf).strip()) if leaf is not None else None
        if number is not None and counted in seen:
            repeated.append(f"[{position}]/{number.key}")
        if counted is not None:
            seen.add(counted)
    return tuple(repeated)


RULES: tuple[Rule, ...] = (
    Rule(
        id="rule.date",
        severity=Severity.ERROR,
        source="UN/EDIFACT 2379; wco 6",
        text="a date has the form that its formatCode names, and its day and time exist",
        remedy="write the date as formatCode says, or correct formatCode",
        subject="leaf",
        concerns=_is_date,
        broken=_date_broken,
    ),
    Rule(
        id="rule.container-check-digit",
        severity=Severity.WARNING,
        source="ISO 6346; wco 6",
        text="the last digit of a container number is the check digit of the others",
        remedy="compare the number with the one on the container",
        subject="leaf",
        concerns=_is_container,
        broken=_container_broken,
    ),
    Rule(
        id="rule.net-above-gross",
        severity=Severity.WARNING,
        source="wco 7, attributes 126 and 128",
        text="the gross mass is at least the net mass",
        remedy="check whether the two masses were exchanged",
        subject="class",
        concerns=_has_both_masses,
        broken=_masses_broken,
    ),
    Rule(
        id="rule.sequence-repeated",
        severity=Severity.WARNING,
        source="wco 10, attribute 006",
        text="entries of one class have different sequence numbers",
        remedy="number the entries from 1 on, or a pointer cannot name one of them",
        subject="list",
        concerns=_is_numbered,
        broken=_sequence_broken,
    ),
)
"""All rules, in the order in which their findings come."""
