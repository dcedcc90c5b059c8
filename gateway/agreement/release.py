"""Building the outgoing message from the fields that the agreement lists.

The new tree starts empty and only listed leaves are put into it; nothing is ever taken out of a copy. With a listed
leaf go its attributes (unit, currency, scheme), the child by which braces told its entry apart, and the sequence number
that the schema demands of an entry: they say where and how to read it. What stays behind is named, never quoted.
The same walk serves what arrives: fields that are not listed reach no consumer and are reported.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gateway.agreement.fields import Field
from gateway.agreement.fieldset import Fork, Plan
from gateway.agreement.policy import Permission
from gateway.agreement.transforms import PLAIN, apply
from gateway.errors import DataFolderError
from gateway.findings import Finding, Layer, Severity
from gateway.formats.structure import Structure
from gateway.formats.tree import Leaf, Tree, general_path, is_leaf, leaf_text, root_name, root_of

SHORTEST_SECRET = 16
"""Fewest bytes of an agreement's secret: a shorter key could be searched for."""

_SENTENCES = {
    "not-listed": "the agreement does not list this field",
    "denied": "a clause holds this field back",
    "personal": "personal data, and no clause releases it expressly",
    "home-withheld": "continues a field that is not released in the same way",
    "unknown": "not a field of the format",
    "not-transformable": "the value cannot be made less telling as the clause asks",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """One leaf or attribute that stayed behind.

    Attributes:
        path: with positions, in the message as it came.
        reason: ``not-listed``, ``denied``, ``personal``, ``home-withheld``, ``unknown`` or ``not-transformable``.
        clause: the clause that holds it back; for ``home-withheld`` the home field; empty where none does.
    """

    path: str
    reason: str
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What leaves, and the account of what does not.

    Attributes:
        tree: the new message; its root is the old one's, perhaps empty.
        withheld: every leaf that stayed behind, class by class.
        released: general path -> number of the leaves that leave.
        transformed: general path -> transform, for those that leave changed.
        clauses: the clauses that were used, sorted.
    """

    tree: Tree
    withheld: tuple[Withheld, ...]
    released: dict[str, int]
    transformed: dict[str, str]
    clauses: tuple[str, ...]

    @property
    def released_paths(self) -> tuple[str, ...]:
        """General paths of what leaves, sorted."""
        return tuple(sorted(self.released))

    def counts(self) -> dict[tuple[str, str, str], int]:
        """(general path, reason, clause) of what stayed behind, with its number: what is kept of a large message."""
        return dict(Counter((general_path(one.path), one.reason, one.clause) for one in self.withheld))

    def findings(self) -> tuple[Finding, ...]:
        """One warning for each general path that stayed behind, without any value."""
        return tuple(
            Finding(
                severity=Severity.WARNING,
                code=f"agreement.withheld.{reason}",
                layer=Layer.AGREEMENT,
                path=path,
                message=f"{_SENTENCES[reason]} ({number} in this message)",
                row=clause,
            )
            for (path, reason, clause), number in self.counts().items()
        )


def release(permission: Permission, tree: Tree, structure: Structure, *, secret: bytes | None = None) -> Release:
    """Build the message that may leave.

    Args:
        permission: the policy's answer; its field set is the only source of what is released.
        tree: a valid message of the canonical format that the field set is written for.
        structure: that format's structure.
        secret: the agreement's secret key, at least `SHORTEST_SECRET` bytes; needed only where a grant says ``hash``.

    Raises:
        DataFolderError: a grant says ``hash`` and there is no secret to do it with.
    """
    fields = permission.fields
    if any(one.transform.kind == "hash" for one in fields.allowed) and len(secret or b"") < SHORTEST_SECRET:
        raise DataFolderError(
            f"the field set {fields.name} hashes values, and the agreement has no secret of {SHORTEST_SECRET} bytes",
            path=permission.agreement,
            remedy="hand the agreement's secret key to the release",
            code="agreement.no-secret",
        )
    walk = _Walk(secret=secret or b"")
    content = walk.entry(root_of(tree), fields.plan(structure), "")
    return Release(
        tree={root_name(tree): content},
        withheld=tuple(walk.withheld),
        released=dict(walk.released),
        transformed=walk.transformed,
        clauses=tuple(sorted(walk.clauses)),
    )


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One walk over one message."""

    secret: bytes
    withheld: list[Withheld] = field(default_factory=list)
    released: Counter[str] = field(default_factory=Counter)
    transformed: dict[str, str] = field(default_factory=dict)
    clauses: set[str] = field(default_factory=set)

    def entry(self, content: Tree, plan: Plan, path: str) -> Tree:
        """The released part of one class entry; empty when nothing of it is released."""
        built: Tree = {}
        structural: list[tuple[str, str]] = []
        for key, value in content.items():
            fork = plan.fork(key)
            where = _join(path, key)
            if isinstance(value, list):
                made = self._list(value, fork, where)
            else:
                below = fork.choose(value)
                if below.verdict.structural:
                    structural.append((where, below.general))
                    built[key] = value
                    continue
                made = self._one(value, below, where)
            if made is not None:
                built[key] = made
        if len(built) > len(structural):
            self.released.update(general for _, general in structural)
            return built
        self.withheld += [Withheld(path=where, reason="not-listed") for where, _ in structural]
        return {}

    def _list(self, values: list[Any], fork: Fork, path: str) -> list[Any] | None:
        made = (self._one(one, fork.choose(one), f"{path}[{at}]") for at, one in enumerate(values, 1))
        return [one for one in made if one is not None] or None

    def _one(self, value: Any, plan: Plan, path: str) -> Any:
        """The released part of a leaf or class, None when nothing of it is."""
        if plan.leaf or isinstance(value, str) or (plan.element is None and is_leaf(value)):
            return self._leaf(value, plan, path)
        return self.entry(value, plan, path) or None

    def _leaf(self, leaf: Leaf, plan: Plan, path: str) -> Leaf | None:
        grant = plan.verdict.grant
        if grant is None or not plan.leaf:
            self._withhold(leaf, plan, path)
            return None
        text, attributes = leaf_text(leaf), self._attributes(leaf, plan, path, grant)
        if grant.transform != PLAIN:
            changed = apply(grant.transform, text, attributes, longest=plan.longest, secret=self.secret)
            if changed is None:
                self.withheld.append(Withheld(path=path, reason="not-transformable", clause=grant.clause))
                return None
            text, attributes = changed
            self.transformed[plan.general] = str(grant.transform)
        self.released[plan.general] += 1
        self.released.update(f"{plan.general}{name}" for name in attributes)
        self.clauses.add(grant.clause)
        return {"value": text, **attributes} if attributes else text

    def _attributes(self, leaf: Leaf, plan: Plan, path: str, grant: Field) -> dict[str, str]:
        """The attributes that go with a released leaf: all that the schema knows and nothing holds back."""
        if isinstance(leaf, str):
            return {}
        kept: dict[str, str] = {}
        for name, text in leaf.items():
            if name == "value":
                continue
            below = plan.fork(name).choose(text)
            held = below.element is None or below.denied is not None
            if held or (below.general in below.fields.personal and not grant.personal):
                self._withhold(text, below, f"{path}{name}")
            else:
                kept[name] = text
        return kept

    def _withhold(self, leaf: Leaf, plan: Plan, path: str) -> None:
        verdict = plan.verdict
        reason = verdict.reason if verdict.grant is None else "unknown"
        self.withheld.append(Withheld(path=path, reason=reason, clause=verdict.clause))
        if not isinstance(leaf, str):
            attributes = (name for name in leaf if name != "value")
            self.withheld += [
                Withheld(path=f"{path}{name}", reason=reason, clause=verdict.clause) for name in attributes
            ]


def _join(path: str, key: str) -> str:
    if key.startswith("@"):
        return f"{path}{key}" if path else f"/{key}"
    return f"{path}/{key}" if path else key
