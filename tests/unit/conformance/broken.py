"""A side that keeps to the protocol but for one thing: the planted defects that the kit has to find."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.catalogue import Catalogue
from gateway.client.client import GatewayClient
from gateway.client.side import Side
from gateway.errors import GatewayError
from gateway.security.envelope import Opened
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_signatures import new_nonce, sign_response
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.metadata import MessageMetadata
from gateway.simulator.app import build_app
from gateway.simulator.partner import Held, SimulatedPartner


class Careless(SimulatedPartner):
    """A partner that overlooks what it is told to overlook."""

    def __init__(self, catalogue: Catalogue, client: GatewayClient, *, overlooks: str) -> None:
        super().__init__(catalogue, client, 1)
        self._overlooks = overlooks

    def verify_request(self, head: HttpRequest, content: bytes) -> None:
        if self._overlooks == "http-signatures":
            return
        if self._overlooks == "nonces":
            self._nonces.clear()
        super().verify_request(head, content)

    def receive(self, sealed: bytes) -> tuple[Held, bool]:
        if self._overlooks == "identity":
            return self._received_as_new(sealed)
        if self._overlooks == "inner-signatures":
            return self._received_unverified(sealed)
        return super().receive(sealed)

    def _received_as_new(self, sealed: bytes) -> tuple[Held, bool]:
        """Every message is a new one, with a new receipt."""
        opened = self._client.open(sealed)
        self._held.pop(opened.metadata.jti, None)
        self._held[new_nonce()] = Held(opened=opened, receipt=b"")  # the log grows
        return super().receive(sealed)

    def _received_unverified(self, sealed: bytes) -> tuple[Held, bool]:
        """Decrypt and believe."""
        try:
            return super().receive(sealed)
        except GatewayError:
            if sealed.count(b".") != 4:
                raise
            decrypter = self._client.side.own.decrypters[0]
            outer = _decoded(sealed.split(b".")[0])
            if outer.get("kid") != decrypter.kid or "zip" in outer:
                raise
            jws = decrypter.decrypt(sealed, ("A256GCM",), DEFAULT_LIMITS)
            return self._believed(jws)

    def _believed(self, jws: bytes) -> tuple[Held, bool]:
        head, payload, _ = jws.split(b".", 2)
        header = _decoded(head)
        names = {"iss", "aud", "iat", "jti", "agreement", "type", "schema", "cty", "purpose", "ref"}
        metadata = MessageMetadata(**{name: header[name] for name in names if name in header})
        digest = hashlib.sha256(jws).hexdigest()
        content = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
        opened = Opened(
            payload=content, metadata=metadata, jws=jws, jws_digest=digest, kid=header["kid"], sender=metadata.iss
        )
        receipt = self._client.receipt_for(opened, exchange_id="1", log_index=1, entry_hash="0" * 64)
        held = Held(opened=opened, receipt=receipt)
        self._held[metadata.jti] = held
        return held, True

    def sign_answer(self, response: HttpResponse, request: HttpRequest) -> HttpResponse:
        if self._overlooks == "answer-signatures":
            return response
        if self._overlooks == "refusal-signatures" and response.status >= 400:
            return response
        if self._overlooks == "binding":
            at = self._client.side.own.registered[0].lifecycle.changes[0].since
            other = HttpRequest(method="GET", target="http://other.example/", headers=Headers())
            return sign_response(response, other, self._client.side.own.http_signer(at), at=at, nonce=new_nonce())
        return super().sign_answer(response, request)

    def status(self, message_id: str, sender: str) -> dict[str, Any]:
        if self._overlooks == "whose-status":
            sender = self._client.side.home
        return super().status(message_id, sender)

    def answer(self, held: Held) -> None:
        if self._overlooks == "content":
            self._outcomes[held.opened.metadata.jti] = "accepted"
            return
        super().answer(held)


def _decoded(segment: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4)))
    return found


Change = Callable[[bytes, int, bytes], tuple[int, bytes, bytes]]
"""Of path and body of a request, and status and body of its answer, makes another status, media type and body.

An empty media type leaves it as it was."""


@dataclass(frozen=True)
class Changing:
    """Changes every answer of an application before it is signed; it sees the body of the request too."""

    app: ASGIApp
    change: Change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = bytearray(scope["path"].encode() + b"?" + scope["query_string"])
        start: dict[str, Any] = {}
        said = bytearray()

        async def listen() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            said.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            status, kind, body = self.change(bytes(asked), start["status"], bytes(said))
            kinds = [line for line in start["headers"] if line[0] not in {b"content-type", b"content-length"}]
            lines = [*kinds, (b"content-type", kind or b"application/problem+json")]
            if not kind:
                lines = [line for line in start["headers"] if line[0] != b"content-length"]
            lines.append((b"content-length", str(len(body)).encode()))
            await send({**start, "status": status, "headers": lines})
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, listen, tell)


def answers_500(_asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """Every refusal is a fault of its own."""
    return (500, b"text/plain", b"Traceback (most recent call last)") if status >= 400 else (status, b"", body)


def no_problem_documents(_asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """Refusals are web pages."""
    return (status, b"text/html", b"<h1>Bad</h1>") if status >= 400 else (status, b"", body)


def echoing(asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """Refusals quote what was asked for."""
    if status < 400:
        return status, b"", body
    return status, b"", json.dumps({**json.loads(body), "asked": asked.decode("latin-1")}).encode()


def unstable_codes(_asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """A refusal has another code each time."""
    if status < 400:
        return status, b"", body
    return status, b"", json.dumps({**json.loads(body), "title": f"error.x{new_nonce().lower()}"[:14]}).encode()


def wrong_receipts(_asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """The receipt was changed."""
    document = json.loads(body)
    if status != 202 or not isinstance(document.get("receipt"), str):
        return status, b"", body
    return status, b"", json.dumps({**document, "receipt": document["receipt"][:-6] + "AAAAAA"}).encode()


def no_receipts(_asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """Taken without a receipt."""
    return (status, b"", b'{"ok": true}') if status == 202 else (status, b"", body)


def oracle(_asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """What failed behind the encryption is told."""
    document = json.loads(body) if body else {}
    if document.get("title") != "envelope.not-opened":
        return status, b"", body
    return status, b"", json.dumps({**document, "detail": f"at byte {zlib.crc32(_asked)}"}).encode()


def accepts_everything(_asked: bytes, status: int, body: bytes) -> tuple[int, bytes, bytes]:
    """Whatever comes is fine."""
    return (status, b"", body) if status < 400 else (202, b"application/json", b'{"receipt": "fine"}')


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One thing that is wrong with a side; its own size limit and time limit where those are wrong."""

    overlooks: str = ""
    change: Change | None = None
    limit: int = 0
    seconds: float = 0


def defective(catalogue: Catalogue, side: Side, defect: Defect, url: str, limit: int, seconds: float) -> ASGIApp:
    """The application of a side with one defect."""
    partner = Careless(catalogue, GatewayClient(side, "http://127.0.0.1:1", oauth=False), overlooks=defect.overlooks)
    app = build_app(partner, url, message_limit=defect.limit or limit, body_seconds=defect.seconds or seconds)
    if defect.change is not None:
        app._app = Changing(app._app, defect.change)
    return app
