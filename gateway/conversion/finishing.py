"""The end of a conversion: the target gets its final form, and every leaf of both sides is counted."""

from __future__ import annotations

from typing import Any

from gateway.conversion.account import Ledger
from gateway.conversion.run import Run
from gateway.conversion.shapes import SEQUENCE, Shape
from gateway.conversion.trails import Origin, Trail, by_parts, joined

COUNTED = Origin("calculated")
SCHEMA_FIXED = Origin("constant")
LOST = Origin("row")


class Finisher:
    """Gives the written side its final form and counts its leaves.

    Classes without content go, mandatory sequence numbers are counted, what the schema fixes is filled in, children
    stand in the order of the schema.

    Args:
        run: the conversion.
        ledger: takes the counts.
    """

    def __init__(self, run: Run, ledger: Ledger) -> None:
        self._origins = run.origins
        self._ledger = ledger

    def root(self, node: dict[str, Any], shape: Shape) -> dict[str, Any]:
        """The content of the document element."""
        content = self._class(node, shape, 1)
        return {} if content is None else content

    def _class(self, node: dict[str, Any], shape: Shape, position: int) -> dict[str, Any] | None:
        content: dict[str, Any] = {}
        attributes = 0
        for key, value in node.items():
            if key[0] == "@":
                content[key] = value
                attributes += 1
                self._note(shape.attribute_path(key), node, key)
                continue
            child = shape.child(key)
            if value.__class__ is str:
                content[key] = value
                self._note(child.path, node, key)
                continue
            final = self._entries(value, child) if value.__class__ is list else self._entry(value, child, 1)
            if final is not None:
                content[key] = final
        if len(content) == attributes:
            return content if attributes else None
        self._fill(content, shape, position)
        if len(content) > 1:
            order = shape.order
            return {key: content[key] for key in sorted(content, key=lambda name: order.get(name, 0))}
        return content

    def _entries(self, entries: list[Any], shape: Shape) -> list[Any] | None:
        final: list[Any] = []
        for entry in entries:
            content = self._entry(entry, shape, len(final) + 1)
            if content is not None:
                final.append(content)
        return final or None

    def _entry(self, entry: Any, shape: Shape, position: int) -> Any:
        if not shape.element.is_leaf:
            return self._class(entry, shape, position)
        text = entry.get("value")
        if text is None:
            return None
        self._note(shape.path, entry, "value")
        for name, value in shape.required_attributes:
            if name not in entry:
                entry[name] = value
                self._ledger.wrote(shape.attribute_path(name), SCHEMA_FIXED)
        if len(entry) == 1:
            return text
        for name in entry:
            if name != "value" and (id(entry), name) in self._origins:
                self._note(shape.attribute_path(name), entry, name)
        return entry

    def _fill(self, content: dict[str, Any], shape: Shape, position: int) -> None:
        if shape.counted and SEQUENCE not in content:
            content[SEQUENCE] = str(position)
            self._ledger.wrote(shape.child(SEQUENCE).path, COUNTED)
        for key, value in shape.fixed:
            if key not in content:
                content[key] = value
                self._ledger.wrote(shape.child(key).path, SCHEMA_FIXED)

    def _note(self, path: str, holder: Any, key: str) -> None:
        self._ledger.wrote(path, self._origins.get((id(holder), key), LOST))


class Accountant:
    """Counts the fate of every leaf of the side that was read.

    Args:
        run: the conversion.
        ledger: takes the counts.
    """

    def __init__(self, run: Run, ledger: Ledger) -> None:
        self._marks = run.marks
        self._part_marks = run.part_marks
        self._ledger = ledger

    def root(self, node: dict[str, Any], shape: Shape) -> None:
        """Everything below the document element."""
        self._class(node, shape, "", 1)

    def _class(self, node: dict[str, Any], shape: Shape, place: str, position: int) -> None:
        prefix = f"{place}/" if place else ""
        for key, value in node.items():
            if key[0] == "@":
                self._attribute(node, key, value, shape, place or "/")
                continue
            child = shape.child(key)
            if value.__class__ is str:
                self._leaf(node, key, value, child, (prefix + key, position))
            elif value.__class__ is list:
                for at, entry in enumerate(value):
                    where = f"{prefix}{key}[{at + 1}]"
                    if entry.__class__ is str:
                        self._leaf(value, at, entry, child, (where, at + 1))
                    else:
                        self._node(entry, child, where, at + 1)
            else:
                self._node(value, child, prefix + key, 1)

    def _node(self, node: dict[str, Any], shape: Shape, place: str, position: int) -> None:
        text = node.get("value")
        if text.__class__ is not str or not shape.element.is_leaf:
            self._class(node, shape, place, position)
            return
        self._leaf(node, "value", text, shape, (place, position))
        for name, value in node.items():
            if name != "value":
                self._attribute(node, name, value, shape, place)

    def _leaf(self, holder: Any, key: str | int, text: str, shape: Shape, where: tuple[str, int]) -> None:
        trail = self._marked(holder, key)
        if trail is None:
            trail = shape.unmarked(text, where[1])
        self._ledger.read(shape.named(trail.path), trail, where[0])

    def _attribute(self, holder: Any, name: str, text: str, shape: Shape, place: str) -> None:
        trail = self._marked(holder, name)
        if trail is None:
            trail = shape.unmarked_attribute(name, text)
        path = trail.path if trail.path.endswith(name) else shape.attribute_path(name)
        self._ledger.read(path, trail, f"{place}{name}")

    def _marked(self, holder: Any, key: str | int) -> Trail | None:
        spot = (id(holder), key)
        trail = self._marks.get(spot)
        parts = self._part_marks.get(spot) if self._part_marks else None
        if parts is None:
            return trail
        together = by_parts(parts.values())
        return together if trail is None else joined(trail, together)
