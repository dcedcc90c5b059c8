"""``date``: precision is kept, a day stays a day; what the other form cannot hold is told as loss."""

from __future__ import annotations

from collections.abc import Callable

from gateway.codes.dates import Written, format_moment, parse_form, parse_moment
from gateway.conversion.arguments import DateArgument
from gateway.conversion.model import Loss
from gateway.conversion.run import Problem

BAD_DATE = Problem("map.date-unreadable", "the date has none of the forms that the row allows", "correct the date")
NO_FORM = Problem(
    "map.date-unwritable",
    "none of the forms that the row allows can hold this date",
    "give the date as precisely as the form demands, with its zone where it has a time",
)

DateResult = tuple[str, str, Loss] | Problem
"""Text, formatCode, loss."""


def date_forward(argument: DateArgument) -> Callable[[str, str], DateResult]:
    """National text to WCO text and formatCode."""
    source, target = parse_form(argument.national), parse_form(argument.wco)

    def convert(text: str, _code: str) -> DateResult:
        moment = parse_moment(text, source)
        if moment is None:
            return BAD_DATE
        return _told(format_moment(moment, target))

    return convert


def date_back(argument: DateArgument) -> Callable[[str, str], DateResult]:
    """WCO text and formatCode to national text; a formatCode narrows the forms in which the text is read."""
    source, target = parse_form(argument.wco), parse_form(argument.national)
    by_code = {kind.name: parse_form(kind.name) for kind in source.kinds}

    def convert(text: str, code: str) -> DateResult:
        form = by_code.get(code) if code else source
        moment = parse_moment(text, form) if form is not None else None
        if moment is None:
            return BAD_DATE
        return _told(format_moment(moment, target))

    return convert


def _told(written: Written | None) -> DateResult:
    return NO_FORM if written is None else (written.text, written.form, written.loss)
