"""Every source leaf has a home, every mandatory target a row: in every combination of cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from gateway.conversion.check.assignments import CaseReader, TooManyCombinations, target_side
from gateway.conversion.check.coverage import (
    covered_by_row,
    date_child,
    general_of,
    leaf_paths,
    loop_leaves,
    paths_beside,
    rows_reading,
)
from gateway.conversion.check.possible import is_possible
from gateway.conversion.model import Direction, Row, Table
from gateway.findings import Fault
from gateway.formats.paths import Path
from gateway.formats.structure import Element, Structure


def homeless_leaves(table: Table, national: Structure, reader: CaseReader) -> Iterator[Fault]:
    """National leaves that no row carries or drops, or not in every case; only towards WCO.

    From WCO only what an agreement releases needs a home, which the catalogue checks agreement by agreement.
    """
    if "to-wco" not in table.ways:
        return
    by_leaf: dict[str, list[Row]] = {}
    for row in rows_reading(table, "to-wco"):
        for leaf in covered_by_row(row, "national", national):
            by_leaf.setdefault(leaf, []).append(row)
    always = {leaf for loop in table.loops.values() for leaf in loop_leaves(loop, "national")}
    for leaf in leaf_paths(national):
        rows = by_leaf.get(leaf, [])
        if leaf in always or any(not row.case for row in rows):
            continue
        if not rows:
            yield Fault(
                file=table.rows_file,
                row=leaf,
                code="mapping.leaf-without-row",
                message=f"no row carries {leaf} of the national form, and none drops it",
                remedy="give it a row, or a drop row with the reason",
            )
        elif not _some_row_acts_always(reader, rows, leaf):
            yield Fault(
                file=rows[0].file,
                row=", ".join(row.id for row in rows),
                code="mapping.leaf-without-row-in-a-case",
                message=f"{leaf} has rows, but there is a combination of their cases in which none acts",
                remedy="add a row or a drop row for the remaining case",
            )


def _some_row_acts_always(reader: CaseReader, rows: Sequence[Row], leaf: str) -> bool:
    try:
        for assignment in reader.assignments(rows):
            if not is_possible(assignment, reader.source, leaf):
                continue
            if not any(reader.acts(row, assignment) for row in rows):
                return False
    except TooManyCombinations:
        return True
    return True


def missing_mandatory(
    table: Table, direction: Direction, target: Structure, reader: CaseReader, defaults: Iterable[str]
) -> Iterator[Fault]:
    """Mandatory leaves and attributes of the target that no row writes although their class is made.

    Args:
        table: the mapping.
        direction: the way that writes ``target``.
        target: structure of the side that is written.
        reader: decides cases in this direction.
        defaults: general paths that the format head fills by itself.
    """
    writes = _writes(table, direction)
    fixed = set(defaults)
    numbered = {leaf for loop in table.loops.values() for leaf in loop_leaves(loop, target_side(direction))}
    for made, rows in sorted(_classes_made(writes).items()):
        general = general_of(made)
        element = target.find(general)
        if element is None:
            continue
        for need in _mandatory(element, general):
            if need in fixed or need in numbered or need.rpartition("/")[2] == "SequenceNumeric":
                continue
            writers = [row for path, row in writes if _speaks_for(path, row, made, need, target)]
            if _brace_gives(made, need):
                continue
            fault = _judge(table, reader, rows, writers, need)
            if fault is not None:
                yield fault


def _judge(table: Table, reader: CaseReader, makers: Sequence[Row], writers: Sequence[Row], need: str) -> Fault | None:
    if not writers:
        return Fault(
            file=table.rows_file,
            row=makers[0].id if makers else need,
            code="mapping.mandatory-without-row",
            message=f"the target demands {need}, and no row writes it",
            remedy="give it a row, a constant or a default",
        )
    if any(not row.case for row in writers):
        return None
    try:
        for assignment in reader.assignments([*makers, *writers]):
            made = not makers or any(reader.acts(row, assignment) for row in makers)
            if made and not any(reader.acts(row, assignment) for row in writers):
                return Fault(
                    file=writers[0].file,
                    row=", ".join(row.id for row in writers),
                    code="mapping.mandatory-without-row-in-a-case",
                    message=f"the target demands {need}, and there is a combination of cases in which no row writes it",
                    remedy="add a row or a constant for the remaining case",
                )
    except TooManyCombinations:
        return None
    return None


def _writes(table: Table, direction: Direction) -> list[tuple[Path, Row]]:
    side = target_side(direction)
    found: list[tuple[Path, Row]] = []
    for row in table.rows:
        path = row.path(side)
        if row.acts(direction) and row.verb != "drop" and path is not None and not path.variable:
            found.append((path, row))
        if side == "national" and row.acts(direction):
            found += [(beside, row) for beside in paths_beside(row, side)]
    return found


def _classes_made(writes: Iterable[tuple[Path, Row]]) -> dict[str, list[Row]]:
    made: dict[str, list[Row]] = {"": []}
    for path, row in writes:
        for depth in range(1, len(path.steps)):
            key = "/".join(f"{step.name}{step.qualifier or ''}" for step in path.steps[:depth])
            made.setdefault(key, []).append(row)
    return made


def _mandatory(element: Element, general: str) -> Iterator[str]:
    prefix = f"{general}/" if general else ""
    for child in element.children:
        if child.minimum == 0:
            continue
        if child.is_leaf or date_child(child) is not None:
            if len(child.type.enumeration if child.type else ()) != 1:
                yield f"{prefix}{child.key}"
        else:
            yield f"{prefix}{child.key}"


def _speaks_for(path: Path, row: Row, made: str, need: str, target: Structure) -> bool:
    own = path.qualified
    if made and not (own.startswith(f"{made}/") or own.partition("@")[0] == made):
        return False
    return path.general == need or path.general.startswith((f"{need}/", f"{need}@")) or _covers(row, need, target)


def _covers(row: Row, need: str, target: Structure) -> bool:
    return row.verb == "pointer" and need in covered_by_row(row, "wco", target)


def _brace_gives(made: str, need: str) -> bool:
    last = made.rpartition("/")[2]
    if "{" not in last:
        return False
    key = last.partition("{")[2].partition("=")[0]
    return need.rpartition("/")[2] == key
