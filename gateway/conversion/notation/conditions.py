"""Reading conditions: ``PATH = value``, ``PATH in A B``, ``PATH present`` and the rest of the closed set."""

from __future__ import annotations

from gateway.conversion.conditions import (
    Always,
    And,
    Condition,
    Equals,
    Fits,
    FormatIn,
    InList,
    Never,
    Not,
    Or,
    Present,
    Satisfies,
)
from gateway.conversion.model import Side
from gateway.conversion.notation.cells import NotationError, split_words
from gateway.conversion.notation.scope import Scope
from gateway.formats.paths import Path

_REMEDY = (
    "write PATH = value, PATH in A B, PATH in list NAME, PATH present, PATH absent, PATH is SCHEME, "
    "PATH fits TEMPLATE, format in A B, always or never, joined by and, or, not"
)


def read_condition(text: str, scope: Scope, side: Side) -> Condition:
    """A condition from its text.

    Args:
        text: the condition.
        scope: where the head that declares it stands.
        side: the side that its paths lie on.

    Raises:
        NotationError: what is not in the closed set.
    """
    words = split_words(text)
    if not words:
        raise NotationError("an empty condition", remedy=_REMEDY)
    alternatives = [_read_all(part, scope, side) for part in _split(words, "or")]
    return alternatives[0] if len(alternatives) == 1 else Or(tuple(alternatives))


def _read_all(words: list[str], scope: Scope, side: Side) -> Condition:
    parts = [_read_one(part, scope, side) for part in _split(words, "and")]
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _split(words: list[str], joiner: str) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for word in words:
        if word == joiner:
            groups.append([])
        else:
            groups[-1].append(word)
    return groups


def _read_one(words: list[str], scope: Scope, side: Side) -> Condition:
    condition = _without_path(words, scope, side)
    if condition is None and len(words) > 1:
        condition = _about_path(scope.path(words[0], side), words[1], words[2:], scope)
    if condition is None:
        raise NotationError(f"not a condition: {' '.join(words)!r}", code="mapping.unknown-condition", remedy=_REMEDY)
    return condition


def _without_path(words: list[str], scope: Scope, side: Side) -> Condition | None:
    match words:
        case ["not", *rest] if rest:
            return Not(_read_one(rest, scope, side))
        case ["always"]:
            return Always()
        case ["never"]:
            return Never()
        case ["format", "in", *names] if names:
            return FormatIn(tuple(names))
    return None


def _about_path(path: Path, word: str, rest: list[str], scope: Scope) -> Condition | None:
    condition: Condition | None = None
    match word, rest:
        case "present", []:
            condition = Present(path)
        case "absent", []:
            condition = Not(Present(path))
        case "=", [value]:
            condition = Equals(path, (scope.text(value),))
        case "in", ["list", code_list]:
            condition = InList(path, scope.text(code_list))
        case "in", [_, *_]:
            condition = Equals(path, tuple(scope.text(value) for value in rest))
        case "is", [scheme]:
            condition = Satisfies(path, scheme)
        case "fits", [template]:
            condition = Fits(path, scope.name(template))
    return condition
