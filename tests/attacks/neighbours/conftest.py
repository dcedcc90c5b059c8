"""Two partners with all proofs on: ``xx`` has a history that ``yy`` is curious about."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from starlette.types import ASGIApp

from gateway.adapters.partner_channel import HttpAnswer
from gateway.api.partner_port import build_partner_port
from gateway.authorisation.asking import token_request
from gateway.bootstrap import Outside, build_gateway, import_partner_keys
from gateway.exchange.states import Direction
from gateway.identifiers import PartnerCode
from gateway.pipeline.facade import Gateway
from gateway.security.certificate_making import GeneratedCertificate
from gateway.security.filekeys import FileSigner
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_signatures import new_nonce, sign_request
from tests.world.http import proved
from tests.world.neighbours import BASE, called, two_partners
from tests.world.partner import Partner, note
from tests.world.setting import MovableClock, prepared
from tests.world.tls import FORM, fresh, listed, register

CANARY = "canary"
NO_KID = "zz-sig-202501-1"
XX = PartnerCode("xx")


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What belongs to ``xx``, and what nobody but it may see of it.

    Attributes:
        received, lodged: its message ids, one each way.
        waiting: entry of its mailbox.
        kid: id of its signing key.
        words: none of them may stand in an answer to another.
    """

    received: str
    lodged: str
    waiting: str
    kid: str
    exchanges: tuple[str, ...]
    keys: tuple[str, ...]
    indexes: tuple[int, ...]
    words: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request of the curious partner.

    Attributes:
        proofs: whether it brings certificate, token and signature; else nothing at all.
        kid: which key it says has signed; empty for its own.
    """

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    proofs: bool = True
    kid: str = ""


@dataclass(frozen=True, kw_only=True)
class Curious:
    """The partner ``yy`` at the door, and what is known of ``xx``."""

    gateway: Gateway
    port: ASGIApp
    partner: Partner
    certificate: GeneratedCertificate
    known: Secrets
    clock: MovableClock
    _tokens: list[str] = field(default_factory=list)

    def ask(self, asked: Asked) -> HttpAnswer:
        """Send it; every answer has to be the gateway's for this request."""
        certificate = self.certificate.pem.decode() if asked.proofs else ""
        headers = dict(asked.headers)
        if asked.proofs and not asked.path.startswith("/oauth2/"):
            headers["authorization"] = f"Bearer {self._token()}"
        if not asked.proofs:
            return called(self.port, asked.method, asked.path, asked.body, headers)
        request = self._signed(asked, headers)
        answer = called(self.port, asked.method, asked.path, asked.body, dict(request.headers.lines), certificate)
        response = HttpResponse(status=answer.status, headers=Headers.from_raw(answer.lines), content=answer.body)
        proved(self.partner, response, request)
        return answer

    def form(self, client: str, kid: str = "") -> bytes:
        """A form that asks for a token as a client."""
        return token_request(client, BASE, self.signer(kid), at=self.clock.now(), jti=secrets.token_hex(8))

    def signer(self, kid: str = "") -> FileSigner:
        """Its own key, perhaps under the name of another."""
        own = self.partner._sign
        return FileSigner(own.private, dataclasses.replace(own.public, kid=kid) if kid else own.public)

    @contextmanager
    def signing_as(self, kid: str) -> Iterator[Partner]:
        """The curious partner, which says that its messages and receipts are signed with another key."""
        own = self.partner._signer
        self.partner._signer = self.signer(kid)
        yield self.partner
        self.partner._signer = own

    def _signed(self, asked: Asked, headers: Mapping[str, str]) -> HttpRequest:
        plain = HttpRequest(
            method=asked.method, target=BASE + asked.path, headers=Headers.of(headers.items()), content=asked.body
        )
        return sign_request(plain, self.signer(asked.kid), at=self.clock.now(), nonce=new_nonce())

    def _token(self) -> str:
        if not self._tokens:
            asked = Asked(method="POST", path="/oauth2/token", body=self.form("yy"), headers=FORM)
            self._tokens.append(json.loads(self.ask(asked).body)["access_token"])
        return self._tokens[0]


def _history(gateway: Gateway, partner: Partner) -> Secrets:
    """A message received and accepted, one lodged and collected, one that waits; and a checkpoint over all."""
    gateway.receive(partner.seal(note(f"{CANARY}-number"), f"{CANARY}-m-1"), "application/jose")
    gateway.process_once()
    mailbox = gateway.partners.mailbox
    [answer] = mailbox.waiting(XX, 1)
    mailbox.take_receipt(XX, answer.message.key, partner.take(mailbox.collect(XX, answer.message.key)).body)
    gateway.lodge(b'{"number": "%s-L"}' % CANARY.encode(), "xx", "reply", message_id=f"{CANARY}-l-1")
    gateway.lodge(b'{"number": "%s-L"}' % CANARY.encode(), "xx", "reply", message_id=f"{CANARY}-l-2")
    gateway.checkpoint()
    exchanges = tuple(one.exchange.id for one in gateway.exchanges(partner="xx"))
    messages = [message for one in exchanges for message in gateway.exchange(one).messages]
    [received] = [one for one in messages if one.direction is Direction.INBOUND]
    kids = tuple(key.kid for key in partner._own)
    keys = tuple(message.key for message in messages)
    digests = tuple(message.digest for message in messages)
    words = ("Their administration", "aa-xx-notes", "xx-note", "Exchange of notes", "urn:world:xx", CANARY, "CANARY")
    return Secrets(
        received=received.message_id,
        lodged=f"{CANARY}-l-1",
        waiting=mailbox.waiting(XX, 1)[0].message.key,
        kid=partner._sign.public.kid,
        exchanges=exchanges,
        keys=keys,
        indexes=tuple(gateway.partners.log.entries_about(XX, received.message_id)),
        words=tuple(word.encode() for word in (*words, *exchanges, *keys, *digests, *kids)),
    )


@pytest.fixture(scope="module", name="curious")
def curious_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Curious]:
    folder = tmp_path_factory.mktemp("neighbours")
    watched, partner = Partner(), Partner(code="yy")
    root = two_partners(folder, collecting=("xx", "yy"), auth="mtls+oauth")
    settings = prepared(folder, watched, root=root, inline_answer_seconds=0.0, misbehaviour_limit=10**6)
    import_partner_keys(settings, "yy", partner.key_list())
    partner._theirs = watched._theirs
    certificates = {code: fresh(code) for code in ("xx", "yy")}
    for code, made in certificates.items():
        register(settings, code, listed(made, code))
    clock = MovableClock()
    with build_gateway(settings, Outside(clock=clock, channel=watched)) as gateway:
        yield Curious(
            gateway=gateway,
            port=build_partner_port(gateway, public_base=BASE, message_limit=1 << 16),
            partner=partner,
            certificate=certificates["yy"],
            known=_history(gateway, watched),
            clock=clock,
        )
