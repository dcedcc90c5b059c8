"""What a place allows beyond its length: values, patterns, numbers. A row that carries text refuses the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gateway.conversion.run import Problem
from gateway.formats.generation.facets import admits
from gateway.formats.structure import SimpleType

Allows: TypeAlias = Callable[[str], bool]

NOT_ALLOWED = Problem(
    "map.not-allowed", "the text is none that its place in the other form allows", "correct the text at its source"
)


def allows_of(target: SimpleType | None, source: SimpleType | None = None) -> Allows | None:
    """Whether a text may stand at a place, beyond its length; None where every text of the source may.

    Args:
        target: type of the place that is written.
        source: type of the place that is read, where one text comes from one place as it stands.
    """
    if target is None or _takes_any_text(target) or (source is not None and _is_within(source, target)):
        return None
    if target.base == "string":
        return lambda text: admits(target, text)
    # every other base collapses blanks before its facets apply
    return lambda text: admits(target, " ".join(text.split()))


def _takes_any_text(kind: SimpleType) -> bool:
    """A text that is carried is never blank, so a shortest length of one asks nothing."""
    return _is_text(kind) and not kind.patterns and not kind.enumeration and kind.min_length <= 1


def _is_text(kind: SimpleType) -> bool:
    return kind.base in ("string", "token")


def _is_within(source: SimpleType, target: SimpleType) -> bool:
    """Whether each value of the one type is one of the other, as far as that is plain; length aside."""
    if source.enumeration:
        return all(admits(target, value) for value in source.enumeration)
    same_shape = set(target.patterns) <= set(source.patterns) and target.min_length <= max(1, source.min_length)
    return _is_text(source) and _is_text(target) and not target.enumeration and same_shape
