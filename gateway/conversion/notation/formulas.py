"""Reading formulas: ``A / 100 * sum(List[i]/B)``, signs apart by blanks because a path holds slashes."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from gateway.conversion.arguments import Formula, Operand, Operation, Sum
from gateway.conversion.notation.cells import NotationError, split_words
from gateway.formats.paths import Path

_NUMBER = re.compile(r"\d+(\.\d+)?$")
_SUM = re.compile(r"sum\((?P<path>.+)\)$")
_GROUP = re.compile(r"\((?P<inner>.+)\)$")
_SIGNS: dict[str, tuple[int, Literal["+", "-", "*", "/"]]] = {
    "+": (1, "+"),
    "-": (1, "-"),
    "*": (2, "*"),
    "/": (2, "/"),
}
_REMEDY = "write paths, numbers, sum(PATH) and + - * / with blanks around each sign"


def read_formula(words: list[str], path: Callable[[str], Path]) -> Formula:
    """A formula from its words.

    Raises:
        NotationError: a sign where an operand is due, or the other way round.
    """
    rest = list(words)
    formula = _read(rest, path, 1)
    if rest:
        raise NotationError(f"cannot read {rest[0]!r} in the formula", code="mapping.argument", remedy=_REMEDY)
    return formula


def _read(words: list[str], path: Callable[[str], Path], level: int) -> Formula:
    if level > 2:
        return _operand(words, path)
    left = _read(words, path, level + 1)
    while words and words[0] in _SIGNS and _SIGNS[words[0]][0] == level:
        sign = _SIGNS[words.pop(0)][1]
        left = Operation(sign, left, _read(words, path, level + 1))
    return left


def _operand(words: list[str], path: Callable[[str], Path]) -> Formula:
    if not words or words[0] in _SIGNS:
        raise NotationError("an operand is missing in the formula", code="mapping.argument", remedy=_REMEDY)
    word = words.pop(0)
    if _NUMBER.match(word):
        return Decimal(word)
    if total := _SUM.match(word):
        return Sum(path(total["path"]))
    if group := _GROUP.match(word):
        return read_formula(split_words(group["inner"]), path)
    return Operand(path(word))
