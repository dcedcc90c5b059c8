"""What may have been meant: the nearest known name for one that is not known, or the class where it belongs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from gateway.formats.structure import Element, SimpleType

_FACETS = {
    "LENGTH": ("it has not the length that is asked for", "write exactly as many characters as belong there"),
    "MINLENGTH": ("it is too short, or empty", "write the whole value"),
    "MAXLENGTH": ("it is too long", "shorten it"),
    "PATTERN": ("it is not written the way the schema asks for", "write it as described"),
    "ENUMERATION": ("it is not one of the values allowed", "write one of them, in this very spelling"),
    "TOTALDIGITS": ("it has too many digits", "round it, or check whether a separator is missing"),
    "FRACTIONDIGITS": ("it has too many digits after the point", "round it"),
    "MININCLUSIVE": ("the number is too small", "check the number"),
    "MAXINCLUSIVE": ("the number is too large", "check the number"),
    "MINEXCLUSIVE": ("the number is too small", "check the number"),
    "MAXEXCLUSIVE": ("the number is too large", "check the number"),
}
"""What is wrong with a value and what to do, by the facet of XSD that refuses it."""

_TYPES = {
    "decimal": ("it is not a number", "write digits, with a point before the fraction and no other separator"),
    "integer": ("it is not a whole number", "write digits alone"),
    "boolean": ("it is neither true nor false", "write true or false"),
    "date": ("it is not a date", "write the year, month and day with hyphens"),
    "dateTime": ("it is not a date and time", "write date and time with a T between them"),
}
_CUTOFF = 0.6
_SURE = 0.85
_SHOWN = 8
_HOMES = 3


def nearest(name: str, known: Sequence[str]) -> str:
    """A remedy that names the known names nearest to a wrong one, or the first known ones.

    Args:
        name: what stands in the message; it is compared but never shown.
        known: names that the schema allows at this place.
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=_CUTOFF)
    if close:
        return f"did you mean {close[0]}?"
    return f"allowed here: {listed(known)}" if known else "nothing may stand here"


def advice(name: str, element: Element, above: Sequence[Element]) -> str:
    """What to do about an element that the schema does not know at this place.

    A name very near to an allowed one is a slip of the pen. Otherwise an element that the schema knows in a class
    above, in a class below, or in one beside, was put at the wrong place; else the nearest allowed name is proposed.

    Args:
        name: local name of the element; it is shown only where the schema has the same name.
        element: the class in which it stands.
        above: the classes around that one, innermost first.
    """
    here = [child.key for child in element.children]
    if difflib.get_close_matches(name, here, n=1, cutoff=_SURE):
        return nearest(name, here)
    homes = _homes(name, element, above)
    return f"{name} belongs below {' or '.join(homes)}: move it there" if homes else nearest(name, here)


def _homes(name: str, element: Element, above: Sequence[Element]) -> list[str]:
    """Classes near this place that have a child of the name: the nearest kind of relation wins."""
    upper = next((one.key for one in above if _holds(one, name)), "")
    if upper:
        return [upper]
    classes = [child for child in element.children if not child.is_leaf]
    below = [child.key for child in classes if _holds(child, name)]
    deeper = below or [grand.key for child in classes for grand in child.children if _holds(grand, name)]
    beside = deeper or [child.key for one in above[:1] for child in one.children if _holds(child, name)]
    found = list(dict.fromkeys(beside))
    return found if len(found) <= _HOMES else []


def _holds(element: Element, name: str) -> bool:
    return any(child.local == name for child in element.children)


def value_words(facet: str, simple: SimpleType | None) -> tuple[str, str]:
    """What is wrong with a value, and what to do about it, without the value.

    Args:
        facet: name of the facet that refuses it, in capitals (``MAXLENGTH``); empty where it is not of its type at all.
        simple: the type that is due.
    """
    if facet:
        return _FACETS.get(facet, ("the value is outside what the schema allows", "write a value of this kind"))
    base = simple.base if simple is not None else ""
    return _TYPES.get(base, ("it is not a value of its type", "write a value of this kind"))


def due_place(child: Element, element: Element, present: Sequence[str]) -> str:
    """Where a missing child is due: ``after ID and before TypeCode``, empty where nothing else stands there.

    Args:
        child: what is missing.
        element: its class.
        present: keys of the children that are there.
    """
    order = [one.key for one in element.children]
    at = order.index(child.key)
    before = next((key for key in reversed(order[:at]) if key in present), "")
    after = next((key for key in order[at + 1 :] if key in present), "")
    return " and ".join(
        part for part in (f"after {before}" if before else "", f"before {after}" if after else "") if part
    )


def listed(names: Sequence[str]) -> str:
    """A few of the names, and how many more there are."""
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
