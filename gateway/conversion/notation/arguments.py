"""Reading the ``with`` cell of each verb."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from gateway.codes.dates import parse_form
from gateway.conversion.arguments import (
    Argument,
    CalculateArgument,
    ChunksArgument,
    CodeArgument,
    ConstantArgument,
    DateArgument,
    FitArgument,
    MeasureArgument,
    NoArgument,
    NumberArgument,
    PointerArgument,
    TotalArgument,
    UseArgument,
)
from gateway.conversion.model import Side, Verb
from gateway.conversion.notation.cells import NotationError, split_words
from gateway.conversion.notation.formulas import read_formula
from gateway.formats.paths import Path

ROUNDINGS = ("half-even", "half-up", "down")
_NAME = re.compile(r"[A-Za-z][\w-]*$")


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading an argument needs to know about its row.

    Attributes:
        path: reads a path of a side.
        name: gives the table's name of a loop.
        reads: the side on which ``sum``, ``count`` and formulas stand.
    """

    path: Callable[[str, Side], Path]
    name: Callable[[str], str]
    reads: Side


def read_argument(verb: Verb, cell: str, reader: Reader) -> Argument:
    """The argument of a verb.

    Raises:
        NotationError: naming what is wrong and what the verb takes.
        PathSyntaxError: a path in the cell that cannot be read.
    """
    return _READERS[verb](cell, reader)


class _Words:
    """The words of a cell, taken from the front."""

    def __init__(self, words: list[str], usage: str) -> None:
        self.words = words
        self.usage = usage

    def error(self, message: str) -> NotationError:
        return NotationError(message, code="mapping.argument", remedy=f"write {self.usage}")

    def take(self) -> str:
        if not self.words:
            raise self.error("the argument stops too early")
        return self.words.pop(0)

    def skip(self, *expected: str) -> bool:
        """Take these words if they come next."""
        if tuple(self.words[: len(expected)]) != expected:
            return False
        del self.words[: len(expected)]
        return True

    def number(self) -> Decimal:
        word = self.take()
        if not re.fullmatch(r"\d+(\.\d+)?", word):
            raise self.error(f"{word!r} is not a number")
        return Decimal(word)

    def count(self) -> int:
        number = self.number()
        if number != int(number):
            raise self.error(f"{number} is not a whole number")
        return int(number)

    def end(self) -> None:
        if self.words:
            raise self.error(f"cannot read {self.words[0]!r}")


def _nothing(cell: str, _reader: Reader) -> Argument:
    if cell:
        raise NotationError("this verb takes no argument", code="mapping.argument", remedy="empty the cell")
    return NoArgument()


def _fit(cell: str, reader: Reader) -> Argument:
    words = _Words(split_words(cell), "over PATH, over PATH in pieces, or refuse")
    argument = _fit_words(words, reader)
    words.end()
    return argument


def _fit_words(words: _Words, reader: Reader) -> FitArgument:
    if words.skip("refuse"):
        return FitArgument()
    if words.skip("over"):
        return FitArgument(reader.path(words.take(), "wco"), words.skip("in", "pieces"))
    raise words.error("neither over PATH nor refuse")


def _code(cell: str, reader: Reader) -> Argument:
    words = _Words(split_words(cell), "LIST, LIST else CODE, LIST else CODE text PATH, LIST else text PATH; id at PATH")
    code_list = words.take()
    otherwise, text, id_at = "", None, None
    if words.skip("else"):
        if not words.skip("text"):
            otherwise = words.take()
            if words.skip("text"):
                text = reader.path(words.take(), "wco")
        else:
            text = reader.path(words.take(), "wco")
    if words.skip("id", "at"):
        id_at = reader.path(words.take(), "national")
    words.end()
    return CodeArgument(code_list, otherwise, text, id_at)


def _constant(cell: str, _reader: Reader) -> Argument:
    if not cell:
        raise NotationError("a constant needs its value", code="mapping.argument", remedy="write it in the cell")
    return ConstantArgument(cell)


def _date(cell: str, reader: Reader) -> Argument:
    usage = "FORM ZONE | FORM or FORM, perhaps with time at PATH or calendar at PATH"
    left, bar, right = cell.partition("|")
    words = _Words(split_words(left), usage)
    if not bar:
        raise words.error("no bar between the national and the WCO forms")
    forms: list[str] = []
    time_at, calendar_at = None, None
    while words.words:
        if words.skip("time", "at"):
            time_at = reader.path(words.take(), "national")
        elif words.skip("calendar", "at"):
            calendar_at = reader.path(words.take(), "national")
        else:
            forms.append(words.take())
    argument = DateArgument(" ".join(forms), " ".join(right.split()), time_at, calendar_at)
    for form in (argument.national, argument.wco):
        parse_form(form)
    return argument


def _number(cell: str, _reader: Reader) -> Argument:
    words = _Words(split_words(cell), "times N, digits N, half-even | half-up | down")
    times, digits, rounding = Decimal(1), None, "half-even"
    while words.words:
        if words.skip("times"):
            times = words.number()
        elif words.skip("digits"):
            digits = words.count()
        else:
            rounding = _rounding(words)
    if not times:
        raise words.error("times 0 cannot be undone")
    return NumberArgument(times, digits, rounding)


def _rounding(words: _Words) -> str:
    word = words.take()
    if word not in ROUNDINGS:
        raise words.error(f"{word!r} is not a rounding")
    return word


def _measure(cell: str, reader: Reader) -> Argument:
    words = _Words(
        split_words(cell), "LIST TARGET unit at PATH | LIST TARGET unit X; digits N and a rounding may follow"
    )
    units, target = words.take(), words.take()
    unit_at, unit = None, ""
    if words.skip("unit", "at"):
        unit_at = reader.path(words.take(), "national")
    elif words.skip("unit"):
        unit = words.take()
    else:
        raise words.error("no unit")
    digits = words.count() if words.skip("digits") else None
    rounding = _rounding(words) if words.words else "half-even"
    words.end()
    return MeasureArgument(units, target, unit_at, unit, digits, rounding)


def _chunks(cell: str, reader: Reader) -> Argument:
    words = _Words(split_words(cell), "SIZE MOST, then over PATH, over PATH in pieces, or refuse")
    size, most = words.count(), words.count()
    argument = ChunksArgument(size, most, _fit_words(words, reader))
    words.end()
    if not size or not most:
        raise words.error("a size of nothing")
    return argument


def _total(cell: str, reader: Reader) -> Argument:
    words = _Words(split_words(cell), "sum PATH or count PATH; tolerance X and digits N may follow")
    operation = words.take()
    if operation not in ("sum", "count"):
        raise words.error(f"{operation!r} is neither sum nor count")
    path = reader.path(words.take(), reader.reads)
    tolerance, digits = Decimal(0), None
    while words.words:
        if words.skip("tolerance"):
            tolerance = words.number()
        elif words.skip("digits"):
            digits = words.count()
        else:
            words.end()
    return TotalArgument("sum" if operation == "sum" else "count", path, tolerance, digits)


def _calculate(cell: str, reader: Reader) -> Argument:
    words = _Words(split_words(cell), "FORMULA digits N, and perhaps a rounding")
    if "digits" not in words.words:
        raise words.error("no digits")
    cut = words.words.index("digits")
    formula = read_formula(words.words[:cut], lambda text: reader.path(text, reader.reads))
    del words.words[: cut + 1]
    digits = words.count()
    rounding = _rounding(words) if words.words else "half-even"
    words.end()
    return CalculateArgument(formula, digits, rounding)


def _pointer(cell: str, reader: Reader) -> Argument:
    if not _NAME.match(cell):
        raise NotationError("a pointer needs one loop", code="mapping.argument", remedy="write the loop's letter")
    return PointerArgument(reader.name(cell))


def _use(cell: str, _reader: Reader) -> Argument:
    words = _Words(split_words(cell), "BLOCK name=text name=text")
    block = words.take()
    parameters: dict[str, str] = {}
    for word in words.words:
        name, sign, text = word.partition("=")
        if not sign or not _NAME.match(name) or name in parameters:
            raise words.error(f"cannot read {word!r}")
        parameters[name] = text
    return UseArgument(block, parameters)


_READERS: Mapping[Verb, Callable[[str, Reader], Argument]] = {
    "copy": _nothing,
    "fit": _fit,
    "code": _code,
    "constant": _constant,
    "date": _date,
    "number": _number,
    "measure": _measure,
    "chunks": _chunks,
    "total": _total,
    "calculate": _calculate,
    "pointer": _pointer,
    "use": _use,
    "drop": _nothing,
}

VERBS: tuple[Verb, ...] = tuple(_READERS)
"""The closed set of verbs, in the order of the notation."""
