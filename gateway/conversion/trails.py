"""What becomes of one leaf: its fate on the source side, its origin on the target side.

Trails and origins are made once, when a mapping is compiled; a conversion only notes which one applies to which leaf.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from gateway.conversion.model import LOSSES, Loss, worse

Fate = Literal["withheld", "mapped", "implied", "dropped", "unmapped"]
FATES: tuple[Fate, ...] = ("withheld", "mapped", "implied", "dropped", "unmapped")
"""In the order in which they apply: the first that applies to a leaf is its fate."""

OriginKind = Literal["row", "constant", "calculated", "total", "default"]
ORIGINS: tuple[OriginKind, ...] = ("row", "constant", "calculated", "total", "default")


@dataclass(frozen=True, eq=False)
class Trail:
    """One fate of a source leaf; told apart by identity, since millions of leaves share a few.

    Attributes:
        path: the leaf's qualified path where a row names it, empty to take the path it is found at.
        to: qualified paths that it went to.
        row: row id, ``loops.x`` or ``cases.x``; several joined by blanks.
        reason: why it was dropped or is implied; empty for what is plainly mapped.
    """

    fate: Fate
    loss: Loss = "none"
    path: str = ""
    to: tuple[str, ...] = ()
    row: str = ""
    reason: str = ""
    is_plain: bool = field(init=False, repr=False)
    """Mapped without loss: counted only, its place is not kept."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_plain", self.fate == "mapped" and self.loss == "none")


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a target leaf comes from; told apart by identity."""

    kind: OriginKind
    row: str = ""


UNMAPPED = Trail("unmapped")
EMPTY = Trail("implied", reason="an empty element says nothing")
POSITION = Trail("implied", reason="its place in the list says the same")
FIXED = Trail("implied", reason="the format fixes this value")


@lru_cache(maxsize=4096)
def joined(first: Trail, second: Trail) -> Trail:
    """One leaf that two rows name: both targets, and lossless if one of them carries it whole."""
    if first is second:
        return first
    if first.fate != second.fate:
        return first if FATES.index(first.fate) < FATES.index(second.fate) else second
    return Trail(
        first.fate,
        min(first.loss, second.loss, key=LOSSES.index),
        first.path or second.path,
        _union(first.to, second.to),
        " ".join(_union(first.row.split(), second.row.split())),
        first.reason or second.reason,
    )


@lru_cache(maxsize=4096)
def by_parts(parts: tuple[Trail | None, ...]) -> Trail:
    """One text made of parts: all targets, and the worst of the parts counts."""
    worst: Trail | None = None
    for part in parts:
        trail = part or UNMAPPED
        worst = trail if worst is None else _worse_part(worst, trail)
    return worst or UNMAPPED


def _worse_part(first: Trail, second: Trail) -> Trail:
    fate = max(first.fate, second.fate, key=FATES.index)
    return Trail(
        fate,
        worse(first.loss, second.loss),
        first.path or second.path,
        _union(first.to, second.to),
        " ".join(_union(first.row.split(), second.row.split())),
        first.reason or second.reason,
    )


def _union(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))
