"""Rows whose text may be longer than its place: ``fit`` and ``chunks``, with the whole kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.conversion.allowed import NOT_ALLOWED
from gateway.conversion.carrying import WRITTEN_TWICE, Action, Trails
from gateway.conversion.ends import Source, Target
from gateway.conversion.places import Place
from gateway.conversion.reading import ManyReader
from gateway.conversion.run import Frame, Run, Spot
from gateway.conversion.trails import Trail
from gateway.conversion.verbs.pieces import TOO_LONG, continues, cut, shortened

WriteMany = Callable[[Run, Frame, list[str]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overflow:
    """The place that keeps a text whole.

    Attributes:
        read, write: its reader and writer.
        length: what one entry of it can hold; None for any length.
        in_pieces: whether a longer text is cut over several entries.
        trails: trails of a leaf that went to both places.
        came_back: trail of the text that is kept here, on the way back.
    """

    place: Place
    read: ManyReader
    write: WriteMany
    length: int | None
    in_pieces: bool
    trails: Trails
    came_back: Trail


def room_of(place: Place) -> int | None:
    """How many characters a place can hold; None for any number."""
    return place.type.max_length if place.type is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretching:
    """What the actions of one such row share.

    Attributes:
        may_shorten: whether the row declares that what fits nowhere is cut.
        overflow: None when what does not fit is refused.
    """

    trails: Trails
    overflow: Overflow | None
    may_shorten: bool

    def place(self, run: Run, frame: Frame, source: Source, target: Target, text: str) -> Trails | None:
        """Write a text to WCO, shortened and whole where it must be; None when it does not fit (and is reported)."""
        room = room_of(target.place)
        if room is None or len(text) <= room:
            return self._written(run, frame, source, target, text)
        overflow = self.overflow
        if overflow is None:
            return self._cut_or_refuse(run, frame, source, target, text)
        pieces, short = _pieces(text, overflow), shortened(text, room)
        if not pieces:
            source.report(run, frame, TOO_LONG)
            return None
        if target.allows is not None and not target.allows(short):
            source.report(run, frame, NOT_ALLOWED)
            return None
        if not target.write(run, frame, short) or not overflow.write(run, frame, pieces):
            source.report(run, frame, WRITTEN_TWICE)
            return None
        return overflow.trails

    def _cut_or_refuse(self, run: Run, frame: Frame, source: Source, target: Target, text: str) -> Trails | None:
        room = room_of(target.place)
        if not self.may_shorten:
            source.report(run, frame, TOO_LONG)
            return None
        written = self._written(run, frame, source, target, shortened(text, room or 0))
        return {"none": self.trails["shortened"]} if written is not None else None

    def _written(self, run: Run, frame: Frame, source: Source, target: Target, text: str) -> Trails | None:
        if target.allows is not None and not target.allows(text):
            source.report(run, frame, NOT_ALLOWED)
            return None
        if target.write(run, frame, text):
            return self.trails
        source.report(run, frame, WRITTEN_TWICE)
        return None

    def mark_whole(self, run: Run, spots: list[Spot]) -> None:
        """Note that the text kept elsewhere came back."""
        for spot in spots:
            assert self.overflow is not None
            run.mark(spot[0], spot[1], self.overflow.came_back)

    def whole(self, run: Run, frame: Frame, text: str) -> tuple[str, list[Spot]]:
        """The whole of a WCO text: what is kept elsewhere if it begins with it, and the leaves that it came from."""
        if self.overflow is None:
            return text, []
        spots = self.overflow.read(run, frame)
        whole = "".join(spot[2] for spot in spots)
        return (whole, spots) if spots and continues(whole, text) else (text, [])


def _pieces(text: str, overflow: Overflow) -> list[str]:
    if overflow.length is None or len(text) <= overflow.length:
        return [text]
    return cut(text, overflow.length) if overflow.in_pieces else []


def fit_forward(stretching: Stretching, source: Source, target: Target) -> Action:
    """To WCO: shortened in its place, whole in the other."""
    part = source.place.path.part

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        trails = stretching.place(run, frame, source, target, spot[2])
        if trails is not None:
            source.mark(run, spot, trails["none"])
            target.owes(run, frame, spot, part)

    return act


def fit_back(stretching: Stretching, source: Source, target: Target) -> Action:
    """From WCO: the whole, if the place that keeps it begins with the short one."""
    part, room = source.place.path.part, room_of(target.place)

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        text, spots = stretching.whole(run, frame, spot[2])
        trail = stretching.trails["none"]
        if room is not None and len(text) > room:
            if not stretching.may_shorten:
                source.report(run, frame, TOO_LONG)
                return
            text, trail = shortened(text, room), stretching.trails["shortened"]
        if target.allows is not None and not target.allows(text):
            source.report(run, frame, NOT_ALLOWED)
            return
        if not target.write(run, frame, text):
            source.report(run, frame, WRITTEN_TWICE)
            return
        source.mark(run, spot, trail)
        target.owes(run, frame, spot, part)
        stretching.mark_whole(run, spots)

    return act


def chunks_forward(stretching: Stretching, read: ManyReader, source: Source, target: Target) -> Action:
    """To WCO: several leaves joined in order, nothing trimmed."""

    def act(run: Run, frame: Frame) -> None:
        spots = read(run, frame)
        if not spots:
            return
        trails = stretching.place(run, frame, source, target, "".join(spot[2] for spot in spots))
        if trails is not None:
            for spot in spots:
                run.mark(spot[0], spot[1], trails["none"])

    return act


def chunks_back(stretching: Stretching, source: Source, write: WriteMany, size: int, most: int) -> Action:
    """From WCO: cut at ``size`` into at most ``most`` leaves."""

    def act(run: Run, frame: Frame) -> None:
        spot = source.read(run, frame)
        if spot is None:
            return
        text, spots = stretching.whole(run, frame, spot[2])
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        trail = stretching.trails["none"]
        if len(pieces) > most:
            if not stretching.may_shorten:
                source.report(run, frame, TOO_LONG)
                return
            pieces, trail = pieces[:most], stretching.trails["shortened"]
        if not write(run, frame, pieces):
            source.report(run, frame, WRITTEN_TWICE)
            return
        source.mark(run, spot, trail)
        stretching.mark_whole(run, spots)

    return act
