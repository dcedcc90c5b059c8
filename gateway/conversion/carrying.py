"""Rows that carry one value from one place to another: ``copy``, ``fit refuse``, ``code``, ``date``, ``number``.

Each function gives the action of one row in one direction. An action reads, converts, writes, and only then notes that
the source leaf is carried: a leaf whose value could not be carried stays unmapped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from gateway.conversion.allowed import NOT_ALLOWED
from gateway.conversion.ends import Source, Target
from gateway.conversion.model import LOSSES, Loss
from gateway.conversion.run import Frame, Problem, Run
from gateway.conversion.trails import Trail
from gateway.conversion.verbs.dates import DateResult
from gateway.conversion.verbs.results import Converter
from gateway.findings import Severity

Action: TypeAlias = Callable[[Run, Frame], None]
Trails: TypeAlias = Mapping[Loss, Trail]

WRITTEN_TWICE = Problem(
    "map.written-twice",
    "the place that this goes to already holds another value",
    "make the values agree, or send one of them",
)
ATTRIBUTE_ALONE = Problem(
    "map.attribute-alone",
    "the attribute has no value beside it on the other side",
    "send the value too",
    Severity.WARNING,
)


def trails_of(row: str, source: str, targets: tuple[str, ...]) -> dict[Loss, Trail]:
    """The trails of a row, one for each loss that a value of it may suffer."""
    return {loss: Trail("mapped", loss, source, targets, row) for loss in LOSSES}


def copy_action(source: Source, target: Target, trails: Trails) -> Action:
    """The same text."""
    trail = trails["none"]
    conflict = conflict_of(target)
    part = source.place.path.part
    read = source.find if source.is_plain else source.read
    write, mark, owes = target.write, source.mark, target.owes
    is_part, allows = bool(target.place.path.template), target.allows

    def act(run: Run, frame: Frame) -> None:
        spot = read(run, frame)
        if spot is None:
            return
        if allows is not None and not allows(spot[2]):
            source.report(run, frame, NOT_ALLOWED)
            return
        if not write(run, frame, spot[2]):
            source.refuse(run, frame, spot, conflict)
            return
        mark(run, spot, trail)
        if is_part:
            owes(run, frame, spot, part)

    return act


def convert_action(source: Source, target: Target, trails: Trails, convert: Converter) -> Action:
    """What a verb makes of the text."""
    conflict = conflict_of(target)
    part = source.place.path.part

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        result = convert(spot[2], run.day)
        if isinstance(result, Problem):
            source.report(run, frame, result)
        elif not target.write(run, frame, result[0]):
            source.refuse(run, frame, spot, conflict)
        else:
            source.mark(run, spot, trails[result[1]])
            target.owes(run, frame, spot, part)

    return act


Write: TypeAlias = Callable[[Run, Frame, str, str], bool]
"""Writes a result with what stands beside it; False where another row has written something else."""


def date_action(
    source: Source,
    target: Target,
    trails: Trails,
    convert: Callable[[str, str], DateResult],
    write: Write | None = None,
) -> Action:
    """A date: the formatCode beside the text goes with it.

    Args:
        source: the leaf that is read.
        target: the leaf that is written.
        trails: of the row.
        convert: the verb.
        write: how the result is written, where not into the target alone.
    """
    conflict, written = conflict_of(target), write or target.write
    part = source.place.path.part

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        result = convert(spot[2], source.beside(spot, "formatCode"))
        if isinstance(result, Problem):
            source.report(run, frame, result)
        elif not written(run, frame, result[0], result[1]):
            source.report(run, frame, conflict)
        else:
            trail = trails[result[2]]
            source.mark(run, spot, trail)
            source.mark_beside(run, spot, "formatCode", trail)
            target.owes(run, frame, spot, part)

    return act


def conflict_of(target: Target) -> Problem:
    """What it means when a target cannot be written."""
    return ATTRIBUTE_ALONE if target.place.attribute is not None else WRITTEN_TWICE
