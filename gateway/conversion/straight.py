"""Straight-line functions: a place becomes the few lines of Python that reach it, made once when a table is compiled.

The source holds element names of a schema as quoted literals and nothing from a message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

Choose: TypeAlias = Callable[[Any], Any]
"""Picks the entry of a list that a step means, or None."""
Make: TypeAlias = Callable[[Any, Any], Any]
"""Picks or makes, below a node, the entry that a step means; takes the run and the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a leaf stands, from the entry of a loop down.

    Attributes:
        side: index of the side in a frame's nodes.
        depth: depth of the entry that the place starts from.
        moves: the classes on the way: key, what chooses among entries when reading, what makes one when writing; both
            None for a plain class.
        last: key of the leaf.
        carries_attributes: whether the leaf is written as a class with a ``value``.
    """

    side: int
    depth: int
    moves: tuple[tuple[str, Choose | None, Make | None], ...]
    last: str
    carries_attributes: bool = False

    @property
    def key(self) -> str:
        """Key of the text in its holder while it is written."""
        return "value" if self.carries_attributes else self.last


def straight_reader(way: Way, told: Callable[[Any, str, Any], Any]) -> Callable[[Any, Any], Any]:
    """Reader of a leaf below plain classes and chosen entries; gives holder, key and text, or None.

    Args:
        way: where the leaf stands.
        told: makes the spot of a leaf that is not plain text.
    """
    names: dict[str, Any] = {"told": told}
    lines = ["def read(run, frame):", *_find(way, names, "return None")]
    lines += [
        "    if leaf.__class__ is str:",
        f"        return (node, {way.last!r}, leaf) if leaf and not leaf.isspace() else None",
        f"    return None if leaf is None else told(node, {way.last!r}, leaf)",
    ]
    return _made("read", lines, names)


def straight_writer(way: Way, origin: object) -> Callable[[Any, Any, str], bool]:
    """Writer of a leaf below plain classes and entries that are chosen or made; False when another text is there.

    Args:
        way: where the leaf stands.
        origin: what the account says about it.
    """
    names: dict[str, Any] = {"origin": origin}
    lines = ["def write(run, frame, leaf):", *_reach(way, names, "return False")]
    lines += [
        "    if old is None:",
        *_put(way),
        "        return True",
        "    return old == leaf",
    ]
    return _made("write", lines, names)


def straight_carrier(
    source: Way,
    target: Way,
    ends: tuple[object, object],
    fits: tuple[int | None, Callable[[str], bool] | None],
    slow: Callable[[Any, Any], None],
) -> Callable[[Any, Any], None]:
    """The whole action of a row that carries a text as it stands.

    Args:
        source: where the leaf is read.
        target: where it is written.
        ends: the trail of the source leaf and the origin of the target leaf.
        fits: characters that the target can hold (None for any number), and what else it asks of a text.
        slow: the row's full action, taken where anything out of the ordinary is found; it may find work half done.
    """
    names: dict[str, Any] = {"trail": ends[0], "origin": ends[1], "slow": slow}
    lines = ["def act(run, frame):", *_find(source, names, "return")]
    room, allows = fits
    too_long = "" if room is None else f" or len(leaf) > {room}"
    if allows is not None:
        names["allows"] = allows
        too_long += " or not allows(leaf)"
    lines += [
        "    if leaf is None:",
        "        return",
        f"    if leaf.__class__ is not str or not leaf or leaf.isspace(){too_long}:",
        "        slow(run, frame)",
        "        return",
        f"    spot = (id(node), {source.last!r})",
        *_reach(target, names, "return slow(run, frame)"),
        "    if old is None:",
        *_put(target),
        "    elif old != leaf:",
        "        slow(run, frame)",
        "        return",
        "    if run.marks.setdefault(spot, trail) is not trail:",
        "        slow(run, frame)",
    ]
    return _made("act", lines, names)


def _find(way: Way, names: dict[str, Any], missing: str) -> list[str]:
    """Lines that set ``node`` to the holder of a leaf and ``leaf`` to what stands there."""
    lines = [f"    node = frame.nodes[{way.side}][{way.depth}]"]
    lines += ["    if node is None:", f"        {missing}"] if way.depth else []
    for at, (key, choose, _) in enumerate(way.moves):
        lines += [f"    node = node.get({key!r})", "    if node is None:", f"        {missing}"]
        if choose is not None:
            names[f"choose_{at}"] = choose
            lines += [f"    node = choose_{at}(node)", "    if node is None:", f"        {missing}"]
    return [*lines, f"    leaf = node.get({way.last!r})"]


def _reach(way: Way, names: dict[str, Any], missing: str) -> list[str]:
    """Lines that set ``node`` to the holder of a leaf, made where it is not there, and ``old`` to what it holds."""
    lines = [f"    node = frame.nodes[{way.side}][{way.depth}]"]
    lines += ["    if node is None:", f"        {missing}"] if way.depth else []
    for at, (key, _, make) in enumerate(way.moves):
        if make is None:
            lines += _into_class(key)
        else:
            names[f"make_{at}"] = make
            lines.append(f"    node = make_{at}(run, node)")
    if way.carries_attributes:
        lines += _into_class(way.last)
    return [*lines, f"    old = node.get({way.key!r})"]


def _put(way: Way) -> list[str]:
    return [
        f"        node[{way.key!r}] = leaf",
        f"        run.origins[(id(node), {way.key!r})] = origin",
    ]


def _into_class(key: str) -> list[str]:
    return [
        f"    below = node.get({key!r})",
        "    if below is None:",
        f"        below = node[{key!r}] = {{}}",
        "    node = below",
    ]


def _made(name: str, lines: list[str], names: dict[str, Any]) -> Callable[..., Any]:
    exec(_compiled("\n".join(lines)), names)  # noqa: S102 - generated from schema names alone
    made: Callable[..., Any] = names[name]
    return made


@lru_cache(maxsize=16_384)
def _compiled(text: str) -> CodeType:
    """Rows that walk alike share their code, and so do a table's compilations in one process."""
    return compile(text, "<conversion>", "exec")
