"""The endpoint under test, and how the kit speaks to it: as a side of its own, signed and with a token where asked."""

from __future__ import annotations

import re
import secrets
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from gateway.adapters.access_tokens import AccessTokens
from gateway.adapters.partner_channel import MESSAGES_PATH, SEALED_MEDIA_TYPE
from gateway.authorisation.forms import FORM
from gateway.authorisation.realm import TOKEN_PATH
from gateway.client.side import Side
from gateway.conformance.samples import Samples, signable
from gateway.conformance.wire import LONGEST_ANSWER, Ending, Reaction, Wire
from gateway.errors import DeliveryFailed
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_profile import DEFAULT_HTTP_LIMITS, HttpSignatureLimits
from gateway.security.http_signatures import new_nonce, sign_request, verify_response
from gateway.security.keys import Signer
from gateway.security.limits import EnvelopeLimits
from gateway.security.xml_certificates import SelfSigned
from gateway.security.xml_form import EnvelopeForm

REALM_FIELD = "sarhad-realm"
"""Header field in which a sandbox says that it is one."""

_REALM = re.compile(r"[a-z-]{1,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the target asks for, and how long the kit waits.

    Attributes:
        signed: whether requests and answers are signed.
        tokens: whether requests bring an access token.
        token_endpoint: where it is asked for; empty means the one below the base URL.
        token_issuer: name of the token server; empty means the base URL.
        form: of the envelopes that it takes from us and sends to us.
        collects: whether we collect our messages from its mailbox; with False it posts them.
        message_limit: most bytes of the content of a message.
        patience: seconds within which the target gives up a body that does not arrive.
        settle: seconds within which the business answer to a message is there.
        timeout: seconds for connecting and for an ordinary answer.
    """

    signed: bool = True
    tokens: bool = False
    token_endpoint: str = ""
    token_issuer: str = ""
    form: EnvelopeForm = EnvelopeForm.JOSE
    collects: bool = False
    message_limit: int = 16 * 1024 * 1024
    patience: float = 150.0
    settle: float = 20.0
    timeout: float = 30.0


class Target:
    """One endpoint that speaks the partner API.

    Args:
        side: the tester: its keys, the target's public keys, both codes.
        base_url: of the target, as its side signs it.
        samples: messages to send.
        terms: what it asks for.

    Attributes:
        realm: which realm its answers name, as soon as one has; empty where none does.
        run: part of every message id of this run.
        certificates: of our signing keys, which the XAdES form names.
    """

    def __init__(self, side: Side, base_url: str, samples: Samples, terms: Terms) -> None:
        self.side = side
        self.base_url = base_url.rstrip("/")
        self.samples = signable(samples) if terms.form.is_xml else samples
        self.terms = terms
        self.run = secrets.token_hex(4)
        trust = side.connection_context() if self.base_url.startswith("https:") else None
        self._wires: dict[str, Wire] = {}
        self._trust = trust
        self._count = 0
        self.realm = ""
        self.tokens = self._token_source() if terms.tokens else None
        self.certificates = SelfSigned(lambda: side.own.published)

    @property
    def secure(self) -> bool:
        """Whether the endpoint is reached by TLS."""
        return self.base_url.startswith("https:")

    @property
    def limits(self) -> EnvelopeLimits:
        """Sizes of the envelopes that the target takes."""
        return EnvelopeLimits(max_message_bytes=self.terms.message_limit)

    @property
    def token_url(self) -> str:
        """Where tokens are asked for."""
        return self.terms.token_endpoint or self.base_url + TOKEN_PATH

    @property
    def token_issuer(self) -> str:
        """Name of the token server."""
        return self.terms.token_issuer or self.base_url

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC)

    def signer(self) -> Signer:
        """Our key that signs messages."""
        return self.side.own.signer(self.now())

    def next_id(self) -> str:
        """A message id that was never used before and tells where it comes from."""
        self._count += 1
        return f"ck-{self.run}-{self._count}"

    def request(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        at: datetime | None = None,
        signer: Signer | None = None,
        limits: HttpSignatureLimits = DEFAULT_HTTP_LIMITS,
        token: bool = True,
    ) -> HttpRequest:
        """A request as a well-behaved side makes it, signed where the target asks for that.

        Args:
            method: in upper case.
            path: percent-encoded, with its query; or a whole address.
            content: the body.
            headers: further header fields.
            at: when it is said to be signed; now when None.
            signer: another key than ours.
            limits: how long the signature is valid.
            token: whether it brings the access token that the target asks for.
        """
        given = dict(headers or {})
        if token and self.tokens is not None:
            given["Authorization"] = self.tokens.authorization()
        url = path if "://" in path else self.base_url + path
        plain = HttpRequest(method=method, target=url, headers=Headers.of(given.items()), content=content)
        if not self.terms.signed:
            return plain
        moment = at or self.now()
        chosen = signer or self.side.own.http_signer(self.now())
        return sign_request(plain, chosen, at=moment, nonce=new_nonce(), limits=limits)

    def message_request(self, jwe: bytes, *, media_type: str = SEALED_MEDIA_TYPE, token: bool = True) -> HttpRequest:
        """The request that hands in a sealed message."""
        return self.request("POST", MESSAGES_PATH, content=jwe, headers={"Content-Type": media_type}, token=token)

    def send(self, request: HttpRequest, *, length: int | None = None, patience: float | None = None) -> Reaction:
        """Send a request as it stands.

        Args:
            request: with or without a signature.
            length: length that is announced; that of the content when None.
            patience: seconds to wait for the answer.

        Raises:
            DeliveryFailed: no connection.
        """
        head = self.head(request, [("content-length", str(len(request.content) if length is None else length))])
        reaction = self.wire(request.target).exchange(head, [request.content], patience=patience)
        named = "".join(reaction.headers.all(REALM_FIELD)[:1])
        self.realm = self.realm or (named if _REALM.fullmatch(named) else "")
        return reaction

    def send_pieces(
        self,
        request: HttpRequest,
        pieces: Iterable[bytes],
        framing: tuple[str, str],
        *,
        patience: float | None = None,
        broken_off: bool = False,
    ) -> Reaction:
        """Send a request whose body travels otherwise than its content says.

        Args:
            request: its head is sent.
            pieces: what is written behind it.
            framing: the header field that says where the body ends.
            patience: seconds to wait for the answer.
            broken_off: whether the connection ends behind the last piece.
        """
        wire = self.wire(request.target)
        return wire.exchange(self.head(request, [framing]), pieces, patience=patience, broken_off=broken_off)

    def head(self, request: HttpRequest, more: Iterable[tuple[str, str]]) -> bytes:
        """Request line and header lines, as they travel."""
        parts = urlsplit(request.target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [("host", parts.netloc), ("connection", "close"), *request.headers.lines, *more]
        text = "".join(f"{name}: {value}\r\n" for name, value in lines)
        return f"{request.method} {path} HTTP/1.1\r\n{text}\r\n".encode("latin-1")

    def wire(self, url: str) -> Wire:
        """The connections to the endpoint of an address."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._wires:
            limit = max(LONGEST_ANSWER, self.limits.max_jwe_bytes if self.terms.collects else 0)
            self._wires[origin] = Wire(origin, trust=self._trust, timeout=self.terms.timeout, answer_limit=limit)
        return self._wires[origin]

    def verify_answer(self, request: HttpRequest, reaction: Reaction) -> None:
        """Verify the signature of an answer and that it is bound to the request.

        Raises:
            HttpMessageRefused: it is not signed, not by the target, or not for this request.
        """
        response = HttpResponse(status=reaction.status, headers=reaction.headers, content=reaction.body)
        verify_response(response, request, lookup_key=self.side.lookup, sender=self.side.home, at=self.now())

    def anonymous_context(self) -> ssl.SSLContext:
        """A TLS context that shows no certificate and looks at none: for a caller that is to be turned away."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    def _token_source(self) -> AccessTokens:
        def post(form: bytes) -> tuple[int, bytes]:
            reaction = self.post_form(form)
            if reaction.ending is not Ending.ANSWERED:
                raise DeliveryFailed("the token endpoint does not answer", code="delivery.no-answer")
            return reaction.status, reaction.body

        return AccessTokens(
            post,
            client_id=self.side.code,
            issuer=self.token_issuer,
            signer=self.side.own.signer,
            now=self.now,
            new_id=new_nonce,
        )

    def post_form(self, form: bytes) -> Reaction:
        """Post a form to the token endpoint."""
        headers = {"Content-Type": FORM}
        return self.send(self.request("POST", self.token_url, content=form, headers=headers, token=False))
