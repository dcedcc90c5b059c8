"""Rows that carry nothing: ``constant``, ``total``, ``calculate``, ``drop``; what they write, and what they compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from gateway.codes.numbers import EXACT, parse_decimal
from gateway.conversion.arguments import CalculateArgument, Formula, Operand, Operation, Sum, TotalArgument
from gateway.conversion.carrying import WRITTEN_TWICE, Action
from gateway.conversion.cases import same_value
from gateway.conversion.ends import Source, Target
from gateway.conversion.places import Place
from gateway.conversion.run import Frame, Problem, Run, Spot
from gateway.conversion.trails import Origin, Trail
from gateway.conversion.verbs.numbers import NOT_A_NUMBER, written
from gateway.conversion.writing import Reach, put
from gateway.findings import Severity

CONSTANT_DIFFERS = Problem(
    "map.constant-differs",
    "the mapping knows one value only for this place, and the message holds another",
    "correct the value",
    Severity.WARNING,
)
TOTAL_DIFFERS = Problem(
    "map.total-differs", "the total differs from what its parts add up to", "correct the total", Severity.WARNING
)
NO_QUOTIENT = Problem("map.division-by-zero", "the formula divides by zero", "correct the divisor")

Value = Callable[[Run, Frame], Decimal | Problem | None]
"""A number, why there is none, or None when a leaf of the formula is not there."""


def constant_writing(reach: Reach, text: str, origin: Origin) -> Action:
    """Written where other rows made the class or the schema demands it."""

    def act(run: Run, frame: Frame) -> None:
        target = reach(run, frame)
        if target is not None:
            put(run, target[0], target[1], text, origin)

    return act


def constant_checking(source: Source, text: str, trail: Trail) -> Action:
    """Present and different is a finding; present and the same is implied."""

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        if same_value(spot[2], text, source.place.type):
            source.mark(run, spot, trail)
        else:
            source.report(run, frame, CONSTANT_DIFFERS)

    return act


def total_value(argument: TotalArgument, spots: Callable[[Run, Frame], Iterable[Any]]) -> Value:
    """Sum or count of what a path reads; None when there is nothing to add up."""

    def value(run: Run, frame: Frame) -> Decimal | Problem | None:
        found = list(spots(run, frame))
        if not found:
            return None
        if argument.operation == "count":
            return Decimal(len(found))
        return _sum(found)

    return value


def _sum(spots: Iterable[Spot]) -> Decimal | Problem | None:
    total = Decimal(0)
    for spot in spots:
        number = parse_decimal(spot[2])
        if number is None:
            return NOT_A_NUMBER
        total = EXACT.add(total, number)
    return total


def total_writing(target: Target, argument: TotalArgument, value: Value) -> Action:
    """The total, computed on the side that was written."""

    def act(run: Run, frame: Frame) -> None:
        number = value(run, frame)
        if not isinstance(number, Decimal):
            return
        result = written(number, argument.digits, "half-even", target.place.type)
        if not isinstance(result, Problem):
            target.write(run, frame, result[0])

    return act


def total_checking(source: Source, argument: TotalArgument, value: Value) -> Action:
    """The total of the message, compared with what its parts add up to."""
    agreed = Trail("implied", path=source.place.qualified, row=source.row, reason="its parts add up to it")

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        told, number = parse_decimal(spot[2]), value(run, frame)
        if told is None or isinstance(number, Problem):
            source.report(run, frame, NOT_A_NUMBER)
        elif abs(told - (number or Decimal(0))) <= argument.tolerance:
            source.mark(run, spot, agreed)
        else:
            source.report(run, frame, TOTAL_DIFFERS)

    return act


def calculate_action(source: Source | None, target: Target, argument: CalculateArgument, value: Value) -> Action:
    """The value of a formula; the leaf in the row's own path, if it has one, is what was computed from.

    Args:
        source: the row's own path on the side that is read.
        target: the place that is written.
        argument: digits and rounding.
        value: the formula.
    """
    path = source.place.qualified if source is not None else ""
    trail = Trail("mapped", "computed", path, (target.place.qualified,), target.row)

    def compute(run: Run, frame: Frame) -> Problem | bool:
        number = value(run, frame)
        if number is None or isinstance(number, Problem):
            return number or False
        figures = written(number, argument.digits, argument.rounding, target.place.type)
        if isinstance(figures, Problem):
            return figures
        return target.write(run, frame, figures[0]) or WRITTEN_TWICE

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame) if source is not None else None
        if source is not None and spot is None:
            return
        outcome = compute(run, frame)
        if isinstance(outcome, Problem):
            run.report(outcome, target.row, target.place.qualified)
        elif outcome and source is not None and spot is not None:
            source.mark(run, spot, trail)

    return act


def formula_value(
    formula: Formula, operand: Callable[[Place], Value], total: Callable[[Place], Value], place: Callable[[Any], Place]
) -> Value:
    """A formula, compiled.

    Args:
        formula: the formula.
        operand: compiles the reading of one leaf as a number.
        total: compiles the sum over a path.
        place: finds a path.
    """
    match formula:
        case Decimal():
            return lambda _run, _frame: formula
        case Operand(path=path):
            return operand(place(path))
        case Sum(path=path):
            return total(place(path))
        case Operation(sign=sign, left=left, right=right):
            first = formula_value(left, operand, total, place)
            second = formula_value(right, operand, total, place)

            def value(run: Run, frame: Frame) -> Decimal | Problem | None:
                a, b = first(run, frame), second(run, frame)
                if a is None or isinstance(a, Problem):
                    return a
                if b is None or isinstance(b, Problem):
                    return b
                return _compute(sign, a, b)

            return value


def _compute(sign: str, left: Decimal, right: Decimal) -> Decimal | Problem:
    if sign == "+":
        return EXACT.add(left, right)
    if sign == "-":
        return EXACT.subtract(left, right)
    if sign == "*":
        return EXACT.multiply(left, right)
    if not right:
        return NO_QUOTIENT
    return EXACT.divide(left, right)


def number_of(read: Callable[[Run, Frame], Spot | None]) -> Value:
    """A leaf as a number."""

    def value(run: Run, frame: Frame) -> Decimal | Problem | None:
        spot = read(run, frame)
        if spot is None:
            return None
        number = parse_decimal(spot[2])
        return NOT_A_NUMBER if number is None else number

    return value


def sum_of(spots: Callable[[Run, Frame], Iterable[Any]]) -> Value:
    """The sum of all leaves that a path reads."""

    def value(run: Run, frame: Frame) -> Decimal | Problem | None:
        found = list(spots(run, frame))
        return _sum(found) if found else None

    return value


def drop_action(spots: Callable[[Run, Frame], Iterable[tuple[Any, str | int]]], trail: Trail) -> Action:
    """A ``drop`` with a case or braces: every leaf below its place, one by one."""

    def act(run: Run, frame: Frame) -> None:
        for holder, key in spots(run, frame):
            run.mark(holder, key, trail)

    return act
