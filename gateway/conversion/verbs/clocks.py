"""The time of day in a text of its own, beside a date (``time at``): the shapes that are read, and the one written."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta

from gateway.codes.dates import Moment, Precision
from gateway.conversion.model import Loss
from gateway.formats.generation.facets import admits
from gateway.formats.structure import SimpleType

_CLOCK = re.compile(
    "(?P<hour>[0-9]{2})(?P<colon>:?)(?P<minute>[0-9]{2})"
    "(?:(?P=colon)(?P<second>[0-9]{2})(?:\\.(?P<fraction>[0-9]{1,6}))?)?"
    "(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?"
)
_SHAPES = ("%H:%M:%S", "%H%M%S", "%H:%M", "%H%M")
_SAMPLE = time(10, 11, 12)
_SAMPLE_ZONE = "+05:00"
_LONGEST_OFFSET = timedelta(hours=14)

ClockWriter = Callable[[Moment, timedelta | None], tuple[str, Loss] | None]
"""Takes a moment and the zone of texts that name none; gives the text and its loss, None where no shape can hold it."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as a message tells it; ``offset`` is None when the text names no zone."""

    time: time
    offset: timedelta | None
    precision: Precision


def read_clock(text: str) -> Clock | None:
    """Read a time of day: ``hh:mm``, ``hh:mm:ss`` or the same digits without colons, perhaps with its zone.

    Returns:
        None when the text has another shape or names a time that does not exist.
    """
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    found = match.groupdict()
    fraction = (found["fraction"] or "").ljust(6, "0")
    try:
        clock = time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0), int(fraction))
    except ValueError:
        return None
    offset = _offset(found["zone"])
    if offset is not None and abs(offset) > _LONGEST_OFFSET:
        return None
    precision = Precision.MINUTE if found["second"] is None else Precision.SECOND
    return Clock(clock, offset, Precision.FRACTION if clock.microsecond else precision)


def clock_writer(kind: SimpleType | None) -> ClockWriter | None:
    """How the time of day is written at a place: in the first shape that its type admits, the finest first.

    Args:
        kind: type of the place; None admits everything.

    Returns:
        None when the type admits no shape at all.
    """
    plain = _admitted(kind, "")
    zoned = _admitted(kind, _SAMPLE_ZONE)
    if not plain and not zoned:
        return None

    def write(moment: Moment, zone: timedelta | None) -> tuple[str, Loss] | None:
        told = moment.at_offset(zone)
        if told.clock is None:
            return None
        named = zone is None and told.offset is not None
        shape = zoned if named or not plain else plain
        if not shape or (shape == zoned and told.offset is None):
            return None
        rest = told.clock.microsecond or (told.clock.second if "%S" not in shape else 0)
        ending = _zone_text(told.offset) if shape == zoned else ""
        return f"{told.clock.strftime(shape.removesuffix('z'))}{ending}", "rounded" if rest else "none"

    return write


def _admitted(kind: SimpleType | None, zone: str) -> str:
    """The first shape that a type admits, empty when none; a shape with a zone ends in ``z``."""
    for shape in _SHAPES:
        if kind is None or admits(kind, f"{_SAMPLE.strftime(shape)}{zone}"):
            return f"{shape}z" if zone else shape
    return ""


def holds_seconds(kind: SimpleType | None) -> bool:
    """Whether the text that is written at a place holds seconds."""
    return "%S" in (_admitted(kind, "") or _admitted(kind, _SAMPLE_ZONE))


def _offset(text: str | None) -> timedelta | None:
    if not text:
        return None
    if text == "Z":
        return timedelta()
    amount = timedelta(hours=int(text[1:3]), minutes=int(text[4:]))
    return -amount if text.startswith("-") else amount


def _zone_text(offset: timedelta | None) -> str:
    minutes = int((offset or timedelta()) / timedelta(minutes=1))
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "Z"
