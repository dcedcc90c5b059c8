"""Collecting messages from the gateway, for a partner that nobody can call.

    for held in Mailbox(client).collect(keep):
        client.acknowledge(held, message_id=..., accepted=True, findings=[])

``keep`` stores the message durably and says where; only then the receipt goes out, and the message leaves the mailbox.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import orjson

from gateway.client.answers import content_of, object_of
from gateway.client.client import GatewayClient
from gateway.errors import DeliveryFailed, EnvelopeRefused
from gateway.security.envelope import Opened

MAILBOX_PATH = "/v1/mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One message that waits in the mailbox.

    Attributes:
        id: names the entry.
        message_id: the gateway's id of the message.
        jws_digest: SHA-256 of the signed bytes, hexadecimal.
    """

    id: str
    message_id: str
    message_type: str
    jws_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where a partner has stored a message, for its receipt.

    Attributes:
        exchange_id: its own id of the exchange.
        log_index: place in its own log.
        entry_hash: hash of that entry, hexadecimal.
    """

    exchange_id: str
    log_index: int
    entry_hash: str


class Mailbox:
    """The mailbox of one partner.

    Args:
        client: signs, opens and verifies.
    """

    def __init__(self, client: GatewayClient) -> None:
        self._client = client

    def waiting(self, limit: int = 50) -> tuple[Waiting, ...]:
        """What waits, the oldest first.

        Raises:
            GatewayRefused: there is no mailbox for us, or the delivery is stopped for the moment.
        """
        document = object_of(self._client.request("GET", self._path("", limit=limit)))
        try:
            return tuple(
                Waiting(
                    id=str(entry["id"]),
                    message_id=str(entry["message_id"]),
                    message_type=str(entry["message_type"]),
                    jws_digest=str(entry["jws_digest"]),
                )
                for entry in document["entries"]
            )
        except (KeyError, TypeError):
            raise DeliveryFailed("the answer is no list of a mailbox", code="delivery.not-an-answer") from None

    def sealed(self, entry: Waiting) -> bytes:
        """The sealed bytes of a message, the same each time.

        Raises:
            GatewayRefused: it waits no longer.
        """
        return content_of(self._client.request("GET", self._path(entry.id)))

    def hand_in(self, entry: Waiting, receipt: bytes) -> bool:
        """Hand in our receipt; True when the gateway had one before.

        Raises:
            GatewayRefused: it is not for these bytes, or an older message waits for its receipt.
        """
        path = self._path(f"{entry.id}/receipt")
        body = orjson.dumps({"receipt": receipt.decode("ascii")})
        answer = self._client.request("POST", path, content=body, media_type="application/json")
        return object_of(answer).get("repeated") is True

    def collect(self, keep: Callable[[Opened, bytes], Kept], *, limit: int = 50) -> Iterator[Opened]:
        """Take what waits: open it, have it kept, hand in the receipt, one after the other.

        Args:
            keep: stores the opened message and its sealed bytes durably before it returns. It may see a message again
                whose receipt was lost on the way.
            limit: most messages in one go.

        Raises:
            EnvelopeRefused: a message is not from the gateway, not for us, or not what the list says.
            GatewayRefused: the gateway does not take the receipt.
        """
        for entry in self.waiting(limit):
            sealed = self.sealed(entry)
            opened = self._client.open(sealed)
            if (opened.metadata.jti, opened.jws_digest) != (entry.message_id, entry.jws_digest):
                raise EnvelopeRefused("the message is another than the mailbox has listed", code="mailbox.other-bytes")
            kept = keep(opened, sealed)
            receipt = self._client.receipt_for(
                opened, exchange_id=kept.exchange_id, log_index=kept.log_index, entry_hash=kept.entry_hash
            )
            self.hand_in(entry, receipt)
            yield opened

    def _path(self, place: str, **more: int) -> str:
        query = urlencode({"from": self._client.side.code, **more})
        return f"{MAILBOX_PATH}{'/' + quote(place) if place else ''}?{query}"
