"""Reading places of one side: each place is compiled to a plain function of the run and a frame.

A reader gives a `Spot`: the holder of the leaf, its key there and its text. Blank counts as absent. Nothing is parsed
or looked up by path while a message is converted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from gateway.conversion.matching import Claims, Matcher, holds_nothing, step_matcher
from gateway.conversion.places import Place
from gateway.conversion.run import Frame, Run, Spot
from gateway.conversion.straight import Choose, Make, Way, straight_reader
from gateway.conversion.subtrees import ends_of, leaves_of

Reader: TypeAlias = Callable[[Run, Frame], Spot | None]
ManyReader: TypeAlias = Callable[[Run, Frame], list[Spot]]
Descent: TypeAlias = Callable[[Any], Any]
Lister: TypeAlias = Callable[[Frame], list[tuple[int, Any]]]


class Reading:
    """Compiles readers of one side.

    Args:
        side: index of the side in a frame's nodes.
        depths: depth of each loop's entry in a frame.
        claims: what braces claim on this side.
    """

    def __init__(self, side: int, depths: Mapping[str, int], claims: Claims) -> None:
        self.side = side
        self.depths = depths
        self.claims = claims

    def anchor_depth(self, place: Place) -> int:
        """Depth of the entry that a place starts from."""
        return self.depths[place.steps[place.anchor].loop if place.anchor >= 0 else place.base]

    def leaf(self, place: Place) -> Reader:
        """Reader of a leaf, an attribute or a variable."""
        if place.path.variable:
            return _variable(place.path.variable)
        side, depth = self.side, self.anchor_depth(place)
        first = place.anchor + 1
        if place.attribute is not None:
            find = self._attribute(place, first)
        elif first == len(place.steps):
            find = _own_text
        elif is_straight(place):
            return straight_reader(self.way(place), _told)
        else:
            find = self._text(place, first)

        def read(_run: Run, frame: Frame) -> Spot | None:
            node = frame.nodes[side][depth]
            return None if node is None else find(node)

        return read

    def many(self, place: Place) -> ManyReader:
        """Reader of all texts of a list: the last step is a whole list, or braces that several entries share."""
        side, depth = self.side, self.anchor_depth(place)
        at = next((n for n in range(place.anchor + 1, len(place.steps)) if place.steps[n].element.repeats), None)
        if at is None:
            single = self.leaf(place)
            return lambda run, frame: [spot for spot in (single(run, frame),) if spot is not None]
        descend = self.descent(place, place.anchor + 1, at)
        matches = step_matcher(place, at, self.claims)
        key = place.steps[at].element.key
        rest = None if at + 1 == len(place.steps) else self._text(place, at + 1)

        def read(_run: Run, frame: Frame) -> list[Spot]:
            node = frame.nodes[side][depth]
            node = None if node is None else descend(node)
            entries = node.get(key, ()) if isinstance(node, dict) else ()
            spots: list[Spot] = []
            for index, entry in enumerate(entries):
                if matches is None or matches(entry):
                    spot = _spot_in(entries, index) if rest is None else rest(entry)
                    if spot is not None:
                        spots.append(spot)
            return spots

        return read

    def presence(self, place: Place) -> Callable[[Run, Frame], bool]:
        """Whether a leaf holds a text, or a class (or any entry of a whole list) holds one anywhere."""
        is_list = bool(place.steps) and place.steps[-1].mode == "plain" and place.element.repeats
        if place.path.variable or place.attribute is not None or (place.element.is_leaf and not is_list):
            read = self.leaf(place)
            return lambda run, frame: read(run, frame) is not None
        side, depth = self.side, self.anchor_depth(place)
        if is_list and place.steps[-1].qualifier is None:
            entries = self.lister(place)
            return lambda _run, frame: bool(entries(frame))
        descend = self.descent(place, place.anchor + 1, len(place.steps))

        def present(_run: Run, frame: Frame) -> bool:
            node = frame.nodes[side][depth]
            node = None if node is None else descend(node)
            return node is not None and not holds_nothing(node)

        return present

    def lister(self, place: Place) -> Lister:
        """The entries (0-based position, entry) of a loop's list below a frame; entries that hold nothing are none."""
        side, depth = self.side, self.anchor_depth(place)
        last = len(place.steps) - 1
        descend = self.descent(place, place.anchor + 1, last)
        matches = step_matcher(place, last, self.claims)
        key = place.steps[last].element.key

        def entries(frame: Frame) -> list[tuple[int, Any]]:
            node = frame.nodes[side][depth]
            node = None if node is None else descend(node)
            found = node.get(key) if isinstance(node, dict) else None
            if found is None:
                return []
            if not isinstance(found, list):
                chosen = [(0, (node, key) if isinstance(found, str) else found)]
                return [] if holds_nothing(found) or (matches is not None and not matches(found)) else chosen
            return [
                (index, (found, index) if isinstance(entry, str) else entry)
                for index, entry in enumerate(found)
                if (matches is None or matches(entry)) and not holds_nothing(entry)
            ]

        return entries

    def counter(self, place: Place, at: int) -> Callable[[Frame], int]:
        """How many entries a step that means one entry finds."""
        side, depth = self.side, self.anchor_depth(place)
        descend = self.descent(place, place.anchor + 1, at)
        matches = step_matcher(place, at, self.claims)
        key = place.steps[at].element.key

        def count(frame: Frame) -> int:
            node = frame.nodes[side][depth]
            node = None if node is None else descend(node)
            found = node.get(key) if isinstance(node, dict) else None
            if not isinstance(found, list) or len(found) < 2:
                return 0
            return sum(1 for entry in found if (matches is None or matches(entry)) and not holds_nothing(entry))

        return count

    def below(self, place: Place) -> Callable[[Frame], list[tuple[Any, str | int]]]:
        """Every leaf at or below a place (holder and key); steps without a letter mean all entries."""
        side, depth = self.side, self.anchor_depth(place)
        moves = [
            (place.steps[at].element.key, step_matcher(place, at, self.claims) if place.steps[at].qualifier else None)
            for at in range(place.anchor + 1, len(place.steps))
        ]
        attribute = f"@{place.attribute.name}" if place.attribute is not None else ""

        def leaves(frame: Frame) -> list[tuple[Any, str | int]]:
            node = frame.nodes[side][depth]
            ends = [] if node is None else ends_of(node, moves)
            if attribute:
                return [(here, attribute) for here in (holder[key] for holder, key in ends) if isinstance(here, dict)]
            return [leaf for holder, key in ends for leaf in leaves_of(holder, key)]

        return leaves

    def holder(self, place: Place) -> Callable[[Frame], Any]:
        """The list that a loop runs over, by identity; used to tell split lists apart."""
        side, depth = self.side, self.anchor_depth(place)
        last = len(place.steps) - 1
        descend = self.descent(place, place.anchor + 1, last)
        key = place.steps[last].element.key

        def found(frame: Frame) -> Any:
            node = frame.nodes[side][depth]
            node = None if node is None else descend(node)
            return node.get(key) if isinstance(node, dict) else None

        return found

    def descent(self, place: Place, first: int, last: int) -> Descent:
        """From an entry down the class steps ``first`` to ``last`` (excluded)."""
        moves: list[tuple[str, Matcher | None, bool]] = []
        for at in range(first, last):
            step = place.steps[at]
            chooses = step.element.repeats or step.qualifier is not None
            moves.append((step.element.key, step_matcher(place, at, self.claims) if chooses else None, chooses))
        if not any(chooses for _, _, chooses in moves):
            return _plain_descent(tuple(key for key, _, _ in moves))

        def descend(node: Any) -> Any:
            for key, matches, chooses in moves:
                node = node.get(key) if isinstance(node, dict) else None
                if node is None:
                    return None
                if chooses:
                    node = _first(node, matches)
                    if node is None:
                        return None
            return node

        return descend

    def way(self, place: Place, makers: Callable[[int], Make] | None = None) -> Way:
        """The way to a straight leaf.

        Args:
            place: the leaf.
            makers: gives what makes the entry of a step when it is written; None where the way is only read.
        """
        moves: list[tuple[str, Choose | None, Make | None]] = []
        for at in range(place.anchor + 1, len(place.steps) - 1):
            step = place.steps[at]
            if step.element.repeats or step.qualifier is not None:
                choose = _chooser(step_matcher(place, at, self.claims))
                moves.append((step.element.key, choose, None if makers is None else makers(at)))
            else:
                moves.append((step.element.key, None, None))
        return Way(
            side=self.side,
            depth=self.anchor_depth(place),
            moves=tuple(moves),
            last=place.element.key,
            carries_attributes=bool(place.element.attributes),
        )

    def _text(self, place: Place, first: int) -> Callable[[Any], Spot | None]:
        last = len(place.steps) - 1
        descend = self.descent(place, first, last)
        step = place.steps[last]
        key = step.element.key
        if step.element.repeats or step.qualifier is not None:
            return _chosen_text(descend, key, step_matcher(place, last, self.claims))
        if first == last:
            return lambda node: _spot_at(node, key)

        def find(node: Any) -> Spot | None:
            holder = descend(node)
            return None if holder is None else _spot_at(holder, key)

        return find

    def _attribute(self, place: Place, first: int) -> Callable[[Any], Spot | None]:
        descend = self.descent(place, first, len(place.steps))
        assert place.attribute is not None
        key = f"@{place.attribute.name}"

        def find(node: Any) -> Spot | None:
            holder = descend(node)
            if not isinstance(holder, dict):
                return None
            text = holder.get(key)
            return (holder, key, text) if text and not text.isspace() else None

        return find


def is_straight(place: Place) -> bool:
    """Whether a place is one leaf in a class: no attribute, no list of leaves, not the entry of a loop itself."""
    plain = not place.path.variable and place.attribute is None and place.anchor < len(place.steps) - 1
    return plain and not place.element.repeats and place.steps[-1].qualifier is None


def _variable(name: str) -> Reader:
    def read(run: Run, _frame: Frame) -> Spot | None:
        text = run.known.get(name, "")
        return (run.known, name, text) if text else None

    return read


def _plain_descent(keys: tuple[str, ...]) -> Descent:
    if not keys:
        return lambda node: node
    if len(keys) == 1:
        only = keys[0]
        return lambda node: node.get(only)

    def descend(node: Any) -> Any:
        for key in keys:
            node = node.get(key)
            if node is None:
                return None
        return node

    return descend


def _chooser(matches: Matcher | None) -> Descent:
    if matches is None:
        return lambda found: (found[0] if found else None) if found.__class__ is list else found
    return lambda found: _first(found, matches)


def _told(_holder: Any, _key: str, leaf: Any) -> Spot | None:
    text = leaf.get("value") if isinstance(leaf, dict) else None
    return (leaf, "value", text) if text and not text.isspace() else None


def _first(found: Any, matches: Matcher | None) -> Any:
    if not isinstance(found, list):
        return found if matches is None or matches(found) else None
    for entry in found:
        if matches is None or matches(entry):
            return entry
    return None


def _spot_at(holder: Any, key: str) -> Spot | None:
    leaf = holder.get(key)
    if leaf is None:
        return None
    if leaf.__class__ is dict:
        text = leaf.get("value")
        return (leaf, "value", text) if text and not text.isspace() else None
    return (holder, key, leaf) if leaf and not leaf.isspace() else None


def _spot_in(entries: Any, index: int) -> Spot | None:
    leaf = entries[index]
    if isinstance(leaf, dict):
        text = leaf.get("value")
        return (leaf, "value", text) if text and not text.isspace() else None
    return (entries, index, leaf) if leaf and not leaf.isspace() else None


def _own_text(node: Any) -> Spot | None:
    if isinstance(node, tuple):
        holder, key = node
        return (holder, key, holder[key])
    text = node.get("value")
    return (node, "value", text) if text and not text.isspace() else None


def _chosen_text(descend: Descent, key: str, matches: Matcher | None) -> Callable[[Any], Spot | None]:
    def find(node: Any) -> Spot | None:
        holder = descend(node)
        found = holder.get(key) if isinstance(holder, dict) else None
        if found is None:
            return None
        if not isinstance(found, list):
            return _spot_at(holder, key) if matches is None or matches(found) else None
        for index, entry in enumerate(found):
            if matches is None or matches(entry):
                return _spot_in(found, index)
        return None

    return find
