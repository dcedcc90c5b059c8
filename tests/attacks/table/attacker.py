"""Somebody with everything that a partner has, key, certificate and tokens, and with any bytes in each place.

He is ``xx``. Of ``yy`` he has what a test needs to show that the two cannot be mixed up.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from gateway.authorisation.assertions import ASSERTION_TYPE
from gateway.authorisation.forms import FORM, TokenCall
from gateway.authorisation.realm import Realm
from gateway.authorisation.scopes import Scope
from gateway.authorisation.tokens import new_token, sign_token
from gateway.identifiers import PartnerCode
from gateway.security.certificate_making import GeneratedCertificate
from gateway.security.certificates import certificate_thumbprint, read_certificate, write_client_cert
from gateway.security.generation import GeneratedKey
from gateway.security.http_messages import Headers
from gateway.security.keys import PublicKey
from tests.attacks.http.conftest import Draft, HttpForge, digest_of
from tests.attacks.table import forging
from tests.attacks.table.forging import Sign, kept
from tests.attacks.table.wire import Shot, wire
from tests.world.http import signed
from tests.world.partner import NOTE, Partner
from tests.world.setting import World

BASE = "https://gateway.example"
MESSAGES = "/v1/messages"
TOKEN = "/oauth2/token"
JOSE = {"content-type": "application/jose"}
XML = {"content-type": "application/xml"}
MARK = "SECRETVALUE4711"
"""A value of the attacker; it may turn up in no answer and in no log entry."""

SIGNED_MEMBERS = ("iss", "aud", "iat", "jti", "agreement", "type", "schema", "purpose")


@dataclass(frozen=True, kw_only=True)
class Attacker:
    """What he holds, and the ways to use it.

    Attributes:
        world: the gateway under attack.
        parties: ``xx`` and ``yy``.
        certificates: by name: those of the two, and some that do not count.
        keys: signing keys of ``xx`` by the state that they are in.
        port: number of the partner port.
    """

    world: World
    parties: Mapping[str, Partner]
    certificates: Mapping[str, GeneratedCertificate]
    keys: Mapping[str, GeneratedKey]
    port: int
    _numbers: Any = field(default_factory=itertools.count)
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def xx(self) -> Partner:
        return self.parties["xx"]

    @property
    def key(self) -> GeneratedKey:
        """His own signing key."""
        return self.xx._sign

    @property
    def recipient(self) -> PublicKey:
        """The gateway's encryption key."""
        [found] = [key.key for key in self.xx._theirs.values() if key.use == "enc"]
        return found

    def fresh(self, kind: str = "m") -> str:
        """An id that was never used."""
        return f"{kind}-{next(self._numbers)}"

    def client_cert(self, name: str = "xx") -> dict[str, str]:
        """The field with which the proxy hands on a certificate."""
        return {"client-cert": write_client_cert(self.certificates[name].der)}

    # Requests

    def send(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        by: str = "xx",
        certificate: str | None = "xx",
        token: str | None = "",
        more: tuple[tuple[str, str], ...] = (),
        at: datetime | None = None,
    ) -> Shot:
        """A signed request.

        Args:
            method: of the request.
            path: of the request, with its query.
            content: of the request.
            headers: fields that are signed where the profile has them.
            by: who signs it, and whose token goes with it.
            certificate: name of the one that it comes with; None for none.
            token: an access token; empty for a good one, None for none.
            more: lines added after the signature.
            at: when it is signed.
        """
        fields = dict(headers or {}) | ({} if certificate is None else self.client_cert(certificate))
        if token is not None:
            fields["authorization"] = f"Bearer {token or self.token(by)}"
        request = signed(self.parties[by], method, BASE + path, content, fields, at=at)
        request = replace(request, headers=Headers.of((*request.headers.lines, *more)))
        return Shot(raw=wire(request), request=request)

    def message(self, sealed: bytes | None = None, **options: Any) -> Shot:
        """A signed request with a sealed message; a good one where none is given."""
        return self.send("POST", MESSAGES, self.sealed() if sealed is None else sealed, JOSE, **options)

    def draft(self, content: bytes | None = None, **fields: str) -> Draft:
        """A good request with a sealed message as `HttpForge` signs it: all of its signature can be changed."""
        content = self.sealed() if content is None else content
        headers = {
            **JOSE,
            "content-digest": digest_of(content),
            "authorization": f"Bearer {self.token('xx')}",
            **fields,
        }
        now = int(datetime.now(UTC).timestamp())
        parameters = {
            "created": str(now),
            "expires": str(now + 200),
            "nonce": f'"{self.fresh("nonce").ljust(24, "A")}"',
            "keyid": f'"{self.key.public.kid}"',
            "alg": '"ecdsa-p256-sha256"',
            "tag": '"cgw-request"',
        }
        covered = {'"@method"': "POST", '"@target-uri"': BASE + MESSAGES}
        covered |= {f'"{name}"': value for name, value in headers.items()}
        return Draft(covered, parameters, headers, target=BASE + MESSAGES, content=content)

    def drafted(self, draft: Draft, key: GeneratedKey | None = None) -> Shot:
        """The request of a draft, with his certificate."""
        sender = key or self.key
        forge = HttpForge(sender, self.xx._own[0])
        plain = forge.request(draft)
        request = replace(plain, headers=Headers.of((*plain.headers.lines, *self.client_cert().items())))
        return Shot(raw=wire(request), request=request)

    # Envelopes

    def sealed(self, content: bytes = NOTE, message_id: str = "", **more: Any) -> bytes:
        """A good envelope."""
        return self.xx.seal(content, message_id or self.fresh(), **more)

    def handed_in(self, sealed: bytes) -> bytes:
        """An envelope that the gateway has taken."""
        self.world.gateway.receive(sealed, JOSE["content-type"])
        return sealed

    def inner(self, **changes: Any) -> dict[str, Any]:
        """The header of a good JWS, changed; a member that is None is left out."""
        header = {
            "alg": "ES256",
            "kid": self.key.public.kid,
            "typ": "message+jws",
            "iss": "xx",
            "aud": "aa",
            "iat": int(datetime.now(UTC).timestamp()),
            "jti": self.fresh(),
            "agreement": "aa-xx-notes",
            "type": "note",
            "schema": "xx-note-1.0",
            "cty": "application/xml",
            "purpose": "RISK",
            "crit": list(SIGNED_MEMBERS),
        }
        return kept(header | changes)

    def outer(self, **changes: Any) -> dict[str, Any]:
        """The header of a good JWE, changed; ``epk`` comes by itself."""
        header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": self.recipient.kid, "skid": self.key.public.kid}
        return kept(header | changes)

    def jws(
        self, header: Mapping[str, Any] | str | None = None, payload: bytes = NOTE, sign: Sign | None = None
    ) -> str:
        """A JWS over any header, signed with his own key unless told otherwise."""
        return forging.jws(self.inner() if header is None else header, payload, sign or forging.es256(self.key))

    def segments(self, inner: str | None = None, outer: Mapping[str, Any] | str | None = None) -> list[str]:
        """The segments of a JWE."""
        plaintext = (self.jws() if inner is None else inner).encode()
        return forging.jwe(plaintext, self.outer() if outer is None else outer, self.recipient)

    def envelope(self, inner: str | None = None, outer: Mapping[str, Any] | str | None = None) -> Shot:
        """A signed request with an envelope of any headers."""
        return self.message(".".join(self.segments(inner, outer)).encode())

    def with_inner(self, **changes: Any) -> Shot:
        """A signed request with an envelope whose signed header is changed."""
        return self.envelope(self.jws(self.inner(**changes)))

    def with_outer(self, **changes: Any) -> Shot:
        """A signed request with an envelope whose outer header is changed."""
        return self.envelope(None, self.outer(**changes))

    # Tokens

    def token(self, code: str) -> str:
        """A good access token of a party."""
        if (code, "") not in self._tokens:
            self._tokens[code, ""] = self.issued(code)
        return self._tokens[code, ""]

    def issued(self, code: str = "xx", *, audience: str = f"{BASE}/v1", scope: str = "") -> str:
        """An access token as the gateway issues it, for an API."""
        return self.issued_for(self.form(self.assertion(code), scope=scope or None), code, audience=audience)

    def issued_for(self, form: bytes, code: str = "xx", *, audience: str = f"{BASE}/v1") -> str:
        """The access token that a form gets."""
        access = self.world.gateway.access
        call = TokenCall(
            body=form,
            content_types=[FORM],
            query="",
            authorization=(),
            caller=access.caller(read_certificate(self.certificates[code].der)),
            at=datetime.now(UTC),
        )
        answer = access.answer(access.endpoint_of(Realm(issuer=BASE, audience=audience)), call)
        assert answer.status == 200, answer.body
        return str(answer.body["access_token"])

    def issued_at(self, later: float) -> str:
        """An access token of the gateway that was issued, or will be, some seconds from now."""
        now, realm = datetime.now(UTC), Realm(issuer=BASE, audience=f"{BASE}/v1")
        code, thumbprint = PartnerCode("xx"), certificate_thumbprint(self.certificates["xx"].der)
        token = new_token(realm, code, frozenset(Scope), thumbprint, self.fresh("t"), now + timedelta(seconds=later))
        return sign_token(token, realm, self.world.gateway._parts.around.keys.token_signer(now))

    def assertion(
        self,
        code: str = "xx",
        header: Mapping[str, Any] | None = None,
        *,
        at: datetime | None = None,
        sign: Sign | None = None,
        **claims: Any,
    ) -> str:
        """A client assertion (RFC 7523), header and claims changed; what is None is left out."""
        key = self.parties[code]._sign
        now = int((at or datetime.now(UTC)).timestamp())
        plain = {"iss": code, "sub": code, "aud": BASE, "iat": now, "exp": now + 60, "jti": self.fresh("j")}
        named = {"alg": "ES256", "kid": key.public.kid, "typ": "JWT"} | dict(header or {})
        return forging.jws(kept(named), forging.as_json(kept(plain | claims)), sign or forging.es256(key))

    def form(self, assertion: str, **changes: Any) -> bytes:
        """The form that asks for a token."""
        members = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
        return urlencode(kept(members | {"client_assertion": assertion} | changes)).encode()

    def ask(self, form: bytes, path: str = TOKEN, **options: Any) -> Shot:
        """A signed request to the token endpoint."""
        return self.send("POST", path, form, {"content-type": FORM}, **{"token": None, **options})

    def assert_with(self, header: Mapping[str, Any] | None = None, **claims: Any) -> Shot:
        """A token request whose assertion has header and claims changed."""
        return self.ask(self.form(self.assertion("xx", header, **claims)))
