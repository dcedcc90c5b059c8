"""The only module that speaks HTTP to the outside.

Requests are signed anew for each try, and an answer counts only with a signature that is bound to the request (RFC
9421), except with partners whose profile turns that off. Nothing comes from the environment (no proxies, no
certificates), no redirect is followed, every wait has an end, and an answer is read up to a limit only. The gateway's
own calls go to checked addresses only (`OutboundRules`). Used by the dispatcher, and through `HttpLink` and
`SignedLink` by the client and the simulator.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus

import httpx

from gateway.adapters.access_tokens import PartnerTokens
from gateway.adapters.outbound_addresses import (
    URL_REFUSED,
    OutboundAddresses,
    plain_host,
    read_destination,
)
from gateway.adapters.outbound_connections import CheckedConnections, Deadline, Resolve, checked_pool, resolve
from gateway.authorisation.forms import FORM
from gateway.errors import DeliveryFailed
from gateway.identifiers import MessageId, PartnerCode
from gateway.ports import ChannelAnswer
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_profile import DEFAULT_HTTP_LIMITS, HttpSignatureLimits
from gateway.security.http_refusals import HttpMessageRefused
from gateway.security.http_signatures import new_nonce, sign_request, verify_response
from gateway.security.http_verification import SenderKeys
from gateway.security.keys import Signer

SEALED_MEDIA_TYPE = "application/jose"
"""Media type of a compact JWE (RFC 7515 section 9.2.1)."""

MESSAGES_PATH = "/v1/messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """One HTTP answer.

    Attributes:
        body: up to the limit.
        headers: by lower-case name; a field in several lines is joined.
        lines: the same, line by line as they came.
    """

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRules:
    """What holds for calls of the gateway itself, whose addresses are data.

    Attributes:
        addresses: judges what a name leads to.
        call_seconds: how long a whole call may take.
        lookup: resolves names.
    """

    addresses: OutboundAddresses
    call_seconds: float
    lookup: Resolve = resolve


class HttpLink:
    """A connection pool with our rules.

    Args:
        timeout: seconds for connecting, writing, and each wait for the next bytes.
        answer_limit: most bytes of an answer that are read; a longer one is a failure.
        trust: the TLS context with our certificate and the trusted roots; None for loopback without TLS.
        rules: where calls may go and how long they may take; None where a person has typed the address.
    """

    def __init__(
        self,
        *,
        timeout: float,
        answer_limit: int,
        trust: ssl.SSLContext | None = None,
        rules: OutboundRules | None = None,
    ) -> None:
        self._answer_limit = answer_limit
        self._rules = rules
        self._deadline = Deadline()
        context = trust if trust is not None else ssl.create_default_context()
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            verify=context,
            transport=None if rules is None else _CheckedTransport(context, rules, self._deadline),
        )

    def request(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """One request.

        Raises:
            DeliveryFailed: no whole answer came, the answer is too long, or the address is none or may not be called.
        """
        if self._rules is None:
            return self._request(method, url, content, headers or {})
        self.check(url)
        with self._deadline.within(self._rules.call_seconds):
            return self._request(method, url, content, headers or {})

    def check(self, url: str) -> None:
        """Judge an address by its text, before anything is made for the call.

        Raises:
            DeliveryFailed: ``delivery.url-refused``.
        """
        if self._rules is None:
            return
        destination = read_destination(url)
        try:
            host = httpx.URL(url).host.strip("[]")
            agreed = plain_host(f"[{host}]" if ":" in host else host) == destination.host
        except httpx.InvalidURL:
            agreed = False
        if not agreed:  # two readers of one text that do not read the same: nobody knows where it leads
            raise DeliveryFailed("the address is not in its plain spelling", path="channel", code=URL_REFUSED)

    def _request(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        try:
            with self._client.stream(method, url, content=content, headers=dict(headers)) as response:
                body = b""
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > self._answer_limit:
                        raise DeliveryFailed("the answer is longer than the limit", code="delivery.answer-too-long")
                names = {name.lower(): value for name, value in response.headers.items()}
                lines = tuple(response.headers.raw)
                return HttpAnswer(status=response.status_code, body=body, headers=names, lines=lines)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            self._deadline.left(None)  # a wait that the end of the call has cut short
            raise DeliveryFailed(
                f"no answer came from the other side ({type(error).__name__})",
                remedy="look whether the partner's endpoint is up and the address in its profile is right",
                code="delivery.no-answer",
            ) from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class _CheckedTransport(httpx.HTTPTransport):
    """The transport of httpx over connections that go to checked addresses only."""

    def __init__(self, trust: ssl.SSLContext, rules: OutboundRules, deadline: Deadline) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = checked_pool(trust, CheckedConnections(rules.addresses, deadline, rules.lookup))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLink:
    """Requests under our key, and answers that count only under the key of the one who was asked.

    Attributes:
        link: carries them.
        signer: our key at a time.
        now: the clock.
        limits: how long a signature may be valid, and how far clocks may differ.
    """

    link: HttpLink
    signer: Callable[[datetime], Signer]
    now: Callable[[], datetime]
    limits: HttpSignatureLimits = DEFAULT_HTTP_LIMITS

    def prepare(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpRequest:
        """A request, signed now; it can be sent once.

        Raises:
            DeliveryFailed: the address is none.
            DataFolderError: we have no active key for it.
        """
        at = self.now()
        try:
            lines = Headers.of((headers or {}).items())
            plain = HttpRequest(method=method, target=url, headers=lines, content=content)
            return sign_request(plain, self.signer(at), at=at, nonce=new_nonce(), limits=self.limits)
        except HttpMessageRefused as refusal:
            raise DeliveryFailed(
                "the request cannot be signed", path=refusal.path, remedy=refusal.remedy, code="delivery.no-address"
            ) from None

    def send(self, sent: HttpRequest, *, lookup_key: SenderKeys, sender: str) -> HttpAnswer:
        """Send a request as it was signed, and verify the answer to it.

        Args:
            sent: from `prepare`.
            lookup_key: the registered keys of the one who is asked.
            sender: its code.

        Raises:
            DeliveryFailed: no whole answer came, or one without a good signature (``delivery.answer-...``).
        """
        headers = dict(sent.headers.lines)
        answer = self.link.request(sent.method, sent.target, content=sent.content, headers=headers)
        try:
            response = HttpResponse(status=answer.status, headers=Headers.from_raw(answer.lines), content=answer.body)
            verify_response(response, sent, lookup_key=lookup_key, sender=sender, at=self.now(), limits=self.limits)
        except HttpMessageRefused as refusal:
            raise DeliveryFailed(
                f"the answer does not verify as one of the other side: {refusal.message}",
                path=refusal.path,
                remedy="look whether something between both sides changes messages, and compare keys and clocks",
                code=f"delivery.answer-{refusal.stable_code.removeprefix('http.')}",
            ) from None
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSignatures:
    """How requests to partners are signed.

    Attributes:
        signed_over: signs and verifies what goes over some connections.
        lookup_of: the registered keys of a partner.
        required: whether requests to a partner are signed and its answers have to be.
    """

    signed_over: Callable[[HttpLink], SignedLink]
    lookup_of: Callable[[PartnerCode], SenderKeys]
    required: Callable[[PartnerCode], bool]


class HttpPartnerChannel:
    """`gateway.ports.PartnerChannel` over HTTP.

    Args:
        link_of: the connections to a partner.
        signatures: for partners whose profile asks for them; None signs nothing.
        tokens: for partners that ask for an access token; None brings none.
        close_links: closes the connections; None where the one who has made them does.
    """

    def __init__(
        self,
        link_of: Callable[[PartnerCode], HttpLink],
        signatures: PartnerSignatures | None = None,
        tokens: PartnerTokens | None = None,
        close_links: Callable[[], None] | None = None,
    ) -> None:
        self._link_of = link_of
        self._close_links = close_links
        self._signatures = signatures
        self._tokens = tokens

    def deliver(self, partner: PartnerCode, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        """Post sealed bytes under a stable idempotency key."""
        headers = {"Content-Type": SEALED_MEDIA_TYPE, "Accept": "application/json", "Idempotency-Key": message_id}
        tokens = None if self._tokens is None else self._tokens.of(partner, partial(self._post_form, partner))
        if tokens is not None:
            headers["Authorization"] = tokens.authorization()
        answer = self._post(partner, endpoint.rstrip("/") + MESSAGES_PATH, sealed, headers)
        if tokens is not None and answer.status == HTTPStatus.UNAUTHORIZED:
            tokens.discard()
        pause = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        return ChannelAnswer(status=answer.status, body=answer.body, retry_after=pause)

    def close(self) -> None:
        """Close the connections."""
        if self._close_links is not None:
            self._close_links()

    def _post_form(self, partner: PartnerCode, url: str, form: bytes) -> tuple[int, bytes]:
        answer = self._post(partner, url, form, {"Content-Type": FORM, "Accept": "application/json"})
        return answer.status, answer.body

    def _post(self, partner: PartnerCode, url: str, content: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Post to a partner, signed where its profile asks for it."""
        link, signatures = self._link_of(partner), self._signatures
        link.check(url)
        if signatures is None or not signatures.required(partner):
            return link.request("POST", url, content=content, headers=headers)
        signed = signatures.signed_over(link)
        sent = signed.prepare("POST", url, content=content, headers=headers)
        return signed.send(sent, lookup_key=signatures.lookup_of(partner), sender=partner)


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110 section 10.2.3); None for none or a malformed one."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
