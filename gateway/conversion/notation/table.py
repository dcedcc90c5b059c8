"""Reading a whole mapping: the table, its head and its blocks become one flat `Table`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.conversion.arguments import PointerArgument
from gateway.conversion.conditions import Fits
from gateway.conversion.model import Case, CaseTerm, MappingSource, Table, TableSource, letters_of
from gateway.conversion.notation.cells import FaultList
from gateway.conversion.notation.declared import declared_part
from gateway.conversion.notation.head import TABLE_KEYS, check_keys, own_names, read_dated_by, read_ways
from gateway.conversion.notation.mentions import argument_paths, condition_paths, conditions_in
from gateway.conversion.notation.rows import Under, Unfolded, read_rows
from gateway.conversion.notation.scope import Scope
from gateway.errors import GatewayError
from gateway.findings import Fault
from gateway.formats.paths import Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a mapping gives.

    Attributes:
        table: None when the head says too little to go on; else what could be read, even beside faults.
        faults: in the order of the files; a table with faults must not be used to convert.
    """

    table: Table | None
    faults: tuple[Fault, ...]


def read_table(source: MappingSource) -> Reading:
    """Read a mapping into the model.

    Args:
        source: the table and the blocks that it may use.
    """
    faults = FaultList()
    head, file = source.table.head, source.table.head_file
    check_keys(source.table, TABLE_KEYS, faults)
    scope = Scope(own=own_names(head))
    found = read_rows(source.table, scope, Under(), source.blocks, faults)
    _check_names(found, faults, source.table)
    try:
        table = _table(source.table, scope, declared_part(found))
    except GatewayError as error:
        faults.add_error(file, "", error)
        return Reading(None, faults.found)
    for key in ("name", "version", "wco"):
        if not head.get(key):
            faults.add(file, key, "mapping.missing-key", f"the key {key!r} is missing", f"add {key}")
    if not table.national:
        faults.add(file, "national", "mapping.missing-key", "no national format is named", 'national = ["NAME"]')
    if table.record and table.record not in found.loops:
        faults.add(file, "record", "mapping.unknown-loop", "record names no declared loop", "name a loop of the head")
    return Reading(table, faults.found)


def _table(source: TableSource, scope: Scope, found: Unfolded) -> Table:
    head: Mapping[str, Any] = source.head
    return Table(
        name=str(head.get("name", "")),
        version=str(head.get("version", "")),
        national=tuple(str(name) for name in head.get("national", ())),
        wco=str(head.get("wco", "")),
        ways=read_ways(head),
        ways_why=str(head.get("ways_why", "")),
        record=str(head.get("record", "")),
        dated_by=read_dated_by(head, scope),
        rows=tuple(found.rows),
        loops=found.loops,
        cases=found.cases,
        templates=found.templates,
        head_file=source.head_file,
        rows_file=source.rows_file,
    )


def _check_names(found: Unfolded, faults: FaultList, source: TableSource) -> None:
    """Each letter, case and template that is named must be declared."""
    for row in found.rows:
        paths = [path for path in (row.national, row.wco) if path is not None]
        _check_paths([*paths, *argument_paths(row.argument)], found, faults, row.file, row.id)
        _check_terms(row.case, found, faults, row.file, row.id)
        if isinstance(row.argument, PointerArgument):
            _check_letters([row.argument.loop], found, faults, row.file, row.id)
    for name, case in found.cases.items():
        _check_paths([*condition_paths(case.national), *condition_paths(case.wco)], found, faults, case.file, name)
        _check_fits(case, found, faults)
    for name, loop in found.loops.items():
        alone = [loop.without_parent] if loop.without_parent is not None else []
        _check_paths([loop.national, loop.wco, *alone], found, faults, loop.file or source.head_file, f"loops.{name}")
        letters = [link.of for link in (loop.key, loop.linked) if link is not None]
        _check_letters(letters, found, faults, loop.file, f"loops.{name}")
        if isinstance(loop.only, CaseTerm):
            _check_terms((loop.only,), found, faults, loop.file, f"loops.{name}")


def _check_paths(paths: list[Path], found: Unfolded, faults: FaultList, file: str, row: str) -> None:
    for path in paths:
        _check_letters(letters_of(path), found, faults, file, row)
        if path.template and path.template not in found.templates:
            faults.add(
                file, row, "mapping.unknown-template", f"unknown template {path.template!r}", "declare it in the head"
            )
        elif path.template and path.part not in {part.name for part in found.templates[path.template].parts}:
            faults.add(
                file,
                row,
                "mapping.unknown-part",
                f"template {path.template!r} has no part {path.part!r}",
                "name one of its parts",
            )


def _check_letters(letters: Any, found: Unfolded, faults: FaultList, file: str, row: str) -> None:
    for letter in letters:
        if letter not in found.loops:
            faults.add(
                file, row, "mapping.unknown-loop", f"the letter {letter!r} is no declared loop", "declare it in [loops]"
            )


def _check_terms(terms: tuple[CaseTerm, ...], found: Unfolded, faults: FaultList, file: str, row: str) -> None:
    for term in terms:
        if term.name not in found.cases:
            faults.add(file, row, "mapping.unknown-case", f"unknown case {term.name!r}", "declare it in [cases]")


def _check_fits(case: Case, found: Unfolded, faults: FaultList) -> None:
    for side in (case.national, case.wco):
        for condition in conditions_in(side):
            if isinstance(condition, Fits) and condition.template not in found.templates:
                faults.add(
                    case.file,
                    f"cases.{case.name}",
                    "mapping.unknown-template",
                    f"unknown template {condition.template!r}",
                    "declare it in [templates]",
                )
