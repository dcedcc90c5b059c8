"""Which combinations the schema of the source excludes, so that no fault is reported for what cannot come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.conversion.check.coverage import general_of
from gateway.formats.structure import Element, Structure

Key = tuple[str, str]
"""What is tried: ``value`` of a path, ``is`` or ``fits`` of a path with its scheme or template, or the ``format``."""

Assignment = Mapping[Key, str | bool | None]
"""One combination of values for the paths of some conditions; None is absent."""


def is_below(path: str, other: str) -> bool:
    """Whether a path is another one, or lies below it, or is an attribute of it."""
    return path == other or path.startswith((f"{other}/", f"{other}@"))


def absent_paths(assignment: Assignment) -> list[str]:
    """Paths that this combination tries as absent."""
    return [path for (kind, path), value in assignment.items() if kind == "value" and value is None]


def present_paths(assignment: Assignment) -> list[str]:
    """Paths that this combination tries as present."""
    return [path for (kind, path), value in assignment.items() if kind == "value" and value is not None]


def allowed_values(path: str, source: Structure) -> tuple[tuple[str, ...], bool]:
    """What the schema lets a path hold: its enumeration (empty for any), and whether it may be absent."""
    if "{" in path or "@" in path:
        return (), True
    here: Element | None = source.root
    optional = False
    for step in general_of(path).split("/"):
        chosen = here is not None and any(step in branch for choice in here.choices for branch in choice)
        here = here.child(step) if here is not None else None
        if here is None:
            return (), True
        optional = optional or chosen or here.minimum == 0
    return (here.type.enumeration if here is not None and here.type else ()), optional


def is_possible(assignment: Assignment, source: Structure, assumed: str = "") -> bool:
    """Whether a message of the source schema can hold this combination.

    Args:
        assignment: the combination.
        source: the schema.
        assumed: a further path that is known to be there.
    """
    absent, present = absent_paths(assignment), present_paths(assignment)
    there = [*present, *([assumed] if assumed else [])]
    if any(is_below(path, gone) for path in there for gone in absent):
        return False
    if assumed and any(is_below(assumed, general_of(gone)) for gone in absent):
        return False
    generals = [general_of(path) for path in there]
    gone_generals = {general_of(path) for path in absent}
    for prefix, element in _classes_above([*generals, *gone_generals], source):
        for number, choice in enumerate(element.choices):
            taken = [branch for branch in choice if any(_holds_one(prefix, branch, path) for path in generals)]
            if len(taken) > 1:
                return False
            required = number < len(element.choice_required) and element.choice_required[number]
            every_branch_gone = all(all(f"{prefix}{key}" in gone_generals for key in branch) for branch in choice)
            if required and every_branch_gone and not any(prefix.startswith(f"{gone}/") for gone in gone_generals):
                return False
    return True


def _holds_one(prefix: str, branch: tuple[str, ...], path: str) -> bool:
    return any(is_below(path, f"{prefix}{key}") for key in branch)


def _classes_above(paths: list[str], source: Structure) -> Iterator[tuple[str, Element]]:
    seen: set[str] = set()
    for path in paths:
        here: Element | None = source.root
        prefix = ""
        for step in path.partition("@")[0].split("/"):
            if here is None:
                break
            if prefix not in seen:
                seen.add(prefix)
                if here.choices:
                    yield prefix, here
            here = here.child(step)
            prefix = f"{prefix}{step}/"
