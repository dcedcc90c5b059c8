"""The numbers of a loop's entries: carried from leaf to leaf where both sides have one, counted otherwise."""

from __future__ import annotations

from gateway.conversion.allowed import NOT_ALLOWED, allows_of
from gateway.conversion.model import Loop
from gateway.conversion.places import Place
from gateway.conversion.run import NATIONAL, WCO, Frame, Problem, Run, place_text
from gateway.conversion.sides import Sides
from gateway.conversion.trails import Origin, Trail

NOT_A_NUMBER = Problem("map.entry-number", "the number of the entry is not a whole number", "number entries 1, 2, 3")


class Numberer:
    """Numbers the entries of one loop in one direction.

    Args:
        sides: what both directions share.
        loop: the loop, which may declare no number.
        source: side that is read.
    """

    def __init__(self, sides: Sides, loop: Loop, source: int) -> None:
        self._row = f"loops.{loop.name}"
        places = (self._place(sides, loop, NATIONAL), self._place(sides, loop, WCO))
        here, there = places[source], places[WCO if source == NATIONAL else NATIONAL]
        self._read = sides.reading[source].leaf(here) if here is not None else None
        self._carry = self._count = None
        if there is not None:
            writing = sides.writing[WCO if source == NATIONAL else NATIONAL]
            self._carry = writing.leaf(there, Origin("row", self._row))
            self._count = writing.leaf(there, Origin("calculated", self._row))
        self._path = here.qualified if here is not None else ""
        self._list, self._side, self._depths = sides.loop_place(loop, source), source, sides.depths
        self._below = str(here.path) if here is not None else ""
        self._allows = allows_of(there.type, here.type) if here is not None and there is not None else None
        self._is_number = there is not None and there.type is not None and there.type.base in ("integer", "decimal")
        self._trail = Trail(
            "mapped" if there is not None else "implied",
            path=self._path,
            to=(there.qualified,) if there is not None else (),
            row=self._row,
            reason="" if there is not None else "entries are counted",
        )

    @staticmethod
    def _place(sides: Sides, loop: Loop, side: int) -> Place | None:
        if loop.number is None:
            return None
        path = loop.number.national if side == NATIONAL else loop.number.wco
        return None if path is None else sides.entry_place(path, loop, side)

    def number(self, run: Run, frame: Frame) -> None:
        """Write the number of a new entry and keep it in the frame."""
        spot = self._read(run, frame) if self._read is not None else None
        counted = str(frame.orders[-1])
        if spot is not None and self._is_number and not spot[2].isdecimal():
            run.report(NOT_A_NUMBER, self._row, self._where(frame))
            spot = None
        elif spot is not None and self._allows is not None and not self._allows(spot[2]):
            run.report(NOT_ALLOWED, self._row, self._where(frame))
            spot = None
        frame.number = counted if spot is None else spot[2]
        if spot is not None:
            if self._carry is None or self._carry(run, frame, spot[2]):
                run.mark(spot[0], spot[1], self._trail)
        elif self._count is not None:
            self._count(run, frame, counted)

    def _where(self, frame: Frame) -> str:
        entries = place_text(self._list, frame, self._side, self._depths)
        return f"{entries}[{frame.at[self._side][-1]}]/{self._below}"
