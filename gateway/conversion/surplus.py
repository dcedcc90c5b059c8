"""Entries too many: where a path means exactly one entry, a second one is a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from gateway.conversion.carrying import Action
from gateway.conversion.matching import list_name
from gateway.conversion.places import Place
from gateway.conversion.run import Frame, Problem, Run, place_text
from gateway.conversion.sides import Sides

SECOND_ENTRY = Problem(
    "map.second-entry", "the other side has room for one entry here, and there are several", "send one entry"
)


def surplus_checks(
    sides: Sides, places: Iterable[tuple[str, Place]], source: int, many: frozenset[str]
) -> Iterator[tuple[str, Action]]:
    """The checks of one side, each once, as (loop, action).

    Args:
        sides: what both directions share.
        places: row ids and the places that they read.
        source: side that is read.
        many: lists with braces in which several entries are meant (texts in pieces, loops).
    """
    seen: set[str] = set()
    for row, place in places:
        for at in range(place.anchor + 1, len(place.steps)):
            step = place.steps[at]
            single = step.mode == "one" or step.qualifier is not None
            name = f"{list_name(place, at)}{step.qualifier or ''}"
            if not single or not step.element.repeats or name in seen or name in many:
                continue
            seen.add(name)
            loop = place.steps[place.anchor].loop if place.anchor >= 0 else ""
            yield loop, _check(sides, row, place, source, sides.reading[source].counter(place, at))


def _check(sides: Sides, row: str, place: Place, source: int, count: Callable[[Frame], int]) -> Action:
    def check(run: Run, frame: Frame) -> None:
        if count(frame) > 1:
            run.report(SECOND_ENTRY, row, place_text(place, frame, source, sides.depths))

    return check
