"""A field set, and the plan by which a walk over a message decides each leaf in one look-up.

The released and the denied paths are merged into two small trees of steps. A `Plan` is a place in both at once; its
children are made when a message first goes there, one for each outcome of the braces that count there. After the first
few entries a walk only follows what exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.agreement.fields import Denied, Field, covers, matches
from gateway.agreement.transforms import PLAIN
from gateway.formats.paths import Path, Qualifier, Step
from gateway.formats.structure import Element, Structure

SEQUENCE = "SequenceNumeric"
"""The leaf by which the WCO Data Model numbers entries; kept where the schema demands it and the entry is released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSet:
    """What one kind of message releases, under one version of an agreement.

    Attributes:
        name: its name in the agreement.
        wco: the canonical format whose paths these are.
        allowed, denied: the paths, as read.
        personal: general paths of personal leaves, from the schema's hints and from the agreement.
        claims: general path of a class or leaf -> the braces by which mappings keep its entries apart.
        plans: memo of `plan`, by digest of the structure.
    """

    name: str
    wco: str
    allowed: tuple[Field, ...]
    denied: tuple[Denied, ...] = ()
    personal: frozenset[str] = frozenset()
    claims: Mapping[str, tuple[Qualifier, ...]] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict, repr=False, compare=False)

    def plan(self, structure: Structure) -> Plan:
        """What a walk over a message of this structure follows, made once."""
        made = self.plans.get(structure.digest)
        if made is None:
            released, denying = Branch(), Branch()
            for one in self.allowed:
                released.add(one.path, one)
            for other in self.denied:
                denying.add(other.path, other)
            root = structure.root
            made = Plan(fields=self, general="", element=root, released=(released,), denying=(denying,))
            self.plans[structure.digest] = made
        return made

    def grants(self, path: Path) -> Iterator[Field]:
        """Every grant that covers the leaf at this path (braces as the mapping or agreement writes them)."""
        denied = any(covers(one.path, path, claims=None) for one in self.denied)
        if denied:
            return
        for one in self.allowed:
            permitted = one.personal or path.general not in self.personal
            if permitted and covers(one.path, path, claims=self.claims):
                yield one

    def releases(self, path: Path) -> bool:
        """Whether the leaf at this path can leave at all."""
        return next(self.grants(path), None) is not None


@dataclass(slots=True)
class Branch:
    """One step of all the paths of one side (released or denied), merged."""

    plain: dict[str, Branch] = field(default_factory=dict)
    braced: dict[str, list[tuple[Qualifier, Branch]]] = field(default_factory=dict)
    ends: list[Field | Denied] = field(default_factory=list)

    def add(self, path: Path, end: Field | Denied) -> None:
        """Grow the branch of one path."""
        here = self
        for step in path.steps:
            here = here._below(step)
        if path.attribute:
            here = here.plain.setdefault(f"@{path.attribute}", Branch())
        here.ends.append(end)

    def _below(self, step: Step) -> Branch:
        if step.qualifier is None:
            return self.plain.setdefault(step.name, Branch())
        same = [branch for qualifier, branch in self.braced.get(step.name, ()) if qualifier == step.qualifier]
        if same:
            return same[0]
        grown = Branch()
        self.braced.setdefault(step.name, []).append((step.qualifier, grown))
        return grown


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What happens to a leaf.

    Attributes:
        grant: what releases it, None when it stays behind.
        structural: it leaves only together with something else of its entry: what braces name, a demanded number.
        reason, clause: why it stays behind.
    """

    grant: Field | None = None
    structural: bool = False
    reason: str = "not-listed"
    clause: str = ""


@dataclass(slots=True, kw_only=True)
class Plan:
    """One place, as far as the agreement can tell places apart.

    Attributes:
        general: general path.
        element: None for what the structure does not know.
        released, denying: branches of the path rules that lead here.
        whole: grants of a class at or above this place, which cover all below it.
        denied: a denial at or above this place.
        kept: children and attributes that braces named on the way here.
        leaf: an attribute, or an element that the schema gives a text.
        structural: leaves with its entry though nothing lists it.
        verdict: for a leaf that stands here.
        below: memo of `fork`.
    """

    fields: FieldSet
    general: str
    element: Element | None
    released: tuple[Branch, ...]
    denying: tuple[Branch, ...]
    whole: tuple[Field, ...] = ()
    denied: Denied | None = None
    kept: frozenset[str] = frozenset()
    leaf: bool = False
    structural: bool = False
    verdict: Verdict = field(init=False)
    below: dict[str, Fork] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.verdict = self._verdict()

    @property
    def longest(self) -> int | None:
        """Most characters of a leaf's text; None for no limit, and for attributes."""
        return self.element.type.max_length if self.element is not None and self.element.type is not None else None

    def fork(self, key: str) -> Fork:
        """What stands under a key (``@name`` for an attribute)."""
        known = self.below.get(key)
        if known is None:
            known = Fork(self, key)
            if known.element is not None:  # keys that a sender made up are not remembered
                self.below[key] = known
        return known

    def _verdict(self) -> Verdict:
        if self.element is None:
            return Verdict(reason="unknown")
        if self.denied is not None:
            return Verdict(reason=self.denied.reason, clause=self.denied.clause)
        named = [end for branch in self.released for end in branch.ends if isinstance(end, Field)]
        covering = [*named, *self.whole]
        personal = self.general in self.fields.personal
        grants = [one for one in covering if one.personal or not personal]
        if grants:
            return Verdict(grant=min(grants, key=lambda one: one.transform != PLAIN))
        if covering:
            return Verdict(reason="personal")
        return Verdict(structural=self.structural)


class Fork:
    """The ways on from a place under one key: a single one, or one for each outcome of the braces that count there."""

    __slots__ = ("_key", "_parent", "_plans", "_tests", "element", "only")

    def __init__(self, parent: Plan, key: str) -> None:
        self._parent = parent
        self._key = key
        self._plans: dict[tuple[bool, ...], Plan] = {}
        self.element = _below(parent.element, key)
        self._tests = self._distinct_tests()
        self.only: Plan | None = None if self._tests else self._plan(())

    def choose(self, entry: Any) -> Plan:
        """The plan of one entry under the key."""
        if self.only is not None:
            return self.only
        outcome = tuple(matches(test, entry, self.element) for test in self._tests)
        plan = self._plans.get(outcome)
        if plan is None:
            plan = self._plans[outcome] = self._plan(outcome)
        return plan

    @property
    def _general(self) -> str:
        above = self._parent.general
        if self._key.startswith("@"):
            return f"{above}{self._key}" if above else f"/{self._key}"
        return f"{above}/{self._key}" if above else self._key

    def _distinct_tests(self) -> tuple[Qualifier, ...]:
        tests = list(self._parent.fields.claims.get(self._general, ()))
        for branch in (*self._parent.released, *self._parent.denying):
            tests += [qualifier for qualifier, _ in branch.braced.get(self._key, ())]
        return tuple(dict.fromkeys(tests))

    def _plan(self, outcome: tuple[bool, ...]) -> Plan:
        parent, key = self._parent, self._key
        found = {test for test, holds in zip(self._tests, outcome, strict=True) if holds}
        claimed = any(claim in found for claim in parent.fields.claims.get(self._general, ()))
        released = _follow(parent.released, key, found, plain=not claimed)
        denying = _follow(parent.denying, key, found, plain=True)
        denials = [end for branch in denying for end in branch.ends if isinstance(end, Denied)]
        whole = [end for branch in released for end in branch.ends if isinstance(end, Field) and end.whole]
        braced = {q for branch in parent.released for q, _ in branch.braced.get(key, ()) if q in found}
        return Plan(
            fields=parent.fields,
            general=self._general,
            element=self.element,
            released=released,
            denying=denying,
            whole=(*parent.whole, *whole),
            denied=parent.denied or next(iter(denials), None),
            kept=frozenset(qualifier.key for qualifier in braced),
            leaf=key.startswith("@") or (self.element is not None and self.element.is_leaf),
            structural=key in parent.kept or (key == SEQUENCE and _demanded(self.element)),
        )


def _follow(branches: tuple[Branch, ...], key: str, found: set[Qualifier], *, plain: bool) -> tuple[Branch, ...]:
    ways: list[Branch] = []
    for branch in branches:
        if plain and key in branch.plain:
            ways.append(branch.plain[key])
        ways += [way for qualifier, way in branch.braced.get(key, ()) if qualifier in found]
    return tuple(ways)


def _below(element: Element | None, key: str) -> Element | None:
    """The element under a key; an attribute is judged by the element that bears it."""
    if element is None:
        return None
    if key.startswith("@"):
        return element if key[1:] in element.attribute_by_name else None
    return element.child(key)


def _demanded(element: Element | None) -> bool:
    return element is not None and element.minimum > 0
