"""Units of measure: which of them measure the same thing, and exact conversion between those.

The table is data: for each dimension the units with the factor to the first of them, as decimal text. A unit that the
table does not know converts to nothing, and neither does one of another dimension: a pair is not two pieces.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from types import MappingProxyType
from typing import Any

from gateway.codes.numbers import EXACT, parse_decimal
from gateway.findings import Fault

_DIVISION = Context(prec=60)
"""Division seldom ends: sixty digits are far beyond what any message keeps."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its code, what it measures, and how many of the dimension's base unit it is."""

    code: str
    dimension: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Units:
    """All units of a table by code."""

    by_code: Mapping[str, Unit]

    def dimension_of(self, code: str) -> str | None:
        """What a unit measures (``mass``), or None when it is not known."""
        unit = self.by_code.get(code)
        return unit.dimension if unit is not None else None

    def convert(self, value: Decimal, source: str, target: str) -> Decimal | None:
        """A value of one unit in another.

        Args:
            value: any finite number.
            source: code of the unit that it is in.
            target: code of the unit wanted.

        Returns:
            The exact value where it has an end, else sixty digits of it; None when a unit is not known or the two
            measure different things. The same unit on both sides gives the value back, also when it is not known.
        """
        if source == target:
            return value
        here, there = self.by_code.get(source), self.by_code.get(target)
        if here is None or there is None or here.dimension != there.dimension:
            return None
        return _DIVISION.divide(EXACT.multiply(value, here.factor), there.factor)


def read_units(toml_text: str, file: str) -> tuple[Units, list[Fault]]:
    """Read a table of units: ``[mass]``, ``KGM = "1"``, ``GRM = "0.001"``.

    Args:
        toml_text: one table for each dimension; factors are text, so that they stay exact.
        file: name of the file for faults.

    Returns:
        The sound units, and all faults.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        return Units(MappingProxyType({})), [Fault(file=file, code="units.unreadable", message=f"not TOML: {error}")]
    units: dict[str, Unit] = {}
    faults: list[Fault] = []
    for dimension, table in raw.items():
        if not isinstance(table, dict):
            faults.append(
                Fault(file=file, row=dimension, code="units.table", message="a dimension is a table of units")
            )
            continue
        for code, text in table.items():
            factor = parse_decimal(text) if isinstance(text, str) else None
            if factor is None or factor <= 0:
                message = "the factor is no positive decimal in quotes"
                faults.append(Fault(file=file, row=f"{dimension}.{code}", code="units.factor", message=message))
            elif code in units:
                message = f"the unit stands already under {units[code].dimension}"
                faults.append(Fault(file=file, row=f"{dimension}.{code}", code="units.duplicate", message=message))
            else:
                units[code] = Unit(code, dimension, factor)
    return Units(MappingProxyType(units)), faults
