"""A withheld value never leaves: not sent, not logged, not reported, not in a receipt, not hashed plain."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.bootstrap import home_of
from gateway.catalogue import Catalogue, load_catalogue
from gateway.formats.tree import Tree, general_path, leaves
from gateway.simulator.messages import lodgeable
from gateway.simulator.story import Scene, partners_of, scenes_of
from gateway.simulator.world import World

SHORTEST = 6
"""Shorter values (codes, small numbers) occur everywhere by chance and prove nothing."""


@pytest.fixture(scope="module")
def catalogue(project_root: Path, derived: Path) -> Catalogue:
    return load_catalogue(project_root, cache=derived)


@pytest.fixture(scope="module")
def world(
    project_root: Path, derived: Path, catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    state = tmp_path_factory.mktemp("world")
    settings = {"dispatch_seconds": "0.2", "examine_seconds": "0.2"}
    home, partners = home_of(catalogue), partners_of(catalogue)
    with World(project_root, state, home=home, partners=partners, settings=settings, cache=derived) as running:
        yield running


def outgoing(catalogue: Catalogue) -> list[Scene]:
    home = home_of(catalogue)
    scenes = [scene for partner in partners_of(catalogue) for scene in scenes_of(catalogue, home, partner)]
    return [scene for scene in scenes if scene.direction == "out" and scene.title == "good"]


def lodged_with_canaries(catalogue: Catalogue, scene: Scene, seed: int) -> tuple[Tree, bytes]:
    """A full message whose free texts are as long as they may be, so that overflow happens, and tell-tale."""
    chosen = catalogue.formats.get(scene.lodged)
    message = lodgeable(catalogue, scene.partner, scene.lodged, scene.format, seed, richness=1.0)
    for number, (path, text) in enumerate(list(leaves(message))):
        element = chosen.structure.find(general_path(path))
        longest = element.type.max_length if element is not None and element.type is not None else None
        free = element is not None and element.type is not None and not element.type.patterns
        named = element is not None and element.annotation.hint in {"party-name", "party-address-line"}
        if longest and free and named and text:
            canary = f"CANARY {number:03d} "
            _set(message, path, (canary * (longest // len(canary) + 1))[:longest].strip())
    assert not chosen.judge(message)
    return message, chosen.write(message)


def _set(message: Tree, path: str, text: str) -> None:
    here: Any = next(iter(message.values()))
    steps = re.findall(r"([^/\[\]]+)(?:\[(\d+)\])?", path)
    for name, position in steps[:-1]:
        here = here[name][int(position) - 1] if position else here[name]
    name, position = steps[-1]
    if position:
        here[name][int(position) - 1] = text
    else:
        here[name] = text


def forms_of(value: str) -> Iterator[bytes]:
    """The value as text, as JSON text, as base64 (in all three alignments), and hashed without a salt."""
    plain = value.encode()
    yield plain
    yield orjson.dumps(value)[1:-1]
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + plain)
        yield encoded[4 if shift else 0 : -4]
    digest = hashlib.sha256(plain).digest()
    yield digest.hex().encode()
    yield base64.b64encode(digest)[:-1]
    yield base64.urlsafe_b64encode(digest).rstrip(b"=")
    for algorithm in ("md5", "sha1", "sha512"):
        yield hashlib.new(algorithm, plain, usedforsecurity=False).hexdigest().encode()


def everything_said(world: World, scene: Scene, answer: bytes, exchange: dict[str, Any]) -> dict[str, bytes]:
    said = {"answer": answer, "exchange": orjson.dumps(exchange)}
    for held in world.ask_partner(scene.partner, "/simulator/held", method="GET")["held"]:
        said[f"metadata of {held['jti']}"] = orjson.dumps(held)
        said[f"payload of {held['jti']}"] = world.ask_partner_bytes(scene.partner, f"/simulator/held/{held['jti']}")
    for file in world.state.rglob("*"):
        if file.is_file():
            said[str(file.relative_to(world.state))] = file.read_bytes()
    said["listing"] = orjson.dumps(world.get("/internal/v1/exchanges?limit=500"))
    return said


@pytest.mark.parametrize("seed", [11, 12])
def test_no_withheld_value_is_found_anywhere(world: World, catalogue: Catalogue, seed: int) -> None:
    for scene in outgoing(catalogue):
        message, data = lodged_with_canaries(catalogue, scene, seed)
        syntax = catalogue.formats.get(scene.lodged).head.syntax
        answer = world.lodge(data, scene.partner, scene.message_type, scene.purpose, f"application/{syntax}")
        assert answer.status == 202, answer.body
        document = orjson.loads(answer.body)
        world.wait_until_final(document["exchange_id"])
        exchange = world.get(f"/internal/v1/exchanges/{document['exchange_id']}")

        account = exchange["report"]["account"]["source"]
        withheld = {line["path"] for line in account if line["fate"] in {"withheld", "dropped"}}
        released = {text for path, text in leaves(message) if general_path(path) not in withheld}
        secret = {
            text
            for path, text in leaves(message)
            if general_path(path) in withheld and len(text) >= SHORTEST and not any(text in other for other in released)
        }
        assert any(line["fate"] == "withheld" for line in account)
        assert any("CANARY" in text for text in secret), "no overlong text was withheld: the test proves nothing"

        said = everything_said(world, scene, answer.body, exchange)
        found = [
            f"{place} holds a withheld value"
            for text in secret
            for form in forms_of(text)
            for place, content in said.items()
            if len(form) >= SHORTEST and form in content
        ]
        assert found == []


def test_a_released_value_is_found_so_that_the_search_can_fail(world: World, catalogue: Catalogue) -> None:
    scene = outgoing(catalogue)[0]
    message, data = lodged_with_canaries(catalogue, scene, 13)
    syntax = catalogue.formats.get(scene.lodged).head.syntax
    answer = world.lodge(data, scene.partner, scene.message_type, scene.purpose, f"application/{syntax}")
    document = orjson.loads(answer.body)
    world.wait_until_final(document["exchange_id"])
    exchange = world.get(f"/internal/v1/exchanges/{document['exchange_id']}")
    said = everything_said(world, scene, answer.body, exchange)
    payload = said[f"payload of {document['message_id']}"]
    assert any(text.encode() in payload for _, text in leaves(message) if len(text) >= SHORTEST)
