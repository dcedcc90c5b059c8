from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from gateway.api.internal_port import build_internal_port
from tests.world.partner import NOTE
from tests.world.setting import World

LIMIT = 4096
OWN = json.dumps({"number": "A-1", "lines": [{"no": "1", "goods": "apricots", "mass": "12.5"}]}).encode()
LODGE = "/internal/v1/lodgements?partner=xx&type=reply"


@pytest.fixture(name="port")
def port_fixture(world: World) -> FastAPI:
    return build_internal_port(world.gateway, message_limit=LIMIT)


def received(world: World, count: int = 1) -> None:
    for number in range(1, count + 1):
        world.gateway.receive(world.partner.seal(NOTE, f"m-{number}"), "application/jose")
    world.gateway.process_once()


def test_a_lodgement_is_released(call: Callable[..., Any], port: FastAPI) -> None:
    answer = call(port, "POST", LODGE, [OWN])
    assert answer.status == 202
    assert answer.json["clause"] == "A1"
    shown = call(port, "GET", f"/internal/v1/exchanges/{answer.json['exchange_id']}")
    assert (shown.status, shown.json["state"]) == (200, "released")


def test_lodged_again_under_the_same_id_it_is_the_same_exchange(call: Callable[..., Any], port: FastAPI) -> None:
    first = call(port, "POST", f"{LODGE}&id=key-1", [OWN])
    again = call(port, "POST", f"{LODGE}&id=key-1", [OWN])
    assert again.json["exchange_id"] == first.json["exchange_id"]
    assert (first.json["repeated"], again.json["repeated"]) == (False, True)
    assert call(port, "POST", f"{LODGE}&id=key-1", [OWN + b" "]).status == 409


def test_what_no_agreement_permits_is_answered_with_the_reason_and_kept(
    call: Callable[..., Any], port: FastAPI
) -> None:
    answer = call(port, "POST", "/internal/v1/lodgements?partner=xx&type=old-reply", [OWN])
    assert (answer.status, answer.json["title"]) == (422, "agreement.expired")
    kept = call(port, "GET", f"/internal/v1/exchanges/{answer.json['exchange_id']}")
    assert kept.json["state"] == "withheld"


def test_refused_content_comes_with_findings(call: Callable[..., Any], port: FastAPI) -> None:
    answer = call(port, "POST", LODGE, [b'{"remark": "no number"}'])
    assert answer.status == 422
    assert answer.json["findings"]
    assert answer.json["exchange_id"]


def test_too_much_is_not_read_to_its_end(call: Callable[..., Any], port: FastAPI) -> None:
    taken: list[int] = []
    answer = call(port, "POST", LODGE, [b" " * LIMIT, b" ", b" " * 1000], None, taken)
    assert answer.status == 413
    assert taken == [LIMIT, 1]


def test_exchanges_are_listed_page_by_page(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    received(world, 3)
    first = call(port, "GET", "/internal/v1/exchanges?limit=2").json["exchanges"]
    after = first[-1]["id"]
    rest = call(port, "GET", f"/internal/v1/exchanges?limit=2&after={after}").json["exchanges"]
    assert (len(first), len(rest)) == (2, 1)
    assert call(port, "GET", "/internal/v1/exchanges?direction=outbound").json["exchanges"] == []
    assert len(call(port, "GET", "/internal/v1/exchanges?state=accepted&partner=xx").json["exchanges"]) == 3


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "direction=sideways", "state=lost", "limit=many"])
def test_a_wrong_question_is_a_problem(call: Callable[..., Any], port: FastAPI, query: str) -> None:
    answer = call(port, "GET", f"/internal/v1/exchanges?{query}")
    assert (answer.status, answer.json["title"]) == (422, "request.invalid")


def test_an_unknown_exchange_is_not_found(call: Callable[..., Any], port: FastAPI) -> None:
    assert call(port, "GET", "/internal/v1/exchanges/nosuch").status == 404


def test_a_feed_is_read_by_position_and_acknowledged_forwards_only(
    call: Callable[..., Any], world: World, port: FastAPI
) -> None:
    received(world, 3)
    whole = call(port, "GET", "/internal/v1/feeds/rms").json
    assert [entry["position"] for entry in whole["entries"]] == [1, 2, 3]
    assert call(port, "GET", "/internal/v1/feeds/rms?after=2").json["entries"] == whole["entries"][2:]
    assert len(call(port, "GET", "/internal/v1/feeds/rms?limit=1").json["entries"]) == 1

    def ack(position: int) -> Any:
        body = json.dumps({"consumer": "risk", "position": position}).encode()
        headers = {"content-type": "application/json"}
        return call(port, "POST", "/internal/v1/feeds/rms/ack", [body], headers).json["position"]

    assert [ack(2), ack(1), ack(99)] == [2, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"consumer": "risk"}',
        b'{"consumer": "", "position": 1}',
        b'{"consumer": "risk", "position": "1"}',
        b'{"consumer": "risk", "position": -1}',
        b'{"consumer": "risk", "position": 1, "more": 1}',
        b'{"consumer": "risk", "position": 9007199254740992}',
    ],
)
def test_a_malformed_acknowledgement_of_a_feed_is_refused(call: Callable[..., Any], port: FastAPI, body: bytes) -> None:
    answer = call(port, "POST", "/internal/v1/feeds/rms/ack", [body], {"content-type": "application/json"})
    assert (answer.status, answer.json["title"]) == (422, "request.invalid")


def test_health_and_readiness(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    assert call(port, "GET", "/healthz").json == {"alive": True}
    received(world)
    ready = call(port, "GET", "/readyz").json
    assert ready["ready"] is True
    assert ready["log_size"] > 0


def test_the_gauges_are_given_as_text(call: Callable[..., Any], world: World, port: FastAPI) -> None:
    received(world)
    answer = call(port, "GET", "/metrics")
    assert (answer.status, answer.kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    text = answer.body.decode()
    assert 'sarhad_keys{owner="aa",use="enc",state="active"} 1\n' in text
    assert f"sarhad_log_size {world.gateway.ready()['log_size']}\n" in text
    assert "apricots" not in text
