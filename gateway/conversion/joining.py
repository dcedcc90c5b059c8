"""Joining the parts of target texts when all rows have given theirs."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.conversion.allowed import allows_of
from gateway.conversion.run import Problem, Run, place_text
from gateway.conversion.splitting import Splitter
from gateway.conversion.writing import put

INCOMPLETE = Problem(
    "map.template-incomplete",
    "the parts do not make up a text of the shape that its template gives",
    "send all the parts that the text needs",
)


def join_parts(run: Run, target: int, splitters: Mapping[str, Splitter], depths: Mapping[str, int]) -> None:
    """Write each text whose parts are there; the source leaves of a text that cannot be made stay unmapped."""
    for bag in run.bags.values():
        text = splitters[bag.place.path.template].join(bag.parts)
        allows = allows_of(bag.place.type)
        if text is not None and (allows is None or allows(text)) and put(run, bag.holder, bag.key, text, bag.origin):
            continue
        run.report(INCOMPLETE, bag.origin.row, place_text(bag.place, bag.frame, target, depths))
        for holder, key, part in bag.spots:
            if part:
                run.part_marks.get((holder, key), {}).pop(part, None)
                run.part_marks.setdefault((holder, key), {})[part] = None
            else:
                run.marks.pop((holder, key), None)
