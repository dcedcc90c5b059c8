"""From the verb of a row to its action: the ends, the converter, the trails.

The same actions serve three uses: carrying to WCO, carrying back, and the echo, where the row reads what was just
written and its far end compares instead of writing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.codes.codelists import CodeList
from gateway.codes.dates import parse_form
from gateway.conversion.allowed import allows_of
from gateway.conversion.arguments import (
    ChunksArgument,
    CodeArgument,
    DateArgument,
    FitArgument,
    MeasureArgument,
    NumberArgument,
)
from gateway.conversion.carrying import Action, Trails, convert_action, copy_action, date_action, trails_of
from gateway.conversion.coding import (
    KeptText,
    code_from_text,
    code_keeping_text,
    list_id_checked,
    list_id_written,
    measure_back_action,
    measure_forward_action,
)
from gateway.conversion.dating import apart_back_action, apart_forward_action, calendar_of_way_back
from gateway.conversion.ends import EchoTarget, Source, Target, just_written, source_end, target_end
from gateway.conversion.model import Row
from gateway.conversion.places import Place, UnknownPlace
from gateway.conversion.reading import is_straight
from gateway.conversion.run import NATIONAL, WCO, Frame, Run
from gateway.conversion.sides import Sides
from gateway.conversion.straight import straight_carrier
from gateway.conversion.stretching import (
    Overflow,
    Stretching,
    chunks_back,
    chunks_forward,
    fit_back,
    fit_forward,
    room_of,
)
from gateway.conversion.trails import Origin, Trail
from gateway.conversion.verbs.clocks import clock_writer
from gateway.conversion.verbs.codes import code_back, code_forward
from gateway.conversion.verbs.dates import date_back, date_forward
from gateway.conversion.verbs.dates_apart import apart_back, apart_forward
from gateway.conversion.verbs.numbers import measure_back, measure_forward, number_back, number_forward
from gateway.formats.paths import Path


class Ends:
    """Makes the ends of one row.

    Args:
        sides: what both directions share.
        row: the row.
        reads: side that the row reads, in its own sense.
        echo: whether it reads what was just written.
    """

    def __init__(self, sides: Sides, row: Row, reads: int, *, echo: bool) -> None:
        self.sides = sides
        self.row = row
        self.reads = reads
        self.writes = WCO if reads == NATIONAL else NATIONAL
        self.echo = echo
        self.origin = Origin("row", row.id)
        open_list = row.verb == "chunks"
        self._places: tuple[Place | None, Place | None] = (
            None
            if row.national is None
            else sides.place(row.national, NATIONAL, "last-open" if open_list else "lined-up"),
            None if row.wco is None else sides.place(row.wco, WCO),
        )

    def own(self, side: int) -> Place:
        """The row's own place on a side; rows of carrying verbs have one on both."""
        place = self._places[side]
        assert place is not None
        return place

    def source(self, place: Place, side: int) -> Source:
        """The end that reads a place."""
        make = just_written if self.echo else source_end
        return make(self.sides, place, side, self.row.id)

    def target(self, place: Place, side: int) -> Target:
        """The end that writes a place, or compares it in an echo."""
        if self.echo:
            return EchoTarget(self.sides, place, side, self.row.id, self.row.why)
        return target_end(self.sides, place, side, self.origin)

    def pair(self) -> tuple[Source, Target]:
        """The ends at the row's own places."""
        here, there = self.own(self.reads), self.own(self.writes)
        source, target = self.source(here, self.reads), self.target(there, self.writes)
        if not self.echo and not there.path.template and not there.path.variable:
            target.allows = allows_of(there.type, None if here.path.template else here.type)
        return source, target

    def trails(self, *beside: Place) -> Trails:
        """The trails of the row, with further places that a leaf went to."""
        targets = (self.own(self.writes), *beside)
        return trails_of(self.row.id, self.own(self.reads).qualified, tuple(place.qualified for place in targets))

    @property
    def is_forward(self) -> bool:
        """Whether the row reads the national side."""
        return self.reads == NATIONAL

    def code_list(self, name: str) -> CodeList:
        """A code list.

        Raises:
            UnknownPlace: ``mapping.unknown-code-list``.
        """
        if name not in self.sides.resources.lists:
            raise UnknownPlace(
                f"unknown code list {name!r}",
                code="mapping.unknown-code-list",
                remedy="add the list to the codelists folder or correct its name",
            )
        return self.sides.resources.lists[name]


def carry_action(ends: Ends) -> Action:
    """The action of a row whose verb carries one value.

    Raises:
        UnknownPlace: a path of the argument that is not there, an unknown code list, or a form that is not built.
    """
    return _BUILDERS[ends.row.verb](ends)


def _copy(ends: Ends) -> Action:
    trails = ends.trails()
    return _straightened(ends, copy_action(*ends.pair(), trails), trails, None)


def _fit(ends: Ends) -> Action:
    argument = ends.row.argument
    assert isinstance(argument, FitArgument)
    stretching = _stretching(ends, argument)
    action = (fit_forward if ends.is_forward else fit_back)(stretching, *ends.pair())
    if argument.over is not None and not ends.is_forward:
        return action
    return _straightened(ends, action, stretching.trails, room_of(ends.own(ends.writes)))


def _straightened(ends: Ends, action: Action, trails: Trails, room: int | None) -> Action:
    """The action as one straight function where both ends are plain leaves."""
    here, there = ends.own(ends.reads), ends.own(ends.writes)
    if ends.echo or not all(is_straight(place) and not place.path.template for place in (here, there)):
        return action
    origin = ends.origin
    source, target = ends.sides.reading[ends.reads].way(here), ends.sides.writing[ends.writes].way(there, origin)
    return straight_carrier(source, target, (trails["none"], origin), (room, allows_of(there.type, here.type)), action)


def _stretching(ends: Ends, argument: FitArgument) -> Stretching:
    overflow = None if argument.over is None else _overflow(ends, argument.over, in_pieces=argument.in_pieces)
    return Stretching(trails=ends.trails(), overflow=overflow, may_shorten=ends.row.loss == "shortened")


def _overflow(ends: Ends, path: Path, *, in_pieces: bool) -> Overflow:
    place = ends.sides.place(path, WCO)
    return Overflow(
        place=place,
        read=ends.sides.reading[WCO].many(place),
        write=ends.sides.writing[WCO].pieces(place, Origin("row", ends.row.id)),
        length=room_of(place),
        in_pieces=in_pieces,
        trails=ends.trails(place),
        came_back=Trail("mapped", path=place.qualified, to=(ends.own(NATIONAL).qualified,), row=ends.row.id),
    )


def _chunks(ends: Ends) -> Action:
    argument = ends.row.argument
    assert isinstance(argument, ChunksArgument)
    stretching = _stretching(ends, argument.fit)
    national = ends.own(NATIONAL)
    source, target = ends.pair()
    if ends.is_forward:
        return chunks_forward(stretching, ends.sides.reading[NATIONAL].many(national), source, target)
    write = ends.sides.writing[NATIONAL].pieces(national, Origin("row", ends.row.id))
    return chunks_back(stretching, source, write, argument.size, argument.most)


def _code(ends: Ends) -> Action:
    argument = ends.row.argument
    assert isinstance(argument, CodeArgument)
    codes = ends.code_list(argument.code_list)
    source, target = ends.pair()
    if argument.text is not None:
        action = _code_with_text(ends, argument, codes, ends.sides.place(argument.text, WCO))
    elif ends.is_forward:
        action = convert_action(source, target, ends.trails(), code_forward(codes, argument.otherwise))
    else:
        action = convert_action(source, target, ends.trails(), code_back(codes))
    if argument.id_at is None or ends.echo:
        return action
    place = ends.sides.place(argument.id_at, NATIONAL)
    if ends.is_forward:
        return _both(action, list_id_checked(ends.source(place, NATIONAL), codes.id))
    return _both(action, list_id_written(ends.own(NATIONAL), ends.target(place, NATIONAL), ends.sides, codes.id))


def _code_with_text(ends: Ends, argument: CodeArgument, codes: CodeList, text: Place) -> Action:
    source, target = ends.pair()
    if ends.is_forward:
        kept = KeptText(target=ends.target(text, WCO), otherwise=argument.otherwise, convert=code_forward(codes, ""))
        return code_keeping_text(source, target, kept, ends.trails())
    return code_from_text(source, ends.source(text, WCO), target, ends.trails(), code_back(codes))


def _both(first: Action, second: Action) -> Action:
    def act(run: Run, frame: Frame) -> None:
        first(run, frame)
        second(run, frame)

    return act


def _number(ends: Ends) -> Action:
    argument = ends.row.argument
    assert isinstance(argument, NumberArgument)
    make = number_forward if ends.is_forward else number_back
    return convert_action(*ends.pair(), ends.trails(), make(argument, ends.own(ends.writes).type))


def _date(ends: Ends) -> Action:
    argument = ends.row.argument
    assert isinstance(argument, DateArgument)
    if argument.time_at is not None or argument.calendar_at is not None:
        return (_apart_forward if ends.is_forward else _apart_back)(ends, argument)
    make = date_forward if ends.is_forward else date_back
    return date_action(*ends.pair(), ends.trails(), make(argument))


def _apart_forward(ends: Ends, argument: DateArgument) -> Action:
    source, target = ends.pair()
    paths = (argument.time_at, argument.calendar_at)
    clock, calendar = (
        None if path is None else ends.source(ends.sides.place(path, NATIONAL), NATIONAL) for path in paths
    )
    convert = apart_forward(argument, ends.row.loss)
    return apart_forward_action(source, (clock, calendar), target, ends.trails(), convert)


def _apart_back(ends: Ends, argument: DateArgument) -> Action:
    source, target = ends.pair()
    clock, writer, calendar, named = None, None, "", None
    if argument.time_at is not None:
        place = ends.sides.place(argument.time_at, NATIONAL)
        clock, writer = ends.target(place, NATIONAL), clock_writer(None if place.path.template else place.type)
        if writer is None:
            raise UnknownPlace(
                "the type at the place of the time of day admits no shape of a time",
                code="mapping.no-clock",
                remedy="correct the path after time at, or let the row go to WCO only",
            )
    if argument.calendar_at is not None:
        name, names_it = calendar_of_way_back(ends.sides.table, ends.row, argument)
        calendar = name or parse_form(argument.national).calendar
        named = ends.target(ends.sides.place(argument.calendar_at, NATIONAL), NATIONAL) if names_it else None
    convert = apart_back(argument, writer, calendar)
    return apart_back_action(source, target, (clock, named), ends.trails(), calendar=calendar, convert=convert)


def _measure(ends: Ends) -> Action:
    argument = ends.row.argument
    assert isinstance(argument, MeasureArgument)
    units, factor = ends.code_list(argument.units), ends.sides.resources.factor
    place = None if argument.unit_at is None else ends.sides.place(argument.unit_at, NATIONAL)
    source, target = ends.pair()
    kind = ends.own(ends.writes).type
    if ends.is_forward:
        return measure_forward_action(
            source,
            None if place is None else ends.source(place, NATIONAL),
            target,
            ends.trails(),
            fixed=argument.unit,
            wanted=argument.target,
            convert=measure_forward(argument, units, factor, kind),
        )
    return measure_back_action(
        source,
        target,
        None if place is None else ends.target(place, NATIONAL),
        ends.trails(),
        wanted=argument.target,
        convert=measure_back(argument, units, factor, kind),
    )


_BUILDERS: Mapping[str, Callable[[Ends], Action]] = {
    "copy": _copy,
    "fit": _fit,
    "chunks": _chunks,
    "code": _code,
    "number": _number,
    "date": _date,
    "measure": _measure,
}

CARRYING = frozenset(_BUILDERS)
"""Verbs that carry one value from one side to the other."""
