"""Many to many: a list of numbers in each national entry, links below each WCO entry that the numbers name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.conversion.carrying import Action
from gateway.conversion.loops import NO_PARENT, leaf_key, mark_leaf, normal
from gateway.conversion.model import Loop
from gateway.conversion.run import NATIONAL, WCO, Frame, Run, place_text
from gateway.conversion.sides import Sides
from gateway.conversion.trails import Origin, Trail


class Linking:
    """Compiles the links of one loop.

    Args:
        sides: what both directions share.
        loop: a loop with ``linked``.
    """

    def __init__(self, sides: Sides, loop: Loop) -> None:
        assert loop.linked is not None
        self.sides = sides
        self.loop = loop
        self.linked = loop.linked
        self.row = f"loops.{loop.name}"
        of = sides.table.loops[self.linked.of]
        self.links = sides.entry_place(self.linked.wco, of, WCO, "last-open")
        self.entry_by = sides.entry_place(self.linked.by, loop, WCO)
        self.entry_id = leaf_key(self.entry_by)
        self.link_path = f"{self.links.qualified}/{self.linked.by}"
        numbers = self.linked.numbers
        self.numbers = None if numbers is None else sides.entry_place(numbers, loop, NATIONAL, "last-open")

    def to_wco(self) -> Action:
        """Once for the message: a link below each WCO entry whose number stands in a list."""
        add = self.sides.writing[WCO].adder(self.links, Origin("row", self.row))
        write_by = self.sides.writing[WCO].below(self.linked.by, self.links, Origin("row", self.row))
        read_by = self.sides.reading[WCO].leaf(self.entry_by)
        wanted = self._wanted()
        problem_of = self._problem_place

        def act(run: Run, _frame: Frame) -> None:
            named = {normal(frame.number or str(frame.orders[-1])): frame for frame in run.frames[self.linked.of]}
            made: set[tuple[int, str]] = set()
            for frame in run.frames[self.loop.name]:
                by = read_by(run, frame)
                if by is None:
                    continue
                for parent in wanted(run, frame, named):
                    if parent is None:
                        run.report(NO_PARENT, self.row, problem_of(frame))
                    elif (id(parent), by[2]) not in made:
                        made.add((id(parent), by[2]))
                        write_by(run, add(run, parent), by[2])

        return act

    def _problem_place(self, frame: Frame) -> str:
        place = self.numbers or self.sides.loop_place(self.loop, NATIONAL)
        return place_text(place, frame, NATIONAL, self.sides.depths)

    def _wanted(self) -> Callable[[Run, Frame, dict[str, Frame]], list[Frame | None]]:
        if self.numbers is None:
            depth = self.sides.depths[self.linked.of]

            def around(run: Run, frame: Frame, _named: dict[str, Frame]) -> list[Frame | None]:
                node = frame.nodes[NATIONAL][depth]
                return [parent for parent in run.frames[self.linked.of] if parent.nodes[NATIONAL][depth] is node]

            return around
        read, separator = self.sides.reading[NATIONAL].many(self.numbers), self.linked.separator
        trail = Trail("mapped", path=self.numbers.qualified, to=(self.link_path,), row=self.row)

        def listed(run: Run, frame: Frame, named: dict[str, Frame]) -> list[Frame | None]:
            found: list[Frame | None] = []
            for spot in read(run, frame):
                parents = [named.get(normal(number)) for number in _numbers(spot[2], separator)]
                if all(parent is not None for parent in parents):
                    run.mark(spot[0], spot[1], trail)
                found.extend(parents)
            return found

        return listed

    def from_wco(self) -> Action | None:
        """Once for the message: each national entry lists the numbers of the entries that link to it."""
        if self.numbers is None or self.loop.group is not None:
            return self._one_number() if self.numbers is not None else None
        write = self.sides.writing[NATIONAL].pieces(self.numbers, Origin("row", self.row))
        read_by = self.sides.reading[WCO].leaf(self.entry_by)
        separator = self.linked.separator
        collect = self._collector(self.sides.reading[WCO].lister(self.links))

        def act(run: Run, _frame: Frame) -> None:
            numbers = collect(run, {self._id_of(run, frame, read_by) for frame in run.frames[self.loop.name]})
            for frame in run.frames[self.loop.name]:
                listed = numbers.get(self._id_of(run, frame, read_by), [])
                if listed:
                    write(run, frame, [separator.join(listed)] if separator else listed)

        return act

    def _one_number(self) -> Action:
        """With ``group``: each national entry names one number."""
        assert self.numbers is not None
        write = self.sides.writing[NATIONAL].pieces(self.numbers, Origin("row", self.row))
        read_by = self.sides.reading[WCO].leaf(self.entry_by)
        collect = self._collector(self.sides.reading[WCO].lister(self.links))

        def act(run: Run, _frame: Frame) -> None:
            numbers = collect(run, {self._id_of(run, frame, read_by) for frame in run.frames[self.loop.name]})
            for frame in run.frames[self.loop.name]:
                left = numbers.get(self._id_of(run, frame, read_by), [])
                if left:
                    write(run, frame, [left.pop(0)])

        return act

    @staticmethod
    def _id_of(run: Run, frame: Frame, read_by: Callable[[Run, Frame], Any]) -> str:
        spot = read_by(run, frame)
        return spot[2] if spot is not None else ""

    def _collector(
        self, links: Callable[[Frame], list[tuple[int, Any]]]
    ) -> Callable[[Run, set[str]], dict[str, list[str]]]:
        """Numbers of the linking entries by what they link to; links that lead nowhere are reported."""
        target = self.numbers.qualified if self.numbers is not None else ""
        trail = Trail("mapped", path=self.link_path, to=(target,), row=self.row)

        def collect(run: Run, known: set[str]) -> dict[str, list[str]]:
            numbers: dict[str, list[str]] = {}
            for parent in run.frames[self.linked.of]:
                for _, link in links(parent):
                    by = self.entry_id(link)
                    if by in known:
                        numbers.setdefault(by, []).append(parent.number or str(parent.orders[-1]))
                        mark_leaf(run, link, self.linked.by, trail)
                    else:
                        run.report(NO_PARENT, self.row, place_text(self.links, parent, WCO, self.sides.depths))
            return numbers

        return collect


def _numbers(text: str, separator: str) -> list[str]:
    return [number.strip() for number in text.split(separator) if number.strip()] if separator else [text.strip()]
