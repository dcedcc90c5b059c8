"""Rows of a big table that was checked when it was written: found by code at once, made into objects when asked for.

A full release of a standard holds a hundred thousand codes. Reading each of them when the gateway starts would take
seconds and most of them are never asked for. An import checks every row, writes the table in one plain form and notes
the table's SHA-256 in the head; a table with that digest needs no second check (`gateway.codes.codelist_files`).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import overload

from gateway.codes.codelists import CodeRow, Index, IndexedRows, Side


def digest_of(csv_text: str) -> str:
    """SHA-256 of a table's UTF-8 bytes, hexadecimal."""
    return hashlib.sha256(csv_text.encode()).hexdigest()


class CheckedRows(IndexedRows):
    """The rows of one table in the form that `gateway.codes.releases` writes.

    That form has a header line, ends lines with a line feed alone, has the same code in the first two columns and
    each code once.

    Args:
        csv_text: the table.
    """

    def __init__(self, csv_text: str) -> None:
        self._text = csv_text

    @cached_property
    def _lines(self) -> list[str]:
        return self._text.rstrip("\n").split("\n")[1:]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {line[: line.index(",")]: place for place, line in enumerate(self._lines)}

    def by_code(self, side: Side) -> Index:
        """The rows by their code; both sides have the same one."""
        del side
        return _ByCode(self)

    def codes(self, side: Side, on: date | None) -> tuple[str, ...]:
        """All codes (in force on a day), in the order of the file."""
        del side
        if on is None:
            return tuple(self._places)
        cells = csv.reader(self._lines)
        return tuple(
            row[0] for place, row in enumerate(cells) if not (row[4] or row[5]) or self._row(place).holds_on(on)
        )

    def place_of(self, code: str) -> int | None:
        """The place of a code among the rows, None where it is not listed."""
        return self._places.get(code)

    def listed(self) -> Iterator[str]:
        """All codes, in the order of the file."""
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> CodeRow: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[CodeRow, ...]: ...

    def __getitem__(self, place: int | slice) -> CodeRow | tuple[CodeRow, ...]:
        if isinstance(place, slice):
            return tuple(self._row(each) for each in range(*place.indices(len(self))))
        return self._row(range(len(self))[place])

    def _row(self, place: int) -> CodeRow:
        national, wco, label, preferred, valid_from, valid_to, certainty, source = next(
            csv.reader([self._lines[place]])
        )
        return CodeRow(
            national=national,
            wco=wco,
            label=label,
            preferred=preferred == "true",
            valid_from=date.fromisoformat(valid_from) if valid_from else None,
            valid_to=date.fromisoformat(valid_to) if valid_to else None,
            certainty=certainty,
            source=source,
            line=place + 2,
        )


class _ByCode(Mapping[str, tuple[CodeRow, ...]]):
    """The rows by code, each made when it is asked for."""

    def __init__(self, rows: CheckedRows) -> None:
        self._rows = rows

    def __getitem__(self, code: str) -> tuple[CodeRow, ...]:
        place = self._rows.place_of(code)
        if place is None:
            raise KeyError(code)
        return (self._rows[place],)

    def __iter__(self) -> Iterator[str]:
        return self._rows.listed()

    def __len__(self) -> int:
        return len(self._rows)
