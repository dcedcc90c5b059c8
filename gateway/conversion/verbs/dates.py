"""``date``: precision is kept, a day stays a day; what the other form cannot hold is told as loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from gateway.codes.dates import Form, Written, format_moment, parse_form, parse_moment
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
    short = _short_way(source, target)

    def convert(text: str, _code: str) -> DateResult:
        told = short.forward(text) if short is not None else None
        if told is not None:
            return told
        moment = parse_moment(text, source)
        return BAD_DATE if moment is None else _told(format_moment(moment, target))

    return convert


def date_back(argument: DateArgument) -> Callable[[str, str], DateResult]:
    """WCO text and formatCode to national text; a formatCode narrows the forms in which the text is read."""
    source, target = parse_form(argument.wco), parse_form(argument.national)
    by_code = {kind.name: parse_form(kind.name) for kind in source.kinds}
    short = _short_way(target, source)

    def convert(text: str, code: str) -> DateResult:
        told = short.back(text, code) if short is not None else None
        if told is not None:
            return told
        form = by_code.get(code) if code else source
        moment = parse_moment(text, form) if form is not None else None
        return BAD_DATE if moment is None else _told(format_moment(moment, target))

    return convert


@dataclass(frozen=True, slots=True)
class _Digits:
    """The short way between national dates of digits alone and the WCO forms 102 and 304: no digit changes.

    Attributes:
        name: of the national form.
        lengths: of the national texts.
        codes: WCO forms that the row allows.
        zone: how 304 writes the zone of the national texts; empty where it cannot.
    """

    name: str
    lengths: frozenset[int]
    codes: frozenset[str]
    zone: str

    def forward(self, text: str) -> DateResult | None:
        """WCO text, formatCode and loss; None where the long way must decide."""
        length = len(text)
        if length not in self.lengths or not (text.isascii() and text.isdigit()) or not _exists(text):
            return None
        if length == 8:
            return (text, "102", "none") if "102" in self.codes else None
        if not self.zone or "304" not in self.codes:
            return None
        return f"{text[:14]}{self.zone}", "304", "none" if text[14:] in ("", "000") else "rounded"

    def back(self, text: str, code: str) -> DateResult | None:
        """National text, its form and the loss; None where the long way must decide."""
        digits = text if code == "102" else text[:14]
        same_zone = code == "102" or (bool(self.zone) and text[14:] == self.zone)
        length = 8 if code == "102" else 14
        if code not in self.codes or length not in self.lengths or len(digits) != length or not same_zone:
            return None
        plain = digits.isascii() and digits.isdigit() and _exists(digits)
        return (digits, self.name, "none") if plain else None


_LENGTHS = {"compact": frozenset({8, 14, 17}), "YYYYMMDD": frozenset({8}), "YYYYMMDDhhmmss": frozenset({14})}


def _short_way(national: Form, wco: Form) -> _Digits | None:
    kind = national.kinds[0]
    codes = frozenset(each.name for each in wco.kinds)
    if len(national.kinds) > 1 or kind.name not in _LENGTHS or not codes <= {"102", "304"}:
        return None
    if wco.zone is not None or national.calendar != "gregorian" or wco.calendar != "gregorian":
        return None
    hours, rest = divmod(national.zone or timedelta(), timedelta(hours=1))
    zone = "" if national.zone is None or rest else f"{hours:+03}" if hours else "Z"
    return _Digits(kind.name, _LENGTHS[kind.name], codes, zone)


def _exists(digits: str) -> bool:
    """Whether the day, and the time if there is one, exist."""
    try:
        if len(digits) == 8:
            date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        else:
            clock = (int(digits[8:10]), int(digits[10:12]), int(digits[12:14]))
            datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:8]), *clock, tzinfo=UTC)
    except ValueError:
        return False
    return True


def _told(written: Written | None) -> DateResult:
    return NO_FORM if written is None else (written.text, written.form, written.loss)
