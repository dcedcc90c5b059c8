"""Bad input over real HTTP: each kind gets its answer with code, path and advice; nothing is lost or half done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.adapters.partner_channel import HttpLink
from gateway.bootstrap import home_of
from gateway.catalogue import Catalogue, load_catalogue
from gateway.client.client import GatewayClient
from gateway.client.side import Side, read_side
from gateway.simulator.damage import PAYLOAD_DAMAGES
from gateway.simulator.messages import lodgeable
from gateway.simulator.story import Scene, partners_of, scenes_of
from gateway.simulator.world import World

MIB = 1 << 20


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
        assert running.verify_log()["ok"]


@pytest.fixture(scope="module")
def side(world: World, catalogue: Catalogue) -> Side:
    """The first partner's own keys and certificate."""
    partner = coming(catalogue).partner
    ours = world.state / "gateway" / "keys"
    return read_side(
        world.state / partner / "keys", partner, home_of(catalogue), ours / "public.json", ours / "tls.json"
    )


@pytest.fixture(scope="module")
def link(side: Side) -> Iterator[HttpLink]:
    opened = HttpLink(timeout=60, answer_limit=MIB, trust=side.connection_context())
    yield opened
    opened.close()


def scenes(catalogue: Catalogue) -> list[Scene]:
    home = home_of(catalogue)
    return [scene for partner in partners_of(catalogue) for scene in scenes_of(catalogue, home, partner)]


def coming(catalogue: Catalogue) -> Scene:
    return next(scene for scene in scenes(catalogue) if scene.direction == "in")


def going(catalogue: Catalogue) -> Scene:
    return next(scene for scene in scenes(catalogue) if scene.direction == "out" and scene.title == "good")


def refusing_findings(exchange: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        finding
        for answer in exchange["acknowledgements"]
        if answer["outcome"] == "refused"
        for finding in answer["findings"]
        if finding["severity"] == "error"
    ]


@pytest.mark.parametrize("damage", sorted(PAYLOAD_DAMAGES))
def test_what_is_wrong_inside_is_receipted_and_refused_with_findings(
    world: World, catalogue: Catalogue, damage: str
) -> None:
    scene = coming(catalogue)
    sent = world.ask_partner(
        scene.partner, f"/simulator/send?type={scene.message_type}&seed=5&damage={damage}&richness=0.6"
    )
    assert sent["status"] == 202
    assert sent["receipted"]
    world.wait_until_final(sent["exchange_id"])
    exchange = world.get(f"/internal/v1/exchanges/{sent['exchange_id']}")
    assert exchange["state"] == "refused"
    findings = refusing_findings(exchange)
    assert findings
    assert all(finding["code"] and finding["message"] for finding in findings)
    assert any(finding["remedy"] or finding["expected"] for finding in findings)


def test_what_breaks_a_rule_is_refused_and_the_row_that_says_so_is_named(world: World, catalogue: Catalogue) -> None:
    scene = next(scene for scene in scenes(catalogue) if scene.damage == "rule-breaking")
    query = f"type={scene.message_type}&seed={scene.seed}&damage=rule-breaking"
    sent = world.ask_partner(scene.partner, f"/simulator/send?{query}")
    world.wait_until_final(sent["exchange_id"])
    findings = refusing_findings(world.get(f"/internal/v1/exchanges/{sent['exchange_id']}"))
    assert findings[0]["row"]
    assert findings[0]["path"]


@pytest.mark.parametrize(
    ("damage", "statuses"),
    [
        ("byte-changed", {400}),
        ("unknown-key", {400, 403}),
        ("same-id-other-bytes", {409}),
        ("http-other-key", {401}),
        ("http-replayed", {401}),
        ("http-digest-kept", {400}),
    ],
)
def test_what_is_wrong_outside_is_refused_at_the_door(
    world: World, catalogue: Catalogue, damage: str, statuses: set[int]
) -> None:
    scene = coming(catalogue)
    before = len(world.get("/internal/v1/exchanges?limit=500")["exchanges"])
    sent = world.ask_partner(scene.partner, f"/simulator/send?type={scene.message_type}&seed=6&damage={damage}")
    assert sent["status"] in statuses
    assert sent["code"]
    after = len(world.get("/internal/v1/exchanges?limit=500")["exchanges"])
    assert after - before == (1 if damage in {"same-id-other-bytes", "http-replayed"} else 0)


def test_a_message_sent_twice_gets_the_same_receipt_and_is_fed_once(world: World, catalogue: Catalogue) -> None:
    scene = coming(catalogue)
    sent = world.ask_partner(scene.partner, f"/simulator/send?type={scene.message_type}&seed=7&damage=replayed")
    assert sent["same_receipt"] is True
    world.wait_until_final(sent["exchange_id"])
    entries = world.get("/internal/v1/feeds/rms?limit=500")["entries"]
    assert [entry["exchange"] for entry in entries].count(sent["exchange_id"]) == 1


@pytest.fixture(scope="module")
def client(world: World, side: Side, link: HttpLink) -> GatewayClient:
    """The first partner's own client: it brings a token, signs requests and verifies answers."""
    return GatewayClient(side, world.gateway_url, link)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "application/jose", 400),
        (b"no envelope at all", "application/jose", 400),
        (b"a.b.c.d.e", "application/jose", 400),
        (b"\xff\xfe\x00.\x00.\x00.\x00.\x00", "application/jose", 400),
        (b"<x/>", "application/xml", 415),
        (b"x" * (50 * MIB), "application/jose", 413),
    ],
    ids=["empty", "text", "five parts", "binary", "not sealed", "50 MB"],
)
def test_what_is_no_envelope_is_a_problem_document(
    client: GatewayClient, content: bytes, content_type: str, status: int
) -> None:
    answer = client.request("POST", "/v1/messages", content=content, media_type=content_type)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert orjson.loads(answer.body)["title"]


def test_a_content_encoding_is_refused(world: World, client: GatewayClient, link: HttpLink) -> None:
    token = dict(client.prepare(b"x").headers.lines)["authorization"]
    headers = {"Content-Type": "application/jose", "Content-Encoding": "gzip", "Authorization": token}
    answer = link.request("POST", f"{world.gateway_url}/v1/messages", content=b"x", headers=headers)
    assert answer.status in {400, 415, 422}
    assert orjson.loads(answer.body)["title"] == "http.content-encoding"


def lodged(catalogue: Catalogue, scene: Scene) -> bytes:
    chosen = catalogue.formats.get(scene.lodged)
    message = lodgeable(catalogue, scene.partner, scene.lodged, scene.format, 21)
    return chosen.write(message)


def broken_json(data: bytes, kind: str) -> bytes:
    first_key = data[data.index(b'"') : data.index(b":") + 1]
    return {
        "duplicate key": b"{" + first_key + b'"x",' + data.lstrip()[1:],
        "NaN": b'{"extra": NaN,' + data.lstrip()[1:],
        "deep": b"[" * 100_000,
        "surrogate": b'{"a": "\\ud800"}',
        "utf-16": data.decode().encode("utf-16"),
        "unknown member": b'{"noSuchMember": "x",' + data.lstrip()[1:],
    }[kind]


@pytest.mark.parametrize("kind", ["duplicate key", "NaN", "deep", "surrogate", "utf-16", "unknown member"])
def test_broken_json_is_refused_with_422_and_a_code(world: World, catalogue: Catalogue, kind: str) -> None:
    scene = going(catalogue)
    answer = world.lodge(
        broken_json(lodged(catalogue, scene), kind),
        scene.partner,
        scene.message_type,
        scene.purpose,
        "application/json",
    )
    document = orjson.loads(answer.body)
    assert answer.status == 422, document
    assert document["title"]
    assert document.get("findings") or document["detail"]


def test_a_lodgement_for_an_unknown_partner_or_type_is_refused(world: World, catalogue: Catalogue) -> None:
    scene = going(catalogue)
    data = lodged(catalogue, scene)
    for partner, kind in (("zz", scene.message_type), (scene.partner, "no-such-type")):
        answer = world.lodge(data, partner, kind, scene.purpose, "application/json")
        assert answer.status in {403, 404, 422}
        assert orjson.loads(answer.body)["title"].startswith(("agreement.", "partner."))


def test_a_lodgement_under_an_ended_agreement_is_withheld_and_kept_as_evidence(
    world: World, catalogue: Catalogue
) -> None:
    late = next(scene for scene in scenes(catalogue) if "ended" in scene.title)
    answer = world.lodge(lodged(catalogue, late), late.partner, late.message_type, late.purpose, "application/json")
    document = orjson.loads(answer.body)
    assert answer.status == 422
    assert document["title"] == "agreement.expired"
    assert world.get(f"/internal/v1/exchanges/{document['exchange_id']}")["state"] == "withheld"
