"""The only module that speaks HTTP to the outside.

Nothing comes from the environment (no proxies, no certificates), no redirect is followed, every wait has an end, and
an answer is read up to a limit only. Used by the dispatcher, and through `HttpLink` by the client and the simulator.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from gateway.errors import DeliveryFailed
from gateway.identifiers import MessageId
from gateway.ports import ChannelAnswer

SEALED_MEDIA_TYPE = "application/jose"
"""Media type of a compact JWE (RFC 7515 section 9.2.1)."""

MESSAGES_PATH = "/v1/messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """One HTTP answer: status, lower-case header names, body up to the limit."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpLink:
    """A connection pool with our rules.

    Args:
        timeout: seconds for connecting, writing, and each wait for the next bytes.
        answer_limit: most bytes of an answer that are read; a longer one is a failure.
        trust: the TLS context with our certificate and the trusted roots; None for loopback without TLS.
    """

    def __init__(self, *, timeout: float, answer_limit: int, trust: ssl.SSLContext | None = None) -> None:
        self._answer_limit = answer_limit
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            verify=trust if trust is not None else ssl.create_default_context(),
        )

    def request(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """One request.

        Raises:
            DeliveryFailed: no whole answer came, the answer is too long, or the address is none.
        """
        try:
            with self._client.stream(method, url, content=content, headers=dict(headers or {})) as response:
                body = b""
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > self._answer_limit:
                        raise DeliveryFailed("the answer is longer than the limit", code="delivery.answer-too-long")
                names = {name.lower(): value for name, value in response.headers.items()}
                return HttpAnswer(status=response.status_code, body=body, headers=names)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise DeliveryFailed(
                f"no answer came from the other side ({type(error).__name__})",
                remedy="look whether the partner's endpoint is up and the address in its profile is right",
                code="delivery.no-answer",
            ) from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class HttpPartnerChannel:
    """`gateway.ports.PartnerChannel` over HTTP."""

    def __init__(self, link: HttpLink) -> None:
        self._link = link

    def deliver(self, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        """Post sealed bytes under a stable idempotency key."""
        headers = {"Content-Type": SEALED_MEDIA_TYPE, "Accept": "application/json", "Idempotency-Key": message_id}
        answer = self._link.request("POST", endpoint.rstrip("/") + MESSAGES_PATH, content=sealed, headers=headers)
        pause = retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        return ChannelAnswer(status=answer.status, body=answer.body, retry_after=pause)

    def close(self) -> None:
        """Close the connections."""
        self._link.close()


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
