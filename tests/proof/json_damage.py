"""Kinds of damage to the JSON form: types, members, lists, and what two readers could read differently."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import TypeAlias

from tests.proof.damage import Damage, Maker
from tests.proof.spots import Spot, spots
from tests.proof.subjects import Subject, as_json, step

MARK = "__mark__"
SpotMaker: TypeAlias = Callable[[Spot, random.Random], "str | None"]
"""Damages a spot; gives what follows its place in the path (mostly nothing), None where it cannot be done."""


def _schema_fault(make: SpotMaker, choose: Callable[[Spot], bool]) -> Maker:
    """A damage that the schema forbids, at a spot of one sort."""

    def maker(subject: Subject, chance: random.Random) -> Damage | None:
        fitting = [spot for spot in spots(subject) if choose(spot)]
        if not fitting:
            return None
        spot = chance.choice(fitting)
        more = make(spot, chance)
        if more is None:
            return None
        place = f"{spot.path}{more}".lstrip("/")
        return Damage(
            data=as_json(subject.tree), places=frozenset([place]), pointers=frozenset([f"{spot.pointer}{_zero(more)}"])
        )

    return maker


def _zero(more: str) -> str:
    return more.replace("[1]", "/0")


def _is_leaf(spot: Spot) -> bool:
    return spot.element.is_leaf and not spot.is_list


def _is_class(spot: Spot) -> bool:
    return not spot.element.is_leaf and not spot.is_list and spot.path != ""


def _number_for_text(spot: Spot, chance: random.Random) -> str:
    spot.put(chance.choice([1, 1.5, 0, -2, 10**18]))
    return ""


def _wrong_type(spot: Spot, chance: random.Random) -> str:
    spot.put(chance.choice([None, True, False, {}]))
    return ""


def _text_for_object(spot: Spot, chance: random.Random) -> str:
    spot.put(chance.choice(["text", None, 3, True]))
    return ""


def _object_for_list(spot: Spot, _: random.Random) -> str:
    spot.put(spot.value[0])
    return ""


def _list_for_one(spot: Spot, _: random.Random) -> str:
    spot.put([spot.value])
    return ""


def _empty_list(spot: Spot, _: random.Random) -> str:
    spot.put([])
    return ""


def _unknown_member(spot: Spot, chance: random.Random) -> str:
    name = chance.choice(["Unknown", "@unknown", "value", "note", "identifier"])
    spot.value[name] = "x"
    return f"/{name}"


def _misspelt_member(spot: Spot, chance: random.Random) -> str | None:
    names = [name for name in spot.value if not name.startswith("@")]
    if not names:
        return None
    name = chance.choice(names)
    wrong = f"{name[:-1]}{name[-1]}{name[-1]}"
    if wrong in spot.element.by_key:
        return None
    spot.value[wrong] = spot.value.pop(name)
    return f"/{wrong}"


def _attribute_without_sign(spot: Spot, _: random.Random) -> str | None:
    if not isinstance(spot.value, dict):
        return None
    name = next(name for name in spot.value if name != "value")
    spot.value[name[1:]] = spot.value.pop(name)
    return f"/{name[1:]}"


def _missing(spot: Spot, chance: random.Random) -> str | None:
    needed = [child for child in spot.element.children if child.minimum > 0 and child.key in spot.value]
    if not needed:
        return None
    child = chance.choice(needed)
    del spot.value[child.key]
    return f"/{step(child, 1)}"


def _character(spot: Spot, chance: random.Random) -> str:
    text = chance.choice(["a\x01", "a\x0bb", "\ufffe", "\x00"])
    if isinstance(spot.value, dict):
        spot.value["value"] = text
    else:
        spot.put(text)
    return ""


def _literal(*literals: str) -> Maker:
    """A leaf is replaced by a literal that no message may hold."""

    def maker(subject: Subject, chance: random.Random) -> Damage | None:
        spot = chance.choice([spot for spot in spots(subject) if _is_leaf(spot)])
        spot.put(MARK)
        data = as_json(subject.tree).replace(f'"{MARK}"'.encode(), chance.choice(literals).encode())
        return Damage(data=data, pointers=frozenset([spot.pointer]))

    return maker


def _duplicate_key(subject: Subject, chance: random.Random) -> Damage | None:
    spot = chance.choice([spot for spot in spots(subject) if isinstance(spot.value, dict)])
    name = chance.choice(list(spot.value))
    spot.value[MARK] = spot.value[name]
    data = as_json(subject.tree).replace(f'"{MARK}"'.encode(), json.dumps(name).encode())
    pointer = f"{spot.pointer}/{name}"
    return Damage(data=data, pointers=frozenset([pointer]))


def _truncated(subject: Subject, chance: random.Random) -> Damage | None:
    text = as_json(subject.tree).decode()
    cut = text[: chance.randrange(text.index("{") + 1, text.rindex("}"))]
    pointer = innermost(cut)
    return Damage(data=cut.encode(), pointers=frozenset([pointer]))


def innermost(cut: str) -> str:
    """Pointer of the innermost open container of a document that breaks off: completed and read by another reader."""
    opened = _openings(cut)
    trail: list[str] = []
    for start in opened[1:]:
        outer = opened[len(trail)]
        before = cut[outer:start].rstrip()
        if cut[outer] == "[":
            closed = before.rstrip(",") + "]"
            trail.append(str(len(json.loads(closed))))
        else:
            name = re.search(r'"([^"\\]*)"\s*:$', before)
            assert name is not None
            trail.append(name[1])
    return "".join(f"/{key}" for key in trail)


def _openings(cut: str) -> list[int]:
    """Where the containers that are still open begin."""
    opened: list[int] = []
    bare = re.sub(r'"(?:[^"\\]|\\.)*("|$)', lambda text: "x" * len(text[0]), cut)
    for at, sign in enumerate(bare):
        if sign in "{[":
            opened.append(at)
        elif sign in "}]":
            opened.pop()
    return opened


JSON_KINDS: dict[str, Maker] = {
    "duplicate key": _duplicate_key,
    "NaN or Infinity": _literal("NaN", "Infinity", "-Infinity"),
    "exponent": _literal("1e3", "1E400", "-0.5e-2"),
    "a number too long": _literal("9" * 60, f"0.{'1' * 80}"),
    "half a surrogate pair": _literal('"\\ud800"', '"x\\udfffy"'),
    "truncated JSON": _truncated,
    "number for text": _schema_fault(_number_for_text, _is_leaf),
    "wrong type for text": _schema_fault(_wrong_type, _is_leaf),
    "text for an object": _schema_fault(_text_for_object, _is_class),
    "object for a list": _schema_fault(_object_for_list, lambda spot: spot.is_list),
    "list for a single": _schema_fault(
        _list_for_one, lambda spot: not spot.element.repeats and not spot.is_list and spot.path != ""
    ),
    "empty list": _schema_fault(_empty_list, lambda spot: spot.is_list),
    "unknown member": _schema_fault(_unknown_member, lambda spot: not spot.element.is_leaf and not spot.is_list),
    "misspelt member": _schema_fault(_misspelt_member, lambda spot: not spot.element.is_leaf and not spot.is_list),
    "attribute without @": _schema_fault(_attribute_without_sign, _is_leaf),
    "missing mandatory": _schema_fault(_missing, lambda spot: not spot.element.is_leaf and not spot.is_list),
    "character no XML has": _schema_fault(_character, _is_leaf),
}
