"""Reading a code list from the text of its CSV and its TOML head, collecting every fault with its line."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from gateway.codes.checked_rows import CheckedRows, digest_of
from gateway.codes.codelists import CodeList, CodeRow
from gateway.findings import Fault

COLUMNS = ("national", "wco", "label", "preferred", "valid_from", "valid_to", "certainty", "source")
"""The columns of a code list, in this order."""

_FORMULA_SIGNS = ("=", "+", "-", "@")
_TRUE = {"true", "1", "yes"}
_FALSE = {"", "false", "0", "no"}
_TEXT_KEYS = {"name", "title", "source", "id", "version", "digest", "table", "pattern_national", "pattern_wco"}
_HEAD_KEYS = _TEXT_KEYS | {"complete", "released"}
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class _Head:
    name: str
    title: str
    source: str
    id: str
    version: str
    digest: str
    table: str
    complete: bool
    released: date | None
    pattern_national: re.Pattern[str] | None
    pattern_wco: re.Pattern[str] | None


@dataclass(slots=True)
class _Reader:
    """Collects faults of one file while its rows are read."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, row: int | str, code: str, message: str, remedy: str = "") -> None:
        self.faults.append(Fault(file=self.file, row=str(row), code=code, message=message, remedy=remedy))


def read_code_list(csv_text: str, head_text: str, file: str) -> tuple[CodeList | None, list[Fault]]:
    """Read one code list.

    Args:
        csv_text: the table, header line first; a byte-order mark is accepted.
        head_text: the TOML head: ``name``, ``title``, ``source``, ``pattern_national``, ``pattern_wco``, ``id``,
            ``complete``, ``version``, ``released``; an import writes ``digest`` and ``table`` too (see `CheckedRows`).
        file: name of the CSV for faults; faults of the head name the same path ending in ``.toml``.

    Returns:
        The list of the sound rows and all faults. No list only when the head or the header line cannot be used.
    """
    reader = _Reader(file)
    head = _read_head(head_text, _Reader(re.sub(r"\.csv$", ".toml", file), reader.faults))
    if head is not None and head.table:
        return _imported(head, csv_text, reader), reader.faults
    table = _read_table(csv_text, reader)
    if head is None or table is None:
        return None, reader.faults
    rows = [row for row in (_read_row(line, cells, head, reader) for line, cells in table) if row is not None]
    _check_clashes(rows, reader)
    return _code_list(head, tuple(rows)), reader.faults


def _imported(head: _Head, csv_text: str, reader: _Reader) -> CodeList | None:
    """The list of a table that an import has checked and written; another table under its head is refused."""
    if digest_of(csv_text) != head.table:
        reader.fault(
            "",
            "codelist.table-changed",
            "the table is not the one that the import wrote",
            "import the release again with `sarhad codelist import`, or remove both files to return to the own list",
        )
        return None
    return _code_list(head, CheckedRows(csv_text))


def _code_list(head: _Head, rows: Sequence[CodeRow]) -> CodeList:
    return CodeList(
        name=head.name,
        rows=rows,
        title=head.title,
        id=head.id,
        source=head.source,
        complete=head.complete,
        version=head.version,
        released=head.released,
        digest=head.digest,
    )


def _read_head(text: str, reader: _Reader) -> _Head | None:
    try:
        raw: dict[str, Any] = tomllib.loads(text.removeprefix(_BYTE_ORDER_MARK))
    except tomllib.TOMLDecodeError as error:
        reader.fault("", "codelist.head-unreadable", f"the head is not TOML: {error}")
        return None
    for key in sorted(set(raw) - _HEAD_KEYS):
        known = ", ".join(sorted(_HEAD_KEYS))
        reader.fault(key, "codelist.unknown-key", "the head of a code list has no such key", f"known: {known}")
    wrong = _wrong_kinds(raw)
    for key, kind in wrong.items():
        reader.fault(key, "codelist.head-not-text", f"this key of a code list's head is {kind}")
    if wrong:
        return None
    if not raw.get("name"):
        reader.fault("name", "codelist.no-name", "the head gives the list no name")
        return None
    return _Head(
        name=raw["name"],
        title=raw.get("title", ""),
        source=raw.get("source", ""),
        id=raw.get("id", ""),
        version=raw.get("version", ""),
        digest=raw.get("digest", ""),
        table=raw.get("table", ""),
        complete=raw.get("complete", False),
        released=raw.get("released"),
        pattern_national=_pattern(raw, "pattern_national", reader),
        pattern_wco=_pattern(raw, "pattern_wco", reader),
    )


def _wrong_kinds(raw: dict[str, Any]) -> dict[str, str]:
    """The keys whose value is of another kind, with the kind that is due."""
    wrong = {key: "text" for key in sorted(_TEXT_KEYS & set(raw)) if not isinstance(raw[key], str)}
    if not isinstance(raw.get("complete", False), bool):
        wrong["complete"] = "true or false"
    released = raw.get("released")
    if released is not None and (not isinstance(released, date) or isinstance(released, datetime)):
        wrong["released"] = "a day such as 2024-07-01, without quotes"
    return wrong


def _pattern(raw: dict[str, Any], key: str, reader: _Reader) -> re.Pattern[str] | None:
    if key not in raw:
        return None
    try:
        return re.compile(raw[key])
    except re.error as error:
        reader.fault(key, "codelist.bad-pattern", f"the pattern is not a regular expression: {error}")
        return None


def _read_table(text: str, reader: _Reader) -> list[tuple[int, list[str]]] | None:
    lines = csv.reader(io.StringIO(text.removeprefix(_BYTE_ORDER_MARK), newline=""), strict=True)
    table: list[tuple[int, list[str]]] = []
    try:
        header = next(lines, [])
        if tuple(cell.strip() for cell in header) != COLUMNS:
            reader.fault(
                1, "codelist.columns", f"the columns must be {','.join(COLUMNS)}", "commas between cells, this order"
            )
            return None
        table.extend((lines.line_num, cells) for cells in lines if any(cell.strip() for cell in cells))
    except csv.Error as error:
        reader.fault(lines.line_num, "codelist.csv", f"the table cannot be read: {error}", "save it as UTF-8 CSV")
        return None
    return table


def _read_row(line: int, cells: list[str], head: _Head, reader: _Reader) -> CodeRow | None:
    if len(cells) != len(COLUMNS):
        reader.fault(line, "codelist.cells", f"{len(cells)} cells instead of {len(COLUMNS)}", "quote cells with commas")
        return None
    found = len(reader.faults)
    for column, cell in zip(COLUMNS, cells, strict=True):
        if cell.startswith(_FORMULA_SIGNS):
            reader.fault(line, "codelist.formula", f"the cell {column} begins with = + - or @", "a formula is no code")
    national, wco, label, preferred, valid_from, valid_to, certainty, source = (cell.strip() for cell in cells)
    _check_codes(line, (national, head.pattern_national), (wco, head.pattern_wco), reader)
    if preferred.lower() not in _TRUE | _FALSE:
        reader.fault(line, "codelist.preferred", "preferred is true, false or empty")
    starts, ends = _day(line, "valid_from", valid_from, reader), _day(line, "valid_to", valid_to, reader)
    if starts is not None and ends is not None and ends < starts:
        reader.fault(line, "codelist.validity", "valid_to lies before valid_from")
    if len(reader.faults) > found:
        return None
    return CodeRow(
        national=national,
        wco=wco,
        label=label,
        preferred=preferred.lower() in _TRUE,
        valid_from=starts,
        valid_to=ends,
        certainty=certainty,
        source=source,
        line=line,
    )


def _check_codes(
    line: int, national: tuple[str, re.Pattern[str] | None], wco: tuple[str, re.Pattern[str] | None], reader: _Reader
) -> None:
    if not national[0] and not wco[0]:
        reader.fault(line, "codelist.no-code", "neither a national nor a WCO code")
    for column, (code, pattern) in (("national", national), ("wco", wco)):
        if code and pattern is not None and pattern.fullmatch(code) is None:
            reader.fault(
                line,
                "codelist.code-does-not-fit-pattern",
                f"the {column} code does not fit the pattern {pattern.pattern} of the head",
                _damage(code, pattern),
            )


def _damage(code: str, pattern: re.Pattern[str]) -> str:
    """What most likely happened to the code."""
    padded = (code.zfill(width) for width in range(len(code) + 1, len(code) + 8))
    if code.isdigit() and any(pattern.fullmatch(candidate) for candidate in padded):
        return "a spreadsheet ate the leading zeros: format the column as text and enter the codes again"
    return "write the code as its owner publishes it, or correct the pattern in the head"


def _day(line: int, column: str, text: str, reader: _Reader) -> date | None:
    if not text:
        return None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    reader.fault(line, "codelist.validity", f"{column} is no date of the form 2026-03-16", "empty means no limit")
    return None


def _check_clashes(rows: list[CodeRow], reader: _Reader) -> None:
    for row, earlier in _pairs(rows, "national"):
        if row.wco == earlier.wco and (row.valid_from, row.valid_to) == (earlier.valid_from, earlier.valid_to):
            reader.fault(row.line, "codelist.duplicate", f"the national code stands already in line {earlier.line}")
        elif row.overlaps(earlier):
            reader.fault(
                row.line,
                "codelist.overlap",
                f"the national code holds at the same time as in line {earlier.line}",
                "a national code has one WCO code on any day: close the older row with valid_to",
            )
    for row, earlier in _pairs(rows, "wco"):
        if row.preferred and earlier.preferred and row.overlaps(earlier):
            reader.fault(
                row.line,
                "codelist.two-preferred",
                f"line {earlier.line} is preferred for the same WCO code at the same time",
                "mark one row of a WCO code as preferred",
            )


def _pairs(rows: list[CodeRow], side: str) -> Iterator[tuple[CodeRow, CodeRow]]:
    seen: dict[str, list[CodeRow]] = {}
    for row in rows:
        code: str = getattr(row, side)
        if code:
            earlier = seen.setdefault(code, [])
            yield from ((row, other) for other in earlier)
            earlier.append(row)
