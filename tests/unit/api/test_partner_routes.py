"""Mailbox, log, agreements and formats as HTTP: status, media type, headers, and who may ask."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.world.neighbours import Neighbours, neighbours_in
from tests.world.partner import NOTE, Partner

JSON = {"content-type": "application/json"}
ASKED = (
    *("/v1/mailbox", "/v1/mailbox/0", "/v1/log/entries/0", "/v1/agreements", "/v1/formats/x"),
    "/v1/log/entries?message=m-1",
)


@pytest.fixture(name="both")
def both_fixture(tmp_path: Path) -> Iterator[Neighbours]:
    with neighbours_in(tmp_path, inline_answer_seconds=0.0) as made:
        yield made


@pytest.fixture(name="partner")
def partner_fixture(both: Neighbours) -> Partner:
    return both.world.partner


def lodge(both: Neighbours, *message_ids: str) -> None:
    for message_id in message_ids:
        both.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id=message_id)


def entries(both: Neighbours, limit: str = "") -> list[dict[str, Any]]:
    answer = both.ask(both.world.partner, "GET", f"/v1/mailbox?from=xx{limit}")
    assert answer.status == 200
    listed: list[dict[str, Any]] = json.loads(answer.body)["entries"]
    return listed


def code(body: bytes) -> str:
    return str(json.loads(body)["title"])


def test_look_collect_and_hand_in(both: Neighbours, partner: Partner) -> None:
    lodge(both, "l-1", "l-2")
    assert [one["message_id"] for one in entries(both)] == ["l-1", "l-2"]
    assert [one["message_id"] for one in entries(both, "&limit=1")] == ["l-1"]
    first, second = entries(both)
    sealed = both.ask(partner, "GET", f"/v1/mailbox/{first['id']}?from=xx")
    assert (sealed.status, sealed.headers["content-type"]) == (200, "application/jose")
    assert sealed.headers["cache-control"] == "no-store"
    body = partner.take(sealed.body).body
    assert partner.taken["l-1"].digest == first["jws_digest"]
    taken = both.ask(partner, "POST", f"/v1/mailbox/{first['id']}/receipt?from=xx", body, JSON)
    assert (taken.status, json.loads(taken.body)["repeated"]) == (200, False)
    assert [one["id"] for one in entries(both)] == [second["id"]]


def test_refusals_of_the_mailbox(both: Neighbours, partner: Partner) -> None:
    lodge(both, "l-1", "l-2")
    first, second = entries(both)
    later = partner.take(both.ask(partner, "GET", f"/v1/mailbox/{second['id']}?from=xx").body).body

    def hand_in(entry: str, body: bytes) -> tuple[int, str]:
        answer = both.ask(partner, "POST", f"/v1/mailbox/{entry}/receipt?from=xx", body, JSON)
        return answer.status, code(answer.body)

    assert hand_in(second["id"], later) == (409, "mailbox.out-of-order")
    assert hand_in(first["id"], later) == (400, "envelope.wrong-recipient")
    assert hand_in(first["id"], b"{}") == (422, "mailbox.no-receipt")
    assert hand_in("0" * 32, later) == (404, "not-found")
    assert hand_in(first["id"], b" " * 70_000) == (413, "message.too-large")
    assert both.ask(both.other, "GET", "/v1/mailbox?from=yy").status == 403
    both.gateway.set_stopped("xx", stopped=True, operator="officer", reason="incident")
    stopped = both.ask(partner, "GET", "/v1/mailbox?from=xx")
    assert (stopped.status, code(stopped.body)) == (503, "mailbox.stopped")


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "9" * 30])
def test_a_limit_that_is_none(both: Neighbours, partner: Partner, limit: str) -> None:
    assert both.ask(partner, "GET", f"/v1/mailbox?from=xx&limit={limit}").status == 422


def test_who_asks_has_to_prove_it_and_names_itself(both: Neighbours) -> None:
    for path in ASKED:
        sign = "&" if "?" in path else "?"
        unsigned = both.ask(None, "GET", f"{path}{sign}from=xx")
        assert (unsigned.status, code(unsigned.body)) == (401, "http.signature-missing")
        other = both.ask(both.other, "GET", f"{path}{sign}from=xx")
        assert (other.status, code(other.body)) == (403, "http.other-sender")
        assert both.ask(both.other, "GET", path).status == 422
        with_body = both.ask(both.other, "GET", f"{path}{sign}from=yy", b"x")
        assert (with_body.status, code(with_body.body)) == (413, "message.too-large")


def test_a_partner_that_is_not_live_has_no_mailbox(tmp_path: Path) -> None:
    with neighbours_in(tmp_path, live_gate="on") as both:
        for path in ("/v1/mailbox", "/v1/mailbox/0"):
            answer = both.ask(both.world.partner, "GET", f"{path}?from=xx")
            assert (answer.status, code(answer.body)) == (403, "partner.not-live")
        assert both.ask(both.world.partner, "GET", "/v1/agreements?from=xx").status == 200


def test_tiles_lie_under_the_checkpoint_and_never_change(both: Neighbours) -> None:
    lodge(both, "l-1", "l-2", "l-3")
    path = "/v1/log/tile/0/000.p/2"
    assert both.ask(None, "GET", path).status == 404
    both.gateway.checkpoint()
    tile = both.ask(None, "GET", path)
    assert (tile.status, len(tile.body), tile.headers["content-type"]) == (200, 64, "application/octet-stream")
    assert "immutable" in tile.headers["cache-control"]
    lodge(both, "l-4")
    both.gateway.checkpoint()
    assert both.ask(None, "GET", path).body == tile.body
    longer = both.ask(None, "GET", "/v1/log/tile/0/000.p/4").body
    assert (longer[:64], len(longer)) == (tile.body, 128)
    for other in ("0/000", "0/000.p/5", "0/001.p/1", "1/000.p/1", "0/000.p/0", "0/0", "x/000", "entries/000",
                  "0/x999/x999/x999/x999/999", "0/..%2f000"):  # fmt: skip
        answer = both.ask(None, "GET", f"/v1/log/tile/{other}")
        assert (answer.status, code(answer.body)) == (404, "not-found"), other


def test_an_entry_comes_byte_for_byte(both: Neighbours, partner: Partner) -> None:
    receipt = both.gateway.receive(partner.seal(NOTE, "m-1"), "application/jose")
    both.gateway.checkpoint()
    found = both.ask(partner, "GET", "/v1/log/entries?from=xx&message=m-1")
    assert json.loads(found.body) == {"entries": [0]}
    entry = both.ask(partner, "GET", "/v1/log/entries/0?from=xx")
    assert (entry.status, entry.headers["cache-control"]) == (200, "no-store")
    assert json.loads(entry.body)["exchange"] == receipt.exchange_id
    leaf = hashlib.sha256(b"\0" + entry.body).digest()
    assert both.ask(None, "GET", "/v1/log/tile/0/000.p/1").body == leaf
    for index in ("-1", "00", "0x0", "1e3", "9" * 40, "2", "%20"):
        assert both.ask(partner, "GET", f"/v1/log/entries/{index}?from=xx").status == 404


def test_own_agreements_and_formats(both: Neighbours) -> None:
    listed = json.loads(both.ask(both.other, "GET", "/v1/agreements?from=yy").body)["agreements"]
    [agreement] = listed
    assert (agreement["id"], agreement["version"], agreement["in_force"]) == ("aa-yy-letters", 1, True)
    assert {message["format"] for message in agreement["messages"]} == {"yy-letter-1.0"}
    assert "Secret" not in json.dumps(agreement), "what is held back is nobody's to read"
    named = json.loads(both.ask(both.other, "GET", "/v1/formats/yy-letter-1.0?from=yy").body)
    assert (named["format"], named["syntax"]) == ("yy-letter-1.0", "xml")
    assert "Number" in [place["path"] for place in named["places"]]
    assert named["json_schema"]["$schema"]
    ended = json.loads(both.ask(both.world.partner, "GET", "/v1/agreements?from=xx").body)["agreements"]
    assert {one["id"]: one["in_force"] for one in ended} == {"aa-xx-notes": True, "aa-xx-old": False}
