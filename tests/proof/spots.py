"""The places of a message tree, walked beside what the schema says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.formats.structure import Element
from gateway.formats.tree import Tree, leaf_text
from tests.proof.subjects import Subject, step
from tests.proof.values import Change, Leaf


@dataclass(frozen=True, slots=True)
class Spot:
    """One value of a message tree.

    Attributes:
        holder, key: where it is held; the key is a number inside a list.
        element: what the schema says of it.
        path, pointer: its place; of a list without position.
        is_list: all occurrences of a repeated element together.
    """

    holder: Any
    key: Any
    element: Element
    path: str
    pointer: str
    is_list: bool = False

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    def put(self, value: Any) -> None:
        self.holder[self.key] = value

    @property
    def leaf(self) -> Leaf:
        held = self.value
        attributes = (
            {name[1:]: text for name, text in held.items() if name != "value"} if isinstance(held, dict) else {}
        )
        return Leaf(self.element, leaf_text(held), attributes)

    def change(self, change: Change) -> None:
        """Carry out a damage to a value."""
        if change.attribute:
            self.value[f"@{change.attribute}"] = change.text
        elif isinstance(self.value, dict):
            self.value["value"] = change.text
        else:
            self.put(change.text)


def spots(subject: Subject) -> list[Spot]:
    """All values of a subject's tree, lists and entries of lists apart."""
    root = subject.form.structure.root
    top = Spot(subject.tree, root.key, root, "", f"/{root.key}")
    return [top, *_below(root, subject.tree[root.key], "", top.pointer)]


def _below(element: Element, content: Tree, path: str, pointer: str) -> Iterator[Spot]:
    for child in element.children:
        if child.key not in content:
            continue
        here = f"{path}/{child.key}".lstrip("/")
        there = f"{pointer}/{child.key}"
        if not child.repeats:
            yield from _entry(Spot(content, child.key, child, here, there))
            continue
        yield Spot(content, child.key, child, here, there, is_list=True)
        for index in range(len(content[child.key])):
            numbered = f"{path}/{step(child, index + 1)}".lstrip("/")
            yield from _entry(Spot(content[child.key], index, child, numbered, f"{there}/{index}"))


def _entry(spot: Spot) -> Iterator[Spot]:
    yield spot
    if not spot.element.is_leaf:
        yield from _below(spot.element, spot.value, spot.path, spot.pointer)
