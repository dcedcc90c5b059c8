"""Ways in which a message can be bad before it is sealed: what partners' systems really send, and what attackers try.

Each takes the bytes of a good message and returns bad ones; none knows a country or a format.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree, leaf_text, root_name, root_of

_ROOT_START = re.compile(rb"<(?![?!])[^>]*>")
_LEAF = re.compile(rb"<([A-Za-z][\w.-]*)>[^<]*</\1>")
_NAMESPACE = re.compile(rb'(xmlns(?::\w+)?=")([^"]*)(")')
MIB = 1 << 20


def cut_off(message: bytes) -> bytes:
    """The last part is missing, as after a broken transfer."""
    return message[: len(message) * 3 // 5]


def other_namespace(message: bytes) -> bytes:
    """The right names in a namespace that nobody knows."""
    return _NAMESPACE.sub(rb"\1\2:unknown\3", message)


def misspelt_element(message: bytes) -> bytes:
    """One element has a name that the schema does not know."""
    return _LEAF.sub(lambda found: found.group(0).replace(found.group(1), found.group(1) + b"X"), message, count=1)


def with_doctype(message: bytes) -> bytes:
    """A document type declaration stands before the root."""
    return _before_root(message, b"<!DOCTYPE any>")


def entity_bomb(message: bytes) -> bytes:
    """Entities that grow ten times at each of nine levels."""
    levels = b"".join(
        b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10 if level else b"bomb") for level in range(9)
    )
    return _after_root(_before_root(message, b"<!DOCTYPE any [" + levels + b"]>"), b"<x>&e8;</x>")


def too_deep(message: bytes) -> bytes:
    """Three hundred elements inside each other."""
    return _after_root(message, b"<x>" * 300 + b"</x>" * 300)


def huge_text(message: bytes) -> bytes:
    """Twelve megabytes of text in one element."""
    return _after_root(message, b"<x>" + b"x" * (12 * MIB) + b"</x>")


PAYLOAD_DAMAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "not-well-formed": cut_off,
    "wrong-namespace": other_namespace,
    "schema-invalid": misspelt_element,
    "doctype": with_doctype,
    "entity-bomb": entity_bomb,
    "too-deep": too_deep,
    "huge-text": huge_text,
}


def change_one_byte(sealed: bytes, chance: random.Random) -> bytes:
    """One character of the sealed text becomes another of its alphabet."""
    position = chance.randrange(len(sealed) // 2, len(sealed) - 4)
    other = b"A" if sealed[position : position + 1] != b"A" else b"B"
    return sealed[:position] + other + sealed[position + 1 :]


def break_a_rule(
    message: Tree, structure: Structure, breaks: Callable[[Tree], bool], chance: random.Random, tries: int = 400
) -> Tree | None:
    """A message that the schema accepts and the rules behind it do not, found by trying.

    Args:
        message: a good one.
        structure: of its format.
        breaks: whether a candidate is accepted by the schema and refused behind it.
        chance: order of the tries.
        tries: most candidates.

    Returns:
        The first such message, or None when none was found.
    """
    name = root_name(message)
    places = list(_leaf_places(root_of(message), structure.root, ()))
    chance.shuffle(places)
    candidates = ((place, text) for place in places for text in _other_texts(_text_at(message, place)))
    for _, (place, text) in zip(range(tries), candidates, strict=False):
        candidate = {name: _replaced_inside(root_of(message), place, text)}
        if breaks(candidate):
            return candidate
    return None


Place = tuple[str | int, ...]


def _leaf_places(parent: Tree, element: Element, prefix: Place) -> list[Place]:
    found: list[Place] = []
    for key, value in parent.items():
        child = element.child(key)
        if child is None:
            continue
        entries = enumerate(value) if isinstance(value, list) else [(None, value)]
        for position, entry in entries:
            place: Place = (*prefix, key) if position is None else (*prefix, key, position)
            found += [place] if child.is_leaf else _leaf_places(entry, child, place)
    return found


def _text_at(message: Tree, place: Place) -> str:
    value: Any = root_of(message)
    for step in place:
        value = value[step]
    return leaf_text(value)


def _other_texts(text: str) -> list[str]:
    nines = "".join("9" if sign.isdigit() else "Z" if sign.isupper() else sign for sign in text)
    zeros = "".join("0" if sign.isdigit() else "Q" if sign.isupper() else sign for sign in text)
    no_day = f"{text[:4]}0230{text[8:]}" if len(text) >= 8 and text[:8].isdigit() else text
    return [other for other in dict.fromkeys((no_day, nines, zeros)) if other != text]


def _replaced_inside(value: Any, place: Place, text: str) -> Any:
    if not place:
        return text if isinstance(value, str) else {**value, "value": text}
    step, rest = place[0], place[1:]
    if isinstance(value, list):
        return [
            _replaced_inside(entry, rest, text) if position == step else entry for position, entry in enumerate(value)
        ]
    return {key: _replaced_inside(entry, rest, text) if key == step else entry for key, entry in value.items()}


def _before_root(message: bytes, text: bytes) -> bytes:
    start = _ROOT_START.search(message)
    return message[: start.start()] + text + message[start.start() :] if start else message


def _after_root(message: bytes, text: bytes) -> bytes:
    start = _ROOT_START.search(message)
    return message[: start.end()] + text + message[start.end() :] if start else message
