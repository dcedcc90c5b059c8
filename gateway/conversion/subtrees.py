"""Everything below a place: what a ``drop`` with a case or braces means."""

from __future__ import annotations

from typing import Any

from gateway.conversion.matching import Matcher


def ends_of(node: Any, moves: list[tuple[str, Matcher | None]]) -> list[tuple[Any, str | int]]:
    """Where the last of some steps stands, as holder and key."""
    if isinstance(node, tuple):
        return [node]
    ends: list[Any] = [([node], 0)]
    for key, matches in moves:
        below: list[Any] = []
        for holder, place in ends:
            here = holder[place]
            found = here.get(key) if isinstance(here, dict) else None
            if found is None:
                continue
            spots: list[Any] = [(found, at) for at in range(len(found))] if isinstance(found, list) else [(here, key)]
            below += [spot for spot in spots if matches is None or matches(spot[0][spot[1]])]
        ends = below
    return ends


def leaves_of(holder: Any, key: Any) -> list[tuple[Any, str | int]]:
    """Every leaf at or below a member of a holder."""
    value = holder[key]
    if isinstance(value, str):
        return [(holder, key)]
    places = range(len(value)) if isinstance(value, list) else list(value)
    return [leaf for each in places for leaf in leaves_of(value, each)]
