"""What the mapping tables do to the places of a canonical format, as far as agreements must know it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.agreement.compile import MappedPlaces
from gateway.agreement.fields import Overflow
from gateway.conversion.arguments import ChunksArgument, CodeArgument, FitArgument
from gateway.conversion.model import Row, Table
from gateway.formats.paths import Path, Qualifier, Step


def mapped_places(tables: Iterable[Table]) -> MappedPlaces:
    """Where the tables move what a field cannot hold, and by which braces they keep entries apart.

    Args:
        tables: all of one canonical format.
    """
    overflow: dict[Overflow, None] = {}
    claims: dict[str, dict[Qualifier, None]] = {}
    for table in tables:
        for path in _wco_paths(table):
            for general, qualifier in _braces(path):
                claims.setdefault(general, {})[qualifier] = None
        for row in table.rows:
            over = continuation(row)
            if over is not None and row.wco is not None and not row.wco.variable:
                overflow[Overflow(home=row.wco.whole.qualified, over=over.whole.qualified)] = None
    return MappedPlaces(overflow=tuple(overflow), claims={place: tuple(found) for place, found in claims.items()})


def written_places(table: Table) -> Iterator[Path]:
    """Every WCO place that a table can write: its rows', what they move elsewhere, and entries without their parent."""
    for row in table.rows:
        if row.verb == "drop" or not row.acts("to-wco"):
            continue
        for path in (row.wco, continuation(row)):
            if path is not None and not path.variable:
                yield path.whole
                yield from _without_parent(path.whole, table)


def _without_parent(path: Path, table: Table) -> Iterator[Path]:
    """Where a place of a loop lies when the entry that its loop belongs to is not found."""
    for loop in table.loops.values():
        alone, depth = loop.without_parent, len(loop.wco.steps)
        if alone is not None and [*map(_place, path.steps[:depth])] == [*map(_place, loop.wco.steps)]:
            yield replace(path, steps=(*alone.steps, *path.steps[depth:]))


def _place(step: Step) -> tuple[str, Qualifier | None]:
    return step.name, step.qualifier


def continuation(row: Row) -> Path | None:
    """The WCO place to which a row moves what its own cannot hold."""
    match row.argument:
        case FitArgument(over=over) | ChunksArgument(fit=FitArgument(over=over)):
            return over
        case CodeArgument(text=text):
            return text
        case _:
            return None


def _wco_paths(table: Table) -> Iterator[Path]:
    for row in table.rows:
        if row.wco is not None:
            yield row.wco
        over = continuation(row)
        if over is not None:
            yield over
    for loop in table.loops.values():
        yield loop.wco
        if loop.without_parent is not None:
            yield loop.without_parent


def _braces(path: Path) -> Iterator[tuple[str, Qualifier]]:
    general = ""
    for step in path.steps:
        general = f"{general}/{step.name}" if general else step.name
        if step.qualifier is not None:
            yield general, step.qualifier
