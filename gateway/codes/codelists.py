"""Code lists: a national code and its WCO code, with validity, read from a spreadsheet's text.

A list is a CSV of eight columns beside a small TOML head. Spreadsheets damage such files in well-known ways (leading
zeros eaten, `1-2` turned into a date, formulas), so the head names the pattern of the codes and reading refuses what no
longer fits, with file and line. A list of one standard alone has the same code in both columns.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Literal

Side = Literal["national", "wco"]
Index = Mapping[str, tuple["CodeRow", ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRow:
    """One line of a code list.

    Attributes:
        national: code on the national side, empty where the WCO code has no national one.
        wco: code of the WCO side, empty where the national code has none.
        label: what the code means, for people.
        preferred: whether this row is taken on the way from WCO when several rows share a WCO code.
        valid_from, valid_to: first and last day on which the row holds; None is open.
        certainty: how sure the row is (``S`` read in a source, ``M`` from memory, ``G`` guess, ``P`` our decision).
        source: where it comes from.
        line: line of the CSV, 1-based, for messages.
    """

    national: str
    wco: str
    label: str = ""
    preferred: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    certainty: str = ""
    source: str = ""
    line: int = 0

    def holds_on(self, day: date | None) -> bool:
        """Whether the row is in force on that day; None asks for any time."""
        if day is None:
            return True
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: CodeRow) -> bool:
        """Whether there is a day on which both rows hold."""
        starts = max(self.valid_from or date.min, other.valid_from or date.min)
        return starts <= min(self.valid_to or date.max, other.valid_to or date.max)


class IndexedRows(Sequence[CodeRow]):
    """Rows that find themselves by code, for a table too big to be held as objects."""

    @abstractmethod
    def by_code(self, side: Side) -> Index:
        """The rows by their code on one side, each code with all of its rows in the order of the file."""

    @abstractmethod
    def codes(self, side: Side, on: date | None) -> tuple[str, ...]:
        """All codes of one side (in force on a day), each once, in the order of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A code list that passed its checks.

    Attributes:
        name: what schemas and mappings call it.
        title: one sentence for people.
        id: the list's own identifier where its owner gives it one, else empty.
        source: where the list as a whole comes from.
        rows: in the order of the file.
        complete: whether the list holds every code of its standard at that version. A code that is missing in a
            complete list is wrong; one that is missing in another list may merely not be loaded.
        version: edition of the standard as its owner names it, such as ``2024-1``; empty where nobody checked it.
        released: day on which that edition came out.
        digest: SHA-256 (hexadecimal) of the files that the list was imported from; empty for a list that ships.
    """

    name: str
    rows: Sequence[CodeRow]
    title: str = ""
    id: str = ""
    source: str = ""
    complete: bool = False
    version: str = ""
    released: date | None = None
    digest: str = ""
    _by_national: Index = field(init=False, repr=False, compare=False)
    _by_wco: Index = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.rows, IndexedRows):
            by_national, by_wco = self.rows.by_code("national"), self.rows.by_code("wco")
        else:
            by_national = _index((row.national, row) for row in self.rows)
            by_wco = _index((row.wco, row) for row in self.rows)
        object.__setattr__(self, "_by_national", by_national)
        object.__setattr__(self, "_by_wco", by_wco)

    def to_wco(self, code: str, on: date | None = None) -> str | None:
        """The WCO code of a national code.

        Args:
            code: exact national code; nothing is trimmed, padded or guessed.
            on: day of the document; the row in force on it counts. None takes any row.

        Returns:
            None when the list has no equivalent in force.
        """
        for row in self._by_national.get(code, ()):
            if row.wco and row.holds_on(on):
                return row.wco
        return None

    def from_wco(self, code: str, on: date | None = None) -> str | None:
        """The national code of a WCO code: the row marked preferred, or the only one.

        Returns:
            None when there is none in force, or several and none is preferred (never a guess).
        """
        rows = [row for row in self._by_wco.get(code, ()) if row.national and row.holds_on(on)]
        preferred = [row for row in rows if row.preferred]
        chosen = preferred or rows
        nationals = {row.national for row in chosen}
        return chosen[0].national if len(nationals) == 1 else None

    def label_of(self, national: str) -> str:
        """What a national code means, for people; empty when unknown."""
        rows = self._by_national.get(national, ())
        return rows[0].label if rows else ""

    def rows_of(self, code: str) -> tuple[CodeRow, ...]:
        """All rows that hold the code on either side, each once."""
        return tuple(dict.fromkeys((*self._by_national.get(code, ()), *self._by_wco.get(code, ()))))

    def national_codes(self, on: date | None = None) -> tuple[str, ...]:
        """All national codes (in force on a day), each once, in the order of the file."""
        if isinstance(self.rows, IndexedRows):
            return self.rows.codes("national", on)
        return tuple(dict.fromkeys(row.national for row in self.rows if row.national and row.holds_on(on)))

    def wco_codes(self, on: date | None = None) -> tuple[str, ...]:
        """All WCO codes (in force on a day), each once, in the order of the file."""
        if isinstance(self.rows, IndexedRows):
            return self.rows.codes("wco", on)
        return tuple(dict.fromkeys(row.wco for row in self.rows if row.wco and row.holds_on(on)))

    def contains_national(self, code: str, on: date | None = None) -> bool:
        """Whether the national code is listed (and in force on a day)."""
        return any(row.holds_on(on) for row in self._by_national.get(code, ()))

    def contains_wco(self, code: str, on: date | None = None) -> bool:
        """Whether the WCO code is listed (and in force on a day)."""
        return any(row.holds_on(on) for row in self._by_wco.get(code, ()))

    def is_total_for(self, codes: Iterable[str], on: date | None = None) -> bool:
        """Whether every one of these national codes has a WCO code."""
        return all(self.to_wco(code, on) is not None for code in codes)

    def is_total_back_for(self, codes: Iterable[str], on: date | None = None) -> bool:
        """Whether every one of these WCO codes has one national code."""
        return all(self.from_wco(code, on) is not None for code in codes)


def _index(pairs: Iterable[tuple[str, CodeRow]]) -> Index:
    found: dict[str, list[CodeRow]] = {}
    for code, row in pairs:
        if code:
            found.setdefault(code, []).append(row)
    return MappingProxyType({code: tuple(rows) for code, rows in found.items()})
