"""Kinds of damage to one value: each says what becomes of a leaf, or None where it cannot be done there.

They are forbidden by construction: by a facet of the leaf's type, by the calendar, by a complete code list or by a
check digit. They are the same for XML and JSON, so one message damaged in both has to have one verdict.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import jsonschema_rs

from gateway.catalogue import Judging
from gateway.findings import Severity
from gateway.formats.schema_patterns import json_pattern
from gateway.formats.structure import Element, SimpleType

NUMBERS = ("decimal", "integer")
DATE = "DateTimeString"
CONTAINER = "159"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as it stands in a message: what the schema says, its text and its attributes (without ``@``)."""

    element: Element
    text: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A new text of the leaf, or of one of its attributes; ``also`` is a second place that a finding may name."""

    text: str
    attribute: str = ""
    severity: Severity = Severity.ERROR
    also: str = ""


ValueMaker: TypeAlias = Callable[[Leaf, random.Random], "Change | None"]


def letter_in_number(leaf: Leaf, chance: random.Random) -> Change | None:
    if _type(leaf).base not in NUMBERS or not leaf.text:
        return None
    at = chance.randrange(len(leaf.text))
    return Change(leaf.text[:at] + chance.choice("OIlx") + leaf.text[at + 1 :])


def too_long(leaf: Leaf, chance: random.Random) -> Change | None:
    most = _type(leaf).max_length
    if most is None or not leaf.text.strip():
        return None
    return Change(leaf.text.strip() + leaf.text.strip()[-1] * (most + chance.randint(1, 4) - len(leaf.text.strip())))


def too_many_decimals(leaf: Leaf, _: random.Random) -> Change | None:
    digits = _type(leaf).fraction_digits
    if _type(leaf).base not in NUMBERS or digits is None:
        return None
    whole = leaf.text.strip().partition(".")[0]
    return Change(f"{whole}.{'1' * (digits + 1)}")


def blank_only(leaf: Leaf, chance: random.Random) -> Change | None:
    blank = chance.choice([" ", "  ", "\t", " \n "])
    return Change(blank) if not _admits(_type(leaf), blank) else None


def empty(leaf: Leaf, _: random.Random) -> Change | None:
    return Change("") if leaf.text and not _admits(_type(leaf), "") else None


def impossible_date(leaf: Leaf, chance: random.Random) -> Change | None:
    form = leaf.attributes.get("formatCode")
    if leaf.element.local != DATE or form not in {"102", "203", "204", "304"}:
        return None
    day = chance.choice(["0230", "0431", "1301", "0100", "0229"])
    year = "2023" if day == "0229" else leaf.text[:4]
    if form != "102" and chance.random() < 0.3:
        return Change(f"{leaf.text[:8]}25{leaf.text[10:]}")
    return Change(f"{year}{day}{leaf.text[8:]}")


def format_code_against_value(leaf: Leaf, _: random.Random) -> Change | None:
    form = leaf.attributes.get("formatCode")
    if leaf.element.local != DATE or form not in {"102", "304"}:
        return None
    return Change({"102": "304", "304": "102"}[form], "formatCode", also="@formatCode")


def bad_check_digit(leaf: Leaf, chance: random.Random) -> Change | None:
    text = leaf.text
    if leaf.element.annotation.wco_id != CONTAINER or len(text) != 11 or not text[4:].isdigit() or text[3] not in "UJZ":
        return None
    return Change(f"{text[:-1]}{(int(text[-1]) + chance.randint(1, 9)) % 10}", severity=Severity.WARNING)


def wrong_case(judging: Judging) -> ValueMaker:
    """Letters of a code in the other case, where the schema lists the codes or a complete list holds them."""

    def make(leaf: Leaf, _: random.Random) -> Change | None:
        other = leaf.text.swapcase()
        if other == leaf.text or _is_in_use(other, leaf, judging):
            return None
        return Change(other)

    return make


def unknown_code(judging: Judging) -> ValueMaker:
    """A code of the right form that neither the schema nor a complete list has."""

    def make(leaf: Leaf, chance: random.Random) -> Change | None:
        letters = [chance.choice("QXZ") if sign.isalpha() else chance.choice("0789") for sign in leaf.text]
        other = "".join(letters)
        return None if not other or _is_in_use(other, leaf, judging) else Change(other)

    return make


def _is_in_use(code: str, leaf: Leaf, judging: Judging) -> bool:
    """Whether a code may be right: nothing lists all codes of the leaf, or it is one of them."""
    listed = _type(leaf).enumeration
    if listed:
        return code in listed
    known = judging.code_lists.get(leaf.element.annotation.code_list)
    return known is None or not known.complete or known.contains_wco(code)


def _type(leaf: Leaf) -> SimpleType:
    assert leaf.element.type is not None
    return leaf.element.type


def _admits(simple: SimpleType, blank: str) -> bool:
    """Whether a text of blanks may be a value of a type, in doubt yes."""
    if simple.base not in ("string", "token"):
        return False
    text = "" if simple.base == "token" else blank
    if len(text) < simple.min_length or (simple.enumeration and text not in simple.enumeration):
        return False
    patterns = [json_pattern(pattern) for pattern in simple.patterns]
    return all(pattern is None or _matches(pattern, text) for pattern in patterns)


def _matches(pattern: str, text: str) -> bool:
    return bool(jsonschema_rs.is_valid({"type": "string", "pattern": pattern}, text))


VALUE_KINDS: dict[str, ValueMaker] = {
    "letter in a number": letter_in_number,
    "impossible date": impossible_date,
    "formatCode against value": format_code_against_value,
    "too long": too_long,
    "too many decimals": too_many_decimals,
    "bad check digit": bad_check_digit,
    "blanks only": blank_only,
    "empty": empty,
}


def value_kinds(judging: Judging) -> dict[str, ValueMaker]:
    """All kinds, by the name under which the matrix counts them; some ask the code lists."""
    return {
        **VALUE_KINDS,
        "wrong case of a code": wrong_case(judging),
        "unknown code of a list": unknown_code(judging),
    }
