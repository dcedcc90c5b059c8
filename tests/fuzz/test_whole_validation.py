"""Spoilt messages, real and generated, through the whole validation: a verdict, in time, that tells no value.

A moment for each way of spoiling in the suite; ``make fuzz`` sets SARHAD_FUZZ_SECONDS for a real campaign. What it
finds becomes a named vector in tests/attacks/validation.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from gateway.catalogue import Judging, load_judging
from gateway.findings import has_errors
from gateway.formats.structure import Element
from gateway.validation.verdict import Verdict, verdict
from tests.fuzz.mutations import LARGEST, in_bytes, in_json, in_xml
from tests.proof.subjects import FOLDERS, generated_tree, packages

SECONDS = float(os.environ.get("SARHAD_FUZZ_SECONDS", "0.7"))
SLOWEST = 2.0
LONG = 6
CANARY = "c4n4ry"
SEED = int(os.environ.get("SARHAD_FUZZ_SEED", "1"))
WAYS: dict[str, tuple[str, Callable[[bytes, random.Random], bytes]]] = {
    "xml bytes": ("xml", in_bytes),
    "xml tree": ("xml", in_xml),
    "json bytes": ("json", in_bytes),
    "json tree": ("json", in_json),
}


@pytest.fixture(name="judging", scope="module")
def judging_fixture(project_root: Path, derived: Path) -> Judging:
    return load_judging(project_root, cache=derived)


@pytest.fixture(name="real", scope="module")
def real_fixture(project_root: Path) -> list[bytes]:
    """Real messages, none where there are none."""
    folder = project_root.parent / "shared" / "samples" / "wco-dms-3.6"
    files = [file for name in FOLDERS for file in sorted((folder / name).glob("*.xml"))]
    return [file.read_bytes() for file in files]


@pytest.fixture(name="words", scope="module")
def words_fixture(judging: Judging) -> str:
    """All that the schemas say, and so may stand in a finding whatever the message says."""
    known: set[str] = set()
    for name in judging.formats.names():
        _collect(judging.formats.get(name).structure.root, known, set())
    return "\n".join(known).lower()


def _collect(element: Element, known: set[str], seen: set[int]) -> None:
    if id(element) in seen:
        return
    seen.add(id(element))
    known |= {element.key, element.namespace, element.annotation.wco_id, element.annotation.code_list}
    known |= {attribute.name for attribute in element.attributes}
    known |= set(element.type.enumeration) if element.type is not None else set()
    for child in element.children:
        _collect(child, known, seen)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_but_a_verdict(judging: Judging, real: list[bytes], words: str, way: str) -> None:
    syntax, spoil = WAYS[way]
    chance = random.Random(f"{way} {SEED}")
    names = packages(judging)
    until, tried, refused = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < until:
        data = _message(judging, real, chance.choice(names), syntax, chance)
        for _ in range(20):
            spoilt = spoil(_marked(data, chance), chance)
            judged = _judged_in_time(judging, spoilt, chance.choice([None, None, chance.choice(names)]))
            tried += 1
            refused += not judged.valid
            assert judged.valid == (not has_errors(judged.findings))
            _tells_nothing(judged, spoilt, words)
    assert tried
    assert refused


def _message(judging: Judging, real: list[bytes], name: str, syntax: str, chance: random.Random) -> bytes:
    if real and chance.random() < 0.4:
        data = chance.choice(real)
        form = judging.formats.get("dms-3.6")
        tree = form.read(data).tree
        return form.to_json(tree) if syntax == "json" and tree is not None else data
    form = judging.formats.get(name)
    tree = generated_tree(judging, name, chance.randrange(10**6), richness=chance.choice([0.2, 0.4]))
    return form.to_xml(tree) if syntax == "xml" else form.to_json(tree)


def _marked(data: bytes, chance: random.Random) -> bytes:
    """A mark that no schema knows in some text."""
    mark = f"{CANARY}{chance.randrange(1000)}".encode()
    spot = b">" if data.startswith(b"<") else b':"'
    parts = data.split(spot)
    at = chance.randrange(3, len(parts) - 1) if len(parts) > 4 else len(parts)
    return spot.join([*parts[:at], *(mark + part for part in parts[at : at + 1]), *parts[at + 1 :]])


def _judged_in_time(judging: Judging, data: bytes, name: str | None) -> Verdict:
    start = time.process_time()
    try:
        judged = verdict(judging.formats, data, name, rules=judging.rules)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        pytest.fail(f"{type(error).__name__} for {data!r}"[:3000])
    spent = time.process_time() - start
    if len(data) <= LARGEST:
        assert spent <= SLOWEST, f"{spent:.1f} s for {data!r}"
    return judged


def _tells_nothing(judged: Verdict, data: bytes, words: str) -> None:
    told = "\n".join(
        f"{one.message}\n{one.expected}\n{one.remedy}\n{one.path}\n{one.pointer}" for one in judged.findings
    )
    values = {text.strip() for text in _leaf_texts(data) if len(text.strip()) >= LONG}
    leaked = [text for text in values if text in told and text.lower() not in words]
    assert not leaked, f"{leaked} told of {data!r}"[:3000]


def _leaf_texts(data: bytes) -> list[str]:
    """Texts and attribute values of a document, as far as anybody can read it."""
    if data.lstrip()[:1] in (b"{", b"["):
        try:
            return list(_texts(json.loads(data)))
        except (ValueError, RecursionError):
            return []
    root = (
        etree.fromstring(data, etree.XMLParser(recover=True, resolve_entities=False, no_network=True)) if data else None
    )
    if root is None:
        return []
    texts = [text for node in root.iter() for text in (node.text, node.tail, *map(str, node.values())) if text]
    return [text for text in texts if "\ufffd" not in text]


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
