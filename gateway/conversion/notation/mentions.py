"""Which paths the parts of a row mention: conditions, formulas, ``with`` cells."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.conversion.arguments import (
    Argument,
    CalculateArgument,
    ChunksArgument,
    CodeArgument,
    DateArgument,
    FitArgument,
    Formula,
    MeasureArgument,
    Operand,
    Operation,
    Sum,
    TotalArgument,
)
from gateway.conversion.conditions import And, Condition, Equals, Fits, InList, Not, Or, Present, Satisfies
from gateway.formats.paths import Path


def conditions_in(condition: Condition) -> Iterator[Condition]:
    """A condition and all conditions inside it."""
    yield condition
    if isinstance(condition, Not):
        yield from conditions_in(condition.part)
    elif isinstance(condition, And | Or):
        for part in condition.parts:
            yield from conditions_in(part)


def condition_paths(condition: Condition) -> list[Path]:
    """All paths that a condition reads."""
    reading = (Equals, InList, Present, Satisfies, Fits)
    return [part.path for part in conditions_in(condition) if isinstance(part, reading)]


def formula_paths(formula: Formula) -> list[Path]:
    """All paths that a formula reads."""
    if isinstance(formula, Operand | Sum):
        return [formula.path]
    if isinstance(formula, Operation):
        return [*formula_paths(formula.left), *formula_paths(formula.right)]
    return []


def argument_paths(argument: Argument) -> list[Path]:
    """All paths that a ``with`` cell names."""
    paths: list[Path | None]
    match argument:
        case FitArgument(over=over):
            paths = [over]
        case ChunksArgument(fit=fit):
            paths = [fit.over]
        case CodeArgument(text=text, id_at=id_at):
            paths = [text, id_at]
        case DateArgument(time_at=time_at, calendar_at=calendar_at):
            paths = [time_at, calendar_at]
        case MeasureArgument(unit_at=unit_at):
            paths = [unit_at]
        case TotalArgument(path=path):
            paths = [path]
        case CalculateArgument(formula=formula):
            return formula_paths(formula)
        case _:
            paths = []
    return [path for path in paths if path is not None]
