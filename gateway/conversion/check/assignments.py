"""Cases compared by trying them: all that the paths in a few conditions can hold, as far as the conditions can tell.

For each path its literals, one representative of each way in which the named code lists overlap, something else, and
nothing at all are tried. Identifier schemes and templates count as independent of everything but presence.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.codes.codelists import CodeList
from gateway.conversion import conditions as c
from gateway.conversion.check.possible import Assignment, Key, absent_paths, allowed_values, is_below, is_possible
from gateway.conversion.model import Direction, Row, Side, Table
from gateway.errors import GatewayError
from gateway.formats.structure import Structure

OTHER: Final = "\0other"
"""Stands for any text that no condition names."""

MOST_ASSIGNMENTS = 50_000
"""More combinations than this are not tried: the cases of the rows concerned should be cut apart."""


class TooManyCombinations(GatewayError):
    """The cases of some rows together have too many combinations to be tried; the check leaves such rows alone."""

    code = "mapping.too-many-combinations"


def source_side(direction: Direction) -> Side:
    """The side that is read in a direction."""
    return "national" if direction == "to-wco" else "wco"


def target_side(direction: Direction) -> Side:
    """The side that is written in a direction."""
    return "wco" if direction == "to-wco" else "national"


@dataclass(frozen=True, slots=True)
class CaseReader:
    """Decides rows of one table in one direction under an assignment."""

    table: Table
    direction: Direction
    code_lists: Mapping[str, CodeList]
    source: Structure

    def condition_of(self, name: str) -> c.Condition:
        """The side of a case that this direction reads."""
        case = self.table.cases[name]
        return case.national if self.direction == "to-wco" else case.wco

    def acts(self, row: Row, assignment: Assignment) -> bool:
        """Whether a row acts: all its cases hold and, where its source is tried, the source is there."""
        source = row.path(source_side(self.direction))
        if source is not None and any(is_below(str(source.whole), path) for path in absent_paths(assignment)):
            return False
        return all(self._holds(self.condition_of(term.name), assignment) != term.negated for term in row.case)

    def assignments(self, rows: Iterable[Row]) -> Iterator[Assignment]:
        """Every combination that the cases of these rows can tell apart.

        Raises:
            TooManyCombinations: for more than `MOST_ASSIGNMENTS`.
        """
        names = sorted({term.name for row in rows for term in row.case})
        domains: dict[Key, list[str | bool | None]] = {}
        atoms = [atom for name in names for atom in _atoms(self.condition_of(name))]
        for path in sorted({str(atom.path) for atom in atoms if not isinstance(atom, c.FormatIn)}):
            domains["value", path] = self._values(path, [a for a in atoms if _path_of(a) == path])
        for atom in atoms:
            if isinstance(atom, c.Satisfies):
                domains["is", f"{atom.path} {atom.scheme}"] = [True, False]
            elif isinstance(atom, c.Fits):
                domains["fits", f"{atom.path} {atom.template}"] = [True, False]
            elif isinstance(atom, c.FormatIn):
                domains["format", ""] = list(self.table.national)
        size = 1
        for values in domains.values():
            size *= len(values)
        if size > MOST_ASSIGNMENTS:
            raise TooManyCombinations(f"more than {MOST_ASSIGNMENTS} combinations of cases")
        keys = list(domains)
        for combination in itertools.product(*domains.values()):
            assignment = dict(zip(keys, combination, strict=True))
            if is_possible(assignment, self.source):
                yield assignment

    def _values(self, path: str, atoms: list[Atom]) -> list[str | bool | None]:
        literals = {value for atom in atoms if isinstance(atom, c.Equals) for value in atom.values}
        lists = sorted({atom.code_list for atom in atoms if isinstance(atom, c.InList)})
        by_signature: dict[tuple[bool, ...], str] = {}
        for name in lists:
            for code in sorted(self._codes(name)):
                if code not in literals:
                    by_signature.setdefault(tuple(code in self._codes(other) for other in lists), code)
        tried: list[str | bool | None] = [*sorted(literals), *by_signature.values(), OTHER, None]
        allowed, optional = allowed_values(path, self.source)
        return [
            value
            for value in tried
            if (optional if value is None else not allowed or value in allowed or not isinstance(value, str))
        ] or tried

    def _codes(self, name: str) -> frozenset[str]:
        code_list = self.code_lists.get(name)
        if code_list is None:
            return frozenset()
        return frozenset(code_list.national_codes() if self.direction == "to-wco" else code_list.wco_codes())

    def _holds(self, condition: c.Condition, assignment: Assignment) -> bool:
        match condition:
            case c.Always() | c.Never():
                return isinstance(condition, c.Always)
            case c.Not(part):
                return not self._holds(part, assignment)
            case c.And(parts):
                return all(self._holds(part, assignment) for part in parts)
            case c.Or(parts):
                return any(self._holds(part, assignment) for part in parts)
            case c.FormatIn(names):
                return assignment["format", ""] in names
            case _:
                return self._holds_atom(condition, assignment)

    def _holds_atom(self, atom: c.Equals | c.InList | c.Present | c.Satisfies | c.Fits, assignment: Assignment) -> bool:
        value = assignment["value", str(atom.path)]
        if value is None:
            return False
        match atom:
            case c.Equals(_, values):
                return value in values
            case c.InList(_, name):
                return value in self._codes(name)
            case c.Present():
                return True
            case c.Satisfies(path, scheme):
                return assignment["is", f"{path} {scheme}"] is True
            case c.Fits(path, template):
                return assignment["fits", f"{path} {template}"] is True


Atom = c.Equals | c.InList | c.Present | c.Satisfies | c.Fits | c.FormatIn


def _atoms(condition: c.Condition) -> Iterator[Atom]:
    match condition:
        case c.Always() | c.Never():
            return
        case c.Not(part):
            yield from _atoms(part)
        case c.And(parts) | c.Or(parts):
            for part in parts:
                yield from _atoms(part)
        case _:
            yield condition


def _path_of(atom: Atom) -> str:
    return "" if isinstance(atom, c.FormatIn) else str(atom.path)
