"""Pointers of a generated message: each list of them leads to a place that the message holds (wco 10).

A place is a list of sibling pointers, one for each level from the root class down. Class and attribute ids of the
data model say what is what, so that the pointers of every package and profile are filled alike.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.formats.structure import Element
from gateway.formats.tree import Tree, entries

_POINTER = "97A"
_NUMBER, _SECTION, _TAG = "006", "375", "381"
_DECLARATION = "42A"
_CLASS = re.compile(r"[0-9]{2}[A-Z]")
_SHARE_OF_TAGS = 0.6


@dataclass(frozen=True, slots=True)
class _Target:
    """A place: class code and position of each level, and the attributes that stand in the last."""

    levels: tuple[tuple[str, int], ...]
    tags: tuple[str, ...]


def fill_pointers(root: Element, content: Tree, stream: random.Random) -> None:
    """Let every list of pointers lead to a place of its own message.

    Args:
        root: the document element.
        content: its content; lists of pointers are replaced.
        stream: source of chance.
    """
    holders = list(_holders(root, content))
    if not holders:
        return
    targets = list(_targets(root, content, ()))
    for pointer, holder in holders:
        if targets:
            holder[pointer.key] = _levels(stream.choice(targets), pointer, stream)


def _holders(element: Element, tree: Tree) -> Iterator[tuple[Element, Tree]]:
    """The entries that hold pointers, with the class of these."""
    for child in element.children:
        if child.is_leaf or child.key not in tree:
            continue
        if child.annotation.wco_id == _POINTER:
            if child.maximum is None and _key_of(child, _SECTION):
                yield child, tree
            continue
        for entry in entries(tree, child.key):
            yield from _holders(child, entry)


def _targets(element: Element, tree: Tree, above: tuple[tuple[str, int], ...]) -> Iterator[_Target]:
    """Every class of the message that can be pointed at; a declaration within a response begins a list anew."""
    for child in element.children:
        code = child.annotation.wco_id
        if child.is_leaf or child.key not in tree or code == _POINTER or not _CLASS.fullmatch(code):
            continue
        for number, entry in enumerate(entries(tree, child.key), 1):
            levels = ((code, number),) if code == _DECLARATION else (*above, (code, number))
            held = (one.annotation.wco_id for one in child.children if one.key in entry)
            yield _Target(levels, tuple(tag for tag in held if tag and not _CLASS.fullmatch(tag)))
            yield from _targets(child, entry, levels)


def _levels(target: _Target, pointer: Element, stream: random.Random) -> list[Tree]:
    """The pointers of one place, the attribute on the last of them."""
    number, section, tag = (_key_of(pointer, code) for code in (_NUMBER, _SECTION, _TAG))
    pointers: list[Tree] = []
    for code, position in target.levels:
        pointers.append(({number: str(position)} if number else {}) | {section: code})
    if tag and target.tags and stream.random() < _SHARE_OF_TAGS:
        pointers[-1][tag] = stream.choice(target.tags)
    return pointers


def _key_of(pointer: Element, code: str) -> str:
    return next((child.key for child in pointer.children if child.annotation.wco_id == code), "")
