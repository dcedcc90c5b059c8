"""Compiling one row for one direction: which actions it takes, in which loop, and when.

A row that works in this direction carries, derives or drops; a one-way row of the other direction is done again on what
was just written and compared (the echo).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from gateway.conversion.arguments import CalculateArgument, ConstantArgument, Sum, TotalArgument
from gateway.conversion.carrying import Action
from gateway.conversion.cases import Test
from gateway.conversion.conditions import And, Condition, Not, Present
from gateway.conversion.dating import is_calendar
from gateway.conversion.deriving import (
    Value,
    calculate_action,
    constant_checking,
    constant_writing,
    drop_action,
    formula_value,
    number_of,
    sum_of,
    total_checking,
    total_value,
    total_writing,
)
from gateway.conversion.ends import ComputedEcho, Target, just_written, source_end, target_end
from gateway.conversion.model import Direction, Row, Table, letters_of
from gateway.conversion.notation.mentions import argument_paths
from gateway.conversion.places import Place, UnknownPlace
from gateway.conversion.run import NATIONAL, WCO, Frame, Problem, Run, place_text
from gateway.conversion.sides import SIDES, Sides
from gateway.conversion.trails import Origin, Trail
from gateway.conversion.verb_actions import CARRYING, Ends, carry_action
from gateway.conversion.writing import Reach
from gateway.formats.paths import Path

Phase = Literal["carry", "derive", "constant", "attribute", "echo"]
PHASES: tuple[Phase, ...] = ("carry", "derive", "constant", "attribute", "echo")
"""In the order in which they run; texts of parts are joined between ``constant`` and ``attribute``."""

FIRST_OTHERS = Problem(
    "map.first-others", "only the first entry can be carried here, and others hold a value too", "send one entry"
)
EVERY_DIFFERS = Problem(
    "map.every-differs", "all entries must say the same here, and some do not", "send one value for all of them"
)


@dataclass(frozen=True, slots=True)
class StepOfRow:
    """One action of a row: when, for each frame of which loop, what."""

    phase: Phase
    scope: str
    action: Action


class RowCompiler:
    """Compiles rows for one direction.

    Args:
        sides: what both directions share.
        source: side that is read.
    """

    def __init__(self, sides: Sides, source: int) -> None:
        self.sides = sides
        self.source = source
        self.target = WCO if source == NATIONAL else NATIONAL
        self.direction: Direction = "to-wco" if source == NATIONAL else "from-wco"

    def compile(self, row: Row) -> list[StepOfRow]:
        """The steps of one row.

        Raises:
            UnknownPlace: a path that is not there or not lined up.
            GatewayError: any other fault of the row.
        """
        if row.verb == "pointer":
            raise UnknownPlace(
                "pointer is read but not built yet",
                code="mapping.not-built",
                remedy="drop the pointer with its reason for now",
            )
        if row.verb == "drop":
            return self._drop(row)
        if row.verb == "constant":
            return self._constant(row)
        if row.verb == "total":
            return self._total(row)
        acts = row.acts(self.direction)
        reads = self.source if acts else self.target
        if row.verb == "calculate":
            return [self._step(row, "derive" if acts else "echo", self._calculate(row, reads, echo=not acts), reads)]
        assert row.verb in CARRYING
        action = carry_action(Ends(self.sides, row, reads, echo=not acts))
        if not acts:
            return [self._step(row, "echo", action, reads)]
        place = self.sides.place(_path(row, self.target), self.target, "last-open")
        step = self._step(row, "carry" if place.attribute is None else "attribute", self._counted(row, action), reads)
        return [step, *self._tally_check(row)]

    def _step(self, row: Row, phase: Phase, action: Action, decides: int) -> StepOfRow:
        """A step under the row's case, which is decided on side ``decides``."""
        letters = [*letters_of(row.national), *letters_of(row.wco), *self.sides.case_letters(row.case, decides)]
        if not isinstance(row.argument, TotalArgument | CalculateArgument):
            letters += [letter for path in argument_paths(row.argument) for letter in letters_of(path)]
        elif isinstance(row.argument, CalculateArgument):
            letters += [letter for path in _operand_paths(row.argument) for letter in letters_of(path)]
        return StepOfRow(phase, self.sides.scope(letters), guarded(self.sides.test(row.case, decides), action))

    def _drop(self, row: Row) -> list[StepOfRow]:
        path = _path(row, self.source, missing_ok=True)
        if path is None or not row.acts(self.direction):
            return []
        place = self.sides.place(path, self.source, "open")
        if is_static_drop(row, path, self.sides.table):
            return []
        trail = Trail("dropped", path="", row=row.id, reason=row.why)
        below = self.sides.reading[self.source].below(place)
        action = drop_action(lambda _run, frame: below(frame), trail)
        return [self._step(row, "carry", action, self.source)]

    def _constant(self, row: Row) -> list[StepOfRow]:
        argument = row.argument
        assert isinstance(argument, ConstantArgument)
        side = NATIONAL if row.national is not None else WCO
        place = self.sides.place(_path(row, side), side)
        acts = row.acts(self.direction)
        decides = self.source if acts else self.target
        if side == self.source:
            if is_calendar(self.sides.table, place.path):
                return []
            reason = row.why or "the mapping knows this one value"
            trail = Trail("implied", path=place.qualified, row=row.id, reason=reason)
            action = constant_checking(source_end(self.sides, place, side, row.id), argument.text, trail)
            return [self._step(row, "echo", action, decides)]
        if not acts:
            return []
        absent = any(self._says_absent(term.name, negated=term.negated) for term in row.case)
        origin = Origin("default" if absent else "constant", row.id)
        reach = self.sides.writing[side].demanded(place, origin)
        if place.path.template:
            return [self._step(row, "constant", _part_constant(reach, place.path.part, argument.text), decides)]
        phase: Phase = "constant" if place.attribute is None else "attribute"
        return [self._step(row, phase, constant_writing(reach, argument.text, origin), decides)]

    def _says_absent(self, name: str, *, negated: bool) -> bool:
        case = self.sides.table.cases[name]
        condition = case.national if self.source == NATIONAL else case.wco
        return _is_absence(Not(condition) if negated else condition)

    def _total(self, row: Row) -> list[StepOfRow]:
        argument = row.argument
        assert isinstance(argument, TotalArgument)
        side = NATIONAL if row.national is not None else WCO
        place = self.sides.place(_path(row, side), side)
        value = total_value(argument, self._spots(argument.path, row, side, counting=argument.operation == "count"))
        if side == self.source:
            action = total_checking(source_end(self.sides, place, side, row.id), argument, value)
            return [self._step(row, "echo", action, self.source)]
        if not row.acts(self.direction):
            return []
        target = target_end(self.sides, place, side, Origin("total", row.id))
        return [self._step(row, "derive", total_writing(target, argument, value), self.source)]

    def _calculate(self, row: Row, reads: int, *, echo: bool) -> Action:
        argument = row.argument
        assert isinstance(argument, CalculateArgument)
        writes = WCO if reads == NATIONAL else NATIONAL
        own = _path(row, reads, missing_ok=True)
        make = just_written if echo else source_end
        source = None if own is None else make(self.sides, self.sides.place(own, reads), reads, row.id)
        place = self.sides.place(_path(row, writes), writes)
        target: Target
        if echo:
            target = ComputedEcho(self.sides, place, writes, row.id, row.why)
        else:
            target = target_end(self.sides, place, writes, Origin("calculated", row.id))
        reading = self.sides.tests[reads]

        def total(path_place: Place) -> Value:
            return sum_of(self._spots(path_place.path, row, reads, counting=False))

        value = formula_value(
            argument.formula,
            lambda found: number_of(reading.text(found)),
            total,
            lambda path: self.sides.place(path, reads, "last-open"),
        )
        return calculate_action(source, target, argument, value)

    def _spots(self, path: Path, row: Row, side: int, *, counting: bool) -> Callable[[Run, Frame], Iterable[Any]]:
        """What a ``sum`` or ``count`` reads: over all entries of the loops that the row itself does not stand in."""
        place = self.sides.place(path, side, "last-open")
        inner = self.sides.scope(letters_of(path))
        outer = self.sides.scope([*letters_of(row.national), *letters_of(row.wco)])
        shared = outer if outer in self.sides.chain(inner) else ""
        depth = self.sides.depths[shared]
        if not place.element.is_leaf and place.attribute is None and place.anchor < len(place.steps) - 1:
            entries = self.sides.reading[side].lister(place)
            return lambda run, frame: [each for below in _below(run, inner, frame, depth) for each in entries(below)]
        if counting and place.anchor == len(place.steps) - 1:
            own = self.sides.depths[inner]
            return lambda run, frame: {id(below.nodes[side][own]): 1 for below in _below(run, inner, frame, depth)}
        read = self.sides.reading[side].many(place)

        def spots(run: Run, frame: Frame) -> list[Any]:
            found: dict[tuple[int, str | int], Any] = {}
            for below in _below(run, inner, frame, depth):
                for spot in read(run, below):
                    found.setdefault((id(spot[0]), spot[1]), spot)
            return list(found.values())

        return spots

    def _counted(self, row: Row, action: Action) -> Action:
        """The action with what ``first`` and ``every`` ask on top."""
        read_path, write_path = _path(row, self.source), _path(row, self.target)
        for path, is_source in ((read_path, True), (write_path, False)):
            for step in path.steps:
                if step.mode == "first":
                    action = self._first_only(row, action, step.loop, is_source=is_source)
        if any(step.mode == "every" for step in read_path.steps):
            action = self._tallied(row, action)
        return action

    def _first_only(self, row: Row, action: Action, loop: str, *, is_source: bool) -> Action:
        depth = self.sides.depths[loop]
        if not is_source:
            return lambda run, frame: action(run, frame) if frame.orders[depth] == 1 else None
        source = source_end(self.sides, self.sides.place(_path(row, self.source), self.source), self.source, row.id)

        def act(run: Run, frame: Frame) -> None:
            if frame.orders[depth] == 1:
                action(run, frame)
            elif source.read(run, frame) is not None:
                source.report(run, frame, FIRST_OTHERS)

        return act

    def _tallied(self, row: Row, action: Action) -> Action:
        path = _path(row, self.source)
        depth = min(self.sides.depths[step.loop] for step in path.steps if step.mode == "every")
        read = self.sides.reading[self.source].leaf(self.sides.place(path, self.source, "last-open"))

        def act(run: Run, frame: Frame) -> None:
            tally = run.tallies.setdefault((row.id, id(frame.nodes[self.source][depth - 1])), [0, 0])
            tally[0] += read(run, frame) is not None
            tally[1] += 1
            action(run, frame)

        return act

    def _tally_check(self, row: Row) -> Iterator[StepOfRow]:
        """After all entries: those under ``[every c]`` must all have the leaf, or none."""
        path = _path(row, self.source)
        if not any(step.mode == "every" for step in path.steps):
            return
        place = self.sides.place(path, self.source, "last-open")

        def check(run: Run, frame: Frame) -> None:
            for (name, _), (present, all_of_them) in run.tallies.items():
                if name == row.id and 0 < present < all_of_them:
                    run.report(EVERY_DIFFERS, row.id, place_text(place, frame, self.source, self.sides.depths))

        yield StepOfRow("derive", "", check)


def guarded(test: Test | None, action: Action) -> Action:
    """An action that is taken only where a test holds."""
    if test is None:
        return action

    def act(run: Run, frame: Frame) -> None:
        if test(run, frame):
            action(run, frame)

    return act


def is_static_drop(row: Row, path: Path, table: Table) -> bool:
    """Whether a ``drop`` holds for every entry, so that its general path says enough.

    A loop with ``only`` takes some entries of its list: the leaf may be carried for the others.
    """
    some = any(table.loops[letter].only for letter in letters_of(path) if letter in table.loops)
    return not row.case and not some and not any(step.qualifier for step in path.steps)


def _path(row: Row, side: int, *, missing_ok: bool = False) -> Any:
    path = row.path(SIDES[side])
    assert path is not None or missing_ok
    return path


def _operand_paths(argument: CalculateArgument) -> list[Path]:
    """Paths of a formula outside ``sum``: their entries must be those of the row."""
    inside: list[Path] = []

    def collect(formula: Any) -> None:
        if isinstance(formula, Sum):
            return
        if hasattr(formula, "path"):
            inside.append(formula.path)
        elif hasattr(formula, "left"):
            collect(formula.left)
            collect(formula.right)

    collect(argument.formula)
    return inside


def _below(run: Run, inner: str, frame: Frame, depth: int) -> list[Frame]:
    """The frames of a loop that lie in the same entry as a frame, down to a depth."""
    frames = run.frames.get(inner, [])
    if not depth:
        return frames
    return [
        each
        for each in frames
        if each.nodes[0][depth] is frame.nodes[0][depth] and each.nodes[1][depth] is frame.nodes[1][depth]
    ]


def _part_constant(reach: Reach, part: str, text: str) -> Action:
    """A part that is always the same, added where other rows give the text its parts."""

    def act(run: Run, frame: Frame) -> None:
        target = reach(run, frame)
        bag = run.bags.get((id(target[0]), target[1])) if target is not None else None
        if bag is not None:
            bag.parts.setdefault(part, text)

    return act


def _is_absence(condition: Condition) -> bool:
    if isinstance(condition, And):
        return any(_is_absence(part) for part in condition.parts)
    return isinstance(condition, Not) and isinstance(condition.part, Present)
