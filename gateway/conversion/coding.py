"""Rows of ``code`` that keep the text of an unknown code, or say which list a code is from; and ``measure``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from gateway.conversion.carrying import Action, Trails, conflict_of
from gateway.conversion.ends import Source, Target
from gateway.conversion.model import Loss
from gateway.conversion.places import Place
from gateway.conversion.run import NATIONAL, Frame, Problem, Run
from gateway.conversion.sides import Sides
from gateway.conversion.trails import Trail
from gateway.conversion.verbs.numbers import NO_UNIT
from gateway.conversion.verbs.results import Converter, Result

LIST_DIFFERS = Problem(
    "map.list-id-differs", "the code is said to be from another list", "name the list that the form prescribes"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText:
    """What happens to a code that its list does not hold.

    Attributes:
        target: where it goes as it stands.
        otherwise: code written beside it, empty for none.
        convert: the list.
    """

    target: Target
    otherwise: str
    convert: Converter


def code_keeping_text(source: Source, target: Target, kept: KeptText, trails: Trails) -> Action:
    """To WCO: the code, or the text as it stands beside the code for "something else"."""
    keep, otherwise = kept.target, kept.otherwise
    places = (target.place, keep.place) if otherwise else (keep.place,)
    as_text = Trail("mapped", "none", source.place.qualified, tuple(place.qualified for place in places), source.row)

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        result = kept.convert(spot[2], run.day)
        if not isinstance(result, Problem):
            written, trail = target.write(run, frame, result[0]), trails[result[1]]
        else:
            written = keep.write(run, frame, spot[2]) and (not otherwise or target.write(run, frame, otherwise))
            trail = as_text
        if written:
            source.mark(run, spot, trail)
        else:
            source.report(run, frame, conflict_of(target))

    return act


def code_from_text(source: Source, kept: Source, target: Target, trails: Trails, convert: Converter) -> Action:
    """From WCO: the text that was kept, else the national code."""
    trail = trails["none"]

    def act(run: Run, frame: Frame) -> None:
        spot, text = source.read(run, frame), kept.read(run, frame)
        if text is not None:
            if not target.write(run, frame, text[2]):
                source.report(run, frame, conflict_of(target))
                return
            kept.mark(run, text, trail)
            if spot is not None:
                source.mark(run, spot, trail)
            return
        result = None if spot is None else convert(spot[2], run.day)
        if spot is None or result is None:
            return
        if isinstance(result, Problem):
            source.report(run, frame, result)
        elif target.write(run, frame, result[0]):
            source.mark(run, spot, trails[result[1]])
        else:
            source.report(run, frame, conflict_of(target))

    return act


def list_id_checked(named: Source, list_id: str) -> Action:
    """To WCO: the id of the list that stands beside the code must be the one that the table names."""
    agreed = Trail("implied", path=named.place.qualified, row=named.row, reason="the table names the list")

    def act(run: Run, frame: Frame) -> None:
        spot = named.read(run, frame)
        if spot is None:
            return
        if spot[2] == list_id:
            named.mark(run, spot, agreed)
        else:
            named.report(run, frame, LIST_DIFFERS)

    return act


def list_id_written(code: Place, named: Target, sides: Sides, list_id: str) -> Action:
    """From WCO: the id of the list goes beside each code that was written."""
    find = sides.reading[NATIONAL].leaf(code)

    def act(run: Run, frame: Frame) -> None:
        if list_id and find(run, frame) is not None:
            named.write(run, frame, list_id)

    return act


def measure_forward_action(
    source: Source,
    unit: Source | None,
    target: Target,
    trails: Trails,
    *,
    fixed: str,
    wanted: str,
    convert: Callable[[str, str, date], Result],
) -> Action:
    """To WCO: value and unit become a value in the target unit, named beside it where the schema can.

    Args:
        source: the value.
        unit: where its unit stands, None when the row fixes it.
        target: the WCO measure.
        trails: of the row.
        fixed: the unit that the row fixes.
        wanted: the WCO unit.
        convert: the verb.
    """
    part = source.place.path.part

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        named = unit.read(run, frame) if unit is not None else None
        if unit is not None and named is None:
            source.report(run, frame, NO_UNIT)
            return
        result = convert(spot[2], named[2] if named is not None else fixed, run.day)
        if isinstance(result, Problem):
            source.report(run, frame, result)
        elif not target.write(run, frame, result[0], wanted):
            source.report(run, frame, conflict_of(target))
        else:
            source.mark(run, spot, trails[result[1]])
            target.owes(run, frame, spot, part)
            if unit is not None and named is not None:
                unit.mark(run, named, trails[result[1]])

    return act


def measure_back_action(
    source: Source,
    target: Target,
    unit: Target | None,
    trails: Trails,
    *,
    wanted: str,
    convert: Callable[[str, str, date], tuple[str, str, Loss] | Problem],
) -> Action:
    """From WCO: back in the unit that the list prefers."""

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        result = convert(spot[2], source.beside(spot, "unitCode") or wanted, run.day)
        if isinstance(result, Problem):
            source.report(run, frame, result)
        elif not target.write(run, frame, result[0]) or (unit is not None and not unit.write(run, frame, result[1])):
            source.report(run, frame, conflict_of(target))
        else:
            source.mark(run, spot, trails[result[2]])
            source.mark_beside(run, spot, "unitCode", trails[result[2]])

    return act
