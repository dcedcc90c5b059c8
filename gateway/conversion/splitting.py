"""Templates compiled: taking a text apart, putting one together."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.conversion.model import Literally, Maybe, Part, Piece, Template


class Splitter:
    """One template, ready to use.

    Args:
        template: the template; its parts keep their order.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self._names = {_group(index): part.name for index, part in enumerate(template.parts)}
        self._pattern = re.compile("".join(_regexes(template)), re.DOTALL)

    def fits(self, text: str) -> bool:
        """Whether the text has the template's shape."""
        return self._pattern.fullmatch(text) is not None

    def is_absent(self, text: str) -> bool:
        """Whether the text is the one that says "nothing"."""
        return bool(self.template.absent) and text == self.template.absent

    def split(self, text: str) -> dict[str, str] | None:
        """The parts that a text has, by name; None when it has another shape or says "nothing"."""
        if self.is_absent(text):
            return None
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        return {self._names[group]: value for group, value in match.groupdict().items() if value is not None}

    def join(self, parts: Mapping[str, str]) -> str | None:
        """The text of some parts; None when one that must be there is missing or the text would read otherwise."""
        text = "".join(_written(piece, parts) for piece in self.template.pieces)
        return text if self.split(text) == dict(parts) else None


def _group(index: int) -> str:
    return f"p{index}"


def _regexes(template: Template) -> list[str]:
    index = 0
    regexes: list[str] = []
    for piece in template.pieces:
        inner = piece.pieces if isinstance(piece, Maybe) else (piece,)
        text = ""
        for each in inner:
            if isinstance(each, Part):
                text += f"(?P<{_group(index)}>{each.pattern})"
                index += 1
            else:
                text += re.escape(each.text)
        regexes.append(f"(?:{text})?" if isinstance(piece, Maybe) else text)
    return regexes


def _written(piece: Piece, parts: Mapping[str, str]) -> str:
    if isinstance(piece, Literally):
        return piece.text
    if isinstance(piece, Part):
        return parts.get(piece.name, "")
    if not any(isinstance(each, Part) and each.name in parts for each in piece.pieces):
        return ""
    return "".join(_written(each, parts) for each in piece.pieces)
