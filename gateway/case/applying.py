"""Apply an amendment to the declaration that it changes (wco 10).

A place that a pointer names takes the content that the amendment holds there; where it holds none, the place is
removed. Positions count in the declaration as it was before, so the order of the Amendments does not matter and an
entry that is removed moves no other. What the amendment holds beside the places it names is context and must say what
the declaration says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gateway.case.anatomy import DECLARATION, STATEMENT, is_class, number_element
from gateway.case.context import foreign_parts
from gateway.case.differences import Difference, between, pointed
from gateway.case.entries import Given, Pairing, pair
from gateway.case.request import NEVER_CHANGED, OF_ITSELF, Change, Request
from gateway.case.saying import about
from gateway.findings import Finding
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, entries

Paths: TypeAlias = tuple[str, str]
"""A place in the declaration and the same place in the amendment, whose positions may differ."""


@dataclass(slots=True)
class Plan:
    """What changes at one class: the class as a whole, some of its data elements, or something below."""

    whole: Change | None = None
    leaves: dict[str, Change] = field(default_factory=dict)
    below: dict[str, dict[int, Plan]] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        """Take in one change, from the declaration down."""
        here = self
        for element, position in change.target.steps[1:]:
            here = here.below.setdefault(element.key, {}).setdefault(position, Plan())
        if change.target.leaf is not None:
            here.leaves[change.target.leaf.key] = change
        else:
            here.whole = change

    def first(self) -> Change:
        """Some change of this plan, to say which Amendment is at fault."""
        for one in (self.whole, *self.leaves.values()):
            if one is not None:
                return one
        return next(iter(next(iter(self.below.values())).values())).first()


@dataclass(slots=True)
class Applying:
    """One amendment being applied.

    Args:
        structure: the format of the declaration.
        request: what is asked for.
    """

    structure: Structure
    request: Request
    findings: list[Finding] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    def say(self, code: str, path: str, message: str, expected: str = "", remedy: str = "") -> None:
        """Note what is wrong."""
        self.findings.append(about(self.structure, code, path, message, expected=expected, remedy=remedy))

    def to_declaration(self, root: Element, old: Tree) -> Tree:
        """The content of the declaration after all changes."""
        plan = Plan()
        for change in self.request.changes:
            plan.add(change)
        given = {key: value for key, value in self.request.content.items() if not self._is_of_message(root, key, plan)}
        if plan.whole is None:
            return self._parts(plan, root, old, given, (root.key, root.key))
        kept = {key: value for key, value in old.items() if self._is_never_changed(root, key)}
        new = {**kept, **given}
        statements = root.by_key.get(_statements(root))
        if statements is not None and statements.key in given:
            left = [one for _, one in self._given(root, statements, given)]
            new = {**new, statements.key: left} if left else {k: v for k, v in new.items() if k != statements.key}
        self._note(root, old, new, root.key, plan.whole)
        return new

    def _is_never_changed(self, root: Element, key: str) -> bool:
        child = root.by_key.get(key)
        return child is not None and (child.annotation.wco_id in NEVER_CHANGED or child.annotation.wco_id == "06A")

    def _is_of_message(self, root: Element, key: str, plan: Plan) -> bool:
        child = root.by_key.get(key)
        if child is None:
            return False
        itself = child.annotation.wco_id in OF_ITSELF and plan.whole is None
        return self._is_never_changed(root, key) or (itself and key not in plan.leaves and key not in plan.below)

    def _class(self, plan: Plan, element: Element, old: Tree | None, content: Tree | None, paths: Paths) -> Tree | None:
        """The content of a class after the changes of its plan; None where nothing is left of it."""
        path = paths[0]
        if plan.whole is None:
            return self._parts(plan, element, old, content, paths)
        if old is None and content is None:
            self._nothing_there(plan.whole, path)
        elif old == content:
            self._no_change(plan.whole, path)
        else:
            self._note(element, old, content, path, plan.whole)
        return content

    def _parts(self, plan: Plan, element: Element, old: Tree | None, given: Tree | None, paths: Paths) -> Tree:
        path, spot = paths
        new = dict(old) if old is not None else self._beginning(element, given)
        for key, change in plan.leaves.items():
            self._leaf(change, element.by_key[key], new, given, path)
        for key, plans in plan.below.items():
            child = element.by_key[key]
            below = (f"{path}/{key}", f"{spot}/{key}")
            if child.repeats:
                listed = self._list(plans, child, new, self._given(element, child, given or {}), below)
            else:
                held = self._class(plans[1], child, new.get(key), (given or {}).get(key), below)
                listed = [] if held is None else [held]
            if listed:
                new[key] = listed if child.repeats else listed[0]
            else:
                new.pop(key, None)
        self._context(plan, element, old, given, spot)
        return new

    def _beginning(self, element: Element, given: Tree | None) -> Tree:
        """A new entry begins with the number that it carries itself."""
        counted = number_element(element)
        return {counted.key: given[counted.key]} if counted is not None and given and counted.key in given else {}

    def _leaf(self, change: Change, leaf: Element, new: Tree, given: Tree | None, path: str) -> None:
        place = f"{path}/{leaf.key}"
        before, after = new.get(leaf.key), (given or {}).get(leaf.key)
        if before is None and after is None:
            self._nothing_there(change, place)
        elif before == after:
            self._no_change(change, place)
        else:
            self._note_all(leaf, before, after, place, change)
        if after is None:
            new.pop(leaf.key, None)
        else:
            new[leaf.key] = after

    def _list(
        self, plans: dict[int, Plan], element: Element, new: Tree, given: Sequence[Given], paths: Paths
    ) -> list[Tree]:
        old: list[Tree] = entries(new, element.key)
        positions = sorted(plans)
        path, spot = paths
        expected = len(old) + 1
        for position in positions:
            if position > expected:
                self._gap(plans[position].first(), element, expected)
                return old
            expected = max(expected, position + 1)
        pairing = pair(element, old, given, positions)
        self._strays(pairing, element, spot)
        result: list[Tree | None] = [*old, *([None] * (expected - 1 - len(old)))]
        for position in positions:
            at, content = pairing.named[position] or (position, None)
            places = (f"{path}[{position}]", f"{spot}[{at}]")
            result[position - 1] = self._class(plans[position], element, result[position - 1], content, places)
        for position, one in pairing.context:
            self._compare(element, old[position - 1], one[1], f"{spot}[{one[0]}]")
        return [one for one in result if one is not None]

    def _given(self, parent: Element, element: Element, given: Tree) -> list[Given]:
        """Entries of the amendment with their positions there, without statements that explain it."""
        listed = list(enumerate(entries(given, element.key), 1))
        if parent.annotation.wco_id != DECLARATION or element.annotation.wco_id != STATEMENT:
            return listed
        return [one for one in listed if one[0] not in self.request.explaining]

    def _context(self, plan: Plan, element: Element, old: Tree | None, given: Tree | None, spot: str) -> None:
        """Parts of the amendment that no pointer names must say what the declaration says."""
        counted = number_element(element)
        for key, value in (given or {}).items():
            child = element.by_key.get(key)
            named = key in plan.leaves or key in plan.below or (counted is not None and key == counted.key)
            if named or child is None:
                continue
            if child.repeats and is_class(child):
                held = entries(old or {}, key)
                pairing = pair(child, held, self._given(element, child, given or {}), ())
                self._strays(pairing, child, f"{spot}/{key}")
                for position, one in pairing.context:
                    self._compare(child, held[position - 1], one[1], f"{spot}/{key}[{one[0]}]")
            else:
                self._compare(child, (old or {}).get(key), value, f"{spot}/{key}")

    def _compare(self, element: Element, declared: Any, given: Any, path: str) -> None:
        for place in foreign_parts(element, declared, given, path):
            self._unnamed(place)

    def _strays(self, pairing: Pairing, element: Element, below: str) -> None:
        if pairing.unclear:
            self.say(
                "amend.entries-unclear",
                below,
                f"it cannot be told which {element.key} of the amendment stands for which of the declaration",
                f"as many {element.key} as pointers name, in the order of their numbers",
                "write one entry for each number that is pointed at, an empty one for an entry that is removed",
            )
            return
        for position, _ in pairing.strays:
            self._unnamed(f"{below}[{position}]")

    def _unnamed(self, path: str) -> None:
        self.say(
            "amend.unnamed-change",
            path,
            "the amendment changes this place, and no pointer names it",
            "the content that the declaration has here, or nothing",
            "add an Amendment whose pointers name this place, or take it out",
        )

    def _gap(self, change: Change, element: Element, expected: int) -> None:
        self.say(
            "amend.pointer-number",
            self._amendment(change),
            f"the pointer counts to a {element.key} beyond the next new one",
            f"SequenceNumeric up to {expected}",
            "number new entries on from the last of the declaration, without a gap",
        )

    def _nothing_there(self, change: Change, path: str) -> None:
        self.say(
            "amend.nothing-there",
            self._amendment(change),
            "the pointer names a place that neither the declaration nor the amendment holds",
            f"content at {path}",
            "put the new content into the amendment at this place, or leave the pointer out",
        )

    def _no_change(self, change: Change, path: str) -> None:
        self.say(
            "amend.no-change",
            self._amendment(change),
            "the pointer names a place whose content stays the same",
            f"other content at {path}",
            "leave the pointer out, or correct the content",
        )

    def _amendment(self, change: Change) -> str:
        return f"{change.target.steps[0][0].key}/Amendment[{change.at}]"

    def _note(self, element: Element, before: Any, after: Any, path: str, change: Change) -> None:
        self.differences += [
            pointed(self.structure, one, change.reason) for one in between(element, before, after, path)
        ]

    def _note_all(self, leaf: Element, before: Any, after: Any, path: str, change: Change) -> None:
        if not leaf.repeats:
            self._note(leaf, before, after, path, change)
            return
        old, new = before or [], after or []
        for position in range(1, max(len(old), len(new)) + 1):
            one, other = _at(old, position), _at(new, position)
            self._note(leaf, one, other, f"{path}[{position}]", change)


def _at(listed: Sequence[Any], position: int) -> Any:
    return listed[position - 1] if position <= len(listed) else None


def _statements(root: Element) -> str:
    return next((one.key for one in root.children if one.annotation.wco_id == STATEMENT), "")
