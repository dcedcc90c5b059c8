"""Model groups of an XSD flattened: sequences and choices become one list of elements with their cardinality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import xmlschema

from gateway.formats.xsd_types import UnfitSchema


@dataclass(frozen=True, slots=True)
class Slot:
    """One element particle with its effective cardinality under one parent."""

    xsd: Any
    minimum: int
    maximum: int | None

    @property
    def name(self) -> str:
        """Expanded name."""
        name: str = self.xsd.name
        return name


@dataclass(frozen=True, slots=True)
class Choice:
    """Branches (expanded names) of which one parent holds one; ``required`` when one must be there."""

    branches: tuple[tuple[str, ...], ...]
    required: bool


def flatten(group: Any, *, optional: bool) -> tuple[list[Slot], list[Choice]]:
    """The element particles of a model group in order, and its choices.

    Args:
        group: a model group of xmlschema.
        optional: whether the group stands in something that may be left out.

    Raises:
        UnfitSchema: the group repeats as a whole, so that its order would be lost, or holds a wildcard.
    """
    optional = optional or group.min_occurs == 0
    particles = [particle for particle in group if particle.max_occurs != 0]
    if group.max_occurs != 1 and len(particles) > 1:
        raise UnfitSchema(
            "a group of several elements repeats as a whole, its order would be lost",
            "give each repetition an element of its own",
        )
    if group.model == "choice" and len(particles) > 1:
        return _flatten_choice(particles, optional=optional)
    slots: list[Slot] = []
    choices: list[Choice] = []
    for particle in particles:
        inner, groups = _particle(particle, optional=optional)
        if group.max_occurs != 1:
            inner = [_times(slot, group.max_occurs) for slot in inner]
        slots += inner
        choices += groups
    names = [slot.name for slot in slots]
    for name in names:
        if names.count(name) > 1:
            raise UnfitSchema(
                f"{name.rpartition('}')[2]} stands at two places of one parent", "let it stand once, with maxOccurs"
            )
    return slots, choices


def _particle(particle: Any, *, optional: bool) -> tuple[list[Slot], list[Choice]]:
    if isinstance(particle, xmlschema.XsdElement):
        return [Slot(particle, 0 if optional else particle.min_occurs, particle.max_occurs)], []
    if not hasattr(particle, "model"):
        raise UnfitSchema("a wildcard lets any element stand", "name the elements that may stand here")
    return flatten(particle, optional=optional)


def _times(slot: Slot, maximum: int | None) -> Slot:
    product = None if maximum is None or slot.maximum is None else maximum * slot.maximum
    return Slot(slot.xsd, slot.minimum, product)


def _flatten_choice(particles: list[Any], *, optional: bool) -> tuple[list[Slot], list[Choice]]:
    merged: dict[str, Slot] = {}
    branches: list[tuple[str, ...]] = []
    choices: list[Choice] = []
    emptiable = False
    for particle in particles:
        slots, groups = _particle(particle, optional=True)
        emptiable = emptiable or bool(particle.is_emptiable())
        choices += groups
        branches.append(tuple(slot.name for slot in slots))
        for slot in slots:
            merged[slot.name] = _wider(merged[slot.name], slot) if slot.name in merged else slot
    order = _merged_order(branches)
    return [merged[name] for name in order], [Choice(tuple(branches), not optional and not emptiable), *choices]


def _merged_order(branches: list[tuple[str, ...]]) -> list[str]:
    """One order of all names in which each branch keeps its own."""
    order: list[str] = []
    for branch in branches:
        following = len(order)
        for name in reversed(branch):
            if name not in order:
                order.insert(following, name)
            following = order.index(name)
    for branch in branches:
        places = [order.index(name) for name in branch]
        if places != sorted(places):
            raise UnfitSchema(
                "two branches of a choice hold the same elements in another order", "write them in one order"
            )
    return order


def _wider(one: Slot, other: Slot) -> Slot:
    maximum = None if one.maximum is None or other.maximum is None else max(one.maximum, other.maximum)
    return Slot(one.xsd, 0, maximum)
