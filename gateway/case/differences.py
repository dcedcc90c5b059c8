"""What differs between two versions of a declaration, place by place, in the order of the schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from gateway.case.anatomy import declaration_of, declared
from gateway.case.entries import numbers_of
from gateway.formats.places import pointer_of
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, entries, is_leaf, leaf_text

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One place that differs.

    Attributes:
        kind: what happened to it.
        path: with 1-based positions of the version before; an added entry stands at its position in the new one.
        pointer: the WCO one-line pointer, as far as the places have WCO ids.
        reason: ChangeReasonCode of the amendment that changed it, where one did.
        before, after: the content; a text for a leaf, a tree for a class, None where there was none. They are for the
            owner of the declaration only and never part of a finding.
    """

    kind: Kind
    path: str
    pointer: str = ""
    reason: str = ""
    before: Any = None
    after: Any = None

    def as_json(self, *, values: bool = False) -> dict[str, Any]:
        """The difference as a flat JSON object; with the content only when it is asked for."""
        shown: dict[str, Any] = {
            "kind": self.kind,
            "path": self.path,
            "pointer": self.pointer,
            "reason": self.reason,
        }
        return {**shown, "before": self.before, "after": self.after} if values else shown


def differences(structure: Structure, before: Tree, after: Tree) -> tuple[Difference, ...]:
    """All places in which two versions of a declaration differ.

    Args:
        structure: the format of both.
        before: a whole message; its envelope is not compared.
        after: the same, later.

    Raises:
        NoDeclaration: one of them holds no declaration.
    """
    root = declaration_of(structure)
    found = between(root, declared(structure, before), declared(structure, after), root.key)
    return tuple(pointed(structure, one) for one in found)


def pointed(structure: Structure, one: Difference, reason: str = "") -> Difference:
    """The difference with its pointer and reason."""
    return replace(one, pointer=pointer_of(structure, one.path), reason=reason)


def between(element: Element, before: Any, after: Any, path: str) -> Iterator[Difference]:
    """Differences of one place whose content is given; None where there is none.

    Args:
        element: of the place.
        before: its content.
        after: its content later.
        path: where it stands.
    """
    if before == after:
        return
    if before is None or after is None:
        kind: Kind = "added" if before is None else "removed"
        yield Difference(kind=kind, path=path, before=_shown(before), after=_shown(after))
    elif element.is_leaf:
        yield Difference(kind="changed", path=path, before=_shown(before), after=_shown(after))
    else:
        yield from _of_class(element, before, after, path)


def _of_class(element: Element, before: Tree, after: Tree, path: str) -> Iterator[Difference]:
    for attribute in element.attributes:
        key = f"@{attribute.name}"
        if before.get(key) != after.get(key):
            kind: Kind = "changed" if key in before and key in after else "added" if key in after else "removed"
            yield Difference(kind=kind, path=f"{path}{key}", before=before.get(key), after=after.get(key))
    for child in element.children:
        below = f"{path}/{child.key}"
        if not child.repeats:
            yield from between(child, before.get(child.key), after.get(child.key), below)
            continue
        old, new = entries(before, child.key), entries(after, child.key)
        for position, one, other in aligned(child, old, new):
            yield from between(child, one, other, f"{below}[{position}]")


def aligned(element: Element, old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[int, Any, Any]]:
    """Entries of a repeated element side by side: position, before, after; None where one is missing.

    By their own numbers where both sides carry such, by identity where entries were only taken out, else by position.
    """
    numbers = _side_by_side(element, old, new)
    if numbers is None:
        numbers = _taken_out(old, new)
    for position, one in enumerate(old, 1):
        at = numbers.get(position) if numbers is not None else position
        yield position, one, new[at - 1] if at is not None and at <= len(new) else None
    paired = set(numbers.values()) if numbers is not None else set(range(1, len(old) + 1))
    added = (at for at in range(1, len(new) + 1) if at not in paired)
    for position, at in enumerate(added, len(old) + 1):
        yield position, None, new[at - 1]


def _side_by_side(element: Element, old: Sequence[Any], new: Sequence[Any]) -> dict[int, int] | None:
    """New position by old position, by the entries' own numbers."""
    if element.is_leaf:
        return None
    ours, theirs = numbers_of(element, old), numbers_of(element, new)
    if ours is None or theirs is None:
        return None
    return {position: theirs[number] for number, position in ours.items() if number in theirs}


def _taken_out(old: Sequence[Any], new: Sequence[Any]) -> dict[int, int] | None:
    """New position by old position when all new entries are old ones in the same order, else None."""
    if len(new) >= len(old):
        return None
    kept: dict[int, int] = {}
    for position, entry in enumerate(old, 1):
        if len(kept) < len(new) and new[len(kept)] == entry:
            kept[position] = len(kept) + 1
    return kept if len(kept) == len(new) else None


def _shown(value: Any) -> Any:
    return leaf_text(value) if isinstance(value, dict) and set(value) == {"value"} and is_leaf(value) else value
