"""Reading templates: ``{kind}/{number}@{sealer}``, ``[...]`` for what may be missing as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.conversion.model import Literally, Maybe, Part, Piece, Template
from gateway.conversion.notation.cells import NotationError

_TOKEN = re.compile(r"\{(?P<part>[A-Za-z][\w-]*)\}|(?P<open>\[)|(?P<close>\])|(?P<text>[^{}\[\]]+)")
_OWN_KEYS = frozenset({"text", "absent"})


def read_template(name: str, entry: Mapping[str, Any], file: str) -> Template:
    """One entry of ``[templates]``.

    Raises:
        NotationError: no text, a part without a pattern, a pattern that is not one, brackets that do not close.
    """
    text = entry.get("text")
    if not isinstance(text, str) or not text:
        raise NotationError("a template needs a text", remedy='write text = "{part}/{part}"')
    patterns = {key: _pattern(key, value) for key, value in entry.items() if key not in _OWN_KEYS}
    pieces = _read_pieces(text, patterns)
    template = Template(name=name, pieces=pieces, absent=str(entry.get("absent", "")), file=file)
    names = [part.name for part in template.parts]
    if len(set(names)) != len(names):
        raise NotationError("a part stands twice in the text", remedy="give each part a name of its own")
    unused = sorted(set(patterns) - set(names))
    if unused:
        raise NotationError(f"the text has no part {unused[0]!r}", remedy="take the pattern out or name the part")
    return template


def _pattern(name: str, value: Any) -> str:
    try:
        re.compile(str(value))
    except re.error as error:
        raise NotationError(f"the pattern of part {name!r} is not a regular expression: {error}") from error
    return str(value)


def _read_pieces(text: str, patterns: Mapping[str, str]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    inner: list[Literally | Part] | None = None
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or (token["open"] and inner is not None) or (token["close"] and inner is None):
            raise NotationError(f"cannot read the text at character {at + 1}", remedy="write {part} and [ ] only")
        at = token.end()
        if token["open"]:
            inner = []
        elif token["close"]:
            pieces.append(Maybe(tuple(inner or ())))
            inner = None
        else:
            piece = Literally(token["text"]) if token["text"] else _part(token["part"], patterns)
            (pieces if inner is None else inner).append(piece)
    if inner is not None:
        raise NotationError("a bracket of the text is not closed", remedy="close it")
    return tuple(pieces)


def _part(name: str, patterns: Mapping[str, str]) -> Part:
    if name not in patterns:
        raise NotationError(f"part {name!r} has no pattern", remedy=f'add {name} = "[A-Z0-9]+"')
    return Part(name, patterns[name])
