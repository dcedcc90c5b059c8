"""Reading the rows of a table, and unfolding the blocks that they use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.conversion.arguments import UseArgument
from gateway.conversion.model import (
    LOSSES,
    WAYS,
    Case,
    CaseTerm,
    Loop,
    Loss,
    RawRow,
    Row,
    Side,
    TableSource,
    Template,
    Verb,
    Way,
)
from gateway.conversion.notation.arguments import VERBS, Reader, read_argument
from gateway.conversion.notation.cells import FORMULA_SIGNS, FaultList, NotationError
from gateway.conversion.notation.head import (
    BLOCK_KEYS,
    check_keys,
    own_names,
    read_case_terms,
    read_cases,
    read_loops,
    read_templates,
)
from gateway.conversion.notation.scope import VARIABLE_SCOPES, Given, Scope
from gateway.errors import GatewayError
from gateway.formats.paths import Path

_ROW_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*$")
_ONE_PATH = frozenset({"constant", "total", "pointer", "drop"})
"""Verbs that take one path; ``calculate`` may have one or two."""


@dataclass(slots=True)
class Unfolded:
    """What the rows of a table and of the blocks that it uses add up to."""

    rows: list[Row] = field(default_factory=list)
    loops: dict[str, Loop] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Under:
    """What a ``use`` row hands down to the rows of its block."""

    way: Way = "both"
    case: tuple[CaseTerm, ...] = ()


def read_rows(
    source: TableSource,
    scope: Scope,
    under: Under,
    blocks: Mapping[str, TableSource],
    faults: FaultList,
) -> Unfolded:
    """Rows, loops, cases and templates of a table or block, with those of the blocks that it uses."""
    found = Unfolded(
        loops=read_loops(source, scope, faults),
        cases=read_cases(source, scope, faults),
        templates=read_templates(source, scope, faults),
    )
    seen: set[str] = set()
    for raw in source.rows:
        row = _read_one(raw, source, scope, seen, faults)
        if row is None:
            continue
        way = _common_way(row.way, under.way)
        if way is None:
            continue
        case = (*under.case, *row.case)
        if isinstance(row.argument, UseArgument):
            _unfold(row, source, scope, Under(way, case), blocks, found, faults)
        else:
            found.rows.append(_with(row, way, case))
    return found


def _with(row: Row, way: Way, case: tuple[CaseTerm, ...]) -> Row:
    fields = {name: getattr(row, name) for name in Row.__slots__}
    return Row(**{**fields, "way": way, "case": case})


def _common_way(first: Way, second: Way) -> Way | None:
    if second in (first, "both"):
        return first
    return second if first == "both" else None


def _read_one(raw: RawRow, source: TableSource, scope: Scope, seen: set[str], faults: FaultList) -> Row | None:
    cells = raw.cells
    row_id = cells["row"]
    name = row_id or str(raw.line)
    for column, cell in cells.items():
        if cell.startswith(FORMULA_SIGNS):
            faults.add(
                source.rows_file,
                name,
                "mapping.cell-formula",
                f"the cell {column!r} begins with {cell[0]!r}, which a spreadsheet runs as a formula",
                "no cell may begin with = + - or @",
            )
            return None
    if not _ROW_ID.match(row_id):
        faults.add(source.rows_file, name, "mapping.row-id", "no usable row id", "write letters and digits: mt02")
        return None
    if row_id in seen:
        faults.add(source.rows_file, name, "mapping.duplicate-row", "the row id stands twice", "give it its own id")
        return None
    seen.add(row_id)
    try:
        return _row(raw, source, scope)
    except GatewayError as error:
        faults.add_error(source.rows_file, name, error)
        return None


def _row(raw: RawRow, source: TableSource, scope: Scope) -> Row:
    cells = raw.cells
    verb, way, loss = _verb(cells["verb"]), _way(cells["way"]), _loss(cells["loss"])
    national = scope.path(cells["national"], "national") if cells["national"] else None
    wco = scope.path(cells["wco"], "wco") if cells["wco"] else None
    _check_paths(verb, national, wco, way)
    _check_why(verb, way, loss, cells["why"])
    reader = Reader(scope.path, scope.name, _side_read(verb, way, national))
    argument_cell = (
        cells["with"] if verb == "use" else scope.text(cells["with"]) if verb == "constant" else cells["with"]
    )
    return Row(
        id=f"{scope.prefix}{cells['row']}",
        national=national,
        wco=wco,
        verb=verb,
        argument=read_argument(verb, argument_cell, reader),
        way=way,
        case=read_case_terms(cells["case"], scope),
        loss=loss,
        why=cells["why"],
        source=cells["source"],
        unverified="unverified" in cells["source"].split(),
        file=source.rows_file,
        line=raw.line,
    )


def _verb(cell: str) -> Verb:
    for verb in VERBS:
        if cell == verb:
            return verb
    raise NotationError(
        f"unknown verb {cell!r}", code="mapping.unknown-verb", remedy=f"the closed set is {', '.join(VERBS)}"
    )


def _way(cell: str) -> Way:
    for way in WAYS:
        if cell == way:
            return way
    raise NotationError(f"unknown way {cell!r}", code="mapping.unknown-way", remedy="write both, to-wco or from-wco")


def _loss(cell: str) -> Loss:
    for loss in LOSSES:
        if cell == loss:
            return loss
    raise NotationError(
        f"unknown loss {cell!r}", code="mapping.unknown-loss", remedy=f"write one of {', '.join(LOSSES)}"
    )


def _check_paths(verb: Verb, national: Path | None, wco: Path | None, way: Way) -> None:
    if national is None and wco is None:
        raise NotationError(
            "the row has no path", code="mapping.no-path", remedy="name an element on at least one side"
        )
    both = national is not None and wco is not None
    if verb in _ONE_PATH and both:
        raise NotationError(f"{verb} takes one path", code="mapping.two-paths", remedy="empty the other cell")
    if verb not in _ONE_PATH and verb != "calculate" and not both:
        raise NotationError(f"{verb} needs a path on both sides", code="mapping.one-path", remedy="fill the empty cell")
    if verb != "calculate":
        return
    if way == "both":
        raise NotationError("a formula has no inverse", code="mapping.way", remedy="write to-wco or from-wco")
    if (wco if way == "to-wco" else national) is None:
        raise NotationError("the formula has no target", code="mapping.one-path", remedy="fill the empty cell")


def _check_why(verb: Verb, way: Way, loss: Loss, why: str) -> None:
    if not why and (verb == "drop" or way != "both" or loss != "none"):
        raise NotationError(
            "the reason is missing", code="mapping.no-reason", remedy="fill why: for drop, one-way rows and losses"
        )


def _side_read(verb: Verb, way: Way, national: Path | None) -> Side:
    """Side of the paths after sum, count and in formulas."""
    if verb == "total":
        return "national" if national is not None else "wco"
    return "wco" if way == "from-wco" else "national"


def _unfold(
    row: Row,
    source: TableSource,
    scope: Scope,
    under: Under,
    blocks: Mapping[str, TableSource],
    found: Unfolded,
    faults: FaultList,
) -> None:
    assert isinstance(row.argument, UseArgument)
    name = row.argument.block
    problem = _use_problem(row.argument, scope, blocks)
    if problem is not None:
        faults.add_error(source.rows_file, row.id, problem)
        return
    block = blocks[name]
    check_keys(block, BLOCK_KEYS, faults)
    inner = Scope(
        prefix=f"{row.id}/",
        national=row.national or Path(),
        wco=row.wco or Path(),
        own=own_names(block.head),
        given={key: Given(text, scope) for key, text in row.argument.parameters.items()},
        parent=scope,
        blocks=(*scope.blocks, name),
    )
    below = read_rows(block, inner, under, blocks, faults)
    found.rows.extend(below.rows)
    found.loops.update(below.loops)
    found.cases.update(below.cases)
    found.templates.update(below.templates)


def _use_problem(argument: UseArgument, scope: Scope, blocks: Mapping[str, TableSource]) -> NotationError | None:
    if argument.block not in blocks:
        return NotationError(
            f"unknown block {argument.block!r}",
            code="mapping.unknown-block",
            remedy=f"known are {', '.join(sorted(blocks)) or 'none'}",
        )
    if argument.block in scope.blocks:
        return NotationError(
            f"block {argument.block!r} uses itself", code="mapping.block-circle", remedy="take the circle out"
        )
    taken = sorted(VARIABLE_SCOPES & set(argument.parameters))
    if taken:
        return NotationError(
            f"a parameter cannot be called {taken[0]!r}", code="mapping.parameter-name", remedy="choose another name"
        )
    return None
