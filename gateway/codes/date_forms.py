"""The shapes that a date may have in a message, and calendars: text to numbers and back, no meaning yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, Protocol

from gateway.errors import GatewayError

_ZONE = re.compile(r"Z|[+-][0-9]{2}:[0-9]{2}")
_LETTERS = re.compile(r"YYYY|YY|MM|M|DD|D|hh|mm|ss|SSS|[^A-Za-z0-9]|T")
_LETTER_FORM = re.compile(r"(?:YYYY|YY|MM|M|DD|D|hh|mm|ss|SSS|[-./:_,]|T)+")
_FIELDS_OF_LETTERS = {
    "YYYY": ("year", "[0-9]{4}"),
    "YY": ("year", "[0-9]{2}"),
    "MM": ("month", "[0-9]{2}"),
    "M": ("month", "[0-9]{1,2}"),
    "DD": ("day", "[0-9]{2}"),
    "D": ("day", "[0-9]{1,2}"),
    "hh": ("hour", "[0-9]{2}"),
    "mm": ("minute", "[0-9]{2}"),
    "ss": ("second", "[0-9]{2}"),
    "SSS": ("thousandth", "[0-9]{3}"),
}
_DAY = "(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
_MINUTE = _DAY + "(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})"
_SECOND = _MINUTE + "(?P<second>[0-9]{2})"
_ISO = (
    "(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    "(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\\.(?P<fraction>[0-9]{1,6}))?)?"
    "(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_COMPACT = (
    f"{_DAY}(?:(?P<hour>[0-9]{{2}})(?P<minute>[0-9]{{2}})(?:(?P<second>[0-9]{{2}})(?P<thousandth>[0-9]{{3}})?)?)?"
)


class FormSyntaxError(GatewayError):
    """A form of dates that is not known."""

    code = "codes.date-form"


@dataclass(frozen=True, slots=True)
class Fields:
    """The numbers of a written date, None where the text does not hold them."""

    year: int
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    microsecond: int | None = None
    offset: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One shape.

    Attributes:
        name: ``304``, ``iso``, ``compact`` or the letters.
        pattern: regular expression of the text, with named parts.
        coarsest, finest: numbers of `dates.Precision` that it can hold.
        zone: whether its texts name a zone: ``none``, ``iso`` (may: ``+hh:mm``), ``hours`` (must: ``Z``, ``+hh``).
        letters: the pieces of a form of letters, empty for the named ones.
        century: first two digits of the year where the text has two.
        unit: smallest part of a second it can hold, in microseconds.
    """

    name: str
    pattern: re.Pattern[str]
    coarsest: int
    finest: int
    zone: Literal["none", "iso", "hours"] = "none"
    letters: tuple[str, ...] = ()
    century: int = 0
    unit: int = 1000

    @property
    def wants_seconds(self) -> bool:
        """Whether a text of this shape always has seconds (a minute is written as its second 00)."""
        return self.name in ("204", "304") or "ss" in self.letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as mapping tables write it: alternatives, the zone of texts that carry none, the calendar."""

    kinds: tuple[Kind, ...]
    zone: timedelta | None = None
    calendar: str = "gregorian"

    @property
    def finest(self) -> int:
        """The finest precision (number of `dates.Precision`) that a text of the form can hold."""
        return max(kind.finest for kind in self.kinds)

    @property
    def coarsest(self) -> int:
        """The coarsest precision that a text of the form can hold."""
        return min(kind.coarsest for kind in self.kinds)


class Calendar(Protocol):
    """Port of a calendar: between its own year, month, day and a Gregorian day."""

    def to_gregorian(self, year: int, month: int, day: int) -> date | None:
        """The Gregorian day, or None when the calendar has no such day."""
        ...

    def from_gregorian(self, day: date) -> tuple[int, int, int] | None:
        """Year, month and day in this calendar, or None outside the years that it covers."""
        ...


class _Gregorian:
    def to_gregorian(self, year: int, month: int, day: int) -> date | None:
        try:
            return date(year, month, day)
        except ValueError:
            return None

    def from_gregorian(self, day: date) -> tuple[int, int, int] | None:
        return day.year, day.month, day.day


CALENDARS: Mapping[str, Calendar] = MappingProxyType({"gregorian": _Gregorian()})
"""The calendars known by name."""


def _kind(name: str, pattern: str, coarsest: int, finest: int, zone: Literal["none", "iso", "hours"] = "none") -> Kind:
    unit = 1 if name == "iso" else 1000
    return Kind(name=name, pattern=re.compile(pattern), coarsest=coarsest, finest=finest, zone=zone, unit=unit)


_NAMED = {
    "102": _kind("102", _DAY, 3, 3),
    "203": _kind("203", _MINUTE, 4, 4),
    "204": _kind("204", _SECOND, 4, 5),
    "304": _kind("304", _SECOND + "(?P<zone>Z|[+-][0-9]{2})", 4, 5, "hours"),
    "iso": _kind("iso", _ISO, 3, 6, "iso"),
    "compact": _kind("compact", _COMPACT, 3, 6),
}


@lru_cache(maxsize=512)
def parse_form(text: str) -> Form:
    """Read a form.

    Raises:
        FormSyntaxError: a word that is no shape, zone, century or calendar.
    """
    words = text.split()
    names: list[str] = []
    century: int | None = None
    zone: timedelta | None = None
    calendar = "gregorian"
    while words:
        word = words.pop(0)
        if not names or word == "or":
            names.append(words.pop(0) if word == "or" and words else word)
        elif word == "of" and words and re.fullmatch("[0-9]{2}", words[0]):
            century = int(words.pop(0))
        elif _ZONE.fullmatch(word):
            zone = _offset(word)
        elif word in CALENDARS:
            calendar = word
        else:
            raise FormSyntaxError(
                f"{word!r} in the form {text!r} is no shape, zone, century or calendar",
                remedy=f"calendars known: {', '.join(sorted(CALENDARS))}",
            )
    if not names:
        raise FormSyntaxError("an empty form of dates", remedy="iso, compact, 102, 304 or letters such as DD.MM.YYYY")
    return Form(kinds=tuple(_named_or_letters(name, century) for name in names), zone=zone, calendar=calendar)


def _named_or_letters(name: str, century: int | None) -> Kind:
    if name in _NAMED:
        return _NAMED[name]
    pieces = tuple(_LETTERS.findall(name)) if _LETTER_FORM.fullmatch(name) else ()
    held = [_FIELDS_OF_LETTERS[piece][0] for piece in pieces if piece in _FIELDS_OF_LETTERS]
    ranks = ("year", "month", "day", "hour", "minute", "second", "thousandth")
    if not held or sorted(held, key=ranks.index) != list(ranks[: len(held)]) or len(held) == 4:
        raise FormSyntaxError(
            f"{name!r} is no form of dates", remedy="letters must give year, then month, day, hour with minute, second"
        )
    if "YY" in pieces and century is None:
        raise FormSyntaxError(f"the form {name!r} has a year of two digits", remedy="add its century: of 20")
    parts = (_letter_pattern(piece) for piece in pieces)
    precision = {1: 1, 2: 2, 3: 3, 5: 4, 6: 5, 7: 6}[len(held)]
    return Kind(
        name=name,
        pattern=re.compile("".join(parts)),
        coarsest=min(precision, 4),
        finest=precision,
        letters=pieces,
        century=(century or 0) if "YY" in pieces else 0,
    )


def _letter_pattern(piece: str) -> str:
    if piece not in _FIELDS_OF_LETTERS:
        return re.escape(piece)
    name, digits = _FIELDS_OF_LETTERS[piece]
    return f"(?P<{name}>{digits})"


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    amount = timedelta(hours=int(text[1:3]), minutes=int(text[3:].lstrip(":") or "0"))
    return -amount if text.startswith("-") else amount


def read_fields(kind: Kind, text: str) -> Fields | None:
    """The numbers of a text of one shape, or None when it has another."""
    match = kind.pattern.fullmatch(text)
    if match is None:
        return None
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    microsecond = None
    if "thousandth" in found:
        microsecond = int(found["thousandth"]) * 1000
    elif "fraction" in found:
        microsecond = int(found["fraction"].ljust(6, "0"))
    numbers = {name: int(found[name]) for name in ("month", "day", "hour", "minute", "second") if name in found}
    offset = _offset(found["zone"]) if "zone" in found else None
    if offset is not None and abs(offset) > timedelta(hours=14):
        return None
    return Fields(int(found["year"]) + 100 * kind.century, **numbers, microsecond=microsecond, offset=offset)


def write_fields(kind: Kind, fields: Fields) -> str:
    """The text of one shape; the caller made sure that the fields it needs are there."""
    if kind.letters:
        return "".join(_letter_text(piece, fields) for piece in kind.letters)
    if kind.name == "iso":
        return _iso_text(fields)
    text = f"{fields.year:04}{fields.month or 1:02}{fields.day or 1:02}"
    if kind.finest > 3 and fields.hour is not None:
        text += f"{fields.hour:02}{fields.minute or 0:02}"
        if kind.finest > 4 and fields.second is not None:
            text += f"{fields.second:02}"
            if kind.finest > 5 and fields.microsecond is not None:
                text += f"{fields.microsecond // 1000:03}"
    return text + _hours_text(fields.offset) if kind.zone == "hours" else text


def _hours_text(offset: timedelta | None) -> str:
    hours = int((offset or timedelta()) / timedelta(hours=1))
    return f"{hours:+03}" if hours else "Z"


def _iso_text(fields: Fields) -> str:
    text = f"{fields.year:04}-{fields.month or 1:02}-{fields.day or 1:02}"
    if fields.hour is None:
        return text
    text += f"T{fields.hour:02}:{fields.minute or 0:02}:{fields.second or 0:02}"
    if fields.microsecond is not None:
        text += f".{fields.microsecond:06}" if fields.microsecond % 1000 else f".{fields.microsecond // 1000:03}"
    if fields.offset is None:
        return text
    minutes = int(fields.offset / timedelta(minutes=1))
    sign = "-" if minutes < 0 else "+"
    return text + (f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "Z")


def _letter_text(piece: str, fields: Fields) -> str:
    if piece not in _FIELDS_OF_LETTERS:
        return piece
    values: dict[str, int | None] = {
        "YYYY": fields.year,
        "YY": fields.year % 100,
        "MM": fields.month,
        "M": fields.month,
        "DD": fields.day,
        "D": fields.day,
        "hh": fields.hour,
        "mm": fields.minute,
        "ss": fields.second,
        "SSS": (fields.microsecond or 0) // 1000,
    }
    width = {"YYYY": 4, "M": 1, "D": 1, "SSS": 3}.get(piece, 2)
    return f"{values[piece] or 0:0{width}}"
