"""What a single damage is, and what is asked of the verdict on it."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.findings import Finding, Severity
from gateway.formats.locations import located
from gateway.validation.verdict import Verdict
from tests.proof.subjects import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One damaged message.

    Attributes:
        data: the bytes.
        places: paths, one of which the first finding has to name.
        pointers: JSON Pointers, one of which it has to name; empty asks nothing.
        lines: lines, one of which it has to name; empty asks nothing.
        severity: how the first finding has to weigh; a warning is looked for among the new findings only.
    """

    data: bytes
    places: frozenset[str] = frozenset()
    pointers: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()
    severity: Severity = Severity.ERROR


Maker: TypeAlias = Callable[[Subject, random.Random], "Damage | None"]
"""Damages a copy of a subject at a random place, None where it has no place for this kind."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a damage: found at all, and the first finding at the right place."""

    found: bool
    right: bool
    first: Finding | None


def outcome(damage: Damage, before: Verdict, after: Verdict) -> Outcome:
    """Compare the verdict on a damaged message with what is asked.

    Args:
        damage: what was done.
        before: verdict on the message before; its warnings are not new.
        after: verdict on the damaged message.
    """
    if damage.severity is Severity.ERROR:
        new = [one for one in after.findings if one.severity is Severity.ERROR]
        found = bool(new) and not after.valid
    else:
        known = {(one.code, one.path) for one in before.findings}
        new = [one for one in after.findings if (one.code, one.path) not in known]
        found = any(one.severity is damage.severity for one in new)
    if not new:
        return Outcome(found=False, right=False, first=None)
    structure = after.found.structure if after.found is not None else None
    first = located(new[:1], structure)[0]
    right = (
        _is_asked(_plain(first.path), {_plain(place) for place in damage.places})
        and _is_asked(first.json_pointer, damage.pointers)
        and (first.line is None or _is_asked(first.line, damage.lines))
    )
    return Outcome(found=found, right=found and right, first=first)


def _is_asked(told: Any, asked: Collection[Any]) -> bool:
    return not asked or told in asked


def _plain(path: str) -> str:
    """The parser knows no schema and writes no position for a first one."""
    return path.replace("[1]", "")
