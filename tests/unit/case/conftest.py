"""The canonical declaration, its form, and amendments put together from a few words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.formats.format import Format, load_format
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "amendments"
CACHE = ROOT / ".sarhad" / "cache"

Request = Callable[..., Tree]


@pytest.fixture(name="dec", scope="session")
def dec_fixture() -> Format:
    CACHE.mkdir(parents=True, exist_ok=True)
    return load_format(ROOT / "wco_schemas" / "wco" / "3.6" / "dec-3.6.format.toml", cache=CACHE)


@pytest.fixture(name="structure", scope="session")
def structure_fixture(dec: Format) -> Structure:
    return dec.structure


@pytest.fixture(name="declaration")
def declaration_fixture() -> Tree:
    tree: Tree = json.loads((VECTORS / "declaration.json").read_text(encoding="utf-8"))
    return tree


def pointers_of(line: str) -> list[Tree]:
    """``42A 67A 68A/2 23A:137`` as Pointer entries: class, ``/`` number, ``:`` tag."""
    pointers = []
    for level in line.split():
        place, _, tag = level.partition(":")
        section, _, number = place.partition("/")
        pointer = {"SequenceNumeric": number} if number else {}
        pointers.append({**pointer, "DocumentSectionCode": section, **({"TagID": tag} if tag else {})})
    return pointers


@pytest.fixture(name="request_for", scope="session")
def request_for_fixture() -> Request:
    """An amendment: ``request_for("42A:228", content={"GoodsItemQuantity": "4"}, TypeCode="INV")``."""

    def make(*lines: str, content: Tree | None = None, reason: str = "32", **itself: Any) -> Tree:
        head = {"FunctionCode": "13", "FunctionalReferenceID": "A-1", "ID": "26XX000000000001", "TypeCode": "COR"}
        changes = [{"ChangeReasonCode": reason, **({"Pointer": pointers_of(line)} if line else {})} for line in lines]
        declaration = {**head, **itself, **({"Amendment": changes} if changes else {}), **(content or {})}
        envelope = {"WCODataModelVersionCode": "3.6", "WCOTypeName": "DEC"}
        shown = {key: value for key, value in declaration.items() if value is not None}
        return {"MetaData": {**envelope, "Declaration": shown}}

    return make
