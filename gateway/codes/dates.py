"""Dates of messages: forms, precision, zones and what is lost on the way from one form to another.

A FORM is what mapping tables write: ``iso``, ``compact`` (8, 12, 14 or 17 digits), a UN/EDIFACT 2379 code (``102`` day,
``203`` minute, ``204`` second, ``304`` second with ``Z``, ``+hh`` or ``-hh``), or letters (``DD.MM.YYYY``,
``M/D/YY of 20``), perhaps several joined by ``or``, then the zone of texts that carry none, then a calendar:
``compact +08:00``, ``102 or 304``, ``YYYY jalali``. Precision is kept: a day stays a day and is never given a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import IntEnum
from typing import Literal

from gateway.codes.date_forms import (
    CALENDARS,
    Fields,
    Form,
    FormSyntaxError,
    Kind,
    parse_form,
    read_fields,
    write_fields,
)

__all__ = [
    "CALENDARS",
    "Form",
    "FormSyntaxError",
    "Moment",
    "Precision",
    "Written",
    "format_moment",
    "parse_form",
    "parse_moment",
]

Loss = Literal["none", "rounded", "coarser"]


class Precision(IntEnum):
    """How finely a moment is known."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    MINUTE = 4
    SECOND = 5
    FRACTION = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time as far as a message tells it.

    Attributes:
        day: the day in the Gregorian calendar, the first of the month or year where only these are known.
        clock: time of day, None for a day or coarser.
        offset: distance from UTC, None when unknown or meaningless (a day has none).
        precision: how finely it is known.
        calendar: calendar in which the message wrote it.
    """

    day: date
    clock: time | None = None
    offset: timedelta | None = None
    precision: Precision = Precision.DAY
    calendar: str = "gregorian"

    def at_offset(self, offset: timedelta | None) -> Moment:
        """The same point in time told in another zone; unchanged when either zone is unknown or it is a day.

        Raises:
            OverflowError: the day leaves the years 1 to 9999.
        """
        if offset is None or self.offset is None or self.clock is None or offset == self.offset:
            return self
        moved = datetime.combine(self.day, self.clock) - self.offset + offset
        return Moment(
            day=moved.date(), clock=moved.time(), offset=offset, precision=self.precision, calendar=self.calendar
        )

    def instant(self) -> datetime | None:
        """The moment as an aware datetime, or None when time or zone are unknown."""
        if self.clock is None or self.offset is None:
            return None
        return datetime.combine(self.day, self.clock, timezone(self.offset))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A moment as text.

    Attributes:
        text: what stands in the message.
        form: which of the form's alternatives was taken (``304``): the formatCode of a WCO date.
        loss: ``rounded`` when seconds or parts of them went, ``coarser`` when time of day, day or month went.
    """

    text: str
    form: str
    loss: Loss


def parse_moment(text: str, form: str | Form, *, calendar: str = "") -> Moment | None:
    """Read a date of a message.

    Args:
        text: exactly what stands there.
        form: the form; its zone is that of texts which carry none.
        calendar: overrides the form's calendar, where the message names one.

    Returns:
        None when the text has none of the form's shapes or names a day or time that does not exist.

    Raises:
        FormSyntaxError: the form or the calendar is not known.
    """
    known = parse_form(form) if isinstance(form, str) else form
    name = calendar or known.calendar
    if name not in CALENDARS:
        raise FormSyntaxError("a calendar that is not known here", remedy=f"known: {', '.join(sorted(CALENDARS))}")
    for kind in known.kinds:
        fields = read_fields(kind, text)
        moment = _moment(fields, known.zone, name) if fields is not None else None
        if moment is not None:
            return moment
    return None


def _moment(fields: Fields, zone: timedelta | None, calendar: str) -> Moment | None:
    # A month or day that is not written is the first one; one that is written as 00 does not exist.
    month, day_of_month = fields.month, fields.day
    day = CALENDARS[calendar].to_gregorian(
        fields.year, 1 if month is None else month, 1 if day_of_month is None else day_of_month
    )
    if day is None:
        return None
    if fields.hour is None:
        precision = _coarse_precision(fields)
        return Moment(day=day, precision=precision, calendar=calendar)
    try:
        clock = time(fields.hour, fields.minute or 0, fields.second or 0, fields.microsecond or 0)
    except ValueError:
        return None
    precision = Precision.MINUTE if fields.second is None else Precision.SECOND
    if fields.microsecond is not None:
        precision = Precision.FRACTION
    offset = fields.offset if fields.offset is not None else zone
    return Moment(day=day, clock=clock, offset=offset, precision=precision, calendar=calendar)


def _coarse_precision(fields: Fields) -> Precision:
    """How finely a date without a time is known."""
    if fields.day is not None:
        return Precision.DAY
    return Precision.YEAR if fields.month is None else Precision.MONTH


def format_moment(moment: Moment, form: str | Form, *, calendar: str = "") -> Written | None:
    """Write a date for a message: in the alternative of the form that loses least, the first of equals.

    A form with a zone writes the time in that zone and without naming it; ``304`` names whole hours only, so a zone
    with a part of an hour is written as UTC.

    Returns:
        None when no alternative can hold it: a day for a form that demands a time, or ``304`` without a known zone.

    Raises:
        FormSyntaxError: the form or the calendar is not known.
    """
    known = parse_form(form) if isinstance(form, str) else form
    name = calendar or known.calendar
    if name not in CALENDARS:
        raise FormSyntaxError("a calendar that is not known here", remedy=f"known: {', '.join(sorted(CALENDARS))}")
    order: dict[Loss, int] = {"none": 0, "rounded": 1, "coarser": 2}
    written = [_write(moment, kind, known.zone, name) for kind in known.kinds]
    return min((one for one in written if one is not None), key=lambda one: order[one.loss], default=None)


def _write(moment: Moment, kind: Kind, zone: timedelta | None, calendar: str) -> Written | None:
    if moment.precision < kind.coarsest:
        return None
    try:
        told = _told_in(moment, kind, zone)
    except OverflowError:
        return None
    if told is None:
        return None
    parts = CALENDARS[calendar].from_gregorian(told.day)
    if parts is None:
        return None
    clock = told.clock
    text = write_fields(
        kind,
        Fields(
            *parts,
            hour=clock.hour if clock else None,
            minute=clock.minute if clock else None,
            second=clock.second if clock and (told.precision > Precision.MINUTE or kind.wants_seconds) else None,
            microsecond=clock.microsecond if clock and told.precision is Precision.FRACTION else None,
            offset=told.offset,
        ),
    )
    return Written(text=text, form=kind.name, loss=_loss(told, kind))


def _told_in(moment: Moment, kind: Kind, zone: timedelta | None) -> Moment | None:
    """The moment in the zone in which this kind of text tells it; None when it must name one and none is known."""
    if moment.clock is None:
        return moment
    if kind.zone == "none":
        return moment.at_offset(zone)
    if kind.zone == "iso":
        told = moment.at_offset(zone)
        # A form with a zone of its own writes texts that carry none.
        return Moment(day=told.day, clock=told.clock, precision=told.precision) if zone is not None else told
    if moment.offset is None:
        if zone is None:
            return None
        return _whole_hours(Moment(day=moment.day, clock=moment.clock, offset=zone, precision=moment.precision))
    return _whole_hours(moment.at_offset(zone))


def _whole_hours(moment: Moment) -> Moment:
    part = (moment.offset or timedelta()) % timedelta(hours=1)
    return moment.at_offset(timedelta()) if part else moment


def _loss(moment: Moment, kind: Kind) -> Loss:
    if moment.clock is not None and kind.finest < Precision.MINUTE:
        return "coarser"
    if moment.clock is None:
        return "coarser" if kind.finest < moment.precision else "none"
    if kind.finest < Precision.SECOND and (moment.clock.second or moment.clock.microsecond):
        return "rounded"
    lost = moment.clock.microsecond if kind.finest < Precision.FRACTION else moment.clock.microsecond % kind.unit
    return "rounded" if lost else "none"
