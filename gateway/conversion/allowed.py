"""What a place allows beyond its length: a list of values, or patterns. A row that carries text refuses the rest."""

from __future__ import annotations

import re
from collections.abc import Callable

from gateway.conversion.carrying import Action
from gateway.conversion.ends import Source
from gateway.conversion.run import Frame, Problem, Run
from gateway.formats.structure import SimpleType

NOT_ALLOWED = Problem(
    "map.not-allowed", "the text is none that its place in the other form allows", "correct the text at its source"
)


def allows_of(target: SimpleType | None, source: SimpleType | None) -> Callable[[str], bool] | None:
    """Whether a text may stand at a place, beyond its length; None where every text of the source may.

    Args:
        target: type of the place that is written.
        source: type of the place that is read.
    """
    if target is None:
        return None
    if target.enumeration:
        values = frozenset(target.enumeration)
        held = frozenset(source.enumeration) if source is not None else frozenset()
        return None if held and held <= values else values.__contains__
    known = set(source.patterns) if source is not None else set()
    patterns = [pattern for pattern in target.patterns if pattern not in known]
    compiled = [each for each in map(_compiled, patterns) if each is not None]
    if not compiled:
        return None
    return lambda text: all(each.fullmatch(text) for each in compiled)


def guarded(source: Source, allows: Callable[[str], bool], action: Action) -> Action:
    """An action that refuses, by the row's name, a text that the other place does not allow."""

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is not None and not allows(spot[2]):
            source.report(run, frame, NOT_ALLOWED)
            return
        action(run, frame)

    return act


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """An XSD pattern as Python knows it; None for one that uses what Python does not have: the schema judges then."""
    try:
        return re.compile(pattern)
    except re.error:
        return None
