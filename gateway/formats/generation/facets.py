"""Whether a text is a value of a simple type, and values drawn from the facets alone."""

from __future__ import annotations

import math
import random
import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from gateway.formats.generation.patterns import draw_text, matches
from gateway.formats.generation.regex_syntax import PatternSyntaxError
from gateway.formats.structure import SimpleType

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_DATE_TIME = re.compile(r"[0-9-]{10}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_TRIES = 40
_SHARE_OF_ZERO = 0.03
_MOST_DIGITS = 9
"""Whole digits of a number that nothing bounds."""
_TEXT = r"[A-Za-z0-9]([A-Za-z0-9 ]{0,28}[A-Za-z0-9])?"


def admits(kind: SimpleType, text: str) -> bool:
    """Whether a schema would take this text as a value of the type, written without blanks around it."""
    if kind.enumeration and text not in kind.enumeration:
        return False
    if kind.base in ("string", "token"):
        if kind.base == "token" and text != " ".join(text.split()):
            return False
        if len(text) < kind.min_length or (kind.max_length is not None and len(text) > kind.max_length):
            return False
    elif not _is_of_base(kind, text):
        return False
    return all(_matches(pattern, text) for pattern in kind.patterns)


def _matches(pattern: str, text: str) -> bool:
    """A pattern that cannot be read here is left to the schema's own verdict."""
    try:
        return matches(pattern, text)
    except PatternSyntaxError:
        return True


def _is_of_base(kind: SimpleType, text: str) -> bool:
    if kind.base == "boolean":
        return text in ("true", "false", "1", "0")
    if kind.base in ("decimal", "integer"):
        return _is_number(kind, text)
    form = _DATE if kind.base == "date" else _DATE_TIME
    if form.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text if kind.base == "dateTime" else text[:10])
    except ValueError:
        return False
    return True


def _is_number(kind: SimpleType, text: str) -> bool:
    form = _INTEGER if kind.base == "integer" else _DECIMAL
    if form.fullmatch(text) is None:
        return False
    value = Decimal(text)
    whole, _, part = text.lstrip("+-").partition(".")
    whole, part = whole.lstrip("0"), part.rstrip("0")
    if kind.total_digits is not None and len(whole) + len(part) > kind.total_digits:
        return False
    if kind.fraction_digits is not None and len(part) > kind.fraction_digits:
        return False
    if kind.min_inclusive is not None and value < Decimal(kind.min_inclusive):
        return False
    return kind.max_inclusive is None or value <= Decimal(kind.max_inclusive)


def shortened(kind: SimpleType, text: str) -> str:
    """A text cut to the type's greatest length, with no blank left at the cut."""
    return text if kind.max_length is None or len(text) <= kind.max_length else text[: kind.max_length].strip()


def draw_value(kind: SimpleType, stream: random.Random, at: date) -> str | None:
    """A value of the type that says nothing in particular.

    Args:
        kind: the type.
        stream: source of chance.
        at: day near which dates are drawn.

    Returns:
        None when the facets leave nothing that was found in a fair number of tries.
    """
    if kind.enumeration:
        allowed = [text for text in kind.enumeration if admits(kind, text)]
        return stream.choice(allowed) if allowed else None
    for _ in range(_TRIES):
        text = _candidate(kind, stream, at)
        if text is not None and admits(kind, text):
            return text.strip() if admits(kind, text.strip()) else text
    return None


def _candidate(kind: SimpleType, stream: random.Random, at: date) -> str | None:
    readable = [pattern for pattern in kind.patterns if _is_readable(pattern)]
    if readable:
        # The longest pattern is most often the most telling one; the others are asked afterwards.
        pattern = max(readable, key=len) if stream.random() < 0.7 else stream.choice(readable)
        return draw_text(pattern, stream, kind.min_length, kind.max_length)
    if kind.base in ("decimal", "integer"):
        return draw_number(kind, stream)
    if kind.base == "boolean":
        return stream.choice(("true", "false"))
    if kind.base in ("date", "dateTime"):
        day = at - timedelta(days=stream.randint(0, 60))
        time = f"T{stream.randint(0, 23):02}:{stream.randint(0, 59):02}:{stream.randint(0, 59):02}"
        return day.isoformat() + (time if kind.base == "dateTime" else "")
    return draw_text(_TEXT, stream, kind.min_length, kind.max_length) or draw_text(
        "[A-Za-z0-9]*", stream, kind.min_length, kind.max_length
    )


def _is_readable(pattern: str) -> bool:
    try:
        matches(pattern, "")
    except PatternSyntaxError:
        return False
    return True


def draw_number(kind: SimpleType, stream: random.Random, *, digits: int = _MOST_DIGITS, fraction: int = 6) -> str:
    """A plain number within the type's digits and bounds, of any order of magnitude, seldom zero or negative.

    Args:
        kind: the type; ``total_digits``, ``fraction_digits`` and the bounds are respected.
        stream: source of chance.
        digits: most digits before the point where the type allows more.
        fraction: most digits after it where the type allows more.
    """
    allowed = kind.fraction_digits if kind.fraction_digits is not None else 2
    total = kind.total_digits if kind.total_digits is not None else digits + fraction
    places = 0 if kind.base == "integer" else min(stream.randint(0, min(fraction, allowed)), total - 1)
    magnitude = stream.randint(1, max(1, min(digits, total - places)))
    low = math.ceil(Decimal(kind.min_inclusive)) if kind.min_inclusive is not None else 1
    bound = Decimal(kind.max_inclusive) if kind.max_inclusive is not None else Decimal(10**magnitude - 1)
    high = min(math.floor(bound), 10**magnitude - 1)
    if low < 1 <= high and stream.random() > _SHARE_OF_ZERO:
        low = 1
    value = Decimal(stream.randint(min(low, high), high))
    if places:
        value += Decimal(stream.randint(0, 10**places - 1)).scaleb(-places)
    return format(min(value, bound), "f")
