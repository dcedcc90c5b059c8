"""The whole static check of one table: all faults at once, each with file and row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.codes.codelists import CodeList
from gateway.conversion.check.assignments import CaseReader
from gateway.conversion.check.homes import homeless_leaves, missing_mandatory
from gateway.conversion.check.losses import copies_that_do_not_fit, lists_with_gaps, understated_losses
from gateway.conversion.check.reversal import ambiguous_templates, echoes_without_home, rows_without_inverse
from gateway.conversion.check.splits import shared_classes, split_lists
from gateway.conversion.check.writes import choice_breaches, double_writes
from gateway.conversion.model import Direction, Table
from gateway.findings import Fault
from gateway.formats.structure import Structure


def check_table(
    table: Table,
    national: Structure,
    wco: Structure,
    code_lists: Mapping[str, CodeList],
    *,
    national_defaults: Iterable[str] = (),
    wco_defaults: Iterable[str] = (),
) -> list[Fault]:
    """Everything that can be known of a table before a message comes.

    Args:
        table: the mapping, its blocks unfolded.
        national: structure of the national form.
        wco: structure of the WCO form.
        code_lists: all lists that rows and cases may name.
        national_defaults: leaves that the national format head fills when a message is written.
        wco_defaults: the same for the WCO form.

    Returns:
        All faults, in the order of the checks; none when the table is sound.
    """
    defaults = {"to-wco": tuple(wco_defaults), "from-wco": tuple(national_defaults)}
    faults: list[Fault] = []
    faults += rows_without_inverse(table)
    faults += ambiguous_templates(table)
    faults += copies_that_do_not_fit(table, national, wco)
    faults += lists_with_gaps(table, national, code_lists)
    faults += understated_losses(table, national, wco)
    faults += echoes_without_home(table)
    for direction in table.ways:
        source, target = (national, wco) if direction == "to-wco" else (wco, national)
        reader = CaseReader(table, direction, code_lists, source)
        faults += _direction(table, direction, target, reader, defaults[direction])
    faults += homeless_leaves(table, national, CaseReader(table, "to-wco", code_lists, national))
    faults += split_lists(table, national)
    faults += shared_classes(table)
    return list(dict.fromkeys(faults))


def _direction(
    table: Table, direction: Direction, target: Structure, reader: CaseReader, defaults: Iterable[str]
) -> Iterator[Fault]:
    yield from double_writes(table, direction, reader)
    yield from choice_breaches(table, direction, target, reader)
    yield from missing_mandatory(table, direction, target, reader, defaults)
