"""Tokens at the partner port, asked over the ASGI interface behind a proxy: which scope opens which route."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from gateway.api.partner_port import build_partner_port
from gateway.api.signed_answers import SignedAnswers
from gateway.authorisation.asking import token_request
from gateway.bootstrap import build_gateway, import_partner_keys
from gateway.security.certificate_making import GeneratedCertificate
from gateway.security.certificates import write_client_cert
from tests.world.http import signed
from tests.world.partner import NOTE, Partner
from tests.world.setting import data_with, prepared
from tests.world.tls import BASE, FORM, fresh, listed, register

MESSAGES = "/v1/messages"
NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Port:
    """The port, its two partners and the way to ask it; only ``xx`` has to sign."""

    app: SignedAnswers
    partners: dict[str, Partner]
    certificates: dict[str, GeneratedCertificate]
    call: Callable[..., Any]

    def ask(self, code: str, method: str, path: str, content: bytes, headers: dict[str, str], *, sign: bool) -> Any:
        """Ask in a request with the certificate of a partner, signed or not."""
        lines = headers | {"client-cert": write_client_cert(self.certificates[code].der)}
        if sign:
            lines = dict(signed(self.partners[code], method, BASE + path, content, lines).headers.lines)
        return self.call(self.app, method, path, [content], lines)

    def token(self, code: str, scope: str = "", *, sign: bool = True) -> Any:
        """Ask for a token."""
        signer = self.partners[code]._signer
        form = token_request(code, BASE, signer, at=datetime.now(UTC), jti=f"j-{next(NUMBERS)}")
        return self.ask(
            code, "POST", "/oauth2/token", form + (f"&scope={scope}".encode() if scope else b""), FORM, sign=sign
        )


@pytest.fixture(name="port")
def port_fixture(tmp_path: Path, call: Callable[..., Any]) -> Iterator[Port]:
    root = data_with(tmp_path, "yy")
    for code in ("xx", "yy"):
        profile = root / "partners" / code / "profile.toml"
        text = profile.read_text(encoding="utf-8").replace('auth = "none"', 'auth = "mtls+oauth"')
        profile.write_text(text.replace("cgw-1", "none") if code == "yy" else text, encoding="utf-8")
    partners = {"xx": Partner(), "yy": Partner(code="yy")}
    settings = prepared(tmp_path, partners["xx"], root=root)
    import_partner_keys(settings, "yy", partners["yy"].key_list())
    certificates = {code: fresh(code) for code in partners}
    for code, made in certificates.items():
        register(settings, code, listed(made, code))
    with build_gateway(settings) as gateway:
        app = build_partner_port(gateway, public_base=BASE, message_limit=65536, proxies=["127.0.0.1"])
        yield Port(app=app, partners=partners, certificates=certificates, call=call)


@pytest.mark.parametrize("scope", ["messages:send", "messages:status", "checks:run"])
def test_a_scope_opens_its_route_and_no_other(port: Port, scope: str) -> None:
    bearer = {"authorization": f"Bearer {port.token('xx', scope).json['access_token']}"}
    sealed, jose, xml = port.partners["xx"].seal(NOTE, "m-1"), "application/jose", "application/xml"
    asked = {
        "messages:send": ("POST", MESSAGES, sealed, {"content-type": jose}),
        "messages:status": ("GET", f"{MESSAGES}/m-0?from=xx", b"", {}),
        "checks:run": ("POST", "/v1/checks?from=xx&type=note", NOTE, {"content-type": xml}),
    }
    opened = {}
    for name, (method, path, content, headers) in asked.items():
        answer = port.ask("xx", method, path, content, headers | bearer, sign=True)
        opened[name] = answer.json.get("title") != "token.scope"
        assert (answer.status == 403) is not opened[name]
        assert (f'scope="{name}"' in answer.headers.get("www-authenticate", "")) is not opened[name]
    assert opened == {name: name == scope for name in asked}


def test_a_partner_that_signs_has_to_sign_here_too(port: Port) -> None:
    unsigned = port.token("xx", sign=False)
    assert (unsigned.status, unsigned.json["title"]) == (401, "http.signature-missing")
    assert port.token("yy", sign=False).status == 200


def test_a_token_request_without_certificate(port: Port) -> None:
    form = token_request("yy", BASE, port.partners["yy"]._signer, at=datetime.now(UTC), jti="j-none")
    answer = port.call(port.app, "POST", "/oauth2/token", [form], dict(FORM))
    assert (answer.status, answer.json["title"]) == (401, "certificate.missing")
    assert answer.headers["www-authenticate"] == "ClientCertificate"


def test_an_answer_with_a_token_is_not_stored_by_anybody(port: Port) -> None:
    answer = port.token("xx")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert {"access_token", "token_type", "expires_in", "scope"} == set(json.loads(answer.body))
    assert "signature" in answer.headers


def test_a_request_without_certificate_proves_nothing_by_its_token(port: Port) -> None:
    bearer = {"authorization": f"Bearer {port.token('yy').json['access_token']}"}
    path = "/v1/checks?from=yy&type=note"
    answer = port.call(port.app, "POST", path, [NOTE], bearer | {"content-type": "application/xml"})
    assert (answer.status, answer.json["title"]) == (401, "certificate.missing")
