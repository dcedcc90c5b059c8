"""Pointers: sibling ``Pointer`` entries, one a level from the declaration down, that together name a place (wco 10).

Each level names a class by its code and, where the class may repeat, which occurrence under its parent: ``$n`` counts
from 1 in the order of the message. The last level may add the id of one data element. Both orders of a Pointer's
members are one message tree; a list may begin with 42A or with the first class below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.case.anatomy import (
    DECLARATION,
    class_of,
    classes_in_words,
    declaration_of,
    tag_of,
    tags_in_words,
    whole_number,
)
from gateway.errors import GatewayError
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, entries, leaf_text

_ONE_MORE = 1


class PointerUnresolved(GatewayError):
    """A pointer list names no place. ``level`` is the 1-based position of the Pointer at fault.

    Args:
        level: see above.
        expected: what could stand there.
    """

    code = "amend.pointer"

    def __init__(self, message: str, *, level: int, code: str, expected: str, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy or "take the place from the declaration that is changed", code=code)
        self.level = level
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Level:
    """One Pointer entry.

    Attributes:
        section: class code, empty where it is missing.
        number: which occurrence, 1-based; None where it is left out, 0 where it is no whole number above 0.
        tag: id of a data element, empty on all levels but the last.
    """

    section: str
    number: int | None
    tag: str


@dataclass(frozen=True, slots=True)
class Target:
    """The place that a pointer list names.

    Attributes:
        steps: from the declaration down: each class with its 1-based position under its parent.
        leaf: the data element, None where the pointer names the class as a whole.
        exists: whether the message holds the place.
    """

    steps: tuple[tuple[Element, int], ...]
    leaf: Element | None
    exists: bool

    @property
    def path(self) -> str:
        """In the path language: ``Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/SequenceNumeric``."""
        parts = [f"{one.key}[{position}]" if one.repeats else one.key for one, position in self.steps]
        return "/".join([*parts, *([self.leaf.key] if self.leaf is not None else [])])

    @property
    def pointer(self) -> str:
        """In the one-line form: ``42A.67A.68A.$2.006``."""
        parts = [part for one, position in self.steps for part in _in_line(one, position)]
        return ".".join([*parts, *([self.leaf.annotation.wco_id] if self.leaf is not None else [])])


def _in_line(element: Element, position: int) -> Iterator[str]:
    yield element.annotation.wco_id
    if element.repeats:
        yield f"${position}"


def levels_of(pointers: Sequence[Tree]) -> tuple[Level, ...]:
    """Read the ``Pointer`` entries of an Amendment, a statement, an Error or a Status."""
    return tuple(Level(_text(one, "DocumentSectionCode"), _number(one), _text(one, "TagID")) for one in pointers)


def _text(pointer: Tree, key: str) -> str:
    leaf = pointer.get(key)
    return leaf_text(leaf).strip() if leaf is not None else ""


def _number(pointer: Tree) -> int | None:
    leaf: Any = pointer.get("SequenceNumeric")
    if leaf is None or not leaf_text(leaf).strip():
        return None
    return max(whole_number(leaf) or 0, 0)


def lists_of(levels: Sequence[Level]) -> tuple[tuple[int, tuple[Level, ...]], ...]:
    """Cut the pointers of one entry into lists, each with the 0-based position of its first: 42A begins a new one."""
    if not levels:
        return ()
    starts = [0, *(at for at, level in enumerate(levels) if at and level.section == DECLARATION)]
    return tuple((start, tuple(levels[start:end])) for start, end in zip(starts, [*starts[1:], None], strict=True))


def resolve(structure: Structure, message: Tree, pointers: Sequence[Tree]) -> Target:
    """The place of a message that a list of ``Pointer`` entries names.

    Args:
        structure: the format of the message.
        message: the declaration.
        pointers: one list, as it stands under an Amendment, a statement, an Error or a Status.

    Raises:
        PointerUnresolved: the list names no place; a place one after the last entry of a class counts as a place.
        NoDeclaration: the format holds no declaration.
    """
    root = declaration_of(structure)
    content = entries(message[structure.root.key], root.key)
    return resolve_below(root, content[0] if content else {}, levels_of(pointers))


def resolve_below(root: Element, content: Tree, levels: Sequence[Level], most_new: int = _ONE_MORE) -> Target:
    """The same below the declaration.

    Args:
        root: class of the declaration.
        content: of the declaration.
        levels: of one list.
        most_new: how many entries beyond those that a class holds may be named.

    Raises:
        PointerUnresolved: see `resolve`.
    """
    if not levels:
        raise PointerUnresolved(
            "no pointer says which place is meant", level=0, code="amend.pointer-missing", expected="a list of Pointer"
        )
    steps: list[tuple[Element, int]] = [(root, 1)]
    here: Tree | None = content
    leaf: Element | None = None
    begin = 1 if levels[0].section == DECLARATION else 0
    if begin and (levels[0].number or 1) != 1:
        raise _no_such_number(root, 1, 1, 0)
    for at, level in enumerate(levels, 1):
        if at > begin:
            element = _step(steps[-1][0], level, at)
            found = entries(here, element.key) if here is not None else []
            position = _position(element, level, at, len(found), most_new)
            here = found[position - 1] if position <= len(found) else None
            steps.append((element, position))
        if level.tag:
            leaf = _leaf(steps[-1][0], level, at, last=at == len(levels))
    exists = here is not None and (leaf is None or leaf.key in here)
    return Target(tuple(steps), leaf, exists)


def _step(parent: Element, level: Level, at: int) -> Element:
    if not level.section:
        raise PointerUnresolved(
            f"level {at} of the pointer names no class",
            level=at,
            code="amend.pointer-section",
            expected=f"DocumentSectionCode: one of {classes_in_words(parent)}",
        )
    found = class_of(parent, level.section)
    if found is None:
        raise PointerUnresolved(
            f"level {at} of the pointer names a class that does not exist under {parent.key}",
            level=at,
            code="amend.pointer-section",
            expected=f"one of {classes_in_words(parent)}",
        )
    return found


def _position(element: Element, level: Level, at: int, count: int, most_new: int) -> int:
    if level.number is None:
        if count > 1:
            raise PointerUnresolved(
                f"level {at} of the pointer does not say which {element.key} is meant",
                level=at,
                code="amend.pointer-unclear",
                expected=f"SequenceNumeric 1 to {count}",
            )
        return 1
    most = count + most_new if element.repeats else 1
    if not 1 <= level.number <= most:
        raise _no_such_number(element, at, most, most_new if element.repeats else 0)
    return level.number


def _no_such_number(element: Element, at: int, most: int, most_new: int) -> PointerUnresolved:
    new = f"; {most} for a new one" if most_new == _ONE_MORE else ""
    return PointerUnresolved(
        f"level {at} of the pointer counts to a {element.key} that is not there",
        level=at,
        code="amend.pointer-number",
        expected=f"SequenceNumeric from 1 to {most}{new}" if most > 1 else f"SequenceNumeric 1 or none{new}",
    )


def _leaf(parent: Element, level: Level, at: int, *, last: bool) -> Element:
    if not last:
        raise PointerUnresolved(
            f"level {at} of the pointer has a TagID, and is not the last",
            level=at,
            code="amend.pointer-tag",
            expected="a TagID on the last level only",
        )
    found = tag_of(parent, level.tag)
    if found is None:
        raise PointerUnresolved(
            f"level {at} of the pointer names a data element that does not exist in {parent.key}",
            level=at,
            code="amend.pointer-tag",
            expected=f"one of {tags_in_words(parent)}",
        )
    return found
