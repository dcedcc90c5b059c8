"""Which leaves of a schema a row speaks for, and in which way: what the home check and the coverage table stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.conversion import arguments as a
from gateway.conversion.model import Direction, Loop, Row, Side, Table
from gateway.formats.paths import Path
from gateway.formats.structure import Element, Structure


def leaf_paths(structure: Structure) -> Iterator[str]:
    """General paths of all leaves and of all attributes that the schema does not fix."""
    yield from (f"/@{attribute.name}" for attribute in structure.root.attributes if attribute.fixed is None)
    for path, element in structure.root.walk():
        if element.is_leaf:
            yield path
        yield from (f"{path}@{attribute.name}" for attribute in element.attributes if attribute.fixed is None)


def general_of(path: str) -> str:
    """A written path with names only: braces, letters and positions taken off every step."""
    return "/".join(step.partition("{")[0].partition("[")[0] for step in path.split("/")) if path else ""


def date_child(element: Element) -> Element | None:
    """The one ``DateTimeString`` below a date of the WCO form, which a path to the date means."""
    if not element.is_leaf and len(element.children) == 1 and element.children[0].local == "DateTimeString":
        return element.children[0]
    return None


def covered_by_path(path: Path, structure: Structure) -> tuple[str, ...]:
    """The leaves that a row's path stands for: one, or the text and form code of a WCO date."""
    if path.variable:
        return ()
    if path.attribute:
        return (path.general,)
    element = structure.find(path.general)
    if element is None:
        return ()
    below = date_child(element)
    if below is None:
        return (path.general,)
    inside = f"{path.general}/{below.key}"
    return (inside, *(f"{inside}@{attribute.name}" for attribute in below.attributes))


def paths_beside(row: Row, side: Side) -> Iterator[Path]:
    """Paths that a row's argument gives a home: after ``at`` on the national side, after ``over``/``text`` on WCO's."""
    argument = row.argument
    national: list[Path | None] = []
    wco: list[Path | None] = []
    match argument:
        case a.FitArgument():
            wco.append(argument.over)
        case a.CodeArgument():
            wco.append(argument.text)
            national.append(argument.id_at)
        case a.DateArgument():
            national += [argument.time_at, argument.calendar_at]
        case a.MeasureArgument():
            national.append(argument.unit_at)
        case a.ChunksArgument():
            wco.append(argument.fit.over)
        case _:
            pass
    yield from (path for path in (national if side == "national" else wco) if path is not None)


def loop_leaves(loop: Loop, side: Side) -> Iterator[str]:
    """Leaves that belong to a loop: its numbers, keys, links and the leaf that groups it."""
    base = (loop.national if side == "national" else loop.wco).general
    inner: list[Path | None] = []
    if side == "national":
        inner.append(loop.number.national if loop.number else None)
        inner.append(loop.key.national if loop.key else None)
        inner.append(loop.linked.numbers if loop.linked else None)
        inner.append(loop.group)
    elif loop.number:
        inner.append(loop.number.wco)
    for path in inner:
        if path is not None:
            yield f"{base}/{path.general}" if path.steps else f"{base}{path.general}"


def covered_by_row(row: Row, side: Side, structure: Structure) -> Iterator[str]:
    """All leaves of one side that a row gives a home, braces included; a class that is dropped means all below it."""
    path = row.path(side)
    paths = [*([path] if path is not None else []), *paths_beside(row, side)]
    for each in paths:
        yield from covered_by_path(each, structure)
        yield from _brace_leaves(each)
    if row.verb == "drop" and path is not None and not path.attribute:
        element = structure.find(path.general)
        for below, inner in element.walk(path.general) if element is not None else ():
            yield from ([below] if inner.is_leaf else [])
            yield from (f"{below}@{attribute.name}" for attribute in inner.attributes)


def _brace_leaves(path: Path) -> Iterator[str]:
    for position, step in enumerate(path.steps):
        if step.qualifier is not None:
            here = "/".join(each.name for each in path.steps[: position + 1])
            key = step.qualifier.key
            yield f"{here}{key}" if key.startswith("@") else f"{here}/{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of a national schema a mapping carries.

    Attributes:
        leaves: number of leaves and free attributes of the schema.
        both, one_way, dropped: how many are carried both ways, one way only, or dropped with a reason.
        homeless: those that no row names.
    """

    mapping: str
    leaves: int
    both: int
    one_way: int
    dropped: int
    homeless: tuple[str, ...]


def coverage_of(table: Table, national: Structure) -> Coverage:
    """Count, leaf by leaf of the national schema, in which ways the table carries it."""
    both: set[str] = set()
    one_way: set[str] = set()
    dropped: set[str] = set()
    for row in table.rows:
        found = set(covered_by_row(row, "national", national))
        if row.verb == "drop":
            dropped |= found
        elif row.way == "both":
            both |= found
        else:
            one_way |= found
    for loop in table.loops.values():
        both |= set(loop_leaves(loop, "national"))
    leaves = set(leaf_paths(national))
    both &= leaves
    one_way = (one_way & leaves) - both
    dropped = (dropped & leaves) - both - one_way
    return Coverage(
        mapping=f"{table.name}-{table.version}",
        leaves=len(leaves),
        both=len(both),
        one_way=len(one_way),
        dropped=len(dropped),
        homeless=tuple(sorted(leaves - both - one_way - dropped)),
    )


def rows_reading(table: Table, direction: Direction) -> list[Row]:
    """Rows that act in a direction, and those that are checked again on it (echoes)."""
    return [row for row in table.rows if row.acts(direction) or row.way != "both"]
