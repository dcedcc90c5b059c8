"""Conditions compiled to plain functions of the run and a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol, TypeAlias

from gateway.codes.codelists import CodeList
from gateway.codes.numbers import parse_decimal
from gateway.conversion.conditions import (
    Always,
    And,
    Condition,
    Equals,
    Fits,
    FormatIn,
    InList,
    Never,
    Not,
    Or,
    Present,
    Satisfies,
)
from gateway.conversion.model import Case, CaseTerm
from gateway.conversion.places import Place, Strictness
from gateway.conversion.reading import Reader, Reading
from gateway.conversion.run import NATIONAL, Frame, Run
from gateway.conversion.splitting import Splitter
from gateway.formats.paths import Path
from gateway.formats.structure import SimpleType

Test: TypeAlias = Callable[[Run, Frame], bool]


class Scheme(Protocol):
    """An identifier scheme (`gateway.codes.identifier_schemes`)."""

    def is_valid(self, text: str) -> bool:
        """Whether the text is an identifier of the scheme."""
        ...


class Tests:
    """Compiles the conditions of one side.

    Args:
        reading: readers of the side.
        place: finds a path of the side.
        lists, schemes, splitters: code lists, identifier schemes and templates by name.
        format_name: release of the national form that is compiled.
    """

    def __init__(
        self,
        reading: Reading,
        place: Callable[[Path, Strictness], Place],
        *,
        lists: Mapping[str, CodeList],
        schemes: Mapping[str, Scheme],
        splitters: Mapping[str, Splitter],
        format_name: str,
    ) -> None:
        self._reading = reading
        self._place = place
        self._lists = lists
        self._schemes = schemes
        self._splitters = splitters
        self._format_name = format_name

    def terms(self, terms: tuple[CaseTerm, ...], cases: Mapping[str, Case]) -> Test | None:
        """The test of a row's ``case`` cell; None when it always holds."""
        tests = [test for term in terms if (test := self._term(term, cases)) is not None]
        if not tests:
            return None
        if len(tests) == 1:
            return tests[0]
        return lambda run, frame: all(test(run, frame) for test in tests)

    def _term(self, term: CaseTerm, cases: Mapping[str, Case]) -> Test | None:
        case = cases[term.name]
        condition = case.national if self._reading.side == NATIONAL else case.wco
        if term.negated:
            condition = Not(condition)
        return None if isinstance(condition, Always) else self.condition(condition)

    def condition(self, condition: Condition) -> Test:
        """One condition, compiled."""
        match condition:
            case Always() | Never() | FormatIn():
                known = self._decided(condition)
                return lambda _run, _frame: known
            case Not(part=part):
                test = self.condition(part)
                return lambda run, frame: not test(run, frame)
            case And(parts=parts) | Or(parts=parts):
                together = all if isinstance(condition, And) else any
                tests = [self.condition(part) for part in parts]
                return lambda run, frame: together(test(run, frame) for test in tests)
            case _:
                return self._about_path(condition)

    def _decided(self, condition: Always | Never | FormatIn) -> bool:
        """What needs no message to be decided."""
        if isinstance(condition, FormatIn):
            return self._format_name in condition.names
        return isinstance(condition, Always)

    def _about_path(self, condition: Equals | InList | Present | Satisfies | Fits) -> Test:
        place = self._place(condition.path, "last-open" if isinstance(condition, Present) else "lined-up")
        if isinstance(condition, Present) and not condition.path.template:
            return self._reading.presence(place)
        read = self.text(place)
        match condition:
            case Present():
                return lambda run, frame: read(run, frame) is not None
            case Equals(values=values):
                return _equals(read, frozenset(values), place.type)
            case InList(code_list=name):
                return self._in_list(read, self._lists[name])
            case Satisfies(scheme=name):
                valid = self._schemes[name].is_valid
            case Fits(template=name):
                valid = self._splitters[name].fits

        def holds(run: Run, frame: Frame) -> bool:
            spot = read(run, frame)
            return spot is not None and valid(spot[2])

        return holds

    def text(self, place: Place) -> Reader:
        """Reader of a leaf, or of one part of it when the path names one."""
        read = self._reading.leaf(place)
        if not place.path.template:
            return read
        split, part = self._splitters[place.path.template].split, place.path.part

        def read_part(run: Run, frame: Frame) -> tuple[object, str | int, str] | None:
            spot = read(run, frame)
            parts = None if spot is None else split(spot[2])
            text = parts.get(part) if parts else None
            return None if spot is None or text is None else (spot[0], spot[1], text)

        return read_part

    def _in_list(self, read: Reader, codes: CodeList) -> Test:
        contains = codes.contains_national if self._reading.side == NATIONAL else codes.contains_wco

        def holds(run: Run, frame: Frame) -> bool:
            spot = read(run, frame)
            return spot is not None and contains(spot[2], run.day)

        return holds


def _equals(read: Reader, values: frozenset[str], kind: SimpleType | None) -> Test:
    form = comparable(kind)
    if form is None:

        def holds_text(run: Run, frame: Frame) -> bool:
            spot = read(run, frame)
            return spot is not None and spot[2] in values

        return holds_text
    wanted = frozenset(form(value) for value in values)

    def holds(run: Run, frame: Frame) -> bool:
        spot = read(run, frame)
        return spot is not None and form(spot[2]) in wanted

    return holds


def comparable(kind: SimpleType | None) -> Callable[[str], str | Decimal | bool] | None:
    """How texts of a type are compared: ``1`` is ``true``, ``2.0`` is ``2``; None when as they stand."""
    base = kind.base if kind is not None else "string"
    if base == "boolean":
        return lambda text: text in ("true", "1") if text in ("true", "1", "false", "0") else text
    if base in ("decimal", "integer"):
        return _number_or_text
    return None


def _number_or_text(text: str) -> str | Decimal:
    number = parse_decimal(text)
    return text if number is None else number


def same_value(first: str, second: str, kind: SimpleType | None) -> bool:
    """Whether two texts say the same by the type of their leaf."""
    if first == second:
        return True
    form = comparable(kind)
    return form is not None and form(first) == form(second)
