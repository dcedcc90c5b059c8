"""Forged HTTP messages: signature bases written by hand and signed with bare `cryptography` calls, every byte free."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_refusals import HttpMessageRefused
from gateway.security.http_signatures import verify_request, verify_response
from gateway.security.http_verification import VerifiedSignature
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))
TARGET = "https://gateway.customs.example/v1/messages?lane=2"
CONTENT = b"eyJhbGciOiJFQ0RILUVTK0EyNTZLVyJ9.AAAA.BBBB.CCCC.DDDD"


def digest_of(content: bytes, algorithm: str = "sha256", name: str = "sha-256") -> str:
    return f"{name}=:{base64.b64encode(hashlib.new(algorithm, content, usedforsecurity=False).digest()).decode()}:"


def raw_signature(private: Any, data: bytes) -> bytes:
    r, s = decode_dss_signature(private.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


@dataclass(frozen=True)
class Draft:
    """A message to be forged: what is sent, and separately what the signature says and covers.

    ``covered`` maps component identifiers to the values in the signature base, ``parameters`` names to their texts;
    ``fields`` replaces whatever the signing produced, None takes a field away, ``more`` adds lines.
    """

    covered: Mapping[str, str]
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    method: str = "POST"
    target: str = TARGET
    status: int = 202
    content: bytes = CONTENT
    signature: Callable[[bytes], bytes] | None = None
    label: str = "sig1"
    fields: Mapping[str, str | None] = field(default_factory=dict)
    more: tuple[tuple[str, str], ...] = ()

    def without(self, identifier: str) -> Draft:
        return replace(self, covered={name: value for name, value in self.covered.items() if name != identifier})

    def covering(self, **covered: str) -> Draft:
        return replace(self, covered={**self.covered, **covered})

    def saying(self, **parameters: str | None) -> Draft:
        changed = {**self.parameters, **parameters}
        return replace(self, parameters={name: text for name, text in changed.items() if text is not None})

    def sending(self, **fields: str | None) -> Draft:
        return replace(self, fields={**self.fields, **{name.replace("_", "-"): text for name, text in fields.items()}})


@dataclass(frozen=True)
class HttpForge:
    """Party xx signs requests to us; party aa (we) signs responses. Every byte between them can be chosen."""

    sender: GeneratedKey
    registered: RegisteredKey

    def parameters(self, tag: str = "cgw-request") -> dict[str, str]:
        created = int(NOW.timestamp())
        return {
            "created": str(created),
            "expires": str(created + 300),
            "nonce": '"AAAAAAAAAAAAAAAAAAAAAA"',
            "keyid": f'"{self.sender.public.kid}"',
            "alg": '"ecdsa-p256-sha256"',
            "tag": f'"{tag}"',
        }

    def draft(self, content: bytes = CONTENT) -> Draft:
        """An honest request."""
        headers = {
            "content-type": "application/jose",
            "content-digest": digest_of(content),
            "authorization": "Bearer token-1",
        }
        covered = {'"@method"': "POST", '"@target-uri"': TARGET}
        covered |= {f'"{name}"': value for name, value in headers.items()}
        return Draft(covered, self.parameters(), headers, content=content)

    def answer(self, request: HttpRequest, content: bytes = b"{}") -> Draft:
        """An honest response."""
        headers = {"content-type": "application/json", "content-digest": digest_of(content)}
        covered = {'"@status"': "202"} | {f'"{name}"': value for name, value in headers.items()}
        covered |= {'"@method";req': request.method, '"@target-uri";req': request.target}
        for name in ("content-digest", "signature"):
            covered[f'"{name}";req'] = request.headers.only(name) or ""
        return Draft(covered, self.parameters("cgw-response"), headers, content=content)

    def lines(self, draft: Draft) -> Headers:
        """The header lines of a draft, signed by the registered sender whatever it says."""
        listed = " ".join(draft.covered)
        parameters = "".join(f";{name}={text}" for name, text in draft.parameters.items())
        base = "".join(f"{name}: {value}\n" for name, value in draft.covered.items())
        base += f'"@signature-params": ({listed}){parameters}'
        make = draft.signature or (lambda data: raw_signature(self.sender.private, data))
        signature = base64.b64encode(make(base.encode("latin-1"))).decode()
        made = {
            **draft.headers,
            "signature-input": f"{draft.label}=({listed}){parameters}",
            "signature": f"{draft.label}=:{signature}:",
        }
        sent = {**made, **draft.fields}
        return Headers.of([*((name, text) for name, text in sent.items() if text is not None), *draft.more])

    def request(self, draft: Draft) -> HttpRequest:
        return HttpRequest(method=draft.method, target=draft.target, headers=self.lines(draft), content=draft.content)

    def response(self, draft: Draft) -> HttpResponse:
        return HttpResponse(status=draft.status, headers=self.lines(draft), content=draft.content)

    def verify(self, request: HttpRequest, **options: Any) -> VerifiedSignature:
        return verify_request(request, **{**self.defaults(), **options})

    def verify_answer(self, response: HttpResponse, request: HttpRequest, **options: Any) -> VerifiedSignature:
        return verify_response(response, request, **{**self.defaults(), **options})

    def defaults(self) -> dict[str, Any]:
        lookup = {self.registered.kid: self.registered}
        return {"lookup_key": lookup.get, "sender": "xx", "at": NOW}

    def code(self, draft: Draft, **options: Any) -> str:
        """The code that refuses a forged request."""
        with pytest.raises(HttpMessageRefused) as refused:
            self.verify(self.request(draft), **options)
        return refused.value.stable_code

    def code_of_answer(self, draft: Draft, request: HttpRequest, **options: Any) -> str:
        """The code that refuses a forged response."""
        with pytest.raises(HttpMessageRefused) as refused:
            self.verify_answer(self.response(draft), request, **options)
        return refused.value.stable_code


@pytest.fixture(scope="session")
def forge() -> HttpForge:
    sender = generate_key("xx", "ES256", NOW)
    return HttpForge(sender, RegisteredKey(sender.public, "xx", ACTIVE))
