"""Mapping tables as they lie in the folder: a CSV with its head beside it, and the blocks that tables share."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from gateway.catalogue.folders import MAPPINGS, DataFolders, FaultList, fault_of
from gateway.conversion.model import COLUMNS, MappingSource, RawRow, TableSource
from gateway.errors import DataFolderError

COMMON = "common"
"""Folder below ``mappings/`` that holds what is of no country; its blocks serve all tables."""

_LINE = re.compile(r"\(at line (\d+), ")


def mapping_sources(folders: DataFolders, faults: FaultList) -> Iterator[MappingSource]:
    """Every table of ``mappings/<place>/`` with the blocks of its place and the common ones."""
    common = _blocks(folders, COMMON, faults)
    for place in sorted(path.name for path in (folders.root / MAPPINGS).glob("*") if path.is_dir()):
        own = common if place == COMMON else {**common, **_blocks(folders, place, faults)}
        for source in _pairs(folders, f"{place}/*", faults):
            yield MappingSource(table=source, blocks=own)


def _blocks(folders: DataFolders, place: str, faults: FaultList) -> Mapping[str, TableSource]:
    return {source.name: source for source in _pairs(folders, f"{place}/blocks/*", faults)}


def _pairs(folders: DataFolders, pattern: str, faults: FaultList) -> Iterator[TableSource]:
    heads = {path.stem: path for path in folders.find(MAPPINGS, f"{pattern}.toml")}
    tables = {path.stem: path for path in folders.find(MAPPINGS, f"{pattern}.csv")}
    for stem in sorted(heads.keys() ^ tables.keys()):
        alone = heads.get(stem) or tables[stem]
        other = ".csv" if stem in heads else ".toml"
        faults.add(folders.name(alone), "", "mapping.half", f"no {stem}{other} lies beside it", "a table has a head")
    for stem in sorted(heads.keys() & tables.keys()):
        source = _read_pair(folders, heads[stem], tables[stem], faults)
        if source is not None:
            yield source


def _read_pair(folders: DataFolders, head: Path, table: Path, faults: FaultList) -> TableSource | None:
    head_file, rows_file = folders.name(head), folders.name(table)
    try:
        content = tomllib.loads(folders.text(head))
        rows = _rows(folders.text(table), rows_file, faults)
    except tomllib.TOMLDecodeError as problem:
        line = _LINE.search(str(problem))
        faults.add(head_file, line[1] if line else "", "mapping.not-toml", f"not TOML: {problem}")
        return None
    except DataFolderError as problem:
        faults.take([fault_of(problem, folders, rows_file)])
        return None
    if rows is None:
        return None
    return TableSource(name=table.stem, head=content, rows=rows, head_file=head_file, rows_file=rows_file)


def _rows(text: str, file: str, faults: FaultList) -> tuple[RawRow, ...] | None:
    """The lines of a table; a line with too many or too few cells is a fault, a blank line is none.

    None when the file is no table with our columns: of its rows nothing could be said that helps.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[RawRow] = []
    try:
        columns = [cell.strip() for cell in next(reader, [])]
        if sorted(columns) != sorted(COLUMNS):
            said = f"they are {', '.join(COLUMNS)}"
            faults.add(file, "1", "mapping.columns", "the header line has other columns", said)
            return None
        for cells in reader:
            if any(cells) and len(cells) != len(columns):
                said = f"{len(cells)} cells where the header has {len(columns)}"
                faults.add(file, str(reader.line_num), "mapping.cells", said, "a comma inside a cell needs quotes")
            elif any(cells):
                rows.append(RawRow(line=reader.line_num, cells=dict(zip(columns, cells, strict=True))))
    except csv.Error as problem:
        faults.add(file, str(reader.line_num), "mapping.not-csv", f"not CSV: {problem}", "save it again as CSV UTF-8")
        return None
    return tuple(rows)
