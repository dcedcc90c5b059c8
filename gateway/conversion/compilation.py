"""Compiling a table for one direction: rows and loops become lists of plain functions in the order of their running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.conversion.arguments import ChunksArgument, FitArgument
from gateway.conversion.carrying import Action
from gateway.conversion.deriving import constant_writing
from gateway.conversion.known import known_leaves
from gateway.conversion.linking import Linking
from gateway.conversion.loops import Opener, Opening
from gateway.conversion.matching import list_name
from gateway.conversion.model import Loop, Row
from gateway.conversion.notation.cells import FaultList
from gateway.conversion.places import Place, UnknownPlace
from gateway.conversion.reading import Reader
from gateway.conversion.rowing import PHASES, Phase, RowCompiler, StepOfRow, is_static_drop
from gateway.conversion.run import NATIONAL, WCO
from gateway.conversion.shapes import Known, Shape
from gateway.conversion.sides import SIDES, Sides
from gateway.conversion.surplus import surplus_checks
from gateway.conversion.trails import Origin
from gateway.errors import GatewayError
from gateway.formats.paths import parse_path


@dataclass(slots=True)
class Plan:
    """What a conversion in one direction runs.

    Attributes:
        loops: in order: name, opener (None for the document element), actions for each of its frames.
        later: for each phase after ``carry``: (loop, actions).
        document_date: reads the leaf by which code lists go; None for the time of receipt.
        source_shape, target_shape: the two document elements.
    """

    source: int
    loops: list[tuple[str, Opener | None, list[Action]]] = field(default_factory=list)
    later: dict[Phase, list[tuple[str, list[Action]]]] = field(default_factory=dict)
    document_date: Reader | None = None
    source_shape: Shape = field(init=False)
    target_shape: Shape = field(init=False)


class PlanCompiler:
    """Compiles one direction.

    Args:
        sides: what both directions share.
        source: side that is read.
        defaults: for each side, the texts that its format head fixes, by path.
        faults: takes what is wrong; a plan with faults must not be used.
    """

    def __init__(
        self, sides: Sides, source: int, defaults: tuple[Mapping[str, str], Mapping[str, str]], faults: FaultList
    ) -> None:
        self.sides = sides
        self.source = source
        self.target = WCO if source == NATIONAL else NATIONAL
        self.defaults = defaults
        self.faults = faults
        self.rows = RowCompiler(sides, source)

    def compile(self) -> Plan:
        """The plan."""
        plan = Plan(self.source)
        steps = [*self._steps(), *self._links(), *self._defaults(), *self._surplus()]
        by_scope: dict[str, list[Action]] = {}
        for step in steps:
            if step.phase == "carry":
                by_scope.setdefault(step.scope, []).append(step.action)
        plan.loops.append(("", None, by_scope.get("", [])))
        for loop in self._in_order():
            opener = self._opener(loop)
            if opener is not None:
                plan.loops.append((loop.name, opener, by_scope.get(loop.name, [])))
        for phase in PHASES[1:]:
            plan.later[phase] = _grouped(step for step in steps if step.phase == phase)
        plan.document_date = self._document_date()
        known = known_leaves(self.sides, self.source, self.defaults[self.source])
        plan.source_shape = Shape(self.sides.structures[self.source].root, "", known, None)
        plan.target_shape = Shape(self.sides.structures[self.target].root, "", Known(), None)
        return plan

    def _steps(self) -> Iterator[StepOfRow]:
        dropped = self._dropped()
        for row in self.sides.table.rows:
            try:
                steps = self.rows.compile(row)
                far = row.path(SIDES[self.source])
                is_echo = not row.acts(self.rows.direction) and far is not None
                if is_echo and far is not None and self.sides.place(far, self.source, "open").general in dropped:
                    continue  # a drop stands before the echo
                yield from steps
            except GatewayError as error:
                self.faults.add_error(row.file, row.id, error)

    def _dropped(self) -> frozenset[str]:
        """General paths of the leaves that a ``drop`` of this direction names."""
        found: set[str] = set()
        for row in self.sides.table.rows:
            path = row.path(SIDES[self.source])
            drops = row.verb == "drop" and row.acts(self.rows.direction)
            if drops and path is not None and is_static_drop(row, path, self.sides.table):
                try:
                    found.add(self.sides.place(path, self.source, "open").general)
                except UnknownPlace:
                    continue  # named by the row's own fault
        return frozenset(found)

    def _links(self) -> Iterator[StepOfRow]:
        for loop in self.sides.table.loops.values():
            if loop.linked is None:
                continue
            try:
                linking = Linking(self.sides, loop)
                action = linking.to_wco() if self.source == NATIONAL else linking.from_wco()
            except GatewayError as error:
                self.faults.add_error(loop.file, f"loops.{loop.name}", error)
                continue
            if action is not None:
                yield StepOfRow("derive", "", action)

    def _defaults(self) -> Iterator[StepOfRow]:
        """What the format head fixes is written like a constant."""
        origin = Origin("default")
        for text, value in self.defaults[self.target].items():
            try:
                place = self.sides.place(parse_path(text), self.target, "open")
            except GatewayError as error:
                self.faults.add_error(self.sides.table.head_file, text, error)
                continue
            phase: Phase = "constant" if place.attribute is None else "attribute"
            reach = self.sides.writing[self.target].demanded(place, origin)
            yield StepOfRow(phase, "", constant_writing(reach, value, origin))

    def _surplus(self) -> Iterator[StepOfRow]:
        read, many = self._read_places()
        for scope, action in surplus_checks(self.sides, read, self.source, many):
            yield StepOfRow("derive", scope, action)

    def _read_places(self) -> tuple[list[tuple[str, Place]], frozenset[str]]:
        """The places that rows read, and the lists with braces in which several entries are meant."""
        read: list[tuple[str, Place]] = []
        many: set[str] = set()
        for row in self.sides.table.rows:
            path = row.path(SIDES[self.source])
            try:
                if path is not None and not path.variable and row.verb != "drop":
                    read.append((row.id, self.sides.place(path, self.source, "open")))
                many.update(self._pieces(row))
            except GatewayError:
                continue  # named by the row's own fault
        for loop in self.sides.table.loops.values():
            try:
                place = self.sides.loop_place(loop, self.source)
            except GatewayError:
                continue  # named by the loop's own fault
            many.add(place.qualified)
        return read, frozenset(many)

    def _pieces(self, row: Row) -> Iterator[str]:
        argument = row.argument.fit if isinstance(row.argument, ChunksArgument) else row.argument
        if (
            isinstance(argument, FitArgument)
            and argument.over is not None
            and argument.in_pieces
            and self.source == WCO
        ):
            place = self.sides.place(argument.over, WCO)
            for at, step in enumerate(place.steps):
                if step.qualifier is not None:
                    yield f"{list_name(place, at)}{step.qualifier}"

    def _in_order(self) -> list[Loop]:
        """Loops after the loops that they need; else in the order of the head."""
        loops = self.sides.table.loops
        done: list[str] = []

        def visit(name: str) -> None:
            if name in done:
                return
            for needed in self._needs(loops[name]):
                visit(needed)
            done.append(name)

        for name in loops:
            visit(name)
        return [loops[name] for name in done]

    def _needs(self, loop: Loop) -> list[str]:
        needed = [self.sides.parents[loop.name]] if self.sides.parents[loop.name] else []
        if loop.linked is not None and loop.linked.of != loop.name:
            needed.append(loop.linked.of)
        if loop.only in ("first", "others"):
            before = ("", "others") if loop.only == "others" else ("", "others", "first")
            own = loop.national if self.source == NATIONAL else loop.wco
            for other in self.sides.table.loops.values():
                path = other.national if self.source == NATIONAL else other.wco
                if other.only not in before and path.qualified == own.qualified:
                    needed.append(other.name)
        return needed

    def _opener(self, loop: Loop) -> Opener | None:
        try:
            return Opening(self.sides, loop, self.source).compile()
        except GatewayError as error:
            self.faults.add_error(loop.file, f"loops.{loop.name}", error)
            return None

    def _document_date(self) -> Reader | None:
        dated_by = self.sides.table.dated_by
        path = dated_by.national if self.source == NATIONAL else dated_by.wco
        if path is None:
            return None
        try:
            return self.sides.reading[self.source].leaf(self.sides.place(path, self.source))
        except GatewayError as error:
            self.faults.add_error(self.sides.table.head_file, "dated_by", error)
            return None


def _grouped(steps: Iterator[StepOfRow]) -> list[tuple[str, list[Action]]]:
    by_scope: dict[str, list[Action]] = {}
    for step in steps:
        by_scope.setdefault(step.scope, []).append(step.action)
    return list(by_scope.items())
