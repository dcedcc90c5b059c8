"""Arguments of the verbs: what stands in the ``with`` cell of a row, as values.

Which side a path in an argument lies on is fixed by its word: after ``over`` and ``text`` it is a WCO path, after
``at`` a national one; in ``sum``, ``count`` and formulas it lies on the side that the row reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from gateway.formats.paths import Path


@dataclass(frozen=True, slots=True)
class NoArgument:
    """For ``copy`` and ``drop``."""


@dataclass(frozen=True, slots=True)
class FitArgument:
    """``over PATH [in pieces]`` or ``refuse``; ``over`` is a WCO path."""

    over: Path | None = None
    in_pieces: bool = False

    @property
    def refuses(self) -> bool:
        """Whether what does not fit is a finding."""
        return self.over is None


@dataclass(frozen=True, slots=True)
class CodeArgument:
    """``LIST [else CODE [text PATH] | else text PATH] [id at PATH]``; ``text`` is a WCO path, ``id_at`` national."""

    code_list: str
    otherwise: str = ""
    text: Path | None = None
    id_at: Path | None = None


@dataclass(frozen=True, slots=True)
class ConstantArgument:
    """The value."""

    text: str


@dataclass(frozen=True, slots=True)
class DateArgument:
    """``FORM ZONE | FORM or FORM``, with ``time at PATH`` and ``calendar at PATH`` (national paths).

    Attributes:
        national, wco: forms as `gateway.codes.dates.parse_form` reads them, with the zone of texts without one.
        time_at: leaf that holds the time of day.
        calendar_at: leaf that names the calendar of the national text.
    """

    national: str
    wco: str
    time_at: Path | None = None
    calendar_at: Path | None = None


@dataclass(frozen=True, slots=True)
class NumberArgument:
    """``times 1000 digits 6 half-even``: WCO value = national value x ``times``, rounded to ``digits`` decimals."""

    times: Decimal = Decimal(1)
    digits: int | None = None
    rounding: str = "half-even"


@dataclass(frozen=True, slots=True)
class MeasureArgument:
    """``UNITS TARGET unit at PATH | unit X``; the list gives the Rec 20 code of a national unit."""

    units: str
    target: str
    unit_at: Path | None = None
    unit: str = ""
    digits: int | None = None
    rounding: str = "half-even"


@dataclass(frozen=True, slots=True)
class ChunksArgument:
    """``SIZE MOST``, then as `FitArgument`: at most ``most`` national leaves of ``size`` characters."""

    size: int
    most: int
    fit: FitArgument


@dataclass(frozen=True, slots=True)
class TotalArgument:
    """``sum PATH`` or ``count PATH``, ``tolerance X``, ``digits N``; PATH on the side of the row's own path."""

    operation: Literal["sum", "count"]
    path: Path
    tolerance: Decimal = Decimal(0)
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Operand:
    """A leaf read in a formula."""

    path: Path


@dataclass(frozen=True, slots=True)
class Sum:
    """``sum(PATH)``: over all entries of the loops in PATH that the row itself does not stand in."""

    path: Path


@dataclass(frozen=True, slots=True)
class Operation:
    """``left sign right``."""

    sign: Literal["+", "-", "*", "/"]
    left: Formula
    right: Formula


Formula: TypeAlias = Decimal | Operand | Sum | Operation


@dataclass(frozen=True, slots=True)
class CalculateArgument:
    """A formula, ``digits N`` and the rounding; its paths lie on the side that the row reads."""

    formula: Formula
    digits: int
    rounding: str = "half-even"


@dataclass(frozen=True, slots=True)
class PointerArgument:
    """The loop whose entry is pointed at."""

    loop: str


@dataclass(frozen=True, slots=True)
class UseArgument:
    """``BLOCK name=text ...``; seen by the reader only, a `Table` holds the block's rows instead."""

    block: str
    parameters: Mapping[str, str]


Argument: TypeAlias = (
    NoArgument
    | FitArgument
    | CodeArgument
    | ConstantArgument
    | DateArgument
    | NumberArgument
    | MeasureArgument
    | ChunksArgument
    | TotalArgument
    | CalculateArgument
    | PointerArgument
    | UseArgument
)
