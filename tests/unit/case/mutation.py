"""Two versions of one declaration: the second is the first with parts of a third taken in, taken out or moved."""

from __future__ import annotations

import random
from typing import Any

from gateway.case.amending import counted_up
from gateway.case.anatomy import declaration_of, is_class
from gateway.case.request import explains
from gateway.formats.generator import generate
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree

NOT_AMENDED = frozenset({"FunctionCode", "FunctionalReferenceID", "ID", "TypeCode", "VersionID", "Amendment"})
ALLOWANCE = 120
"""About how many leaves a version has: enough for lists in lists, and drawn fast."""


def versions(structure: Structure, seed: int) -> tuple[Tree, Tree]:
    """A generated declaration and a changed one."""
    chance = random.Random(seed)
    root = declaration_of(structure)
    before, other = (_drawn(structure, one) for one in (seed, seed + 1_000_000))
    envelope = before[structure.root.key]
    itself = {"FunctionCode": "9", "TypeCode": "IMA", "ID": "26XX1", "VersionID": str(chance.randrange(1, 30))}
    old = envelope[root.key] = {**envelope[root.key], **itself}
    changed = _changed(root, old, other[structure.root.key][root.key], chance, chance.choice([0.02, 0.1, 0.3]))
    new = {**changed, **{key: old[key] for key in NOT_AMENDED if key in old}}
    kept = {key: value for key, value in new.items() if key not in NOT_AMENDED or key in old}
    return before, {structure.root.key: {**envelope, root.key: counted_up(root, kept)}}


def _drawn(structure: Structure, seed: int) -> Tree:
    """A declaration without statements about Amendments, for such a statement is the amendment's own."""
    message = generate(structure, seed=seed, allowance=ALLOWANCE)
    content = message[structure.root.key]["Declaration"]
    kept = [one for one in content.pop("AdditionalInformation", []) if not explains(one)]
    if kept:
        content["AdditionalInformation"] = kept
    return message


def _changed(element: Element, old: Tree, other: Tree, chance: random.Random, rate: float) -> Tree:
    new: Tree = {}
    for child in element.children:
        value = old.get(child.key)
        if chance.random() < rate and not (child.minimum and value is not None):
            value = _turned(child, value, other.get(child.key), chance)
        if value is not None and value != []:
            new[child.key] = value
    return new


def _turned(element: Element, value: Any, other: Any, chance: random.Random) -> Any:
    if element.repeats:
        return _listed(element, list(value or []), list(other or []), chance)
    if element.is_leaf or not is_class(element) or value is None or chance.random() < 0.3:
        return other
    return {} if chance.random() < 0.1 and not _asks(element) else _changed(element, value, other or {}, chance, 0.4)


def _asks(element: Element) -> bool:
    """Whether the schema asks for content in every entry."""
    return any(child.minimum for child in element.children)


def _listed(element: Element, listed: list[Any], other: list[Any], chance: random.Random) -> list[Any]:
    turn = chance.choice(["more", "less", "within", "moved", "other", "empty"])
    if turn == "more":
        return [*listed, *other]
    if turn == "other":
        return other
    if turn == "moved":
        chance.shuffle(listed)
    at = chance.randrange(len(listed)) if listed else None
    if at is not None and turn == "less":
        del listed[at]
    elif at is not None and turn == "within" and is_class(element):
        listed[at] = _changed(element, listed[at], other[0] if other else {}, chance, 0.4)
    elif turn == "empty" and is_class(element) and not _asks(element):
        listed.append({})
    return listed
