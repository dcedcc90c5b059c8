"""Where in a JSON document a fault stands: the JSON Pointer of a value or of the innermost open container.

The parser of the standard library tells only a character. On a refusal, and only then, the text is walked once more by
its tokens, at a cost that grows with its length and not faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]++', re.DOTALL)
"""One token; a string that nothing closes reaches to the end, so that no sign is looked at twice."""

_NAME = re.compile(r"[@A-Za-z_][\w.:@-]{0,63}$")
_CUT_SHORT = re.compile(r'[^\s{}\[\],:"]*\s*$')


def safe_name(name: str) -> str:
    """A member or element name that may stand in a path: what a stranger made up is shown as ``?``."""
    return name if _NAME.match(name) else "?"


@dataclass(slots=True)
class _Container:
    """An open object or array: the member that is being read, or its number."""

    is_object: bool
    name: str = ""
    number: int = 0
    names_next: bool = True

    @property
    def step(self) -> str:
        return self.name if self.is_object else str(self.number)


def find_value(text: str, is_wanted: Callable[[str], bool]) -> str:
    """JSON Pointer of the first value outside strings whose text is wanted, empty for the document itself.

    Args:
        text: a document that is well-formed JSON up to that value.
        is_wanted: of the text of a number or word.
    """
    opened: list[_Container] = []
    for match in TOKEN.finditer(text):
        token = match.group()
        if token[0] not in '"{}[],:' and is_wanted(token):
            return _pointer(opened)
        _take(opened, token)
    return ""


def innermost_open(text: str, position: int) -> str:
    """JSON Pointer of the innermost object or array that is open before a position.

    Args:
        text: a document that is well-formed JSON up to the position.
        position: of the fault, in characters.
    """
    opened: list[_Container] = []
    for match in TOKEN.finditer(text, 0, position):
        _take(opened, match.group())
    return _pointer(opened[:-1])


def ends_early(text: str, position: int) -> bool:
    """Whether the fault at a position is that the text ends: nothing but a part of one token follows.

    Args:
        text: the document.
        position: where the parser gave up, in characters.
    """
    rest = TOKEN.match(text, position)
    if rest is not None and rest.group().startswith('"'):
        return rest.end() == len(text)
    return _CUT_SHORT.match(text, position) is not None


def _pointer(opened: list[_Container]) -> str:
    return "".join(f"/{one.step}" for one in opened)


def _take(opened: list[_Container], sign: str) -> None:
    """Follow one token: open, close, go on to the next member, note its name."""
    if sign in ("{", "["):
        opened.append(_Container(sign == "{"))
        return
    if not opened:
        return
    inner = opened[-1]
    if sign in ("}", "]"):
        opened.pop()
    elif sign == ",":
        inner.number += 1
        inner.names_next = True
    elif sign[0] == '"' and inner.is_object and inner.names_next:
        inner.name = safe_name(sign.strip('"'))
        inner.names_next = False
