"""Rows of ``date`` whose time of day or calendar stands in a leaf of its own."""

from __future__ import annotations

from collections.abc import Callable

from gateway.conversion.arguments import ConstantArgument, DateArgument
from gateway.conversion.carrying import Action, Trails, conflict_of, date_action
from gateway.conversion.ends import Source, Target
from gateway.conversion.model import Row, Table
from gateway.conversion.places import UnknownPlace
from gateway.conversion.run import Frame, Problem, Run, Spot
from gateway.conversion.trails import Trail
from gateway.conversion.verbs.dates import DateResult
from gateway.conversion.verbs.dates_apart import Parts, known_calendar, names_calendar
from gateway.formats.paths import Path


def apart_forward_action(
    day: Source,
    beside: tuple[Source | None, Source | None],
    target: Target,
    trails: Trails,
    convert: Callable[[Parts], DateResult],
) -> Action:
    """To WCO: day and time of day become one date.

    Args:
        day: the row's own leaf.
        beside: where the time of day and the calendar stand, None where the row names no place.
        target: the WCO date.
        trails: of the row.
        convert: the verb.
    """
    clock, calendar = beside
    said = None if calendar is None else _said_by(calendar)
    part = day.place.path.part

    def act(run: Run, frame: Frame) -> None:
        spot = day.read(run, frame)
        if spot is None:
            return
        told, named = _read(clock, run, frame), _read(calendar, run, frame)
        result = convert((spot[2], None if told is None else told[2], None if named is None else named[2]))
        if isinstance(result, Problem):
            day.report(run, frame, result)
        elif not target.write(run, frame, result[0], result[1]):
            day.report(run, frame, conflict_of(target))
        else:
            day.mark(run, spot, trails[result[2]])
            target.owes(run, frame, spot, part)
            if clock is not None and told is not None:
                clock.mark(run, told, trails[result[2]])
                target.owes(run, frame, told, clock.place.path.part)
            if calendar is not None and named is not None and said is not None:
                calendar.mark(run, named, said)

    return act


def apart_back_action(
    source: Source,
    day: Target,
    beside: tuple[Target | None, Target | None],
    trails: Trails,
    *,
    calendar: str,
    convert: Callable[[str, str], DateResult],
) -> Action:
    """From WCO: the date becomes day and time of day again.

    Args:
        source: the WCO date.
        day: the row's own leaf.
        beside: where the time of day goes, and the calendar where no constant row sets it.
        trails: of the row.
        calendar: name of the calendar, written where ``beside`` has a place for it.
        convert: the verb.
    """
    clock, named = beside

    def write(run: Run, frame: Frame, text: str, told: str) -> bool:
        if not day.write(run, frame, text) or (clock is not None and told and not clock.write(run, frame, told)):
            return False
        return named is None or named.write(run, frame, calendar)

    return date_action(source, day, trails, convert, write)


def is_calendar(table: Table, path: Path) -> bool:
    """Whether some date is read in the calendar that this place names: no constant is compared with it then."""
    dates = (row.argument for row in table.rows if isinstance(row.argument, DateArgument))
    return any(date.calendar_at is not None and date.calendar_at.general == path.general for date in dates)


def calendar_of_way_back(table: Table, row: Row, argument: DateArgument) -> tuple[str, bool]:
    """In which calendar a row writes national dates, and whether it names it itself.

    A constant row at the place of the calendar sets it; without one the form does, and the row writes its name.

    Args:
        table: that the row stands in.
        row: a row ``date`` with ``calendar at``.
        argument: of the row.

    Raises:
        UnknownPlace: ``mapping.calendar-unset`` when neither says it, or several constants do;
            ``mapping.unknown-calendar`` for a constant that is none.
    """
    assert argument.calendar_at is not None
    general = argument.calendar_at.general
    texts = {
        other.argument.text
        for other in table.rows
        if isinstance(other.argument, ConstantArgument)
        and other.acts("from-wco")
        and other.national is not None
        and other.national.general == general
    }
    if not texts and names_calendar(argument.national):
        return "", True
    if len(texts) != 1:
        raise UnknownPlace(
            f"on the way back nothing says in which calendar row {row.id} writes",
            code="mapping.calendar-unset",
            remedy="add one constant row for the place of the calendar, or name the calendar in the form",
        )
    name = known_calendar(texts.pop())
    if not name:
        raise UnknownPlace(
            "the constant row sets a calendar that is not known",
            code="mapping.unknown-calendar",
            remedy="write the name of a calendar as the forms of dates know it",
        )
    return name, False


def _read(source: Source | None, run: Run, frame: Frame) -> Spot | None:
    return None if source is None else source.read(run, frame)


def _said_by(calendar: Source) -> Trail:
    reason = "the date on the other side is told in one calendar"
    return Trail("implied", path=calendar.place.qualified, row=calendar.row, reason=reason)
