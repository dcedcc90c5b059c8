"""Drawing texts that match XSD patterns, and asking whether a text matches."""

from __future__ import annotations

import random
import re
import string
from functools import lru_cache

from gateway.formats.generation.regex_syntax import Chars, Choice, Node, Ranges, Repeat, Sequence, parse_pattern

_PLAIN = string.ascii_uppercase + string.digits
_LOWER = string.ascii_lowercase
_SIGNS = "-./(),:+_"
_TRIES = 60
_SPARE_REPEATS = 10
"""How far an unbounded count runs beyond its least."""
_EDGE = 0.15
"""How often a count takes its least, and its most."""
_WIDE_CLASS = 0x8000
_MANY_RANGES = 12
"""A class of more code points or ranges than this is meant as "any text" or "any digit", not as a script."""


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches an XSD pattern.

    Raises:
        PatternSyntaxError: the pattern cannot be read.
    """
    return _compiled(pattern).fullmatch(text) is not None


def draw_text(pattern: str, stream: random.Random, least: int = 0, most: int | None = None) -> str | None:
    """Draw a text that matches a pattern.

    Args:
        pattern: XSD regular expression.
        stream: source of chance; the same state gives the same text.
        least: smallest length in characters.
        most: largest length in characters, None for unbounded.

    Returns:
        None when no text of that length was found in a fair number of tries.

    Raises:
        PatternSyntaxError: the pattern cannot be read.
    """
    node = parse_pattern(pattern)
    room = most if most is not None else max(shortest(node), least) + 4 * _SPARE_REPEATS
    if shortest(node) > room:
        return None
    for _ in range(_TRIES):
        signs: list[str] = []
        _draw(node, stream, room, max(_SPARE_REPEATS, least), signs)
        if least <= len(signs) <= room:
            return "".join(signs)
    return None


@lru_cache(maxsize=8192)
def shortest(node: Node) -> int:
    """Length of the shortest text that a pattern allows."""
    if isinstance(node, Chars):
        return 1
    if isinstance(node, Sequence):
        return sum(shortest(part) for part in node.parts)
    if isinstance(node, Choice):
        return min(shortest(branch) for branch in node.branches)
    return node.least * shortest(node.part)


def _draw(node: Node, stream: random.Random, room: int, spare: int, signs: list[str]) -> None:
    """Append a text of at most ``room`` characters; the caller made sure that the shortest fits."""
    if isinstance(node, Chars):
        signs.append(_draw_sign(node.ranges, stream))
    elif isinstance(node, Choice):
        fitting = [branch for branch in node.branches if shortest(branch) <= room]
        _draw(stream.choice(fitting), stream, room, spare, signs)
    elif isinstance(node, Sequence):
        free = room - shortest(node)
        for part in node.parts:
            before = len(signs)
            _draw(part, stream, shortest(part) + free, spare, signs)
            free -= len(signs) - before - shortest(part)
    else:
        _draw_repeat(node, stream, room, spare, signs)


def _draw_repeat(node: Repeat, stream: random.Random, room: int, spare: int, signs: list[str]) -> None:
    unit = shortest(node.part)
    most = node.least + spare if node.most is None else node.most
    if unit:
        most = min(most, room // unit)
    chance = stream.random()
    count = node.least if chance < _EDGE else most if chance > 1 - _EDGE else stream.randint(node.least, most)
    free = room - count * unit
    for _ in range(count):
        before = len(signs)
        _draw(node.part, stream, unit + free, spare, signs)
        free -= len(signs) - before - unit


@lru_cache(maxsize=4096)
def _alphabets(ranges: Ranges) -> tuple[str, str, str]:
    """Capital letters and digits of a class, its other signs for everyday text, and letters of other scripts."""
    held = Chars(ranges)
    plain = "".join(sign for sign in _PLAIN if held.holds(sign))
    other = "".join(sign for sign in _LOWER + _SIGNS + " " if held.holds(sign))
    size = sum(last - first + 1 for first, last in ranges)
    foreign = ""
    if (size < _WIDE_CLASS and len(ranges) < _MANY_RANGES) or not plain:
        points = (point for first, last in ranges if last > 0x7F for point in range(max(first, 0x80), last + 1))
        foreign = "".join(chr(point) for _, point in zip(range(64), points, strict=False) if chr(point).isprintable())
    if not plain and not other and not foreign:
        foreign = chr(ranges[0][0])
    return plain, other, foreign


def _draw_sign(ranges: Ranges, stream: random.Random) -> str:
    plain, other, foreign = _alphabets(ranges)
    weights = (8 * bool(plain), 1 * bool(other) * (1 if plain else 8), 2 * bool(foreign))
    return stream.choice(stream.choices((plain, other, foreign), weights)[0])


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_written(parse_pattern(pattern)))


def _written(node: Node) -> str:
    """The tree as a Python regular expression."""
    if isinstance(node, Chars):
        return "[" + "".join(f"{_point(first)}-{_point(last)}" for first, last in node.ranges) + "]"
    if isinstance(node, Sequence):
        return "".join(_written(part) for part in node.parts)
    if isinstance(node, Choice):
        return "(?:" + "|".join(_written(branch) for branch in node.branches) + ")"
    most = "" if node.most is None else str(node.most)
    return f"(?:{_written(node.part)}){{{node.least},{most}}}"


def _point(point: int) -> str:
    return f"\\U{point:08x}"
