"""Patterns of schemas in words, for those who do not read regular expressions."""

from __future__ import annotations

import re

_NOT_BLANK = frozenset({r".*[^\s].*", r".*\S.*", r"[\s\S]*[^\s][\s\S]*"})
_SIGNS = {
    "A-Z": ("capital letter", "capital letters"),
    "a-z": ("small letter", "small letters"),
    "0-9": ("digit", "digits"),
    "A-Z0-9": ("capital letter or digit", "capital letters and digits"),
    "0-9A-Z": ("capital letter or digit", "capital letters and digits"),
    "A-Za-z": ("letter", "letters"),
    "A-Za-z0-9": ("letter or digit", "letters and digits"),
    "0-9A-Za-z": ("letter or digit", "letters and digits"),
}
_PIECE = re.compile(r"\[(?P<signs>[^\]\\^]+)\](?:\{(?P<least>[0-9]+)(?:,(?P<most>[0-9]+))?\}|(?P<many>\+))?")
_CHOICE = re.compile(r"\[(?P<signs>[A-Z0-9]{2,6})\]$|(?P<words>[A-Za-z0-9]+(?:\|[A-Za-z0-9]+)*)$")
_OPTIONAL = re.compile(r"\((?P<inner>[^()]+)\)\?$")
_LONGEST = 60


def pattern_text(pattern: str) -> str:
    """A pattern in words where it is of a usual kind: ``3 capital letters, or 3 digits``; else the pattern itself.

    Args:
        pattern: XSD regular expression.
    """
    if pattern in _NOT_BLANK:
        return "not only blanks"
    choice = _CHOICE.match(pattern)
    if choice is not None:
        return f"{' or '.join(choice['signs'] or choice['words'].split('|'))}"
    optional = _OPTIONAL.match(pattern)
    if optional is not None and (inner := _branch(optional["inner"])):
        return f"empty, or {inner}"
    branches = [_branch(branch) for branch in pattern.split("|")]
    if all(branches):
        return ", or ".join(branches)
    return f"matching {pattern}" if len(pattern) <= _LONGEST else "in the form that the schema describes"


def _branch(text: str) -> str:
    """One branch, a row of pieces; empty where a piece is of no usual kind."""
    pieces = []
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None or piece["signs"] not in _SIGNS:
            return ""
        pieces.append(_piece(piece, alone=len(piece.group()) == len(text)))
        at = piece.end()
    return ", then ".join(pieces)


def _piece(piece: re.Match[str], *, alone: bool) -> str:
    one, several = _SIGNS[piece["signs"]]
    if piece["many"]:
        return f"only {several}" if alone else several
    least, most = piece["least"], piece["most"]
    if least is None or (least == "1" and most is None):
        return f"1 {one}"
    return f"{least} to {most} {several}" if most is not None else f"{least} {several}"
