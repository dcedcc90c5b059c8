"""What a mapping knows of source leaves that no row carries: what is said again elsewhere, what is dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.conversion.conditions import Always, And, Condition, Equals, Never
from gateway.conversion.model import CaseTerm, Row
from gateway.conversion.notation.mentions import argument_paths
from gateway.conversion.places import Place, UnknownPlace
from gateway.conversion.rowing import is_static_drop
from gateway.conversion.run import NATIONAL
from gateway.conversion.shapes import Known
from gateway.conversion.sides import SIDES, Sides
from gateway.conversion.trails import Trail
from gateway.errors import GatewayError
from gateway.formats.paths import Path

GIVEN_BACK = "the way back gives this value"


def known_leaves(sides: Sides, source: int, defaults: Mapping[str, str]) -> Known:
    """What the table knows about the side that is read.

    Args:
        sides: what both directions share.
        source: side that is read.
        defaults: texts that its format head fixes, by path.
    """
    told: dict[str, dict[str, Trail]] = {}
    drops: dict[str, Trail] = {}
    rowed: set[str] = set()
    for row in sides.table.rows:
        places = _places(sides, row, source)
        _tell_braces(places, row.id, told)
        own = row.path(SIDES[source])
        if row.verb != "drop":
            rowed.update(place.general for place in places)
        elif own is not None and places and is_static_drop(row, own, sides.table) and _reads(row, source):
            general = sides.place(own, source, "open").general
            drops[general] = Trail("dropped", row=row.id, reason=row.why)
    for loop in sides.table.loops.values():
        _tell_braces(
            [sides.loop_place(loop, source)] if _is_known(sides, loop.name, source) else [], f"loops.{loop.name}", told
        )
    _tell_cases(sides, source, told)
    return Known(told=told, drops=drops, rowed=frozenset(rowed), defaults=dict(defaults))


def _reads(row: Row, source: int) -> bool:
    return row.acts("to-wco" if source == NATIONAL else "from-wco")


def _is_known(sides: Sides, name: str, source: int) -> bool:
    try:
        sides.loop_place(sides.table.loops[name], source)
    except GatewayError:
        return False
    return True


def _places(sides: Sides, row: Row, source: int) -> list[Place]:
    """All places of the side that a row names; those that are not there are the row's own fault."""
    own = row.path(SIDES[source])
    found: list[Place] = []
    for path in [*([own] if own is not None else []), *argument_paths(row.argument)]:
        try:
            found.append(sides.place(path, source, "open"))
        except UnknownPlace:
            continue
    return found


def _tell_braces(places: Iterable[Place], row: str, told: dict[str, dict[str, Trail]]) -> None:
    """What stands in braces is written again on the way back."""
    for place in places:
        for at, step in enumerate(place.steps):
            if step.qualifier is None:
                continue
            entry = "/".join(inner.element.key for inner in place.steps[: at + 1])
            key = step.qualifier.key
            path = f"{entry}{key}" if key.startswith("@") else f"{entry}/{key}"
            told.setdefault(path, {}).setdefault(step.qualifier.value, Trail("implied", row=row, reason=GIVEN_BACK))


def _tell_cases(sides: Sides, source: int, told: dict[str, dict[str, Trail]]) -> None:
    """A case of one literal whose far side can be told from the other message says its leaf again."""
    for name in _used_cases(sides):
        case = sides.table.cases[name]
        near, far = (case.national, case.wco) if source == NATIONAL else (case.wco, case.national)
        if isinstance(far, Always | Never):
            continue
        for path, value in _literals(near):
            try:
                general = sides.place(path, source, "open").general
            except UnknownPlace:
                continue
            trail = Trail("implied", row=f"cases.{name}", reason=GIVEN_BACK)
            told.setdefault(general, {}).setdefault(value, trail)


def _used_cases(sides: Sides) -> list[str]:
    terms = [term for row in sides.table.rows for term in row.case]
    terms += [loop.only for loop in sides.table.loops.values() if isinstance(loop.only, CaseTerm)]
    return list(dict.fromkeys(term.name for term in terms if not term.negated))


def _literals(condition: Condition) -> list[tuple[Path, str]]:
    if isinstance(condition, And):
        return [literal for part in condition.parts for literal in _literals(part)]
    if isinstance(condition, Equals) and len(condition.values) == 1:
        return [(condition.path, condition.values[0])]
    return []
