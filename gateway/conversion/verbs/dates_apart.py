"""``date`` with ``time at`` and ``calendar at``: day, time of day and calendar in leaves of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from gateway.codes.dates import CALENDARS, Form, Moment, Precision, format_moment, parse_form, parse_moment
from gateway.conversion.arguments import DateArgument
from gateway.conversion.model import LOSSES, Loss
from gateway.conversion.run import Problem
from gateway.conversion.verbs.clocks import ClockWriter, read_clock
from gateway.conversion.verbs.dates import BAD_DATE, NO_FORM, DateResult

UNKNOWN_CALENDAR = Problem(
    "map.calendar-unknown", "the calendar that the message names is not known here", "name a calendar that is known"
)
NO_CALENDAR = Problem(
    "map.calendar-missing", "nothing says in which calendar the date is written", "name the calendar in the message"
)

Parts: TypeAlias = tuple[str, str | None, str | None]
"""The national texts: of the day, of the time of day, of the calendar; the last two None where they are absent."""


def names_calendar(form: str) -> bool:
    """Whether a form names its calendar, so that a message without one can be read."""
    return any(word in CALENDARS for word in form.split())


def known_calendar(text: str) -> str:
    """The name of a calendar as the forms of dates write it, whatever its case; empty when it is not known."""
    name = text.strip().lower()
    return name if name in CALENDARS else ""


def apart_forward(argument: DateArgument, declared: Loss) -> Callable[[Parts], DateResult]:
    """National texts to WCO text and formatCode.

    Args:
        argument: of the row.
        declared: the loss that the row declares; parts of a second that it does not allow to go are refused.
    """
    source, target = parse_form(argument.national), parse_form(argument.wco)
    wants_calendar = argument.calendar_at is not None and not names_calendar(argument.national)

    def convert(parts: Parts) -> DateResult:
        text, clock, calendar = parts
        if calendar is None and wants_calendar:
            return NO_CALENDAR
        name = "" if calendar is None else known_calendar(calendar)
        if calendar is not None and not name:
            return UNKNOWN_CALENDAR
        day = parse_moment(text, source, calendar=name)
        moment = day if day is None or clock is None else _with_clock(day, clock, source)
        if moment is None:
            return BAD_DATE
        written = format_moment(moment, target)
        if written is None or LOSSES.index(written.loss) > LOSSES.index(declared):
            return NO_FORM
        return written.text, written.form, written.loss

    return convert


def apart_back(argument: DateArgument, clock: ClockWriter | None, calendar: str) -> Callable[[str, str], DateResult]:
    """WCO text and formatCode to the national texts of the day and of the time of day (empty where there is none).

    Args:
        argument: of the row.
        clock: writes the time of day; None where the row has no place for it.
        calendar: in which the national text is written; empty for the form's own.
    """
    source, target = parse_form(argument.wco), parse_form(argument.national)
    by_code = {kind.name: parse_form(kind.name) for kind in source.kinds}

    def convert(text: str, code: str) -> DateResult:
        form = by_code.get(code) if code else source
        moment = parse_moment(text, form) if form is not None else None
        if moment is None:
            return BAD_DATE
        if clock is None or moment.clock is None:
            whole = format_moment(moment, target, calendar=calendar)
            return NO_FORM if whole is None else (whole.text, "", whole.loss)
        told = clock(moment, target.zone)
        day = format_moment(_day_of(moment, target.zone), target, calendar=calendar)
        return NO_FORM if told is None or day is None else (day.text, told[0], told[1])

    return convert


def _with_clock(day: Moment, text: str, form: Form) -> Moment | None:
    """A day with its time of day; None when the time cannot be read or the day has one already."""
    clock = read_clock(text)
    if clock is None or day.precision is not Precision.DAY:
        return None
    offset = form.zone if clock.offset is None else clock.offset
    return Moment(day=day.day, clock=clock.time, offset=offset, precision=clock.precision, calendar=day.calendar)


def _day_of(moment: Moment, zone: timedelta | None) -> Moment:
    return Moment(day=moment.at_offset(zone).day, calendar=moment.calendar)
