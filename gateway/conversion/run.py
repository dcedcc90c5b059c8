"""One conversion while it runs: frames, marks, origins and findings. Nothing here outlives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeAlias

from gateway.conversion.places import Place
from gateway.conversion.trails import Origin, Trail, joined
from gateway.findings import Finding, Layer, Severity
from gateway.formats.tree import Tree

NATIONAL = 0
WCO = 1

Spot: TypeAlias = tuple[Any, str | int, str]
"""A leaf found: the dict or list that holds it, its key there, and its text."""


@dataclass(frozen=True, slots=True)
class ConversionContext:
    """What the exchange itself knows.

    Attributes:
        reference: our id of the exchange, 32 hexadecimal digits; ``$message/uuid`` is the same with hyphens.
        sender: code of the administration that sends.
        received: time of receipt or lodgement, with zone.
        agreement_id: the agreement under which the exchange runs.
        partner: texts of the partner's profile by name.
    """

    reference: str
    sender: str
    received: datetime
    agreement_id: str = ""
    partner: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one value cannot be carried; never the value itself."""

    code: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR


class Frame:
    """One entry of a loop, with the entries of the loops around it, on both sides.

    Attributes:
        nodes: for each side, by depth of loop (0 is the document element), the entry's content; for a list of leaves
            on the source side the list and the index.
        at: for each side, by depth, the 1-based position in its list.
        orders: by depth, the 1-based number of the entry among those of its loop under one parent.
        number: the number that the loop's head declares, as text.
    """

    __slots__ = ("at", "nodes", "number", "orders")

    def __init__(
        self,
        nodes: tuple[tuple[Any, ...], tuple[Any, ...]],
        at: tuple[tuple[int, ...], tuple[int, ...]],
        orders: tuple[int, ...],
    ) -> None:
        self.nodes = nodes
        self.at = at
        self.orders = orders
        self.number = ""

    def below(self, national: Any, wco: Any, at: tuple[int, int], order: int) -> Frame:
        """A frame for one entry under this one."""
        nodes, places = self.nodes, self.at
        return Frame(
            ((*nodes[0], national), (*nodes[1], wco)),
            ((*places[0], at[0]), (*places[1], at[1])),
            (*self.orders, order),
        )


class Bag:
    """The parts of one target text until they are joined."""

    __slots__ = ("frame", "holder", "key", "origin", "parts", "place", "spots")

    def __init__(self, holder: Any, key: str, origin: Origin, place: Place, frame: Frame) -> None:
        self.holder = holder
        self.key = key
        self.origin = origin
        self.place = place
        self.frame = frame
        self.parts: dict[str, str] = {}
        self.spots: list[tuple[int, str | int, str]] = []


class Run:
    """State of one conversion.

    Attributes:
        source: side that is read (`NATIONAL` or `WCO`).
        day: the document's date, by which code lists are read.
        frames: by loop; ``""`` holds the one frame of the document element.
        marks: fate of source leaves by (identity of the holder, key).
        part_marks: the same for leaves taken apart by a template: by part.
        origins: origin of target leaves, keyed likewise.
        known: the texts of the variables.
        splits: parts of source texts that were taken apart, by holder, key and template.
        variables: texts that a row carried into a variable (``message/reference``).
        taken: positions of split lists that a loop has taken, by identity of the list; ``taken_by_case`` those of them
            that a case took.
        tallies: how often a place under ``[every c]`` was there and not there, by row and frame above.
    """

    __slots__ = (
        "bags",
        "context",
        "day",
        "findings",
        "frames",
        "known",
        "marks",
        "origins",
        "part_marks",
        "source",
        "splits",
        "taken",
        "taken_by_case",
        "tallies",
        "variables",
    )

    def __init__(self, source: int, context: ConversionContext, root: Frame, day: date) -> None:
        self.source = source
        self.context = context
        self.known = known_texts(context)
        self.day = day
        self.frames: dict[str, list[Frame]] = {"": [root]}
        self.marks: dict[tuple[int, str | int], Trail] = {}
        self.part_marks: dict[tuple[int, str | int], dict[str, Trail | None]] = {}
        self.origins: dict[tuple[int, str | int], Origin] = {}
        self.bags: dict[tuple[int, str | int], Bag] = {}
        self.splits: dict[tuple[int, str | int, str], dict[str, str] | None] = {}
        self.taken: dict[int, set[int]] = {}
        self.taken_by_case: dict[int, set[int]] = {}
        self.tallies: dict[tuple[str, int], list[int]] = {}
        self.findings: dict[tuple[str, str], Finding] = {}
        self.variables: dict[str, str] = {}

    def mark(self, container: Any, key: str | int, trail: Trail) -> None:
        """Note the fate of a source leaf."""
        spot = (id(container), key)
        old = self.marks.setdefault(spot, trail)
        if old is not trail:
            self.marks[spot] = joined(old, trail)

    def mark_part(self, container: Any, key: str | int, trail: Trail, part: str, present: tuple[str, ...]) -> None:
        """Note the fate of one part of a source text; ``present`` names all parts that it has."""
        parts = self.part_marks.setdefault((id(container), key), dict.fromkeys(present))
        old = parts.get(part)
        parts[part] = trail if old is None else joined(old, trail)

    def report(self, problem: Problem, row: str, path: str) -> None:
        """Note a finding, once for one code and place."""
        self.findings.setdefault(
            (problem.code, path),
            Finding(
                severity=problem.severity,
                code=problem.code,
                layer=Layer.CONVERSION,
                path=path,
                message=problem.message,
                remedy=problem.remedy,
                row=row,
            ),
        )


def place_text(place: Place, frame: Frame, side: int, depths: Mapping[str, int]) -> str:
    """A place in the message, with positions where loops give them."""
    if place.path.variable:
        return f"${place.path.variable}"
    parts: list[str] = [place.above] if place.above else []
    for step in place.steps:
        text = f"{step.element.key}{step.qualifier or ''}"
        depth = depths.get(step.loop, 0) if step.loop else 0
        if depth and depth < len(frame.at[side]) and step.element.repeats:
            text = f"{text}[{frame.at[side][depth]}]"
        parts.append(text)
    text = "/".join(parts)
    if place.attribute is None:
        return text
    return f"{text}@{place.attribute.name}" if text else f"/@{place.attribute.name}"


def known_texts(context: ConversionContext) -> dict[str, str]:
    """The texts of the variables, by their name without ``$``."""
    reference = context.reference
    hyphens = "-".join((reference[:8], reference[8:12], reference[12:16], reference[16:20], reference[20:]))
    return {
        "message/reference": reference,
        "message/uuid": hyphens if len(reference) == 32 else reference,
        "message/sender": context.sender,
        "message/received": context.received.isoformat(timespec="seconds"),
        "agreement/id": context.agreement_id,
        **{f"partner/{name}": text for name, text in context.partner.items()},
    }


def content_of(tree: Tree) -> Any:
    """What stands in the document element of a message."""
    return next(iter(tree.values()), {})
