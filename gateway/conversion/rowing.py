"""Compiling one row for one direction: which actions it takes, in which loop, and when.

A row that works in this direction carries, derives or drops; a one-way row of the other direction is done again on what
was just written and compared (the echo).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from gateway.conversion.arguments import (
    CalculateArgument,
    ChunksArgument,
    CodeArgument,
    ConstantArgument,
    DateArgument,
    FitArgument,
    MeasureArgument,
    NumberArgument,
    TotalArgument,
)
from gateway.conversion.carrying import Action, conflict_of, convert_action, copy_action, date_action, trails_of
from gateway.conversion.coding import (
    code_from_text,
    code_keeping_text,
    list_id_checked,
    measure_back_action,
    measure_forward_action,
)
from gateway.conversion.deriving import (
    Value,
    calculate_action,
    constant_checking,
    constant_writing,
    drop_action,
    formula_value,
    number_of,
    sum_of,
    total_checking,
    total_value,
    total_writing,
)
from gateway.conversion.ends import EchoTarget, Source, Target, just_written, source_end, target_end
from gateway.conversion.model import Row, letters_of
from gateway.conversion.notation.table import argument_paths
from gateway.conversion.places import Place, Strictness
from gateway.conversion.run import NATIONAL, WCO
from gateway.conversion.sides import SIDES, Sides
from gateway.conversion.stretching import (
    Overflow,
    Stretching,
    chunks_back,
    chunks_forward,
    fit_back,
    fit_forward,
    room_of,
)
from gateway.conversion.trails import Origin, Trail
from gateway.conversion.verbs.codes import code_back, code_forward
from gateway.conversion.verbs.dates import date_back, date_forward
from gateway.conversion.verbs.numbers import measure_back, measure_forward, number_back, number_forward
from gateway.formats.paths import Path

__all__ = [
    "CalculateArgument",
    "ChunksArgument",
    "CodeArgument",
]
