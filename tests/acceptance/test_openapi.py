"""Both ports keep to the OpenAPI document that they serve, with credentials and without: no 500, nothing undocumented.

Every operation is taken from the document, so a route that is added is asked as well. Requests come from schemathesis,
valid ones and invalid ones; half of them are helped along with ids and contents that the gateway knows, so that they
come as far as an answer of the business.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from starlette.types import ASGIApp

from gateway.api.internal_port import build_internal_port
from gateway.api.partner_port import build_partner_port
from gateway.authorisation.asking import token_request
from gateway.bootstrap import Outside, build_gateway
from gateway.identifiers import PartnerCode
from gateway.pipeline.facade import Gateway
from gateway.security.certificates import write_client_cert
from tests.world.http import signed
from tests.world.openapi import Sent, ask, hold, served
from tests.world.partner import NOTE, Partner, note
from tests.world.setting import MovableClock, data_with, prepared
from tests.world.tls import BASE, FORM, fresh, listed, register

EXAMPLES = 150 if os.environ.get("SARHAD_SOAK") == "1" else 6
LIMIT = 65536
NUMBERS = count(1)
XX = PartnerCode("xx")
PUBLIC = frozenset({"/.well-known/jwks.json", "/v1/log/checkpoint", "/v1/log/tile/{level}/{place}"})
"""What anybody may read."""


@dataclass(frozen=True, kw_only=True)
class Ports:
    """A gateway that holds some messages, its two ports, and the proofs of the partner ``xx``."""

    gateway: Gateway
    partner_port: ASGIApp
    internal_port: ASGIApp
    partner: Partner
    certificate: dict[str, str]
    token: dict[str, str]

    def nothing(self, sent: Sent) -> dict[str, str]:
        """No proof at all."""
        return sent[3]

    def signature(self, sent: Sent) -> dict[str, str]:
        """A signature, and neither certificate nor token."""
        return self.signed_lines(sent, {})

    def everything(self, sent: Sent) -> dict[str, str]:
        """Certificate, signature and, but where one is asked for, a token."""
        token = {} if sent[1].startswith("/oauth2/") else self.token
        return self.signed_lines(sent, self.certificate | token)

    def signed_lines(self, sent: Sent, more: dict[str, str]) -> dict[str, str]:
        """The lines of a signed request; those that were generated give way to proofs of the same name."""
        method, target, content, lines = sent
        return dict(signed(self.partner, method, BASE + target, content, lines | more).headers.lines)

    def oldest(self) -> str:
        """Id of the message at the head of the mailbox; a new one where it is empty."""
        if not self.gateway.partners.mailbox.waiting(XX, 1):
            self.gateway.lodge(b'{"number": "L-0"}', "xx", "reply", message_id=f"l-{next(NUMBERS)}")
        return self.gateway.partners.mailbox.waiting(XX, 1)[0].message.key

    def contents(self) -> dict[str, Any]:
        """Contents that the partner port takes, each new."""
        return {
            "application/jose": lambda: self.partner.seal(note("N-9"), f"m-{next(NUMBERS)}"),
            "application/xml": lambda: NOTE,
            "application/x-www-form-urlencoded": lambda: token_form(self.partner),
            "/v1/mailbox/{entry_id}/receipt": self.receipt,
        }

    def receipt(self) -> bytes:
        """The partner's receipt for the message at the head of the mailbox."""
        return self.partner.take(self.gateway.partners.mailbox.collect(XX, self.oldest())).body


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory, derived: Path) -> Iterator[Ports]:
    folder = tmp_path_factory.mktemp("ports")
    root = data_with(folder)
    profile = root / "partners" / "xx" / "profile.toml"
    text = profile.read_text(encoding="utf-8").replace('auth = "none"', 'auth = "mtls+oauth"')
    text = text.replace("[delivery]", '[delivery]\nway = "pull"').replace(
        "[channel]", "[channel]\nrate_per_minute = 60000"
    )
    profile.write_text(text, encoding="utf-8")
    partner, made = Partner(), fresh("xx")
    patient = {"misbehaviour_limit": 10**9, "failed_attempts": 10**9, "inline_answer_seconds": 0}
    settings = prepared(folder, partner, root=root, cache_dir=derived, **patient)
    register(settings, "xx", listed(made, "xx"))
    certificate = {"client-cert": write_client_cert(made.der)}
    with build_gateway(settings, Outside(clock=MovableClock(), channel=partner)) as gateway:
        app = build_partner_port(gateway, public_base=BASE, message_limit=LIMIT, proxies=["127.0.0.1"])
        gateway.receive(partner.seal(NOTE, "m-0"), "application/jose")
        gateway.lodge(b'{"number": "L-0"}', "xx", "reply", message_id="l-0")
        gateway.checkpoint()
        yield Ports(
            gateway=gateway,
            partner_port=app,
            internal_port=build_internal_port(gateway, message_limit=LIMIT),
            partner=partner,
            certificate=certificate,
            token=token(app, partner, certificate),
        )


def token_form(partner: Partner) -> bytes:
    """A form that asks for an access token, good once."""
    return token_request("xx", BASE, partner._signer, at=datetime.now(UTC), jti=f"j-{next(NUMBERS)}")


def token(app: ASGIApp, partner: Partner, certificate: dict[str, str]) -> dict[str, str]:
    """An access token for everything, as a header line."""
    form = token_form(partner)
    request = signed(partner, "POST", f"{BASE}/oauth2/token", form, FORM | certificate)
    status, _, body = ask(app, ("POST", "/oauth2/token", form, dict(request.headers.lines)))
    assert status == 200, body
    return {"authorization": f"Bearer {json.loads(body)['access_token']}"}


def operations(app: ASGIApp) -> list[Any]:
    """Everything that the document of a port says can be called."""
    return [result.ok() for result in served(app).get_all_operations()]


@pytest.mark.parametrize("who", ["nothing", "signature", "everything"])
def test_the_partner_port_answers_as_its_document_says(ports: Ports, who: str) -> None:
    known: dict[str, st.SearchStrategy[Any]] = {
        "from": st.just("xx"),
        "type": st.sampled_from(["note", ""]),
        "message_id": st.just("m-0"),
        "message": st.just("m-0"),
        "entry_id": st.builds(ports.oldest),
        "name": st.just("xx-note-1.0"),
        "level": st.just("0"),
        "place": st.just("000.p/1"),
        "index": st.integers(0, 3),
    }
    for operation in operations(ports.partner_port):
        ports.token.update(token(ports.partner_port, ports.partner, ports.certificate))  # it ends after five minutes
        answers = hold(
            ports.partner_port,
            operation,
            base=BASE,
            credentials=getattr(ports, who),
            known=known,
            contents=ports.contents(),
            examples=EXAMPLES if who == "everything" else EXAMPLES // 3,
        )
        if who == "everything":
            assert answers.keys() & {200, 202}, f"{operation.path} is never asked well: {answers}"
        elif operation.path not in PUBLIC:
            assert not answers.keys() & {200, 202}, f"{operation.path} lets a stranger in"


def test_the_internal_port_answers_as_its_document_says(ports: Ports) -> None:
    [first, *_] = ports.gateway.exchanges()
    known: dict[str, st.SearchStrategy[Any]] = {
        "partner": st.just("xx"),
        "type": st.just("reply"),
        "purpose": st.just("RISK"),
        "name": st.just("rms"),
        "exchange_id": st.just(first.exchange.id),
        "agreement": st.just(""),
        "format": st.just(""),
        "id": st.builds(lambda: f"l-{next(NUMBERS)}"),
    }
    contents = {
        "application/json": lambda: b'{"number": "L-%d"}' % next(NUMBERS),
        "/internal/v1/feeds/{name}/ack": lambda: b'{"consumer": "c", "position": 0}',
    }
    for operation in operations(ports.internal_port):
        answers = hold(
            ports.internal_port,
            operation,
            base="http://127.0.0.1",
            credentials=ports.nothing,
            known=known,
            contents=contents,
            examples=EXAMPLES,
        )
        assert answers.keys() & {200, 202}, f"{operation.path} is never asked well: {answers}"


@pytest.mark.parametrize("port", ["partner_port", "internal_port"])
def test_what_the_document_does_not_list_is_a_problem_and_no_fault(ports: Ports, port: str) -> None:
    app: ASGIApp = getattr(ports, port)
    paths = {operation.path.replace("{", "").replace("}", "") for operation in operations(app)} | {"/", "/nowhere"}
    for path in sorted(paths):
        for method in ("DELETE", "PUT", "PATCH", "TRACE", "OPTIONS"):
            status, lines, body = ask(app, (method, path, b"", {}))
            assert status in {401, 404, 405}, (method, path)
            assert ("content-type", "application/problem+json") in lines
            assert json.loads(body)["status"] == status
