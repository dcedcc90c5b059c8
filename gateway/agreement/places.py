"""Questions about paths and the structure they are written for: does the place exist, which leaves are personal."""

from __future__ import annotations

from gateway.agreement.fields import Field
from gateway.formats.paths import Path, Qualifier, Step
from gateway.formats.structure import Element, Structure

DATE_LEAF = "DateTimeString"
"""A path may end at the class that holds only this leaf: it means the leaf, as it does in a mapping."""

PERSONAL_HINTS = frozenset({"person-name", "phone", "email", "iban", "person-id"})
"""Hints of a schema that mark a leaf as personal data: it leaves only where a grant says so expressly."""


def problem_of(path: Path, structure: Structure) -> tuple[str, Element | None]:
    """Look a path up.

    Returns:
        The element it ends at (the one that bears the attribute, for a path of an attribute) with an empty text, or
        None with what is wrong.
    """
    if path.variable or path.template:
        return f"{path} is not a field of a message", None
    here = structure.root
    for step in path.steps:
        if step.mode != "plain":
            return f"{path}: an agreement names fields without loop letters", None
        child = here.child(step.name)
        if child is None:
            return f"{path}: {here.local} has no {step.name}", None
        if step.qualifier is not None and not _can_bear(child, step.qualifier):
            return f"{path}: {step.name} has no {step.qualifier.key} to tell its entries apart by", None
        here = child
    if path.attribute and path.attribute not in here.attribute_by_name:
        return f"{path}: {here.local} has no attribute {path.attribute}", None
    return "", here


def _can_bear(element: Element, qualifier: Qualifier) -> bool:
    """Braces of an agreement name a child or an attribute: it leaves together with the entry that it tells apart."""
    if qualifier.key.startswith("@"):
        return qualifier.key[1:] in element.attribute_by_name
    child = element.child(qualifier.key)
    return child is not None and child.is_leaf


def leaf_path(path: Path, structure: Structure) -> Path:
    """The path of the leaf that is meant: a class that holds only a date's text stands for that text."""
    element = structure.find("/".join(step.name for step in path.steps))
    if path.attribute or element is None or element.is_leaf:
        return path.whole
    if [child.key for child in element.children] == [DATE_LEAF]:
        return Path((*path.steps, Step(DATE_LEAF)))
    return path.whole


def personal_leaves(structure: Structure) -> frozenset[str]:
    """General paths of the leaves that the schema marks as personal data."""
    return frozenset(path for path, element in structure.root.walk() if element.annotation.hint in PERSONAL_HINTS)


def overlap(one: Field, other: Field) -> bool:
    """Whether two grants reach a common leaf and say different things of it, or are the same path twice."""
    if one.path == other.path:
        return True
    return one.transform != other.transform and meet(one.path, other.path)


def _exclude(one: Qualifier, other: Qualifier) -> bool:
    """Whether no entry can be both: the same child or attribute with different contents."""
    return one.key == other.key and one.value != other.value


def meet(one: Path, other: Path) -> bool:
    """Whether some place of a message can lie under both paths."""
    for mine, theirs in zip(one.steps, other.steps, strict=False):
        if mine.name != theirs.name:
            return False
        if mine.qualifier and theirs.qualifier and _exclude(mine.qualifier, theirs.qualifier):
            return False
    return one.attribute == other.attribute or len(one.steps) != len(other.steps)
