"""Rows of ``code`` that keep the text of an unknown code, or say which list a code is from; and ``measure``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from gateway.conversion.carrying import Action, Trails, conflict_of
from gateway.conversion.ends import Source, Target
from gateway.conversion.model import Loss
from gateway.conversion.run import Frame, Problem, Run
from gateway.conversion.trails import Trail
from gateway.conversion.verbs.numbers import NO_UNIT
from gateway.conversion.verbs.results import Converter, Result
from gateway.findings import Severity

LIST_DIFFERS = Problem(
    "map.list-id-differs", "the code is said to be from another list", "name the list that the form prescribes"
)
UNIT_DIFFERS = Problem(
    "map.unit-differs", "the unit differs from the one that the format fixes", "use that unit", Severity.WARNING
)


def code_keeping_text(
    source: Source, target: Target, keep: Target, trails: Trails, convert: Converter, otherwise: str
) -> Action:
    """To WCO: a code that the list does not hold goes to ``keep`` as it stands, beside ``otherwise`` if there is one."""
    both = Trail("mapped", "none", source.place.qualified, (target.place.qualified, keep.place.qualified), source.row)
    only_text = Trail("mapped", "none", source.place.qualified, (keep.place.qualified,), source.row)

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        result = convert(spot[2], run.day)
        if not isinstance(result, Problem):
            written, trail = target.write(run, frame, result[0]), trails[result[1]]
        else:
            written = keep.write(run, frame, spot[2]) and (not otherwise or target.write(run, frame, otherwise))
            trail = both if otherwise else only_text
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
