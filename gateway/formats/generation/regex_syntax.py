"""XSD regular expressions read into a small tree: classes, counts, bars, groups, escapes, subtraction.

The tree serves two ends: drawing texts that match (`patterns`) and asking whether a text matches. XSD expressions have
no anchors, look-arounds, lazy counts or back references; ``^`` at the start, ``$`` at the end and ``(?:`` are accepted
too, since JSON Schemas write them around the same expressions.
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from gateway.errors import GatewayError

Ranges: TypeAlias = tuple[tuple[int, int], ...]
Node: TypeAlias = "Chars | Sequence | Choice | Repeat"

_LAST = sys.maxunicode
_LAST_WITH_CATEGORY = 0x3FFFF
"""Beyond it Unicode holds tags and private use only, which no message of ours needs."""
_NAMED = {"n": "\n", "r": "\r", "t": "\t"}
_SPACE: Ranges = ((0x09, 0x0A), (0x0D, 0x0D), (0x20, 0x20))
_LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D))
_CATEGORIES = {"d": ("Nd",), "w": ("L", "M", "N", "S")}
_LETTERS: Ranges = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x1FFF))
_NAME_START: Ranges = ((0x3A, 0x3A), (0x5F, 0x5F), *_LETTERS)
_NAME: Ranges = (*_NAME_START, (0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7))


class PatternSyntaxError(GatewayError):
    """A pattern facet that is not an XSD regular expression of the kinds known here."""

    code = "format.pattern-syntax"


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of ranges of code points, sorted and apart."""

    ranges: Ranges

    def holds(self, sign: str) -> bool:
        """Whether this character belongs to the class."""
        point = ord(sign)
        return any(first <= point <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several branches."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part some number of times; ``most`` None is unbounded."""

    part: Node
    least: int
    most: int | None


@lru_cache(maxsize=4096)
def parse_pattern(text: str) -> Node:
    r"""Read one pattern facet.

    Raises:
        PatternSyntaxError: the expression is none of XSD's, or uses Unicode blocks (``\p{Is...}``).
    """
    parser = _Parser(text)
    node = parser.branches()
    if not parser.at_end:
        raise parser.fault("an unmatched closing bracket")
    return node


class _Parser:
    """Recursive descent over the text of one expression."""

    def __init__(self, text: str) -> None:
        body = text.removeprefix("^")
        self._text = body[:-1] if body.endswith("$") and not body.endswith("\\$") else body
        self._at = 0

    @property
    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def fault(self, what: str) -> PatternSyntaxError:
        return PatternSyntaxError(f"{what} at character {self._at + 1} of a pattern", remedy="write an XSD pattern")

    def branches(self) -> Node:
        found = [self._sequence()]
        while self._takes("|"):
            found.append(self._sequence())
        return found[0] if len(found) == 1 else Choice(tuple(found))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while not self.at_end and self._text[self._at] not in "|)":
            parts.append(self._counted(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _atom(self) -> Node:
        if self._takes("("):
            if self._text.startswith("?:", self._at):
                self._at += 2
            node = self.branches()
            if not self._takes(")"):
                raise self.fault("an unclosed group")
            return node
        if self._takes("["):
            return Chars(self._class())
        if self._takes("."):
            return Chars(_without(((0, _LAST),), _LINE_ENDS))
        if self._takes("\\"):
            return Chars(self._escape())
        sign = self._next()
        if sign in "?*+{}]":
            raise self.fault(f"{sign!r} without something before it")
        return Chars(((ord(sign), ord(sign)),))

    def _counted(self, part: Node) -> Node:
        for sign, least, most in (("?", 0, 1), ("*", 0, None), ("+", 1, None)):
            if self._takes(sign):
                return Repeat(part, least, most)
        if not self._takes("{"):
            return part
        closing = self._text.find("}", self._at)
        low, comma, high = self._text[self._at : closing].partition(",") if closing > 0 else ("", "", "")
        if not low.isdigit() or (high and not high.isdigit()):
            raise self.fault("a count that is no number")
        self._at = closing + 1
        least = int(low)
        return Repeat(part, least, (int(high) if high else None) if comma else least)

    def _class(self) -> Ranges:
        negated = self._takes("^")
        ranges: list[tuple[int, int]] = []
        taken: Ranges = ()
        first = True
        while first or not self._takes("]"):
            if self.at_end:
                raise self.fault("an unclosed class")
            if not first and self._text.startswith("-[", self._at):
                self._at += 2
                taken = self._class()
            else:
                ranges.extend(self._class_item())
            first = False
        found = _merged(ranges)
        return _without(_without(((0, _LAST),), found) if negated else found, taken)

    def _class_item(self) -> Ranges:
        low = self._class_signs()
        single = len(low) == 1 and low[0][0] == low[0][1]
        rest = self._text[self._at :]
        if not single or not rest.startswith("-") or rest[1:2] in ("]", "[", ""):
            return low
        self._at += 1
        high = self._class_signs()
        if len(high) != 1 or high[0][0] < low[0][0]:
            raise self.fault("a range that runs backwards")
        return ((low[0][0], high[0][0]),)

    def _class_signs(self) -> Ranges:
        if self._takes("\\"):
            return self._escape()
        point = ord(self._next())
        return ((point, point),)

    def _escape(self) -> Ranges:
        sign = self._next()
        if sign in _NAMED:
            point = ord(_NAMED[sign])
            return ((point, point),)
        if sign in "pP":
            return self._category(negated=sign == "P")
        known: dict[str, Ranges] = {"s": _SPACE, "i": _NAME_START, "c": _NAME}
        if sign.lower() in _CATEGORIES:
            known[sign.lower()] = _ranges_of(_CATEGORIES[sign.lower()])
        if sign.lower() in known:
            ranges = _merged(known[sign.lower()])
            return _without(((0, _LAST),), ranges) if sign.isupper() else ranges
        if sign.isalnum():
            raise self.fault(f"the unknown escape \\{sign}")
        return ((ord(sign), ord(sign)),)

    def _category(self, *, negated: bool) -> Ranges:
        closing = self._text.find("}", self._at)
        name = self._text[self._at + 1 : closing]
        if not self._text.startswith("{", self._at) or not 1 <= len(name) <= 2:
            raise self.fault("a category that is not known here")
        self._at = closing + 1
        ranges = _ranges_of((name,))
        return _without(((0, _LAST),), ranges) if negated else ranges

    def _takes(self, sign: str) -> bool:
        if self._text.startswith(sign, self._at):
            self._at += 1
            return True
        return False

    def _next(self) -> str:
        if self.at_end:
            raise self.fault("an unfinished expression")
        self._at += 1
        return self._text[self._at - 1]


def _merged(ranges: list[tuple[int, int]] | Ranges) -> Ranges:
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def _without(ranges: Ranges, taken: Ranges) -> Ranges:
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        start = first
        for low, high in taken:
            if high < start or low > last:
                continue
            if low > start:
                found.append((start, low - 1))
            start = high + 1
        if start <= last:
            found.append((start, last))
    return tuple(found)


@lru_cache(maxsize=64)
def _ranges_of(categories: tuple[str, ...]) -> Ranges:
    """The code points of Unicode general categories, given by one or two letters."""
    points = (
        point for point in range(_LAST_WITH_CATEGORY + 1) if unicodedata.category(chr(point)).startswith(categories)
    )
    return _merged([(point, point) for point in points])
