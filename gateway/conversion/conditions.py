"""Conditions of cases: the closed set of the notation, as values.

A path in a condition belongs to the side (national or WCO) that the condition stands on. `notation.conditions` reads
them, `tests` compiles them, the static check compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from gateway.formats.paths import Path


@dataclass(frozen=True, slots=True)
class Always:
    """``always``."""


@dataclass(frozen=True, slots=True)
class Never:
    """``never``: this side never sends a message down this way."""


@dataclass(frozen=True, slots=True)
class Equals:
    """``PATH = value`` (one value) or ``PATH in A B C``; compared by the schema's type."""

    path: Path
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InList:
    """``PATH in list NAME``: the code is in the list, in the column of this side."""

    path: Path
    code_list: str


@dataclass(frozen=True, slots=True)
class Present:
    """``PATH present``; blank counts as absent. ``PATH absent`` is ``Not(Present(PATH))``."""

    path: Path


@dataclass(frozen=True, slots=True)
class Satisfies:
    """``PATH is SCHEME``: a registered identifier scheme accepts the text."""

    path: Path
    scheme: str


@dataclass(frozen=True, slots=True)
class Fits:
    """``PATH fits TEMPLATE``."""

    path: Path
    template: str


@dataclass(frozen=True, slots=True)
class FormatIn:
    """``format in A B``: decided once, when the mapping is compiled for one release of the national form."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``not CONDITION``."""

    part: Condition


@dataclass(frozen=True, slots=True)
class And:
    """``A and B``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """``A or B``."""

    parts: tuple[Condition, ...]


Condition: TypeAlias = Always | Never | Equals | InList | Present | Satisfies | Fits | FormatIn | Not | And | Or
