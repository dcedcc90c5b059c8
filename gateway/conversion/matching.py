"""Telling the entries of one list apart: braces, and what braces claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from gateway.conversion.places import Place, PlaceStep, qualified_leaf
from gateway.formats.paths import Qualifier
from gateway.formats.structure import Element

Matcher: TypeAlias = Callable[[Any], bool]


def is_blank(text: str | None) -> bool:
    """Whether a text counts as absent: missing, empty or blanks only."""
    return not text or text.isspace()


def holds_nothing(entry: Any) -> bool:
    """Whether an entry holds no text at all; such an entry is no entry."""
    if isinstance(entry, str):
        return is_blank(entry)
    if isinstance(entry, list):
        return all(holds_nothing(each) for each in entry)
    return all(holds_nothing(value) for value in entry.values())


def same_text(text: str, wanted: str) -> bool:
    """Equal as text, or as whole numbers (``02`` is ``2``)."""
    if text == wanted:
        return True
    return text.isdecimal() and wanted.isdecimal() and int(text) == int(wanted)


def matcher(element: Element, qualifier: Qualifier) -> Matcher:
    """Whether an entry of ``element`` is the one that braces mean."""
    chain, attribute = qualified_leaf(element, qualifier)
    wanted = qualifier.value
    if attribute is not None:
        key = f"@{attribute.name}"
        return lambda entry: isinstance(entry, dict) and entry.get(key) == wanted
    keys = tuple(child.key for child in chain)

    def matches(entry: Any) -> bool:
        here = entry
        for key in keys:
            if isinstance(here, list):
                here = here[0] if here else None
            if not isinstance(here, dict):
                return False
            here = here.get(key)
        if isinstance(here, list):
            here = here[0] if here else None
        text = here.get("value") if isinstance(here, dict) else here
        return isinstance(text, str) and same_text(text, wanted)

    return matches


class Claims:
    """Which entries of which lists belong to braces; loops and ``[one]`` over the same list do not see them."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._found: dict[str, dict[Qualifier, Element]] = {}
        for place in places:
            for at, step in enumerate(place.steps):
                if step.qualifier is not None:
                    self._found.setdefault(list_name(place, at), {})[step.qualifier] = step.element

    def unclaimed(self, place: Place, at: int) -> Matcher | None:
        """What an entry must satisfy not to belong to braces; None when nothing is claimed in this list."""
        claimed = [
            matcher(element, qualifier) for qualifier, element in self._found.get(list_name(place, at), {}).items()
        ]
        if not claimed:
            return None
        return lambda entry: not any(matches(entry) for matches in claimed)


def list_name(place: Place, at: int) -> str:
    """The list that one step chooses from: the path with the braces of the steps before, not its own."""
    above = place.prefix(at)
    key = place.steps[at].element.key
    return f"{above}/{key}" if above else key


def step_matcher(place: Place, at: int, claims: Claims) -> Matcher | None:
    """What an entry must satisfy to be chosen by a step; None when every entry is."""
    step: PlaceStep = place.steps[at]
    if step.qualifier is not None:
        return matcher(step.element, step.qualifier)
    return claims.unclaimed(place, at)
