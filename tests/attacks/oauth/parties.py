"""Two made-up clients, ``xx`` and ``yy``, and the server ``aa``; every byte of their JWTs can be chosen."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.authorisation.access import AccessCheck
from gateway.authorisation.assertions import ASSERTION_TYPE
from gateway.authorisation.clients import OAuthClient
from gateway.authorisation.forms import FORM, TokenCall
from gateway.authorisation.realm import Realm
from gateway.authorisation.scopes import Scope
from gateway.authorisation.server import TokenAnswer, TokenEndpoint
from gateway.authorisation.tokens import AccessToken
from gateway.identifiers import PartnerCode
from gateway.ports import Nonces
from gateway.security.certificates import PinnedCertificate, certificate_thumbprint
from gateway.security.filekeys import FileSigner
from gateway.security.generation import GeneratedKey, generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
ACTIVE = Lifecycle.active_from(NOW - timedelta(days=30))
REALM = Realm(issuer="https://gateway.customs.example", audience="https://gateway.customs.example/v1")
SENDER_SCOPES = frozenset({Scope.SEND, Scope.STATUS, Scope.CHECK})


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def as_json(members: Mapping[str, Any] | str) -> bytes:
    return (members if isinstance(members, str) else json.dumps(members)).encode("utf-8", "surrogatepass")


@cache
def _key(party: str, algorithm: str, number: int) -> GeneratedKey:
    return generate_key(party, algorithm, NOW, number=number)


def key_of(party: str, algorithm: str = "ES256", number: int = 1) -> GeneratedKey:
    """A key, the same one whenever it is asked for."""
    return _key(party, algorithm, number)


@cache
def _certificate(party: str, number: int) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{party}-{number}.customs.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    begin = NOW - timedelta(days=30)
    certificate = (
        builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=365)).sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def certificate_of(party: str, number: int = 1) -> bytes:
    """A self-signed leaf certificate in DER form, valid from 30 days ago; the same one whenever it is asked for."""
    return _certificate(party, number)


def caller_of(party: str, number: int = 1) -> PinnedCertificate:
    return PinnedCertificate(party, certificate_thumbprint(certificate_of(party, number)), ACTIVE)


def sign(header: Mapping[str, Any] | str, claims: Mapping[str, Any] | str, key: GeneratedKey) -> str:
    """A compact JWS over any header and claims, properly signed with a key."""
    signing_input = f"{b64(as_json(header))}.{b64(as_json(claims))}"
    signature = FileSigner(key.private, key.public).sign(signing_input.encode())
    return f"{signing_input}.{b64(signature)}"


def without_none(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def header_of(key: GeneratedKey, **changes: Any) -> dict[str, Any]:
    return without_none({"alg": key.public.alg, "kid": key.public.kid, "typ": "JWT", **changes})


def assertion_claims(party: str = "xx", **changes: Any) -> dict[str, Any]:
    claims = {"iss": party, "sub": party, "aud": REALM.issuer, "iat": EPOCH, "exp": EPOCH + 60, "jti": "j-1"}
    return without_none({**claims, **changes})


def token_claims(party: str = "xx", **changes: Any) -> dict[str, Any]:
    claims = {
        "iss": REALM.issuer,
        "sub": party,
        "client_id": party,
        "aud": REALM.audience,
        "iat": EPOCH,
        "exp": EPOCH + 300,
        "jti": "t-1",
        "scope": "messages:send messages:status",
        "cnf": {"x5t#S256": caller_of(party).thumbprint},
    }
    return without_none({**claims, **changes})


class MemoryNonces:
    """The port in memory, which also tells what it was given."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str], datetime] = {}

    def remember(self, kind: str, owner: str, value: str, *, expires_at: datetime) -> bool:
        new = (kind, owner, value) not in self.kept
        self.kept.setdefault((kind, owner, value), expires_at)
        return new

    def forget(self, *, before: datetime) -> int:
        old = [key for key, until in self.kept.items() if until < before]
        for key in old:
            del self.kept[key]
        return len(old)


@dataclass
class Stage:
    """The server with its clients, and ways to ask it."""

    keys: dict[str, dict[str, RegisteredKey]] = field(default_factory=dict)
    scopes: dict[str, frozenset[Scope]] = field(default_factory=dict)
    nonces: Nonces = field(default_factory=MemoryNonces)
    realm: Realm = REALM

    def __post_init__(self) -> None:
        for party in ("xx", "yy", "aa"):
            self.keys.setdefault(party, {})
            self.register(key_of(party), party)
        self.scopes = {"xx": SENDER_SCOPES, "yy": frozenset({Scope.MAILBOX}), **self.scopes}
        self.endpoint = TokenEndpoint(
            realm=self.realm,
            clients=self.client,
            nonces=self.nonces,
            signer=lambda _at: FileSigner(key_of("aa").private, key_of("aa").public),
            new_id=lambda: "t-1",
        )
        self.check = AccessCheck(realm=self.realm, clients=self.client, lookup_key=self.keys["aa"].get, home="aa")

    def register(self, key: GeneratedKey, party: str, lifecycle: Lifecycle = ACTIVE) -> None:
        self.keys[party][key.public.kid] = RegisteredKey(key.public, party, lifecycle)

    def client(self, client_id: str) -> OAuthClient | None:
        if client_id not in self.scopes:
            return None
        return OAuthClient(
            client_id=PartnerCode(client_id), scopes=self.scopes[client_id], lookup_key=self.keys[client_id].get
        )

    def form(self, assertion: str, **changes: Any) -> dict[str, Any]:
        members = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return without_none({**members, **changes})

    def post(self, body: bytes, *, caller: str = "xx", **changes: Any) -> TokenAnswer:
        call: dict[str, Any] = {
            "body": body,
            "content_types": [FORM],
            "query": "",
            "authorization": (),
            "caller": caller_of(caller),
            "at": NOW,
            **changes,
        }
        return self.endpoint.answer(TokenCall(**call))

    def ask(self, assertion: str, *, caller: str = "xx", at: datetime = NOW, **form: Any) -> TokenAnswer:
        return self.post(urlencode(self.form(assertion, **form)).encode(), caller=caller, at=at)

    def ask_with(self, *, header: Mapping[str, Any] | None = None, **claims: Any) -> TokenAnswer:
        """Ask with an assertion of ``xx``, its header and claims changed."""
        key = key_of("xx")
        return self.ask(sign(header_of(key, **(header or {})), assertion_claims(**claims), key))

    def use(
        self, token: str, scope: Scope = Scope.SEND, *, caller: PinnedCertificate | None = None, at: datetime = NOW
    ) -> AccessToken:
        return self.check.require([f"Bearer {token}"], scope, caller=caller or caller_of("xx"), at=at)

    def token_with(self, *, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        """A token signed by the server's own key, its header and claims changed."""
        key = key_of("aa")
        return sign(header_of(key, **{"typ": "at+jwt", **(header or {})}), token_claims(**claims), key)


def assert_refused(answer: TokenAnswer, code: str, error: str = "invalid_client", status: int = 401) -> None:
    """The answer has the form of RFC 6749 section 5.2 and says this."""
    assert answer.refusal is not None
    assert (answer.body["code"], answer.body["error"], answer.status) == (code, error, status)
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert "access_token" not in answer.body
    assert not answer.token_id
