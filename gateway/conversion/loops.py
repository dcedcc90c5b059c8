"""Opening loops: which entries there are on the side that is read, and the entries made for them on the other.

Each loop is opened once in a conversion, after the loops around it, and gives its frames. How entries find their
counterpart is told by the head: nested alike (or flat on one side), by a key, grouped by equal values, or by links.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from gateway.conversion.model import CaseTerm, Loop
from gateway.conversion.numbering import Numberer
from gateway.conversion.places import Place, UnknownPlace
from gateway.conversion.run import NATIONAL, WCO, Frame, Problem, Run, Spot, place_text
from gateway.conversion.sides import Sides
from gateway.conversion.trails import Origin, Trail
from gateway.formats.paths import Path

Opener: TypeAlias = Callable[[Run], None]
Candidate: TypeAlias = tuple[int, Any]

TOO_MANY = Problem("map.too-many-entries", "more entries than the other side has room for", "send fewer entries")
NO_PARENT = Problem(
    "map.parent-unknown",
    "the entry names no known entry that it belongs to",
    "correct the number or code that it names",
)
NOT_ALIKE = Problem(
    "map.every-differs", "the entries must all hold the same list here, and they do not", "send one list for all"
)


class Opening:
    """Compiles the opener of one loop for one direction.

    Args:
        sides: what both directions share.
        loop: the loop.
        source: side that is read.
    """

    def __init__(self, sides: Sides, loop: Loop, source: int) -> None:
        self.sides = sides
        self.loop = loop
        self.source = source
        self.target = WCO if source == NATIONAL else NATIONAL
        self.origin = Origin("row", f"loops.{loop.name}")
        self.source_place = sides.loop_place(loop, source)
        self.target_place = sides.loop_place(loop, self.target)
        self.parent = sides.parents[loop.name]
        self.list_entries = sides.reading[source].lister(self.source_place)
        self.list_holder = sides.reading[source].holder(self.source_place)
        self.add = sides.writing[self.target].adder(self.target_place, self.origin)
        self.numberer = Numberer(sides, loop, source)
        only = loop.only
        self.case = sides.test((only,), source) if isinstance(only, CaseTerm) else None

    def compile(self) -> Opener:
        """The opener.

        Raises:
            UnknownPlace: the head does not say how entries find their counterpart in this direction.
        """
        if self.loop.key is not None:
            return self._by_key() if self.source == NATIONAL else self._with_key()
        if self.loop.group is not None and self.source == NATIONAL:
            return self._grouped()
        if (
            self.source == WCO
            and self.loop.linked is not None
            and (self.loop.group or self.loop.linked.numbers is None)
        ):
            return self._by_links()
        if self._is_flat(self.source_place) and not self._is_flat(self.target_place) and not self._is_every():
            raise UnknownPlace(
                f"nothing says to which entry of loop {self.parent!r} an entry of loop {self.loop.name!r} belongs",
                code="mapping.not-invertible",
                remedy="give the loop a key or links, or let the mapping work in the other direction only",
            )
        return self._nested()

    def _is_flat(self, place: Place) -> bool:
        """Whether the entries of the loop around are not told by where this list stands."""
        return bool(self.parent) and not any(step.loop == self.parent for step in place.steps)

    def _is_every(self) -> bool:
        return any(step.mode == "every" for step in (*self.source_place.steps, *self.target_place.steps))

    def _nested(self) -> Opener:
        name, parent = self.loop.name, self.parent
        shared = self._is_every() and self._is_flat(self.target_place)

        def open_loop(run: Run) -> None:
            frames: list[Frame] = []
            made: list[Any] = []
            for above in run.frames[parent]:
                begun = len(frames)
                for index, entry in self._chosen(run, above):
                    order = len(frames) - begun + 1
                    if shared and above.orders[-1] > 1:
                        node = made[order - 1] if order <= len(made) else None
                    else:
                        node = self._make(run, above, order)
                        made.append(node)
                    if node is None:
                        run.report(NOT_ALIKE if shared else TOO_MANY, f"loops.{name}", self._place_of(above))
                        continue
                    frames.append(self._frame(above, (index, entry), node, order))
                    self.numberer.number(run, frames[-1])
                if shared and len(frames) - begun < len(made):
                    run.report(NOT_ALIKE, f"loops.{name}", self._place_of(above))
            run.frames[name] = frames

        return open_loop

    def _by_key(self) -> Opener:
        """Flat national entries that name the WCO entry which they belong to."""
        key, loop = self.loop.key, self.loop
        assert key is not None
        place = self.sides.entry_place(key.national, loop, NATIONAL)
        read = self.sides.reading[NATIONAL].leaf(place)
        trail = Trail("mapped", path=place.qualified, to=(self.target_place.qualified,), row=f"loops.{loop.name}")
        around = self.sides.scope(step.loop for step in self.source_place.steps if step.loop)
        orphans = self._orphanage()
        key_of = self._key_reader()

        def open_loop(run: Run) -> None:
            parents = {normal(key_of(run, frame)): frame for frame in run.frames[key.of]}
            frames: list[Frame] = []
            counts: dict[int, int] = {}
            run.frames[loop.name] = frames
            for above in run.frames[around]:
                for index, entry in self._chosen(run, above):
                    seeker = above.below(entry, None, (index + 1, 0), 1)
                    spot = _read_relative(read, run, seeker, self.sides.depths[loop.name])
                    parent = parents.get(normal(spot[2])) if spot is not None else None
                    order = counts[id(parent)] = counts.get(id(parent), 0) + 1
                    node = self._make(run, parent, order) if parent is not None else orphans(run)
                    if node is None:
                        run.report(NO_PARENT, f"loops.{loop.name}", f"{self.source_place.qualified}[{index + 1}]")
                        continue
                    frame = self._frame(parent or self._nowhere(run, key.of), (index, entry), node, order)
                    frames.append(frame)
                    if spot is not None:
                        run.mark(spot[0], spot[1], trail)
                    self.numberer.number(run, frame)

        return open_loop

    def _with_key(self) -> Opener:
        """Nested WCO entries become flat national ones that name their parent."""
        key, loop = self.loop.key, self.loop
        assert key is not None
        place = self.sides.entry_place(key.national, loop, NATIONAL)
        write = self.sides.writing[NATIONAL].leaf(place, self.origin)
        key_of = self._key_reader()
        nested = self._nested()

        def open_loop(run: Run) -> None:
            nested(run)
            for frame in run.frames[loop.name]:
                write(run, frame, key_of(run, frame))

        return open_loop

    def _key_reader(self) -> Callable[[Run, Frame], str]:
        """The key of an entry of the loop that others name: its leaf on the WCO side, else its number."""
        key = self.loop.key
        assert key is not None
        of = self.sides.table.loops[key.of]
        read = self.sides.reading[WCO].leaf(self.sides.entry_place(key.wco, of, WCO))
        depth = self.sides.depths[key.of]

        def key_of(run: Run, frame: Frame) -> str:
            spot = read(run, frame)
            return spot[2] if spot is not None else frame.number or str(frame.orders[depth])

        return key_of

    def _orphanage(self) -> Callable[[Run], Any]:
        """Where entries go that name no known parent; None when they are refused."""
        path = self.loop.without_parent
        if path is None:
            return lambda _run: None
        place = self.sides.place(path, WCO, "last-open")
        add = self.sides.writing[WCO].adder(place, self.origin)
        return lambda run: add(run, run.frames[""][0])

    def _nowhere(self, run: Run, of: str) -> Frame:
        """A frame in which the entry of the parent loop does not exist."""
        frame = run.frames[""][0]
        for _ in range(self.sides.depths[of]):
            frame = frame.below(None, None, (0, 0), 1)
        return frame

    def _grouped(self) -> Opener:
        """National entries of one value become one WCO entry."""
        loop, name, parent = self.loop, self.loop.name, self.parent
        assert loop.group is not None
        place = self.sides.entry_place(loop.group, loop, NATIONAL)
        read = self.sides.reading[NATIONAL].leaf(place)
        flat = self._is_flat(self.target_place)

        def open_loop(run: Run) -> None:
            frames: list[Frame] = []
            groups: dict[tuple[int, str], Any] = {}
            for above in run.frames[parent]:
                for order, (index, entry) in enumerate(self._chosen(run, above), 1):
                    spot = read(run, above.below(entry, None, (index + 1, 0), order))
                    group = (0 if flat else id(above), spot[2] if spot is not None else f"\0{id(entry)}")
                    made = group not in groups
                    if made:
                        groups[group] = self._make(run, above, order)
                    if groups[group] is None:
                        run.report(TOO_MANY, f"loops.{name}", self._place_of(above))
                        continue
                    frames.append(self._frame(above, (index, entry), groups[group], order))
                    if made:
                        self.numberer.number(run, frames[-1])
            run.frames[name] = frames

        return open_loop

    def _by_links(self) -> Opener:
        """WCO entries that links name: one national entry for each link."""
        loop, linked = self.loop, self.loop.linked
        assert linked is not None
        if linked.numbers is not None:
            return self._one_for_each_link()
        of = self.sides.table.loops[linked.of]
        links = self.sides.reading[WCO].lister(self.sides.entry_place(linked.wco, of, WCO, "last-open"))
        by = linked.by
        link_place = self.sides.entry_place(linked.wco, of, WCO, "last-open")
        key = leaf_key(self.sides.entry_place(by, loop, WCO))
        around = self.sides.scope(step.loop for step in self.source_place.steps if step.loop)
        trail = Trail(
            "mapped", path=f"{link_place.qualified}/{by}", to=(self.target_place.qualified,), row=self.origin.row
        )

        def open_loop(run: Run) -> None:
            named: dict[str, Candidate] = {}
            for above in run.frames[around]:
                for index, entry in self._chosen(run, above):
                    named.setdefault(key(entry), (index, entry))
            frames: list[Frame] = []
            for above in run.frames[linked.of]:
                for order, (_, link) in enumerate(links(above), 1):
                    candidate = named.get(key(link))
                    if candidate is None:
                        run.report(NO_PARENT, self.origin.row, self._place_of(above))
                        continue
                    node = self._make(run, above, order)
                    frames.append(self._frame(above, candidate, node, order))
                    mark_leaf(run, link, by, trail)
            run.frames[loop.name] = frames

        return open_loop

    def _one_for_each_link(self) -> Opener:
        loop, linked = self.loop, self.loop.linked
        assert linked is not None
        of = self.sides.table.loops[linked.of]
        links = self.sides.reading[WCO].lister(self.sides.entry_place(linked.wco, of, WCO, "last-open"))
        key = leaf_key(self.sides.entry_place(linked.by, loop, WCO))

        def open_loop(run: Run) -> None:
            counts: dict[str, int] = {}
            for above in run.frames[linked.of]:
                for _, link in links(above):
                    counts[key(link)] = counts.get(key(link), 0) + 1
            frames: list[Frame] = []
            for above in run.frames[self.parent]:
                for order, candidate in enumerate(self._chosen(run, above), 1):
                    copies = max(1, counts.get(key(candidate[1]), 1))
                    frames.extend(
                        self._frame(above, candidate, self._make(run, above, order), order) for _ in range(copies)
                    )
            run.frames[loop.name] = frames

        return open_loop

    def _chosen(self, run: Run, above: Frame) -> list[Candidate]:
        """The entries below a frame that this loop takes: all, or those that ``only`` leaves to it."""
        entries = self.list_entries(above)
        only = self.loop.only
        if not only or not entries:
            return entries
        holder = self.list_holder(above)
        taken = run.taken.setdefault(id(holder), set())
        by_case = run.taken_by_case.setdefault(id(holder), set())
        if only == "others":
            return [entry for entry in entries if entry[0] not in taken]
        if only == "first":
            entries = [entry for entry in entries if entry[0] not in by_case][:1]
        elif self.case is not None:
            entries = [entry for entry in entries if self._case_holds(run, above, entry)]
            by_case.update(index for index, _ in entries)
        taken.update(index for index, _ in entries)
        return entries

    def _case_holds(self, run: Run, above: Frame, candidate: Candidate) -> bool:
        assert self.case is not None
        frame = above
        while len(frame.orders) < self.sides.depths[self.loop.name]:
            frame = frame.below(None, None, (0, 0), 1)
        return self.case(run, self._frame(frame, candidate, None, 1))

    def _make(self, run: Run, above: Frame, order: int) -> Any:
        at_most = self.loop.at_most
        return None if at_most is not None and order > at_most else self.add(run, above)

    def _frame(self, above: Frame, candidate: Candidate, node: Any, order: int) -> Frame:
        index, entry = candidate
        if self.source == NATIONAL:
            return above.below(entry, node, (index + 1, order), order)
        return above.below(node, entry, (order, index + 1), order)

    def _place_of(self, above: Frame) -> str:
        return place_text(self.source_place, above, self.source, self.sides.depths)


def normal(text: str) -> str:
    """A key as it is compared: whole numbers without leading zeros."""
    return str(int(text)) if text.isdecimal() else text


def _read_relative(read: Callable[[Run, Frame], Spot | None], run: Run, frame: Frame, depth: int) -> Spot | None:
    entry = frame.nodes[NATIONAL][-1]
    while len(frame.orders) <= depth:
        frame = frame.below(entry, None, (0, 0), 1)
    return read(run, frame)


def leaf_key(place: Place) -> Callable[[Any], str]:
    """Reads the leaf that identifies an entry, from the entry itself or from a link to it."""
    keys = [step.element.key for step in place.steps]

    def key(entry: Any) -> str:
        here = entry
        for name in keys:
            here = here.get(name) if isinstance(here, dict) else None
        text = here.get("value") if isinstance(here, dict) else here
        return text if isinstance(text, str) else ""

    return key


def mark_leaf(run: Run, entry: Any, path: Path, trail: Trail) -> None:
    """Note the fate of the leaf that identifies a link."""
    holder = entry
    for step in path.steps[:-1]:
        holder = holder.get(step.name, {})
    name = path.steps[-1].name
    leaf = holder.get(name)
    if isinstance(leaf, dict):
        run.mark(leaf, "value", trail)
    elif leaf is not None:
        run.mark(holder, name, trail)
