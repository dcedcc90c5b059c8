"""Which entry of an amendment stands for which entry of the declaration, in a class that repeats.

``$n`` of a pointer is a position in the declaration as it was before the amendment. The amendment holds only the
entries that change, so positions in it say nothing. Two ways, by what the class is:

* Entries that carry a SequenceNumeric of their own: an entry with the number of a declared one stands for that one;
  all others, in their order, for the new positions.
* Entries without number: those that repeat a declared entry unchanged are context; the others, in their order, stand
  for the positions that pointers name, in ascending order. None at all: each one named as a whole is removed. An empty
  one beside others stands for nothing, so that a removal can stand beside a change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.case.anatomy import number_element, own_number
from gateway.formats.structure import Element
from gateway.formats.tree import Tree

Given = tuple[int, Tree]
"""An entry of the amendment with its 1-based position there."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What stands for what.

    Attributes:
        named: the amendment's entry for each position that a pointer names; None where it holds none.
        context: entries of the amendment for positions that no pointer names.
        strays: entries that stand for nothing.
        unclear: whether numbers of entries and pointers do not agree, so that nothing can be said.
    """

    named: Mapping[int, Given | None]
    context: tuple[tuple[int, Given], ...] = ()
    strays: tuple[Given, ...] = ()
    unclear: bool = False


def pair(element: Element, declared: Sequence[Tree], given: Sequence[Given], positions: Sequence[int]) -> Pairing:
    """Pair the entries of one class under one parent.

    Args:
        element: the class.
        declared: entries of the declaration.
        given: entries of the amendment.
        positions: that pointers name, ascending.
    """
    numbers = numbers_of(element, declared)
    if numbers is not None and numbers_of(element, [entry for _, entry in given]) is not None:
        return _by_number(element, numbers, given, positions)
    return _by_order(declared, given, positions)


def numbers_of(element: Element, listed: Sequence[Tree]) -> dict[int, int] | None:
    """Position of each entry by its own number; None where entries carry none, or one twice."""
    counted = number_element(element)
    if counted is None:
        return None
    numbers: dict[int, int] = {}
    for position, entry in enumerate(listed, 1):
        number = own_number(entry, counted)
        if number is None or number in numbers:
            return None
        numbers[number] = position
    return numbers


def _by_number(
    element: Element, numbers: Mapping[int, int], given: Sequence[Given], positions: Sequence[int]
) -> Pairing:
    counted = number_element(element)
    named: dict[int, Given | None] = dict.fromkeys(positions)
    new_positions = [position for position in positions if position > len(numbers)]
    context: list[tuple[int, Given]] = []
    strays: list[Given] = []
    for at, entry in given:
        number = own_number(entry, counted) if counted is not None else None
        position = numbers.get(number) if number is not None else None
        if position is None and new_positions:
            position = new_positions.pop(0)
        if position is None:
            strays.append((at, entry))
        elif position in named:
            named[position] = (at, entry)
        else:
            context.append((position, (at, entry)))
    return Pairing(named, tuple(context), tuple(strays))


def _by_order(declared: Sequence[Tree], given: Sequence[Given], positions: Sequence[int]) -> Pairing:
    named: dict[int, Given | None] = dict.fromkeys(positions)
    changing = list(given)
    context: list[tuple[int, Given]] = []
    unnamed = [position for position in range(1, len(declared) + 1) if position not in named]
    for at, entry in given if len(given) > len(positions) else ():
        same = next((position for position in unnamed if declared[position - 1] == entry), None)
        if same is not None and len(changing) > len(positions):
            unnamed.remove(same)
            changing.remove((at, entry))
            context.append((same, (at, entry)))
    if len(changing) == len(positions):
        named = {
            position: (None if not one[1] and len(changing) > 1 else one)
            for position, one in zip(positions, changing, strict=True)
        }
        return Pairing(named, tuple(context))
    if not changing:
        return Pairing(named, tuple(context))
    return Pairing(named, tuple(context), tuple(changing), unclear=bool(positions))
