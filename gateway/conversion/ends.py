"""The two ends of a row: where it reads and what it notes there, where it writes.

Parts of texts, values with an attribute beside them and echoes are ends of their own kind, so that every verb works on
all of them without knowing.
"""

from __future__ import annotations

from decimal import Decimal

from gateway.codes.numbers import count_digits, parse_decimal
from gateway.conversion.allowed import Allows
from gateway.conversion.cases import same_value
from gateway.conversion.places import Place
from gateway.conversion.run import Frame, Problem, Run, Spot, place_text
from gateway.conversion.sides import Sides
from gateway.conversion.trails import Origin, Trail
from gateway.findings import Severity

MISFIT = Problem("map.template-misfit", "the text does not have the shape that its template gives", "correct the text")
ECHO_DIFFERS = Problem(
    "map.echo-differs",
    "this says something else than the leaf that it repeats",
    "make both agree; the other one was carried",
    Severity.WARNING,
)
BESIDE = ("formatCode", "unitCode")
"""Attributes that ``date`` and ``measure`` write with the value."""


class Source:
    """Where a row reads.

    Args:
        sides: what both directions share.
        place: the leaf, or one part of it.
        side: side on which it lies.
        row: row id.
    """

    def __init__(self, sides: Sides, place: Place, side: int, row: str) -> None:
        self.place = place
        self.row = row
        self._side = side
        self._depths = sides.depths
        self.find = sides.reading[side].leaf(place)
        self.is_plain = not place.path.template

    def read(self, run: Run, frame: Frame) -> Spot | None:
        """The leaf's text, None when absent or blank."""
        return self.find(run, frame)

    def mark(self, run: Run, spot: Spot, trail: Trail) -> None:
        """Note what became of the leaf."""
        run.mark(spot[0], spot[1], trail)

    def beside(self, spot: Spot, name: str) -> str:
        """The text of an attribute beside the value, empty when it has none."""
        holder = spot[0]
        text = holder.get(f"@{name}") if isinstance(holder, dict) and spot[1] == "value" else None
        return text if isinstance(text, str) else ""

    def mark_beside(self, run: Run, spot: Spot, name: str, trail: Trail) -> None:
        """Note what became of the attribute beside the value."""
        if self.beside(spot, name):
            run.mark(spot[0], f"@{name}", trail)

    def where(self, frame: Frame) -> str:
        """The place with its positions, for findings."""
        return place_text(self.place, frame, self._side, self._depths)

    def report(self, run: Run, frame: Frame, problem: Problem) -> None:
        """Note a finding at this place."""
        run.report(problem, self.row, self.where(frame))

    def refuse(self, run: Run, frame: Frame, spot: Spot, problem: Problem) -> None:
        """Note that the leaf could not be written; a mere warning only where no other row has carried it."""
        if problem.severity is Severity.ERROR or (id(spot[0]), spot[1]) not in run.marks:
            self.report(run, frame, problem)


class PartSource(Source):
    """One part of a text whose template stands in the head."""

    def __init__(self, sides: Sides, place: Place, side: int, row: str) -> None:
        super().__init__(sides, place, side, row)
        self._splitter = sides.splitters[place.path.template]
        self._part = place.path.part
        self._nothing = Trail("implied", path=place.qualified, row=row, reason="the text says that there is nothing")

    def read(self, run: Run, frame: Frame) -> Spot | None:
        """The part's text; a text of another shape is reported."""
        spot = self.find(run, frame)
        if spot is None:
            return None
        parts = self._parts(run, spot)
        if parts is None:
            if self._splitter.is_absent(spot[2]):
                run.mark(spot[0], spot[1], self._nothing)
            else:
                self.report(run, frame, MISFIT)
            return None
        text = parts.get(self._part)
        return None if text is None else (spot[0], spot[1], text)

    def mark(self, run: Run, spot: Spot, trail: Trail) -> None:
        """Note what became of this part."""
        parts = self._parts(run, (spot[0], spot[1], spot[0][spot[1]]))
        run.mark_part(spot[0], spot[1], trail, self._part, tuple(parts or ()))

    def _parts(self, run: Run, spot: Spot) -> dict[str, str] | None:
        """The parts of the whole text, taken apart once in a conversion."""
        key = (id(spot[0]), spot[1], self._splitter.template.name)
        if key not in run.splits:
            run.splits[key] = self._splitter.split(spot[2])
        return run.splits[key]


class JustWritten(Source):
    """What an echo reads: the side that was written; nothing is noted there."""

    def mark(self, run: Run, spot: Spot, trail: Trail) -> None:
        """Nothing: this is no source leaf."""

    def mark_beside(self, run: Run, spot: Spot, name: str, trail: Trail) -> None:
        """Nothing: this is no source leaf."""

    def report(self, run: Run, frame: Frame, problem: Problem) -> None:
        """Nothing: the row that wrote it has spoken."""


class JustWrittenPart(PartSource):
    """One part of what an echo reads."""

    def mark(self, run: Run, spot: Spot, trail: Trail) -> None:
        """Nothing: this is no source leaf."""

    def report(self, run: Run, frame: Frame, problem: Problem) -> None:
        """Nothing: the row that wrote it has spoken."""


class Target:
    """Where a row writes.

    Args:
        sides: what both directions share.
        place: the leaf.
        side: side on which it lies.
        origin: what the account says about the leaf.

    Attributes:
        allows: what the schema asks of a text here beyond its length; None where nothing needs to be asked.
    """

    def __init__(self, sides: Sides, place: Place, side: int, origin: Origin) -> None:
        self.place = place
        self.row = origin.row
        self.allows: Allows | None = None
        self._write = sides.writing[side].leaf(place, origin)
        self._origin = origin
        self._find = sides.reading[side].leaf(place)
        self.attribute = next((name for name in BESIDE if self._carries(name)), "")

    def _carries(self, name: str) -> bool:
        place = self.place
        return place.attribute is None and not place.path.variable and name in place.element.attribute_by_name

    def write(self, run: Run, frame: Frame, text: str, beside: str = "") -> bool:
        """Write a text, and the attribute beside it where the element has one; False when another text is there."""
        if not self._write(run, frame, text):
            return False
        if beside and self.attribute:
            spot = self._find(run, frame)
            if spot is not None and isinstance(spot[0], dict):
                key = f"@{self.attribute}"
                run.origins.setdefault((id(spot[0]), key), self._origin)
                spot[0].setdefault(key, beside)
        return True

    def owes(self, run: Run, frame: Frame, spot: Spot, part: str) -> None:
        """Remember that a source leaf counts as carried only if this place comes to be written; parts only."""


class PartTarget(Target):
    """One part of a text; the text is written when all its parts are there."""

    def __init__(self, sides: Sides, place: Place, side: int, origin: Origin) -> None:
        super().__init__(sides, place, side, origin)
        self._bag = sides.writing[side].part(place, origin)
        self._part = place.path.part
        self.attribute = ""

    def write(self, run: Run, frame: Frame, text: str, beside: str = "") -> bool:
        """Put the part where it waits for the others."""
        bag = self._bag(run, frame)
        if bag is None:
            return False
        del beside
        return bag.parts.setdefault(self._part, text) == text

    def owes(self, run: Run, frame: Frame, spot: Spot, part: str) -> None:
        """Remember the leaf (and which part of it)."""
        bag = self._bag(run, frame)
        if bag is not None:
            bag.spots.append((id(spot[0]), spot[1], part))


class EchoTarget(Target):
    """The far end of an echo: compared with what the row gives, not written."""

    def __init__(self, sides: Sides, place: Place, side: int, row: str, reason: str) -> None:
        super().__init__(sides, place, side, Origin("row", row))
        kind = PartSource if place.path.template else Source
        self._source = kind(sides, place, side, row)
        self._trail = Trail("implied", path=place.qualified, row=row, reason=reason)

    def write(self, run: Run, frame: Frame, text: str, beside: str = "") -> bool:
        """Compare: the same is implied, something else a finding."""
        spot = self._source.read(run, frame)
        if spot is None:
            return True
        if not self.agrees(spot[2], text):
            self._source.report(run, frame, ECHO_DIFFERS)
            return True
        self._source.mark(run, spot, self._trail)
        if self.attribute and beside and self._source.beside(spot, self.attribute) == beside:
            self._source.mark_beside(run, spot, self.attribute, self._trail)
        return True

    def agrees(self, found: str, expected: str) -> bool:
        """Whether the leaf says what the row gives."""
        return same_value(found, expected, self.place.type)


class ComputedEcho(EchoTarget):
    """The far end of a formula: what was rounded on the way may differ by one unit of the last digit."""

    def agrees(self, found: str, expected: str) -> bool:
        """Whether the leaf says what the formula gives, to one unit of the last digit."""
        told, computed = parse_decimal(found), parse_decimal(expected)
        if told is None or computed is None:
            return False
        digits = max(count_digits(told)[1], count_digits(computed)[1])
        return abs(told - computed) <= Decimal(1).scaleb(-digits)


def source_end(sides: Sides, place: Place, side: int, row: str) -> Source:
    """The end that reads a place."""
    return (PartSource if place.path.template else Source)(sides, place, side, row)


def just_written(sides: Sides, place: Place, side: int, row: str) -> Source:
    """The end from which an echo reads."""
    return (JustWrittenPart if place.path.template else JustWritten)(sides, place, side, row)


def target_end(sides: Sides, place: Place, side: int, origin: Origin) -> Target:
    """The end that writes a place."""
    return (PartTarget if place.path.template else Target)(sides, place, side, origin)
