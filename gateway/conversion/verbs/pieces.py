"""``fit`` and ``chunks``: texts that are longer than their place."""

from __future__ import annotations

from gateway.conversion.run import Problem

TOO_LONG = Problem("map.too-long", "the text is longer than its place can hold", "shorten the text")


def shortened(text: str, length: int) -> str:
    """The beginning of a text that fits, without a blank at its end (a place that collapses blanks would drop it)."""
    return text[:length].rstrip()


def cut(text: str, size: int) -> list[str]:
    """A text in pieces of at most ``size`` characters, which joined give it again.

    A piece neither begins nor ends with a blank where that can be helped, since a place may drop it.
    """
    pieces: list[str] = []
    rest = text
    while len(rest) > size:
        at = size
        while at > size // 2 and (rest[at - 1].isspace() or rest[at].isspace()):
            at -= 1
        if at == size // 2:
            at = size
        pieces.append(rest[:at])
        rest = rest[at:]
    return [*pieces, rest] if rest else pieces


def continues(whole: str, beginning: str) -> bool:
    """Whether a text kept elsewhere is the whole of a shortened one."""
    return whole.startswith(beginning)
