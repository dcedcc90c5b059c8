"""The end of a conversion: the target gets its final form, and every leaf of both sides is counted."""

from __future__ import annotations

from typing import Any

from gateway.conversion.account import MOST_PLACES, Ledger
from gateway.conversion.run import Run, Spot
from gateway.conversion.shapes import SEQUENCE, Shape
from gateway.conversion.trails import Origin, Trail, by_parts, joined

COUNTED = Origin("calculated")
SCHEMA_FIXED = Origin("constant")
LOST = Origin("row")


class Finisher:
    """Gives the written side its final form and counts its leaves.

    Classes without content go, mandatory sequence numbers are counted, what the schema fixes is filled in. The order of
    members in a class is that of the rows: the codec writes a tree in the order of the schema whatever its own.

    Args:
        run: the conversion.
        ledger: takes the counts.
    """

    def __init__(self, run: Run, ledger: Ledger) -> None:
        self._origins = run.origins
        self._wrote = ledger.wrote

    def root(self, node: dict[str, Any], shape: Shape) -> dict[str, Any]:
        """The content of the document element."""
        content = self._class(node, shape, 1)
        return {} if content is None else content

    def _class(self, node: dict[str, Any], shape: Shape, position: int) -> dict[str, Any] | None:
        content: dict[str, Any] = {}
        children, origins, wrote, here = shape.children, self._origins, self._wrote, id(node)
        attributes = 0
        for key, value in node.items():
            if key[0] == "@":
                content[key] = value
                attributes += 1
                wrote.append((shape.attribute_path(key), origins.get((here, key), LOST)))
                continue
            child = children.get(key) or shape.child(key)
            if value.__class__ is str:
                content[key] = value
                wrote.append((child.path, origins.get((here, key), LOST)))
            elif value.__class__ is list:
                entries = self._entries(value, child)
                if entries:
                    content[key] = entries
            else:
                final = self._leaf(value, child) if child.is_leaf else self._class(value, child, 1)
                if final is not None:
                    content[key] = final
        if len(content) == attributes:
            return content if attributes else None
        if shape.fills:
            self._fill(content, shape, position)
        return content

    def _entries(self, entries: list[Any], shape: Shape) -> list[Any]:
        final: list[Any] = []
        for entry in entries:
            content = self._leaf(entry, shape) if shape.is_leaf else self._class(entry, shape, len(final) + 1)
            if content is not None:
                final.append(content)
        return final

    def _leaf(self, entry: dict[str, str], shape: Shape) -> Any:
        text = entry.get("value")
        if text is None:
            return None
        origins, wrote, here = self._origins, self._wrote, id(entry)
        wrote.append((shape.path, origins.get((here, "value"), LOST)))
        for name, value in shape.required_attributes:
            if name not in entry:
                entry[name] = value
                origins[(here, name)] = SCHEMA_FIXED
        if len(entry) == 1:
            return text
        for name in entry:
            if name != "value":
                wrote.append((shape.attribute_path(name), origins.get((here, name), LOST)))
        return entry

    def _fill(self, content: dict[str, Any], shape: Shape, position: int) -> None:
        if shape.counted and SEQUENCE not in content:
            content[SEQUENCE] = str(position)
            self._wrote.append((shape.child(SEQUENCE).path, COUNTED))
        for key, value in shape.fixed:
            if key not in content:
                content[key] = value
                self._wrote.append((shape.child(key).path, SCHEMA_FIXED))


class Accountant:
    """Counts the fate of every leaf of the side that was read.

    Args:
        run: the conversion.
        ledger: takes the counts.
    """

    def __init__(self, run: Run, ledger: Ledger) -> None:
        self._marks = run.marks
        self._part_marks = run.part_marks
        self._read = ledger.read
        self._places = ledger.places

    def root(self, node: dict[str, Any], shape: Shape) -> None:
        """Everything below the document element."""
        self._class(node, shape, "", 1)

    def _class(self, node: dict[str, Any], shape: Shape, place: str, position: int) -> None:
        children, marks, here = shape.children, self._marks, id(node)
        for key, value in node.items():
            if key[0] == "@":
                self._attribute(node, key, shape, place or "/")
                continue
            child = children.get(key) or shape.child(key)
            if value.__class__ is str:
                trail = marks.get((here, key))
                if trail is not None and trail.is_plain:
                    self._read.append((child.names.get(trail.path) or child.named(trail.path), trail))
                else:
                    self._leaf((node, key, value), child, f"{place}/{key}" if place else key, position)
                continue
            where = f"{place}/{key}" if place else key
            if value.__class__ is not list:
                if child.is_leaf:
                    self._node(value, child, where, 1)
                else:
                    self._class(value, child, where, 1)
                continue
            for at, entry in enumerate(value):
                if entry.__class__ is str:
                    self._leaf((value, at, entry), child, f"{where}[{at + 1}]", at + 1)
                else:
                    self._node(entry, child, f"{where}[{at + 1}]", at + 1)

    def _node(self, node: dict[str, Any], shape: Shape, place: str, position: int) -> None:
        if not shape.is_leaf:
            self._class(node, shape, place, position)
            return
        self._leaf((node, "value", node["value"]), shape, place, position)
        for name in node:
            if name != "value":
                self._attribute(node, name, shape, place)

    def _leaf(self, spot: Spot, shape: Shape, place: str, position: int) -> None:
        trail = self._marked(spot[0], spot[1])
        if trail is None:
            trail = shape.unmarked(spot[2], position)
        self._note(shape.named(trail.path), trail, place)

    def _attribute(self, holder: Any, name: str, shape: Shape, place: str) -> None:
        trail = self._marked(holder, name)
        if trail is None:
            trail = shape.unmarked_attribute(name, holder[name])
        self._note(trail.path if trail.path.endswith(name) else shape.attribute_path(name), trail, f"{place}{name}")

    def _note(self, path: str, trail: Trail, place: str) -> None:
        self._read.append((path, trail))
        if not trail.is_plain:
            places = self._places.setdefault((path, trail), [])
            if len(places) < MOST_PLACES:
                places.append(place)

    def _marked(self, holder: Any, key: str | int) -> Trail | None:
        spot = (id(holder), key)
        trail = self._marks.get(spot)
        parts = self._part_marks.get(spot) if self._part_marks else None
        if parts is None:
            return trail
        together = by_parts(tuple(parts.values()))
        return together if trail is None else joined(trail, together)
