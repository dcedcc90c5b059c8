"""Places: paths of a table found again in the structure of a format.

A `Place` knows, step by step, which element the schema has there and how the step lines up. Resolving is where unknown
paths and repeating steps that nothing lines up come to light.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.conversion.model import Loop, Side
from gateway.errors import GatewayError
from gateway.formats.paths import Mode, Path, Qualifier, Step
from gateway.formats.structure import Attribute, Element, SimpleType, Structure

_BRACES = re.compile(r"\{[^{}]*\}")
DATE_CHILD = "DateTimeString"
"""WCO 3.6 wraps every date in a class of this one child; paths name the class and mean the child."""

Strictness = Literal["lined-up", "last-open", "open"]
"""Whether every repeating step must be lined up, all but the last (a loop's own list), or none (a ``drop``)."""


class UnknownPlace(GatewayError):
    """A path that the structure does not have, or that leaves a repeating step open."""

    code = "mapping.unknown-path"


@dataclass(frozen=True, slots=True)
class PlaceStep:
    """One step with its element; ``loop`` is the letter whose entry stands here (``n`` for ``c.n``)."""

    element: Element
    qualifier: Qualifier | None
    mode: Mode
    loop: str

    @property
    def anchors(self) -> bool:
        """Whether the entry here is given by a loop."""
        return bool(self.loop)


@dataclass(frozen=True, slots=True)
class Place:
    """A path on one side, resolved.

    Attributes:
        steps: empty for a variable, and for an attribute of the root.
        root: element that the path begins below: the document element, or the entry of a loop.
        attribute: None when the path ends at an element.
        base: the loop in whose entry the path begins; empty for the document element.
        above: path of that entry with names and braces; empty for the document element.
    """

    path: Path
    steps: tuple[PlaceStep, ...]
    root: Element
    attribute: Attribute | None = None
    base: str = ""
    above: str = ""

    @property
    def element(self) -> Element:
        """The element that the path ends at (or whose attribute it names)."""
        return self.steps[-1].element if self.steps else self.root

    @property
    def type(self) -> SimpleType | None:
        """The type of the text here; None for a class."""
        return self.attribute.type if self.attribute is not None else self.element.type

    @property
    def anchor(self) -> int:
        """Index of the last step that a loop gives, -1 when the path starts at the root."""
        return max((at for at, step in enumerate(self.steps) if step.anchors), default=-1)

    @property
    def qualified(self) -> str:
        """Names and braces, as agreements and accounts write it, down to the leaf."""
        if self.path.variable:
            return f"${self.path.variable}"
        return _with_attribute(self.prefix(len(self.steps)), self.attribute)

    @property
    def general(self) -> str:
        """Names only, down to the leaf."""
        return _BRACES.sub("", self.qualified)

    def prefix(self, length: int) -> str:
        """Names and braces of the first steps."""
        below = "/".join(f"{step.element.key}{step.qualifier or ''}" for step in self.steps[:length])
        return f"{self.above}/{below}" if self.above and below else self.above or below


def resolve(path: Path, structure: Structure, strictness: Strictness = "lined-up") -> Place:
    """Find a path in a structure.

    Args:
        path: any path of the side that the structure describes; variables resolve to a place without steps.
        structure: the format.
        strictness: see `Strictness`.

    Raises:
        UnknownPlace: ``mapping.unknown-path`` or ``mapping.not-lined-up``.
    """
    return resolve_below(path, Place(Path(), (), structure.root), "", strictness)


def resolve_below(path: Path, entry: Place, base: str, strictness: Strictness = "lined-up") -> Place:
    """Find a path that begins at the entry of a loop.

    Args:
        path: relative to the entry; no steps and no attribute is the entry itself.
        entry: place of the loop.
        base: the loop; empty for the document element.
        strictness: see `Strictness`.

    Raises:
        UnknownPlace: as `resolve`.
    """
    steps: list[PlaceStep] = []
    here = root = entry.element
    for at, step in enumerate(path.steps):
        here = _child(here, step, path)
        _check_lined_up(step, here, path, open_step=_is_open(strictness, at, path))
        steps.append(PlaceStep(here, step.qualifier, step.mode, step.loop.rpartition(".")[2]))
    if not path.variable and (not path.attribute or path.attribute not in here.attribute_by_name):
        here = _append_date_child(here, steps)
    attribute = here.attribute_by_name.get(path.attribute) if path.attribute else None
    if path.attribute and attribute is None:
        raise UnknownPlace(f"the schema has no attribute {path.attribute!r} at {path}", remedy="correct the path")
    return Place(path, tuple(steps), root, attribute, base, entry.prefix(len(entry.steps)))


def _is_open(strictness: Strictness, at: int, path: Path) -> bool:
    return strictness == "open" or (strictness == "last-open" and at == len(path.steps) - 1)


def _child(here: Element, step: Step, path: Path) -> Element:
    child = here.child(step.name)
    if child is None:
        raise UnknownPlace(
            f"the schema has no {step.name!r} below {here.key!r} (path {path})", remedy="correct the path or the schema"
        )
    if step.qualifier is not None:
        qualified_leaf(child, step.qualifier)
    return child


def _check_lined_up(step: Step, element: Element, path: Path, *, open_step: bool) -> None:
    if element.repeats and step.mode == "plain" and step.qualifier is None and not open_step:
        raise UnknownPlace(
            f"{step.name!r} can repeat and is not lined up in {path}",
            code="mapping.not-lined-up",
            remedy="give it a loop letter, [every c], [first c], [one] or braces",
        )


def _append_date_child(here: Element, steps: list[PlaceStep]) -> Element:
    if here.is_leaf or len(here.children) != 1 or here.children[0].local != DATE_CHILD:
        return here
    child = here.children[0]
    steps.append(PlaceStep(child, None, "plain", ""))
    return child


def qualified_leaf(element: Element, qualifier: Qualifier) -> tuple[tuple[Element, ...], Attribute | None]:
    """The elements from an entry down to the leaf that braces name, and the attribute if they name one.

    Raises:
        UnknownPlace: the entry has no such leaf.
    """
    if qualifier.key.startswith("@"):
        attribute = element.attribute_by_name.get(qualifier.key[1:])
        if attribute is None:
            raise UnknownPlace(f"the schema has no attribute {qualifier.key!r} at {element.key!r}")
        return (), attribute
    chain: list[Element] = []
    here = element
    for name in qualifier.key.split("/"):
        child = here.child(name)
        if child is None:
            raise UnknownPlace(
                f"the schema has no {qualifier.key!r} below {element.key!r}", remedy="correct the braces"
            )
        chain.append(child)
        here = child
    if not here.is_leaf:
        raise UnknownPlace(
            f"{qualifier.key!r} in braces is not a leaf", remedy="name the leaf that tells entries apart"
        )
    return tuple(chain), None


def _with_attribute(text: str, attribute: Attribute | None) -> str:
    if attribute is None:
        return text
    return f"{text}@{attribute.name}" if text else f"/@{attribute.name}"


def check_letters(place: Place, loops: Mapping[str, Loop], side: Side) -> None:
    """Each letter must stand where the head declares its loop.

    Raises:
        UnknownPlace: ``mapping.not-lined-up``.
    """
    for at, step in enumerate(place.steps):
        if not step.loop:
            continue
        loop = loops[step.loop]
        declared = loop.national if side == "national" else loop.wco
        if place.prefix(at + 1) != declared.qualified:
            raise UnknownPlace(
                f"the letter {step.loop!r} stands at {place.prefix(at + 1)}, its loop is declared at "
                f"{declared.qualified}",
                code="mapping.not-lined-up",
                remedy="use the letter of the loop that is declared here",
            )
