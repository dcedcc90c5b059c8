"""The cells of a table and the faults found in them.

Reading never stops at the first fault: whoever wrote a table sees all of them at once, each with file and row.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator
from typing import Any

from gateway.conversion.model import COLUMNS, RawRow, TableSource
from gateway.errors import GatewayError
from gateway.findings import Fault

FORMULA_SIGNS = ("=", "+", "-", "@")
"""A cell that begins so would be run as a formula by a spreadsheet."""


class NotationError(GatewayError):
    """A cell or a key of a head that the notation does not know; becomes a fault of its row."""

    code = "mapping.notation"


class FaultList:
    """Collects faults in the order in which they are found."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, file: str, row: str, code: str, message: str, remedy: str = "") -> None:
        """Note one fault."""
        self._faults.append(Fault(file=file, row=row, code=code, message=message, remedy=remedy))

    def add_error(self, file: str, row: str, error: GatewayError) -> None:
        """Note what a reader of one cell raised."""
        self.add(file, row, _code_of(error), error.message, error.remedy)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def __bool__(self) -> bool:
        return bool(self._faults)

    @property
    def found(self) -> tuple[Fault, ...]:
        """All faults so far."""
        return tuple(self._faults)


def _code_of(error: GatewayError) -> str:
    code = error.stable_code
    return code if code.startswith("mapping.") else f"mapping.{code.replace('.', '-')}"


def read_source(
    name: str, head_text: str, rows_text: str, head_file: str, rows_file: str
) -> tuple[TableSource | None, tuple[Fault, ...]]:
    """A table as it lies in the data folder, from the texts of its two files.

    Args:
        name: file name without ending.
        head_text: the TOML head.
        rows_text: the CSV, with or without a byte-order mark.
        head_file: what faults of the head name.
        rows_file: what faults of the rows name.

    Returns:
        The source, or None when one of the files cannot be read at all, and the faults found.
    """
    faults = FaultList()
    head = _read_head(head_text, head_file, faults)
    rows = _read_rows(rows_text, rows_file, faults)
    if head is None or rows is None:
        return None, faults.found
    source = TableSource(name=name, head=head, rows=rows, head_file=head_file, rows_file=rows_file)
    return source, faults.found


def _read_head(text: str, file: str, faults: FaultList) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        faults.add(file, "", "mapping.head-unreadable", f"the head is not TOML: {error}", "correct the file")
        return None


def _read_rows(text: str, file: str, faults: FaultList) -> tuple[RawRow, ...] | None:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = next(reader, [])
        if not _header_fits(header, file, faults):
            return None
        rows: list[RawRow] = []
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                faults.add(
                    file,
                    str(line),
                    "mapping.cell-count",
                    f"{len(cells)} cells where the header has {len(header)}",
                    "put a cell that holds a comma between double quotes",
                )
                continue
            rows.append(RawRow(line, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        faults.add(file, str(reader.line_num), "mapping.rows-unreadable", f"not a CSV table: {error}", "save it again")
        return None
    return tuple(rows)


def _header_fits(header: list[str], file: str, faults: FaultList) -> bool:
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in COLUMNS if name not in header]
    for name in unknown:
        faults.add(file, "1", "mapping.unknown-column", f"unknown column {name!r}", f"known are {', '.join(COLUMNS)}")
    for name in missing:
        faults.add(file, "1", "mapping.missing-column", f"the column {name!r} is missing", "add it to the header line")
    if len(set(header)) != len(header):
        faults.add(file, "1", "mapping.repeated-column", "a column stands twice in the header", "name each column once")
        return False
    return not unknown and not missing


def split_words(text: str) -> list[str]:
    """The words of a cell: parted by blanks outside brackets and double quotes, which are taken off.

    Raises:
        NotationError: a bracket or a quote that is not closed.
    """
    words: list[str] = []
    word, depth, quoted, begun = "", 0, False, False
    for sign in text:
        if sign == '"':
            quoted, begun = not quoted, True
        elif quoted:
            word += sign
        elif sign.isspace() and depth == 0:
            if begun:
                words.append(word)
            word, begun = "", False
        else:
            depth += (sign in "{[(") - (sign in "}])")
            word, begun = word + sign, True
    if depth or quoted:
        raise NotationError(f"a bracket or quote in {text!r} is not closed", remedy="close it")
    return [*words, word] if begun else words
