"""Signed requests at the doors of two gateway processes on one database: what is not good is refused and logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.bootstrap import build_gateway, import_partner_keys
from gateway.errors import DataFolderError
from gateway.security.filekeys import FileSigner
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_refusals import HttpMessageRefused
from gateway.security.keys import import_public_key
from gateway.settings import Settings
from tests.world.http import proved, signed
from tests.world.log import entries_in
from tests.world.partner import NOTE, Partner
from tests.world.process import running
from tests.world.setting import data_with, prepared

BASE = "https://gateway.example"
MESSAGES = f"{BASE}/v1/messages"
JOSE = {"content-type": "application/jose"}
XML = {"content-type": "application/xml"}


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Two processes on one database, and two partners that they know."""

    ports: tuple[int, int]
    partner: Partner
    other: Partner
    settings: Settings
    logs: tuple[Path, Path]
    link: HttpLink

    def send(self, request: HttpRequest, door: int = 0) -> HttpAnswer:
        """Send a request as it is; the answer has to be signed for it."""
        url = f"http://127.0.0.1:{self.ports[door]}{request.target.removeprefix(BASE)}"
        headers = dict(request.headers.lines)
        answer = self.link.request(request.method, url, content=request.content, headers=headers)
        proved(self.partner, response_of(answer), request)
        return answer

    def logged(self, tag: str) -> list[dict[str, Any]]:
        """The entries of a tag in the audit log."""
        return [entry for entry in entries_in(self.settings) if entry["tag"] == tag]

    def refused(self, request: HttpRequest, status: int, code: str, *, partner: str = "", door: int = 0) -> None:
        """The request is refused with this status and code, and the log says so."""
        before = len(self.logged("partner:request:refused"))
        answer = self.send(request, door)
        assert (answer.status, json.loads(answer.body)["title"]) == (status, code)
        assert ("www-authenticate" in answer.headers) == (status == 401)
        [entry] = self.logged("partner:request:refused")[before:]
        assert (entry["codes"], entry.get("partner", "")) == (code, partner)

    def envelope(self, message_id: str, partner: Partner | None = None) -> HttpRequest:
        """A good request with a good envelope."""
        sender = partner or self.partner
        return signed(sender, "POST", MESSAGES, sender.seal(NOTE, message_id), JOSE)


def response_of(answer: HttpAnswer) -> HttpResponse:
    return HttpResponse(status=answer.status, headers=Headers.from_raw(answer.lines), content=answer.body)


def without_signature(request: HttpRequest) -> HttpRequest:
    kept = [line for line in request.headers.lines if line[0] not in {"signature", "signature-input"}]
    return replace(request, headers=Headers.of(kept))


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("signed-doors")
    partner, other = Partner(), Partner(code="yy")
    settings = prepared(folder, partner, root=data_with(folder, "yy"))
    import_partner_keys(settings, other.code, other.key_list())
    other._theirs = partner._theirs
    logs = (folder / "one.log", folder / "two.log")
    with (
        closing(HttpLink(timeout=30.0, answer_limit=1 << 20)) as link,
        running(settings, logs[0], public_base_url=BASE, worker="one") as (first, _),
        running(settings, logs[1], public_base_url=BASE, worker="two") as (second, _),
    ):
        yield Doors(ports=(first, second), partner=partner, other=other, settings=settings, logs=logs, link=link)
    said = b"".join(log.read_bytes() for log in logs)
    assert b"unexpected fault" not in said
    assert b"Traceback" not in said


def test_a_request_without_signature(doors: Doors) -> None:
    doors.refused(without_signature(doors.envelope("m-missing")), 401, "http.signature-missing")
    asked = signed(doors.partner, "GET", f"{MESSAGES}/m-1?from=xx")
    doors.refused(without_signature(asked), 401, "http.signature-missing")
    document = signed(doors.partner, "POST", f"{BASE}/v1/checks?from=xx", NOTE, XML)
    doors.refused(without_signature(document), 401, "http.signature-missing")


def test_one_signature_field_without_the_other(doors: Doors) -> None:
    for name in ("signature", "signature-input"):
        request = doors.envelope(f"m-half-{name}")
        kept = [line for line in request.headers.lines if line[0] != name]
        doors.refused(replace(request, headers=Headers.of(kept)), 401, "http.signature-missing")


def test_a_request_again_at_the_other_process(doors: Doors) -> None:
    request = doors.envelope("m-replayed")
    assert doors.send(request, 0).status == 202
    for door in (1, 0):
        doors.refused(request, 401, "http.replayed", partner="xx", door=door)


def test_a_request_at_both_processes_at_once_is_taken_by_one(doors: Doors) -> None:
    for number in range(5):
        request = doors.envelope(f"m-race-{number}")
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(doors.send, [request, request], [0, 1]))
        assert sorted(answer.status for answer in answers) == [202, 401]


def test_a_body_changed_under_the_signed_digest_does_not_use_the_request_up(doors: Doors) -> None:
    request = doors.envelope("m-changed")
    other = doors.partner.seal(NOTE, "m-changed-2")
    doors.refused(replace(request, content=other), 400, "http.digest-mismatch", partner="xx")
    assert doors.send(request).status == 202


def test_a_digest_changed_with_the_body(doors: Doors) -> None:
    request = doors.envelope("m-digest")
    other = signed(doors.partner, "POST", MESSAGES, doors.partner.seal(NOTE, "m-digest-2"), JOSE)
    digest = {"content-digest": other.headers.only("content-digest") or ""}
    forged = replace(request, content=other.content, headers=request.headers.replacing(digest))
    doors.refused(forged, 401, "http.signature-wrong")


@pytest.mark.parametrize("target", [f"{BASE}/v1/checks", "https://other.example/v1/messages", f"{MESSAGES}?from=xx"])
def test_a_signature_for_another_target(doors: Doors, target: str) -> None:
    request = signed(doors.partner, "POST", target, doors.partner.seal(NOTE, "m-target"), JOSE)
    doors.refused(replace(request, target=MESSAGES), 401, "http.signature-wrong")


def test_a_signature_that_names_the_key_of_another_partner(doors: Doors) -> None:
    stolen = import_public_key({**doors.partner._sign.public.jwk, "kid": doors.other._sign.public.kid})
    forger = Partner()
    forger._signer = FileSigner(doors.partner._sign.private, stolen)
    request = signed(forger, "POST", MESSAGES, doors.partner.seal(NOTE, "m-kid"), JOSE)
    doors.refused(request, 401, "http.signature-wrong")


def test_a_key_that_nobody_has(doors: Doors) -> None:
    stranger = Partner(code="zz")
    doors.refused(signed(stranger, "POST", MESSAGES, b"x", JOSE), 401, "http.unknown-key")


def test_one_partner_cannot_hand_in_for_another(doors: Doors) -> None:
    request = signed(doors.other, "POST", MESSAGES, doors.partner.seal(NOTE, "m-cross"), JOSE)
    answer = doors.send(request)
    assert (answer.status, json.loads(answer.body)["title"]) == (403, "http.other-sender")
    assert doors.logged("partner:message:refused")[-1]["codes"] == "http.other-sender"
    asked = doors.send(signed(doors.partner, "GET", f"{MESSAGES}/m-cross?from=xx"))
    assert asked.status == 404


def test_one_partner_cannot_ask_after_the_messages_of_another(doors: Doors) -> None:
    assert doors.send(doors.envelope("m-theirs")).status == 202
    assert doors.send(signed(doors.partner, "GET", f"{MESSAGES}/m-theirs?from=xx")).status == 200
    answers = [
        doors.send(signed(doors.other, "GET", f"{MESSAGES}/{message_id}?from={sender}"))
        for message_id, sender in (("m-theirs", "xx"), ("m-nobodys", "xx"), ("m-theirs", "yy"), ("m-theirs", "zz"))
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1
    assert doors.logged("partner:request:refused")[-1]["codes"] == "http.other-sender"


def test_one_partner_cannot_check_as_another(doors: Doors) -> None:
    request = signed(doors.other, "POST", f"{BASE}/v1/checks?from=xx&type=note", NOTE, XML)
    doors.refused(request, 403, "http.other-sender", partner="yy")


def test_an_answer_is_no_answer_to_another_request(doors: Doors) -> None:
    first, second = (signed(doors.partner, "GET", f"{MESSAGES}/m-none?from=xx") for _ in range(2))
    answer = response_of(doors.send(first))
    with pytest.raises(HttpMessageRefused, match="not that of the key"):
        proved(doors.partner, answer, second)


def test_the_checkpoint_is_public_and_its_answer_signed(doors: Doors) -> None:
    plain = HttpRequest(method="GET", target=f"{BASE}/v1/log/checkpoint")
    assert doors.send(plain).status in {200, 404}
    for target in (f"{BASE}/nowhere", f"{BASE}/openapi.json"):
        assert doors.send(HttpRequest(method="GET", target=target)).status in {200, 404}
    for method in ("DELETE", "HEAD"):
        assert doors.send(HttpRequest(method=method, target=MESSAGES)).status == 405


def test_a_key_id_of_two_partners_stops_the_start(tmp_path: Path) -> None:
    partner = Partner()
    settings = prepared(tmp_path, partner, root=data_with(tmp_path, "yy"))
    import_partner_keys(settings, "yy", partner.key_list())
    with pytest.raises(DataFolderError) as refused:
        build_gateway(settings)
    assert refused.value.stable_code == "trust.kid-shared"
