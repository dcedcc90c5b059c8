"""The kinds of rules that look at a leaf together with its attributes: dates and amounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gateway.codes.dates import parse_moment
from gateway.codes.numbers import count_digits, parse_decimal
from gateway.formats.tree import leaf_text
from gateway.validation.check import BROKEN, FINE, Breaks, Built, Place, Run, remembered
from gateway.validation.rule import Rule
from gateway.validation.rule_options import DateRule, DecimalsRule


def _is_moment(form: str, text: str) -> bool:
    return parse_moment(text, form) is not None


def build_date(rule: Rule, place: Place) -> Built | None:
    """A date exists and has the form that its ``formatCode`` names."""
    options: DateRule = rule.options
    if "formatCode" not in place.element.attribute_by_name:
        return None
    tests: dict[str, Callable[[str], bool]] = {form: remembered(partial(_is_moment, form)) for form in options.forms}

    def test(value: Any, _: Run) -> Breaks:
        # Schemas allow blanks around a code; a date must not slip through for them.
        form = value.get("@formatCode", "").strip() if isinstance(value, dict) else ""
        exists = tests.get(form)
        return FINE if exists is None or exists(leaf_text(value).strip()) else BROKEN

    return Built(value=test)


def build_decimals(rule: Rule, place: Place) -> Built | None:
    """An amount has no more digits after the point than its currency; zeros at the end do not count."""
    options: DecimalsRule = rule.options
    codes = place.known.code_lists.get(options.digits)
    if codes is None or "currencyID" not in place.element.attribute_by_name:
        return None
    digits: Mapping[str, int] = {row.national: int(row.wco) for row in codes.rows if row.wco.isdigit()}

    def test(value: Any, _: Run) -> Breaks:
        if not isinstance(value, dict) or "." not in value["value"]:
            return FINE
        most = digits.get(value.get("@currencyID", "").strip())
        number = parse_decimal(value["value"].strip())
        if most is None or number is None:
            return FINE
        return BROKEN if count_digits(number)[1] > most else FINE

    return Built(value=test)
