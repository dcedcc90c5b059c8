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
    match words:
        case ["not", *rest] if rest:
            return Not(_read_one(rest, scope, side))
        case ["always"]:
            return Always()
        case ["never"]:
            return Never()
        case ["format", "in", *names] if names:
            return FormatIn(tuple(names))
        case [where, "present"]:
            return Present(scope.path(where, side))
        case [where, "absent"]:
            return Not(Present(scope.path(where, side)))
        case [where, "=", value]:
            return Equals(scope.path(where, side), (scope.text(value),))
        case [where, "in", "list", code_list]:
            return InList(scope.path(where, side), scope.text(code_list))
        case [where, "in", *values] if values:
            return Equals(scope.path(where, side), tuple(scope.text(value) for value in values))
        case [where, "is", scheme]:
            return Satisfies(scope.path(where, side), scheme)
        case [where, "fits", template]:
            return Fits(scope.path(where, side), scope.name(template))
    raise NotationError(f"not a condition: {' '.join(words)!r}", code="mapping.unknown-condition", remedy=_REMEDY)
