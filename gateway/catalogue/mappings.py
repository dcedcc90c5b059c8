"""All mapping tables: read, checked against their schemas and code lists, compiled."""

from __future__ import annotations

from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass, field

from gateway.catalogue.folders import DataFolders, FaultList
from gateway.catalogue.formats import is_canonical
from gateway.catalogue.standards import Standards
from gateway.catalogue.tables import mapping_sources
from gateway.codes.codelists import CodeList
from gateway.conversion.check import check_table
from gateway.conversion.loading import Surroundings, compile_table
from gateway.conversion.mapping import Mapping
from gateway.conversion.model import Table
from gateway.conversion.notation.table import read_table
from gateway.formats.format import Format


@dataclass(slots=True)
class Mapped:
    """What the folder of mappings gave.

    Attributes:
        tables: every table that could be read, also one with faults: agreements are checked against it all the same.
        mappings: those without a fault, compiled, one for each release of a national form.
    """

    tables: list[Table] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)


def load_mappings(
    folders: DataFolders,
    formats: ReadMapping[str, Format],
    lists: ReadMapping[str, CodeList],
    standards: Standards,
    faults: FaultList,
) -> Mapped:
    """Read, check and compile every table; what is wrong with any is noted."""
    mapped = Mapped()
    for source in mapping_sources(folders, faults):
        reading = read_table(source)
        faults.take(reading.faults)
        if reading.table is None:
            continue
        _refuse_rival(reading.table, mapped.tables, faults)
        mapped.tables.append(reading.table)
        for release in reading.table.national:
            _take(reading.table, release, formats, lists, standards, faults, mapped, sound=not reading.faults)
    return mapped


def _refuse_rival(table: Table, others: list[Table], faults: FaultList) -> None:
    """Two tables that carry one form the same way: nobody could say which one is meant."""
    for other in others:
        shared = set(table.national) & set(other.national)
        if shared and set(table.ways) & set(other.ways):
            text = f"{other.head_file} carries {min(shared)} the same way"
            faults.add(table.head_file, "national", "mapping.rival", text, "keep one of the two, or part their ways")
        if table.name == other.name:
            text = f"{table.name} is also the name of {other.head_file}"
            faults.add(table.head_file, "name", "mapping.duplicate-name", text)


def _take(
    table: Table,
    release: str,
    formats: ReadMapping[str, Format],
    lists: ReadMapping[str, CodeList],
    standards: Standards,
    faults: FaultList,
    mapped: Mapped,
    *,
    sound: bool,
) -> None:
    national, wco = formats.get(release), formats.get(table.wco)
    if national is None or wco is None or not is_canonical(wco):
        unknown, key = (release, "national") if national is None else (table.wco, "wco")
        text = f"no {'format' if national is None else 'canonical format'} is called {unknown!r}"
        faults.add(table.head_file, key, "mapping.unknown-format", text, "see `sarhad formats`")
        return
    faults.take(
        check_table(
            table,
            national.structure,
            wco.structure,
            lists,
            national_defaults=national.head.defaults,
            wco_defaults=wco.head.defaults,
        )
    )
    surroundings = Surroundings(
        lists=lists,
        schemes=standards.schemes,
        factor=standards.units.convert,
        national_defaults=national.head.defaults,
        wco_defaults=wco.head.defaults,
    )
    loaded = compile_table(table, national.structure, wco.structure, surroundings, release)
    faults.take(loaded.faults)
    if loaded.mapping is not None and sound:
        mapped.mappings.append(loaded.mapping)
