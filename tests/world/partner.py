"""A partner in memory: seals to us, takes what we deliver, gives signed receipts, and can be told to misbehave.

It keeps to the protocol by itself: the same message again gets the first receipt again, byte for byte, and other bytes
under the same id are refused. Its clock is ours.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.errors import DeliveryFailed
from gateway.identifiers import MessageId, PartnerCode
from gateway.ports import ChannelAnswer
from gateway.security.filekeys import FileSigner, file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keylist import read_key_list, write_key_list
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.metadata import MessageMetadata
from gateway.security.receipts import Receipt, sign_receipt
from gateway.security.xml_certificates import SelfSigned
from gateway.security.xml_envelope import FormOpener, seal_in_form
from gateway.security.xml_form import EnvelopeForm

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
NOTE = (
    b'<Note xmlns="urn:world:xx:note:1"><Number>N-1</Number><Kind>K</Kind>'
    b"<Line><No>1</No><Goods>apricots</Goods><Mass>12.5</Mass></Line></Note>"
)


def note(number: str = "N-1", more: bytes = b"") -> bytes:
    """A valid note of the partner's form."""
    return b'<Note xmlns="urn:world:xx:note:1"><Number>' + number.encode() + b"</Number>" + more + b"</Note>"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One message that the partner holds."""

    message_id: str
    message_type: str
    payload: bytes
    ref: str
    digest: str
    sealed: bytes
    receipt: bytes


@dataclass
class Partner:
    """The administration ``xx``.

    Attributes:
        home: code of the gateway that it talks to.
        taken: what it holds, by message id, in order of arrival.
        deliveries: message ids in the order in which they came, repetitions included.
        mood: what to do with the next deliveries, one each; beyond them it behaves.
        form: of the envelopes that it seals and takes.
    """

    home: str = "aa"
    code: str = "xx"
    taken: dict[str, Taken] = field(default_factory=dict)
    deliveries: list[str] = field(default_factory=list)
    mood: list[Callable[[], ChannelAnswer]] = field(default_factory=list)
    form: EnvelopeForm = EnvelopeForm.JOSE

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._sign = generate_key(self.code, "ES256", LONG_AGO)
        self._encrypt = generate_key(self.code, "ECDH-ES+A256KW", LONG_AGO)
        self._own = [
            RegisteredKey(key.public, self.code, Lifecycle.active_from(LONG_AGO)) for key in (self._sign, self._encrypt)
        ]
        self._signer = FileSigner(self._sign.private, self._sign.public)
        self._decrypter = file_decrypter(self._encrypt.private, self._own[1])
        self._theirs: dict[str, RegisteredKey] = {}

    def key_list(self) -> bytes:
        """Our public keys, to be imported by the gateway."""
        return write_key_list(self._own)

    def know(self, key_list: bytes) -> None:
        """Import the gateway's public keys."""
        keys, faults = read_key_list(key_list, owner=self.home, file="theirs")
        assert not faults, faults
        self._theirs = {key.kid: key for key in keys}

    def seal(
        self,
        payload: bytes,
        message_id: str,
        *,
        message_type: str = "note",
        format_name: str = "xx-note-1.0",
        at: datetime | None = None,
        **more: Any,
    ) -> bytes:
        """A sealed message for the gateway."""
        members = {
            "iss": self.code,
            "aud": self.home,
            "agreement": "aa-xx-notes",
            "purpose": "RISK",
            "cty": "application/xml",
        } | more
        metadata = MessageMetadata(
            iat=int((at or datetime.now(UTC)).timestamp()),
            jti=message_id,
            type=message_type,
            schema=format_name,
            **members,
        )
        [key] = [key for key in self._theirs.values() if key.use == "enc"]
        certificate = SelfSigned(lambda: self._own).of
        return seal_in_form(self.form, payload, metadata, self._signer, key.key, certificate=certificate).jwe

    def acknowledge(self, ref: str, message_id: str, outcome: str = "accepted", findings: Any = ()) -> bytes:
        """A sealed acknowledgement of a message of the gateway."""
        document = {"outcome": outcome, "message_id": ref, "findings": list(findings)}
        return self.seal(
            json.dumps(document).encode(),
            message_id,
            message_type="acknowledgement",
            format_name="acknowledgement-1",
            cty="application/json",
            ref=ref,
        )

    def deliver(self, partner: PartnerCode, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        """Take a delivery (this makes the partner a `gateway.ports.PartnerChannel`)."""
        del partner, endpoint
        with self._lock:
            self.deliveries.append(message_id)
            mood = self.mood.pop(0) if self.mood else None
        if mood is not None:
            return mood()
        return self.take(sealed)

    def take(self, sealed: bytes) -> ChannelAnswer:
        """Open a message, keep it, answer with a receipt."""
        opener = FormOpener(
            form_of=lambda _: self.form,
            decrypters=[self._decrypter],
            lookup_key=self._theirs.get,
            recipient=self.code,
        )
        opened = opener.open(sealed, datetime.now(UTC) + timedelta(seconds=1))
        with self._lock:
            known = self.taken.get(opened.metadata.jti)
            if known is None:
                known = Taken(
                    message_id=opened.metadata.jti,
                    message_type=opened.metadata.type,
                    payload=opened.payload,
                    ref=opened.metadata.ref or "",
                    digest=opened.jws_digest,
                    sealed=sealed,
                    receipt=self.receipt(opened.metadata.jti, opened.jws_digest),
                )
                self.taken[known.message_id] = known
        if known.digest != opened.jws_digest:
            return ChannelAnswer(status=409, body=b"{}")
        return accepted(known.receipt)

    def receipt(self, message_id: str, digest: str) -> bytes:
        """A signed receipt."""
        index = len(self.taken)
        statement = Receipt(
            holder=self.code,
            sender=self.home,
            message_id=message_id,
            jws_digest=digest,
            exchange_id=f"{index:032x}",
            received=datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            log_origin="xx.example/log",
            log_index=str(index),
            entry_hash=hashlib.sha256(message_id.encode()).hexdigest(),
        )
        return sign_receipt(statement, self._signer)

    def answers_to(self, ref: str) -> list[dict[str, Any]]:
        """The gateway's acknowledgements of a message of ours."""
        return [json.loads(one.payload) for one in self.taken.values() if one.ref == ref]


def accepted(receipt: bytes) -> ChannelAnswer:
    """A 202 answer with a receipt."""
    return ChannelAnswer(status=202, body=json.dumps({"receipt": receipt.decode()}).encode())


def answer(status: int, retry_after: float | None = None, body: bytes = b"{}") -> Callable[[], ChannelAnswer]:
    """A mood: answer with this status."""
    return lambda: ChannelAnswer(status=status, body=body, retry_after=retry_after)


def no_answer() -> ChannelAnswer:
    """A mood: nobody answers."""
    raise DeliveryFailed("no answer", code="delivery.no-answer")
