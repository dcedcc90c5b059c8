"""Kinds of damage to one value: each says what becomes of a leaf, or None where it cannot be done there.

They are forbidden by construction: by a facet of the leaf's type, or by the rule of the calendar, of a complete code
list or of a check digit. What a rule forbids weighs as the message's format grades that rule; where it is switched off
nothing is forbidden. They are the same for XML and JSON, so one message damaged in both has to have one verdict.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import jsonschema_rs

from gateway.catalogue import Judging
from gateway.findings import Severity
from gateway.formats.format import Format
from gateway.formats.schema_patterns import json_pattern
from gateway.formats.structure import Element, SimpleType

NUMBERS = ("decimal", "integer")
DATE = "DateTimeString"
DATE_RULE = "rule.date"
CONTAINER = "159"
CONTAINER_SCHEME = "iso6346"
CONTAINER_RULE = "rule.container-check-digit"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as it stands in a message: what the schema says, its text and its attributes (without ``@``).

    ``tells_form``: its text decides as which form the message is recognised, so another one makes another form.
    """

    element: Element
    text: str
    attributes: Mapping[str, str]
    tells_form: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A new text of the leaf, or of one of its attributes.

    Attributes:
        text: what is written.
        attribute: of which attribute, empty for the leaf itself.
        rule: id of the rule that forbids it, empty where the schema does.
        also: a second place that a finding may name.
    """

    text: str
    attribute: str = ""
    rule: str = ""
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
        return Change(f"{leaf.text[:8]}25{leaf.text[10:]}", rule=DATE_RULE)
    return Change(f"{year}{day}{leaf.text[8:]}", rule=DATE_RULE)


def format_code_against_value(leaf: Leaf, _: random.Random) -> Change | None:
    form = leaf.attributes.get("formatCode")
    if leaf.element.local != DATE or form not in {"102", "304"}:
        return None
    return Change({"102": "304", "304": "102"}[form], "formatCode", rule=DATE_RULE, also="@formatCode")


def bad_check_digit(judging: Judging) -> ValueMaker:
    """Another last digit of a container number that was right before."""
    scheme = judging.schemes[CONTAINER_SCHEME]

    def make(leaf: Leaf, chance: random.Random) -> Change | None:
        text = leaf.text
        if leaf.element.annotation.wco_id != CONTAINER or not scheme.is_valid(text):
            return None
        return Change(f"{text[:-1]}{(int(text[-1]) + chance.randint(1, 9)) % 10}", rule=CONTAINER_RULE)

    return make


def wrong_case(judging: Judging) -> ValueMaker:
    """Letters of a code in the other case, where the schema lists the codes or a complete list holds them."""
    rules = rules_of_lists(judging)

    def make(leaf: Leaf, _: random.Random) -> Change | None:
        other = leaf.text.swapcase()
        return None if other == leaf.text else _another_code(other, leaf, judging, rules)

    return make


def unknown_code(judging: Judging) -> ValueMaker:
    """A code of the right form that neither the schema nor a complete list has."""
    rules = rules_of_lists(judging)

    def make(leaf: Leaf, chance: random.Random) -> Change | None:
        letters = [chance.choice("QXZ") if sign.isalpha() else chance.choice("0789") for sign in leaf.text]
        return _another_code("".join(letters), leaf, judging, rules) if letters else None

    return make


def rules_of_lists(judging: Judging) -> Mapping[str, str]:
    """The rule that holds each code list against the leaves that name it."""
    return {
        place.removeprefix("list:"): rule.id
        for rule in judging.rules.rules
        for place in rule.at
        if rule.kind == "code" and place.startswith("list:")
    }


def weight(judging: Judging, form: Format, change: Change) -> Severity | None:
    """How a damage weighs in a format: as the format in force grades its rule; None where the rule is switched off."""
    rule = next((rule for rule in judging.rules.rules if rule.id == change.rule), None)
    if rule is None:
        return Severity.ERROR
    grade = judging.rules.grade_of(rule, form)
    return None if grade == "off" else Severity(grade)


def _another_code(code: str, leaf: Leaf, judging: Judging, rules: Mapping[str, str]) -> Change | None:
    """A code in the place of one that is right, where it is surely wrong."""
    if leaf.tells_form or _is_in_use(code, leaf, judging) or not _is_in_use(leaf.text, leaf, judging):
        return None
    by_schema = _type(leaf).enumeration or not _fits_patterns(_type(leaf), code)
    return Change(code, rule="" if by_schema else rules.get(leaf.element.annotation.code_list, ""))


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
    return _fits_patterns(simple, text)


def _fits_patterns(simple: SimpleType, text: str) -> bool:
    """Whether a text has the type's patterns, in doubt yes."""
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
    "blanks only": blank_only,
    "empty": empty,
}


def value_kinds(judging: Judging) -> dict[str, ValueMaker]:
    """All kinds, by the name under which the matrix counts them; some ask the code lists."""
    return {
        **VALUE_KINDS,
        "bad check digit": bad_check_digit(judging),
        "wrong case of a code": wrong_case(judging),
        "unknown code of a list": unknown_code(judging),
    }
