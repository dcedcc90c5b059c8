"""A simulated partner administration: it sends what its agreement lists, good and bad, and answers what it receives.

It works from the same data folders as the gateway and knows no country: formats come from the agreement in force,
messages from the generator, and what is bad about a message from `damage`.
"""

from __future__ import annotations

import hashlib
import random
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from gateway.agreement.terms import MessageTerms
from gateway.catalogue import Catalogue
from gateway.client.client import GatewayClient, HandedIn
from gateway.errors import GatewayError, NotFound, ReplayRefused
from gateway.exchange.model import ACKNOWLEDGEMENT_TYPE
from gateway.findings import Finding, Layer, Severity, has_errors
from gateway.security.envelope import Opened, Sealed
from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from gateway.security.http_messages import HttpRequest, HttpResponse
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from gateway.security.http_signatures import check_content, new_nonce, sign_response, verify_request_head
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.simulator.damage import PAYLOAD_DAMAGES, change_one_byte
from gateway.simulator.messages import generated, rule_breaking
from gateway.simulator.unsigned import encrypted_unsigned

ENVELOPE_DAMAGES = ("byte-changed", "unknown-key", "replayed", "same-id-other-bytes")
HTTP_DAMAGES = ("http-other-key", "http-replayed", "http-digest-kept")
DAMAGES = ("", "rule-breaking", *PAYLOAD_DAMAGES, *ENVELOPE_DAMAGES, *HTTP_DAMAGES)
"""All ways of sending; the empty one is good."""

_REFUSED_ON_REQUEST = Finding(
    severity=Severity.ERROR,
    code="simulator.refused",
    layer=Layer.RULE,
    message="the simulated partner was told to refuse this message",
    remedy="lodge it again",
)

_NOT_AGREED = Finding(
    severity=Severity.ERROR,
    code="agreement.not-listed",
    layer=Layer.AGREEMENT,
    message="no agreement in force lists this message for this purpose",
    remedy="send what the agreement lists",
)

_log = structlog.get_logger("sarhad.simulator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came back for one message that the partner sent.

    Attributes:
        message_id: the partner's id.
        exchange_id: the gateway's id, from its receipt; empty without one.
        status: HTTP status.
        code: stable code of a refusal, empty otherwise.
        same_receipt: for a message sent twice: whether both receipts are equal byte for byte.
    """

    message_id: str
    exchange_id: str
    message_type: str
    format: str
    damage: str
    status: int
    code: str
    receipted: bool
    same_receipt: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message that the partner received and holds."""

    opened: Opened
    receipt: bytes


class SimulatedPartner:
    """One partner administration in memory.

    Args:
        catalogue: the data folders.
        client: towards the gateway, with the partner's keys.
        seed: makes message ids and everything random repeatable.
    """

    def __init__(self, catalogue: Catalogue, client: GatewayClient, seed: int) -> None:
        self._catalogue = catalogue
        self._client = client
        self._seed = seed
        self._lock = threading.Lock()
        self._held: dict[str, Held] = {}
        self._numbers: dict[str, int] = {}
        self._refuse_next = False
        self._nonces: set[str] = set()
        self._outcomes: dict[str, str] = {}

    # What it sends.

    def send(self, message_type: str, seed: int, damage: str = "", richness: float | None = None) -> Sent:
        """Generate a message of a type that the agreement in force lists, damage it if asked, and hand it in.

        Args:
            message_type: as the agreement lists it.
            seed: of the generated message.
            damage: one of `DAMAGES`.
            richness: share of optional elements, 0 to 1; drawn from the seed when None.

        Raises:
            NotFound: no agreement in force lists this type, or the damage is unknown.
        """
        if damage not in DAMAGES:
            raise NotFound(f"no such way of damaging a message: known are {', '.join(DAMAGES[1:])}")
        agreement, terms = self._terms(message_type, "in")
        payload = self._payload(terms, seed, damage, richness)
        sealed = self._seal(payload, agreement, terms, self._next_id(message_type))
        return self._hand_in(sealed, payload, agreement, terms, damage)

    def _payload(self, terms: MessageTerms, seed: int, damage: str, richness: float | None) -> bytes:
        chosen = self._catalogue.formats.get(terms.format)
        if damage == "rule-breaking":
            broken = rule_breaking(self._catalogue, terms.format, seed)
            if broken is None:
                raise NotFound("no value was found that the schema accepts and the rules refuse", code="simulator.rule")
            return chosen.write(broken)
        message = generated(self._catalogue, terms.format, seed, richness)
        payload = chosen.write(message)
        return PAYLOAD_DAMAGES[damage](payload) if damage in PAYLOAD_DAMAGES else payload

    def _seal(
        self, payload: bytes, agreement: str, terms: MessageTerms, message_id: str, client: GatewayClient | None = None
    ) -> Sealed:
        syntax = self._catalogue.formats.get(terms.format).head.syntax
        sender = client or self._client
        try:
            return sender.seal(
                payload,
                message_id=message_id,
                agreement=agreement,
                message_type=terms.type,
                format_name=terms.format,
                purpose=terms.purposes[0],
                content_type=f"application/{syntax}",
            )
        except OpeningRefused as refusal:
            if refusal.stable_code != EnvelopeCode.NOT_SIGNABLE:
                raise
            return encrypted_unsigned(sender, payload)

    def _hand_in(self, sealed: Sealed, payload: bytes, agreement: str, terms: MessageTerms, damage: str) -> Sent:
        message_id = self._last_id(terms.type)
        if damage in HTTP_DAMAGES:
            return self._told(self._send_bad_http(sealed, damage), message_id, terms, damage, None)
        if damage == "byte-changed":
            handed = self._client.post(change_one_byte(sealed.jwe, random.Random(self._seed)))  # noqa: S311
        elif damage == "unknown-key":
            handed = self._client.post(self._seal(payload, agreement, terms, message_id, self._stranger()).jwe)
        else:
            handed = self._client.hand_in(sealed)
        same: bool | None = None
        if damage == "replayed":
            again = self._client.hand_in(sealed)
            same = again.receipt_bytes == handed.receipt_bytes
        elif damage == "same-id-other-bytes":
            handed = self._client.post(self._seal(payload + b"\n", agreement, terms, message_id).jwe)
        return self._told(handed, message_id, terms, damage, same)

    def _send_bad_http(self, sealed: Sealed, damage: str) -> HandedIn:
        """A good envelope in a request that is signed with a key of nobody, sent twice, or changed on the way."""
        if damage == "http-other-key":
            return self._client.send(self._stranger().prepare(sealed.jwe))
        signed = self._client.prepare(sealed.jwe)
        if damage == "http-replayed":
            self._client.send(signed)
            return self._client.send(signed)
        return self._client.send(replace(signed, content=change_one_byte(signed.content, random.Random(self._seed))))  # noqa: S311

    @staticmethod
    def _told(handed: HandedIn, message_id: str, terms: MessageTerms, damage: str, same: bool | None) -> Sent:
        return Sent(
            message_id=message_id,
            exchange_id=handed.receipt.exchange_id if handed.receipt is not None else "",
            message_type=terms.type,
            format=terms.format,
            damage=damage,
            status=handed.status,
            code=str(handed.problem.get("title", "")),
            receipted=handed.receipt is not None,
            same_receipt=same,
        )

    def _stranger(self) -> GatewayClient:
        """A client that signs with a key of this partner's name that nobody has registered."""
        now = datetime.now(UTC)
        side = self._client.side
        made = generate_key(side.code, "ES256", now, number=99)
        registered = RegisteredKey(made.public, side.code, Lifecycle.active_from(now))
        signer = FileSigner(made.private, made.public)
        keys = replace(side.own, registered=(registered,), signers={made.public.kid: signer})
        return self._client.with_keys(replace(side, own=keys))

    # What it receives.

    def verify_request(self, head: HttpRequest, content: bytes) -> None:
        """Refuse a request of the gateway that is not signed, or came before; nothing where that is turned off.

        Raises:
            HttpMessageRefused: see `HttpCode`.
        """
        side = self._client.side
        if not self._catalogue.profile(side.code).security.signs_http:
            return
        at = datetime.now(UTC)
        verified = verify_request_head(head, lookup_key=side.lookup, sender=side.home, at=at, token_required=False)
        check_content(head.headers, content, verified)
        with self._lock:
            if verified.nonce in self._nonces:
                raise HttpMessageRefused(HttpCode.REPLAYED, path="nonce")
            self._nonces.add(verified.nonce)

    def sign_answer(self, response: HttpResponse, request: HttpRequest) -> HttpResponse:
        """An answer of this partner, bound to the request."""
        at = datetime.now(UTC)
        return sign_response(response, request, self._client.side.own.http_signer(at), at=at, nonce=new_nonce())

    def refuse_next(self) -> None:
        """Answer the next message with a refusing acknowledgement."""
        with self._lock:
            self._refuse_next = True

    def receive(self, sealed: bytes) -> tuple[Held, bool]:
        """Open and hold a message from the gateway.

        Returns:
            What is held, and whether it is new; a message seen before gets its first receipt again.

        Raises:
            EnvelopeRefused: it does not open.
            ReplayRefused: its id was used before with other bytes.
        """
        opened = self._client.open(sealed)
        with self._lock:
            known = self._held.get(opened.metadata.jti)
            if known is not None and known.opened.jws_digest != opened.jws_digest:
                raise ReplayRefused("this message id was used before with other bytes", path="jti")
            if known is not None:
                return known, False
            index = len(self._held)
            entry_hash = hashlib.sha256(b"\0" + opened.jws_digest.encode("ascii")).hexdigest()
            exchange_id = hashlib.sha256(opened.metadata.jti.encode()).hexdigest()[:32]
            receipt = self._client.receipt_for(opened, exchange_id=exchange_id, log_index=index, entry_hash=entry_hash)
            held = Held(opened=opened, receipt=receipt)
            self._held[opened.metadata.jti] = held
        return held, True

    def answer(self, held: Held) -> None:
        """Decide on a message and send the business answer, unless it is an answer itself."""
        metadata = held.opened.metadata
        if metadata.type == ACKNOWLEDGEMENT_TYPE:
            return
        with self._lock:
            refuse, self._refuse_next = self._refuse_next, False
        findings = (*self._findings(held.opened), *((_REFUSED_ON_REQUEST,) if refuse else ()))
        accepted = not has_errors(findings)
        with self._lock:
            self._outcomes[metadata.jti] = "accepted" if accepted else "refused"
        try:
            self._client.acknowledge(
                held.opened, message_id=self._next_id(ACKNOWLEDGEMENT_TYPE), accepted=accepted, findings=findings
            )
        except GatewayError as error:
            _log.warning("an answer could not be handed in", code=error.stable_code)

    def _findings(self, opened: Opened) -> tuple[Finding, ...]:
        """What is wrong with a message: not agreed, not readable, not valid."""
        metadata = opened.metadata
        try:
            agreement, terms = self._terms(metadata.type, "out")
            agreed = (agreement, terms.format) == (metadata.agreement, metadata.format_name)
            if not agreed or metadata.purpose not in terms.purposes:
                return (_NOT_AGREED,)
            reading = self._catalogue.formats.get(metadata.format_name).read(opened.payload)
        except GatewayError as refusal:
            return (replace(_NOT_AGREED, code=refusal.stable_code, message=refusal.message),)
        return reading.findings

    def status(self, message_id: str, sender: str) -> dict[str, Any]:
        """What became of a message, for its sender.

        Raises:
            NotFound: no such message was received from this sender.
        """
        with self._lock:
            held = self._held.get(message_id)
            outcome = self._outcomes.get(message_id)
        if held is None or held.opened.sender != sender:
            raise NotFound("no message of this id was received from this sender")
        return {
            "message_id": message_id,
            "exchange_id": message_id,
            "state": outcome or "received",
            "outcome": outcome,
            "receipt": held.receipt.decode("ascii"),
            "acknowledgement": None,
        }

    def held(self) -> list[dict[str, Any]]:
        """What was received: metadata and digest of each message, in order of arrival."""
        with self._lock:
            return [
                {**held.opened.metadata.model_dump(mode="json", by_alias=True), "digest": held.opened.jws_digest}
                for held in self._held.values()
            ]

    def payload_of(self, message_id: str) -> bytes:
        """The payload of a message that was received.

        Raises:
            NotFound: no such message.
        """
        with self._lock:
            if message_id not in self._held:
                raise NotFound("no such message was received")
            return self._held[message_id].opened.payload

    # Names and numbers.

    def _terms(self, message_type: str, direction: str) -> tuple[str, MessageTerms]:
        now = datetime.now(UTC)
        for agreement in self._catalogue.agreements_with(self._client.side.code):
            in_force = agreement.terms.status == "active" and agreement.begins <= now
            if not in_force or (agreement.ends is not None and agreement.ends <= now):
                continue
            for terms in agreement.terms.messages:
                if terms.type == message_type and terms.direction == direction:
                    return agreement.id, terms
        raise NotFound("no agreement in force lists this message type", code="simulator.type")

    def _next_id(self, message_type: str) -> str:
        with self._lock:
            self._numbers[message_type] = self._numbers.get(message_type, 0) + 1
        return self._last_id(message_type)

    def _last_id(self, message_type: str) -> str:
        return f"{self._client.side.code}-{message_type}-{self._seed}-{self._numbers[message_type]}"
