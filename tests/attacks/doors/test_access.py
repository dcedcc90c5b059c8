"""Client certificates and access tokens at the doors of real processes: what is not good is refused and logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.bootstrap import import_partner_keys
from gateway.errors import DeliveryFailed
from gateway.security.certificate_making import GeneratedCertificate
from gateway.security.certificates import write_client_cert
from gateway.security.http_messages import Headers, HttpRequest
from gateway.security.lifecycle import KeyState
from gateway.settings import Settings
from tests.attacks.oauth.parties import b64
from tests.world.http import signed
from tests.world.partner import NOTE, Partner
from tests.world.process import running
from tests.world.setting import data_with, prepared
from tests.world.tls import BASE, FORM, Connected, fresh, gateway_certificate, link_with, listed, register

MESSAGES = f"{BASE}/v1/messages"
JOSE = {"content-type": "application/jose"}
XML = {"content-type": "application/xml"}


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Two processes with TLS on one database; ``xx`` and ``yy`` need certificate, token and signature."""

    settings: Settings
    folder: Path
    ports: tuple[int, int]
    xx: Connected
    yy: Connected
    certificate: GeneratedCertificate
    withdrawn: HttpLink
    log: Path

    def refused(self, answer: HttpAnswer, status: int, code: str, partner: str = "xx") -> None:
        """The answer has this status and code, and so has the last entry of the audit log about a request."""
        told = json.loads(answer.body)
        assert (answer.status, told.get("title") or told["code"]) == (status, code)
        assert ("www-authenticate" in answer.headers) == (status == 401 or code.startswith("token."))
        entry = logged(self.settings)[-1]
        assert (entry["codes"], entry.get("partner", "")) == (code, partner)

    def message(self, message_id: str, more: dict[str, str], sender: Connected | None = None) -> HttpRequest:
        """A good envelope of ``xx`` in a signed request."""
        by = (sender or self.xx).partner
        return signed(by, "POST", MESSAGES, self.xx.partner.seal(NOTE, message_id), JOSE | more)


def logged(settings: Settings) -> list[dict[str, Any]]:
    engine = sa.create_engine(settings.database)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT entry FROM log_entry ORDER BY leaf_index")).scalars().all()
    engine.dispose()
    return [entry for entry in map(json.loads, found) if entry["tag"] == "partner:request:refused"]


def world_with(folder: Path, auth: str) -> tuple[Settings, Partner, Partner]:
    """Two partners whose profiles ask for `auth`; nothing is registered for TLS yet."""
    root = data_with(folder, "yy")
    for code in ("xx", "yy"):
        profile = root / "partners" / code / "profile.toml"
        text = profile.read_text(encoding="utf-8").replace('auth = "none"', f'auth = "{auth}"')
        profile.write_text(text, encoding="utf-8")
    partner, other = Partner(), Partner(code="yy")
    settings = prepared(folder, partner, root=root)
    import_partner_keys(settings, other.code, other.key_list())
    other._theirs = partner._theirs
    return settings, partner, other


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("access-doors")
    settings, partner, other = world_with(folder, "mtls+oauth")
    certificates = {code: fresh(code) for code in ("xx", "yy", "old")}
    old = listed(certificates["old"], "xx", KeyState.COMPROMISED)
    register(settings, "xx", listed(certificates["xx"], "xx"), old)
    register(settings, "yy", listed(certificates["yy"], "yy"))
    ours = gateway_certificate(settings)
    log = folder / "one.log"
    with ExitStack() as stack:
        started = [
            stack.enter_context(running(settings, file, tls="1.3", public_base_url=BASE, worker=name))
            for name, file in (("one", log), ("two", folder / "two.log"))
        ]
        links = {code: link_with(folder, made, ours) for code, made in certificates.items()}
        for link in links.values():
            stack.callback(link.close)
        door = f"https://127.0.0.1:{started[0][0]}"
        yield Doors(
            settings=settings,
            folder=folder,
            ports=(started[0][0], started[1][0]),
            xx=Connected(partner=partner, link=links["xx"], door=door),
            yy=Connected(partner=other, link=links["yy"], door=door),
            certificate=certificates["xx"],
            withdrawn=links["old"],
            log=log,
        )
    said = log.read_bytes() + (folder / "two.log").read_bytes()
    assert b"unexpected fault" not in said
    assert b"Traceback" not in said


def test_with_certificate_token_and_signature_every_route_opens(doors: Doors) -> None:
    bearer = doors.xx.token("j-good")
    assert doors.xx.send(doors.message("m-good", bearer)).status == 202
    asked = doors.xx.send(signed(doors.xx.partner, "GET", f"{MESSAGES}/m-good?from=xx", headers=bearer))
    assert (asked.status, json.loads(asked.body)["message_id"]) == (200, "m-good")
    checked = signed(doors.xx.partner, "POST", f"{BASE}/v1/checks?from=xx&type=note", NOTE, XML | bearer)
    assert doors.xx.send(checked).status == 200


def test_a_token_of_one_process_opens_the_other(doors: Doors) -> None:
    bearer = doors.xx.token("j-other-process")
    elsewhere = replace(doors.xx, door=f"https://127.0.0.1:{doors.ports[1]}")
    assert elsewhere.send(doors.message("m-other-process", bearer)).status == 202


@pytest.mark.parametrize("who", ["nobody", "a stranger"])
def test_no_registered_certificate_no_connection(doors: Doors, who: str) -> None:
    made = None if who == "nobody" else fresh("xx")
    link = link_with(doors.folder, made, gateway_certificate(doors.settings))
    with pytest.raises(DeliveryFailed) as failed:
        link.request("GET", f"{doors.xx.door}/v1/log/checkpoint")
    link.close()
    assert failed.value.stable_code == "delivery.no-answer"
    reason = "PEER_DID_NOT_RETURN_A_CERTIFICATE" if made is None else "CERTIFICATE_VERIFY_FAILED"
    lines = [json.loads(line) for line in doors.log.read_text(encoding="utf-8").splitlines() if "tls.handshake" in line]
    assert lines[-1]["reason"] == reason


def test_plain_http_at_the_port_of_tls(doors: Doors) -> None:
    link = HttpLink(timeout=10.0, answer_limit=1 << 20)
    with pytest.raises(DeliveryFailed):
        link.request("GET", f"http://127.0.0.1:{doors.ports[0]}/v1/log/checkpoint")
    link.close()


def test_a_withdrawn_certificate(doors: Doors) -> None:
    answer = replace(doors.xx, link=doors.withdrawn).send(doors.message("m-withdrawn", {}))
    doors.refused(answer, 401, "certificate.withdrawn", "")


def test_no_token(doors: Doors) -> None:
    doors.refused(doors.xx.send(doors.message("m-no-token", {})), 401, "token.missing")
    basic = {"authorization": "Basic eHg6eA=="}
    doors.refused(doors.xx.send(doors.message("m-basic", basic)), 401, "token.missing")


def test_a_token_on_the_certificate_of_another_partner(doors: Doors) -> None:
    bearer = doors.xx.token("j-stolen")
    for signer in (doors.xx, doors.yy):
        stolen = doors.message("m-stolen", bearer, signer)
        doors.refused(doors.yy.send(stolen), 401, "token.other-certificate", "yy")


def test_a_signature_of_another_partner_than_certificate_and_token(doors: Doors) -> None:
    mixed = doors.message("m-mixed", doors.yy.token("j-mixed"), doors.xx)
    doors.refused(doors.yy.send(mixed), 401, "http.unknown-key", "yy")


def test_a_token_that_the_partner_has_signed_itself(doors: Doors) -> None:
    good = doors.xx.token("j-forged")["authorization"].removeprefix("Bearer ")
    claims = good.split(".")[1]
    header = b64(json.dumps({"alg": "ES256", "kid": doors.xx.partner._signer.kid, "typ": "at+jwt"}).encode())
    forged = f"{header}.{claims}"
    token = f"{forged}.{b64(doors.xx.partner._signer.sign(forged.encode()))}"
    answer = doors.xx.send(doors.message("m-forged", {"authorization": f"Bearer {token}"}))
    doors.refused(answer, 401, "token.unknown-key")


def test_a_token_added_after_the_signature(doors: Doors) -> None:
    bearer = doors.xx.token("j-added")
    plain = doors.message("m-added", {})
    doors.refused(doors.xx.send(replace(plain, headers=plain.headers.replacing(bearer))), 401, "http.component-missing")


def test_a_token_without_the_scope_of_the_route(doors: Doors) -> None:
    bearer = doors.xx.token("j-scope", "messages:status")
    doors.refused(doors.xx.send(doors.message("m-scope", bearer)), 403, "token.scope")
    asked = doors.xx.send(signed(doors.xx.partner, "GET", f"{MESSAGES}/m-none?from=xx", headers=bearer))
    assert asked.status == 404
    checked = signed(doors.xx.partner, "POST", f"{BASE}/v1/checks?from=xx&type=note", NOTE, XML | bearer)
    doors.refused(doors.xx.send(checked), 403, "token.scope")


def test_one_partner_cannot_speak_for_another(doors: Doors) -> None:
    bearer = doors.yy.token("j-cross")
    envelope = doors.yy.send(doors.message("m-cross", bearer, doors.yy))
    assert (envelope.status, json.loads(envelope.body)["title"]) == (403, "http.other-sender")
    checked = signed(doors.yy.partner, "POST", f"{BASE}/v1/checks?from=xx&type=note", NOTE, XML | bearer)
    doors.refused(doors.yy.send(checked), 403, "http.other-sender", "yy")
    answers = [
        doors.yy.send(signed(doors.yy.partner, "GET", f"{MESSAGES}/{name}?from={sender}", headers=bearer))
        for name, sender in (("m-good", "xx"), ("m-nobodys", "xx"), ("m-good", "yy"), ("m-good", "zz"))
    ]
    assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}


def test_an_assertion_again_at_the_other_process(doors: Doors) -> None:
    form = doors.xx.form("j-replayed")
    assert doors.xx.ask_for_token(form).status == 200
    elsewhere = replace(doors.xx, door=f"https://127.0.0.1:{doors.ports[1]}")
    for party in (elsewhere, doors.xx):
        doors.refused(party.ask_for_token(form), 401, "assertion.replayed")


def test_the_assertion_of_one_partner_on_the_certificate_of_another(doors: Doors) -> None:
    doors.refused(doors.yy.ask_for_token(doors.xx.form("j-borrowed")), 401, "oauth.unknown-client", "yy")


def test_a_token_request_that_is_not_signed_or_holds_too_much(doors: Doors) -> None:
    target = f"{BASE}/oauth2/token"
    whole = signed(doors.xx.partner, "POST", target, doors.xx.form("j-unsigned"), FORM)
    kept = [line for line in whole.headers.lines if line[0] not in {"signature", "signature-input"}]
    doors.refused(doors.xx.send(replace(whole, headers=Headers.of(kept))), 401, "http.signature-missing")
    long = signed(doors.xx.partner, "POST", target, b"a=" + b"x" * 16 * 1024, FORM)
    assert doors.xx.send(long).status == 413
    in_uri = signed(doors.xx.partner, "POST", f"{target}?scope=log:read", doors.xx.form("j-uri"), FORM)
    doors.refused(doors.xx.send(in_uri), 400, "oauth.parameter-in-uri")
    twice = doors.xx.form("j-twice") + b"&grant_type=client_credentials"
    doors.refused(doors.xx.ask_for_token(twice), 400, "oauth.parameter-repeated")


def test_a_field_of_a_proxy_on_a_connection_of_a_partner(doors: Doors) -> None:
    field = {"client-cert": write_client_cert(doors.certificate.der)}
    bearer = doors.xx.token("j-field")
    doors.refused(doors.yy.send(doors.message("m-field", bearer | field)), 401, "certificate.field-refused", "")
    doors.refused(doors.xx.send(doors.message("m-field", bearer | field)), 401, "certificate.field-refused", "")


def test_behind_a_proxy_the_field_is_read_from_its_address_only(doors: Doors, tmp_path: Path) -> None:
    field = {"client-cert": write_client_cert(doors.certificate.der)}
    forwarded = {"x-forwarded-for": "192.0.2.1", "forwarded": "for=192.0.2.1"}
    link = HttpLink(timeout=30.0, answer_limit=1 << 20)
    for proxies, status, code in (
        ('["127.0.0.0/8"]', 401, "token.missing"),
        ('["192.0.2.1"]', 401, "certificate.field-refused"),
    ):
        with running(
            doors.settings, tmp_path / "proxy.log", public_base_url=BASE, trusted_proxies=proxies, worker="proxied"
        ) as (port, _):
            party = Connected(partner=doors.xx.partner, link=link, door=f"http://127.0.0.1:{port}")
            answer = party.send(doors.message("m-proxied", field | forwarded))
            doors.refused(answer, status, code, "xx" if code == "token.missing" else "")
            without = party.send(doors.message("m-proxied", {}))
            assert json.loads(without.body)["title"] == "certificate.missing"
            assert party.send(signed(doors.xx.partner, "POST", f"{BASE}/oauth2/token", b"a=b", FORM)).status == 401
    link.close()
