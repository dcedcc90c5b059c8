"""Two rows never write one place, nor two branches of a choice, unless their cases exclude each other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from gateway.conversion.arguments import DateArgument
from gateway.conversion.check.assignments import CaseReader, TooManyCombinations, target_side
from gateway.conversion.check.coverage import general_of, paths_beside
from gateway.conversion.model import Direction, Row, Table
from gateway.findings import Fault
from gateway.formats.paths import Path
from gateway.formats.structure import Structure

_Place = tuple[str, str]


def double_writes(table: Table, direction: Direction, reader: CaseReader) -> Iterator[Fault]:
    """Pairs of rows that could write the same place of the target in the same message."""
    by_place: dict[_Place, list[Row]] = {}
    wholes: dict[str, list[Row]] = {}
    parts: dict[str, list[Row]] = {}
    for path, row in _written(table, direction):
        place = _place(path)
        by_place.setdefault((place, path.part), []).append(row)
        (parts if path.part else wholes).setdefault(place, []).append(row)
    for (place, _part), rows in by_place.items():
        for first, second in itertools.combinations(rows, 2):
            if first.id != second.id and _together(reader, first, second):
                yield _double(second, first, place, "both write")
    for place in wholes.keys() & parts.keys():
        for whole, part in itertools.product(wholes[place], parts[place]):
            if whole.id != part.id and _together(reader, whole, part):
                yield _double(part, whole, place, "a part and the whole of")


def choice_breaches(table: Table, direction: Direction, target: Structure, reader: CaseReader) -> Iterator[Fault]:
    """Pairs of rows that could write two branches of one choice of the schema."""
    by_class: dict[str, list[tuple[str, Row]]] = {}
    for path, row in _written(table, direction):
        for depth in range(len(path.steps)):
            parent = "/".join(_mark(step.name, step.qualifier, step.loop) for step in path.steps[:depth])
            by_class.setdefault(parent, []).append((path.steps[depth].name, row))
    for parent, members in by_class.items():
        element = target.find(general_of(parent))
        for choice in element.choices if element is not None else ():
            yield from _breaches_of(choice, members, reader, parent)


def _breaches_of(
    choice: tuple[tuple[str, ...], ...], members: list[tuple[str, Row]], reader: CaseReader, parent: str
) -> Iterator[Fault]:
    branch_of = {key: number for number, branch in enumerate(choice) for key in branch}
    inside = [(branch_of[key], row) for key, row in members if key in branch_of]
    seen: set[tuple[str, str]] = set()
    for (first_branch, first), (second_branch, second) in itertools.combinations(inside, 2):
        if first_branch == second_branch or (first.id, second.id) in seen:
            continue
        seen.add((first.id, second.id))
        if _together(reader, first, second):
            yield Fault(
                file=second.file,
                row=second.id,
                code="mapping.two-branches",
                message=f"this row and {first.id} write two branches of one choice of {general_of(parent) or '/'}",
                remedy="give them cases that exclude each other",
            )


def _written(table: Table, direction: Direction) -> Iterator[tuple[Path, Row]]:
    side = target_side(direction)
    for row in table.rows:
        if not row.acts(direction) or row.verb in ("drop", "total" if direction == "to-wco" else ""):
            continue
        path = row.path(side)
        if path is not None and not path.variable:
            yield path, row
        for beside in paths_beside(row, side):
            if not (isinstance(row.argument, DateArgument) and beside == row.argument.calendar_at):
                yield beside, row  # dates of one message share the calendar: each writes the same name, or none does


def _together(reader: CaseReader, first: Row, second: Row) -> bool:
    try:
        return any(
            reader.acts(first, assignment) and reader.acts(second, assignment)
            for assignment in reader.assignments([first, second])
        )
    except TooManyCombinations:
        return False


def _mark(name: str, qualifier: object, loop: str) -> str:
    return f"{name}{qualifier or ''}[{loop}]" if loop else f"{name}{qualifier or ''}"


def _place(path: Path) -> str:
    steps = "/".join(_mark(step.name, step.qualifier, step.loop) for step in path.steps)
    return f"{steps}@{path.attribute}" if path.attribute else steps


def _double(row: Row, other: Row, place: str, how: str) -> Fault:
    return Fault(
        file=row.file,
        row=row.id,
        code="mapping.two-rows-one-place",
        message=f"this row and {other.id} {how} {general_of(place)} in the same message",
        remedy="give them cases that exclude each other, or let one of them go one way",
    )
