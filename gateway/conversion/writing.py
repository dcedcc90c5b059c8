"""Writing places of one side: each place is compiled to a plain function that makes what is missing on the way.

While a message is written, a leaf that can carry attributes and each leaf of a list is a class with a ``value``;
`finishing` gives them their final form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from gateway.conversion.matching import Matcher, step_matcher
from gateway.conversion.places import Place, PlaceStep, qualified_leaf, resolve_below
from gateway.conversion.reading import Reading, is_straight
from gateway.conversion.run import Bag, Frame, Run
from gateway.conversion.straight import Way, straight_writer
from gateway.conversion.trails import Origin
from gateway.formats.paths import Path
from gateway.formats.structure import Element

Writer: TypeAlias = Callable[[Run, Frame, str], bool]
"""Gives False when the place already holds another text, or cannot be reached."""
Reach: TypeAlias = Callable[[Run, Frame], tuple[Any, str] | None]
"""Gives the holder and the key of a leaf, with what is missing above it made."""
_Move: TypeAlias = Callable[[Run, Any], Any]


class Writing:
    """Compiles writers of one side.

    Args:
        reading: the readers of the same side; they know depths and claims.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def leaf(self, place: Place, origin: Origin) -> Writer:
        """Writer of a leaf, an attribute (only beside its value) or a variable."""
        if place.path.variable:
            return _variable(place.path.variable)
        if place.attribute is not None:
            return self._attribute(place, origin)
        if is_straight(place):
            return straight_writer(self.way(place, origin), origin)
        reach = self.reach(place, origin)

        def write(run: Run, frame: Frame, text: str) -> bool:
            target = reach(run, frame)
            return target is not None and put(run, target[0], target[1], text, origin)

        return write

    def way(self, place: Place, origin: Origin) -> Way:
        """The way to a straight leaf that is written."""
        return self.reading.way(place, lambda at: self._entry(place, at, origin))

    def part(self, place: Place, origin: Origin) -> Callable[[Run, Frame], Bag | None]:
        """The bag in which the parts of a text are collected."""
        reach = self.reach(place, origin)

        def bag(run: Run, frame: Frame) -> Bag | None:
            target = reach(run, frame)
            if target is None:
                return None
            spot = (id(target[0]), target[1])
            if spot not in run.bags:
                run.bags[spot] = Bag(target[0], target[1], origin, place, frame)
            return run.bags[spot]

        return bag

    def pieces(self, place: Place, origin: Origin) -> Callable[[Run, Frame, list[str]], bool]:
        """Writer of several texts into as many entries that share the same braces (or into one leaf)."""
        at = next((n for n in range(len(place.steps) - 1, -1, -1) if place.steps[n].element.repeats), None)
        if at is None or at <= place.anchor:
            write = self.leaf(place, origin)
            return lambda run, frame, texts: len(texts) == 1 and write(run, frame, texts[0])
        above = self._moves(place, place.anchor + 1, at, origin)
        rest = self._moves(place, at + 1, len(place.steps) - 1, origin)
        fresh = fresh_entry(place.steps[at], origin)
        key, side, depth = place.steps[at].element.key, self.reading.side, self.reading.anchor_depth(place)
        end = None if at == len(place.steps) - 1 else _leaf_holder(place.steps[-1].element)

        def write_all(run: Run, frame: Frame, texts: list[str]) -> bool:
            node = frame.nodes[side][depth]
            if node is None:
                return False
            entries = _down(run, node, above).setdefault(key, [])
            for text in texts:
                entry = fresh(run)
                entries.append(entry)
                holder, name = (entry, "value") if end is None else end(_down(run, entry, rest))
                put(run, holder, name, text, origin)
            return True

        return write_all

    def reach(self, place: Place, origin: Origin) -> Reach:
        """The holder of a leaf, with everything above it made."""
        side, depth, last = self.reading.side, self.reading.anchor_depth(place), len(place.steps) - 1
        if place.anchor == last:
            return lambda _run, frame: None if frame.nodes[side][depth] is None else (frame.nodes[side][depth], "value")
        moves = self._moves(place, place.anchor + 1, last, origin)
        step = place.steps[last]
        if step.element.repeats or step.qualifier is not None:
            into = self._entry(place, last, origin)
            return lambda run, frame: (
                None
                if frame.nodes[side][depth] is None
                else (into(run, _down(run, frame.nodes[side][depth], moves)), "value")
            )
        end = _leaf_holder(step.element)

        def reach(run: Run, frame: Frame) -> tuple[Any, str] | None:
            node = frame.nodes[side][depth]
            return None if node is None else end(_down(run, node, moves))

        return reach

    def adder(self, place: Place, origin: Origin) -> Callable[[Run, Frame], Any]:
        """Adds an entry of a loop at the place of its list; None where there can be no more."""
        side, depth, last = self.reading.side, self.reading.anchor_depth(place), len(place.steps) - 1
        moves = self._moves(place, place.anchor + 1, last, origin)
        fresh = fresh_entry(place.steps[last], origin)
        key, repeats = place.steps[last].element.key, place.steps[last].element.repeats

        def add(run: Run, frame: Frame) -> Any:
            node = frame.nodes[side][depth]
            if node is None:
                return None
            node = _down(run, node, moves)
            if not repeats:
                if key in node:
                    return None
                entry = node[key] = fresh(run)
                return entry
            entry = fresh(run)
            node.setdefault(key, []).append(entry)
            return entry

        return add

    def below(self, path: Path, entry: Place, origin: Origin) -> Callable[[Run, Any, str], bool]:
        """Writer of a plain path below a given entry."""
        place = resolve_below(path, entry, "")
        moves = tuple(step.element.key for step in place.steps[:-1])
        end = _leaf_holder(place.steps[-1].element)

        def write(run: Run, node: Any, text: str) -> bool:
            return node is not None and put(run, *end(_down(run, node, moves)), text, origin)

        return write

    def demanded(self, place: Place, origin: Origin) -> Reach:
        """Reach for constants: goes through what is there, makes what the schema demands and one entry of braces."""
        side, depth, last = self.reading.side, self.reading.anchor_depth(place), len(place.steps) - 1
        if place.attribute is not None or place.anchor == last:
            return self._existing(place)
        moves = [self._demanded_move(place, at, origin) for at in range(place.anchor + 1, last)]
        step = place.steps[last]
        braces = step.qualifier is not None or step.element.repeats
        into = self._entry(place, last, origin) if braces else None
        end = _leaf_holder(step.element)

        def reach(run: Run, frame: Frame) -> tuple[Any, str] | None:
            node = frame.nodes[side][depth]
            for move in moves:
                if node is None:
                    return None
                node = move(run, node)
            if node is None:
                return None
            return end(node) if into is None else (into(run, node), "value")

        return reach

    def _existing(self, place: Place) -> Reach:
        side, depth = self.reading.side, self.reading.anchor_depth(place)
        descend = self.reading.descent(place, place.anchor + 1, len(place.steps))
        key = "value" if place.attribute is None else f"@{place.attribute.name}"
        needs_value = place.attribute is not None and place.element.is_leaf

        def reach(_run: Run, frame: Frame) -> tuple[Any, str] | None:
            node = frame.nodes[side][depth]
            holder = None if node is None else descend(node)
            if not isinstance(holder, dict) or (needs_value and holder.get("value") is None):
                return None
            return holder, key

        return reach

    def _attribute(self, place: Place, origin: Origin) -> Writer:
        reach = self._existing(place)

        def write(run: Run, frame: Frame, text: str) -> bool:
            target = reach(run, frame)
            return target is not None and put(run, target[0], target[1], text, origin)

        return write

    def _moves(self, place: Place, first: int, last: int, origin: Origin) -> tuple[str | _Move, ...]:
        """The class steps on the way: a name for a plain class, a function where an entry is chosen or made."""
        moves: list[str | _Move] = []
        for at in range(first, last):
            step = place.steps[at]
            chooses = step.element.repeats or step.qualifier is not None
            moves.append(self._entry(place, at, origin) if chooses else step.element.key)
        return tuple(moves)

    def _entry(self, place: Place, at: int, origin: Origin) -> _Move:
        step = place.steps[at]
        matches = step_matcher(place, at, self.reading.claims)
        fresh = fresh_entry(step, origin)
        key, repeats = step.element.key, step.element.repeats

        def into(run: Run, node: Any) -> Any:
            found = node.get(key)
            if not repeats:
                if found is None:
                    found = node[key] = fresh(run)
                return found
            if found is None:
                found = node[key] = []
            entry = _chosen(found, matches)
            if entry is None:
                entry = fresh(run)
                found.append(entry)
            return entry

        return into

    def _demanded_move(self, place: Place, at: int, origin: Origin) -> _Move:
        step = place.steps[at]
        chooses = step.element.repeats or step.qualifier is not None
        if step.qualifier is not None or (chooses and step.element.minimum):
            return self._entry(place, at, origin)
        key, required = step.element.key, step.element.minimum >= 1
        matches = step_matcher(place, at, self.reading.claims) if chooses else None

        def into(_run: Run, node: Any) -> Any:
            found = node.get(key)
            if chooses:
                return None if found is None else _chosen(found, matches)
            if found is None and required:
                found = node[key] = {}
            return found

        return into


def put(run: Run, holder: Any, key: str, text: str, origin: Origin) -> bool:
    """Write a text where none is; False when another one stands there."""
    old = holder.get(key)
    if old is None:
        holder[key] = text
        run.origins[(id(holder), key)] = origin
        return True
    return bool(old == text)


def _down(run: Run, node: Any, moves: tuple[str | _Move, ...]) -> Any:
    for move in moves:
        if move.__class__ is str:
            child = node.get(move)
            if child is None:
                child = node[move] = {}
            node = child
        else:
            node = move(run, node)  # type: ignore[operator]  # the class was just looked at
    return node


def _chosen(entries: Any, matches: Matcher | None) -> Any:
    for entry in entries:
        if matches is None or matches(entry):
            return entry
    return None


def _leaf_holder(element: Element) -> Callable[[Any], tuple[Any, str]]:
    key = element.key
    if not element.attributes:
        return lambda node: (node, key)

    def holder(node: Any) -> tuple[Any, str]:
        leaf = node.get(key)
        if leaf is None:
            leaf = node[key] = {}
        return leaf, "value"

    return holder


def fresh_entry(step: PlaceStep, origin: Origin) -> Callable[[Run], dict[str, Any]]:
    """Makes a new entry of a list, with the content that braces give it."""
    if step.qualifier is None:
        return lambda _run: {}
    chain, attribute = qualified_leaf(step.element, step.qualifier)
    value = step.qualifier.value
    braces = Origin("constant", origin.row)

    def fresh(run: Run) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        if attribute is not None:
            put(run, entry, f"@{attribute.name}", value, braces)
            return entry
        holder: Any = entry
        for element in chain[:-1]:
            below: dict[str, Any] = {}
            holder[element.key] = [below] if element.repeats else below
            holder = below
        put(run, *_own_holder(holder, chain[-1]), value, braces)
        return entry

    return fresh


def _own_holder(holder: Any, element: Element) -> tuple[Any, str]:
    if element.repeats:
        leaf: dict[str, Any] = {}
        holder[element.key] = [leaf]
        return leaf, "value"
    return _leaf_holder(element)(holder)


def _variable(name: str) -> Writer:
    def write(run: Run, _frame: Frame, text: str) -> bool:
        return run.variables.setdefault(name, text) == text

    return write
