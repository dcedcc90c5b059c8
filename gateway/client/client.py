"""A small client for partners: seal a message, hand it in, verify the receipt.

Every request is signed (RFC 9421, profile ``cgw-1``) and every answer has to be. On an https address the client shows
its certificate and brings an access token, which it asks for by itself. All of that happens inside.

A first exchange::

    side = read_side(Path("keys"), code="xx", home="aa", gateway_keys=Path("gateway-keys.json"))
    client = GatewayClient(side, "https://gateway.example")
    sealed = client.seal(data, message_id="2026-0001", agreement="aa-xx-manifests", message_type="manifest",
                         format_name="xx-manifest-1.0", purpose="RISK")
    handed = client.hand_in(sealed)
    print(handed.receipt.log_index)

Keys are made once with `gateway.client.side.make_side_keys`; key lists are handed over at onboarding.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from gateway.adapters.access_tokens import AccessTokens
from gateway.adapters.partner_channel import MESSAGES_PATH, SEALED_MEDIA_TYPE, HttpAnswer, HttpLink, SignedLink
from gateway.authorisation.forms import FORM
from gateway.authorisation.realm import TOKEN_PATH
from gateway.client.answers import object_of
from gateway.client.handing_in import HandedIn, until_keys_are_known
from gateway.client.side import KeptSide, Side
from gateway.errors import DeliveryFailed, EnvelopeRefused
from gateway.exchange.model import ACKNOWLEDGEMENT_TYPE
from gateway.findings import Finding
from gateway.pipeline.acknowledgement import FORMAT_NAME, MEDIA_TYPE
from gateway.security.envelope import Opened, Sealed
from gateway.security.http_messages import HttpRequest
from gateway.security.http_signatures import new_nonce
from gateway.security.keys import Signer
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.metadata import MessageMetadata
from gateway.security.receipts import RECEIPT_TYPE, Receipt, sign_receipt, verify_receipt
from gateway.security.statements import statement_kid
from gateway.security.xml_certificates import SelfSigned
from gateway.security.xml_envelope import FormOpener, seal_in_form
from gateway.security.xml_form import EnvelopeForm

__all__ = ["LONGEST_ANSWER", "GatewayClient", "HandedIn"]


class GatewayClient:
    """Messages to one gateway.

    Args:
        side: our keys and the gateway's; a `KeptSide` takes up lists that change while the client is in use.
        base_url: of its partner port, exactly as the gateway has it as its public address.
        link: HTTP connections; made with sensible limits, and on https with our certificate, when not given.
        signed: whether requests are signed and answers have to be; False only where the gateway has that turned off.
        oauth: whether requests bring an access token; None means on https.
        patience: for how many seconds `hand_in` tries the same bytes again while one side has not taken up the newest
            key list of the other; the gateway takes them once.
        form: of the envelope, as the gateway has it in our profile: a JWS, or a signature inside the XML document.
    """

    def __init__(
        self,
        side: Side | KeptSide,
        base_url: str,
        link: HttpLink | None = None,
        *,
        signed: bool = True,
        oauth: bool | None = None,
        form: EnvelopeForm = EnvelopeForm.JOSE,
        patience: float = 0.0,
    ) -> None:
        self._side = side
        self.form = form
        self._patience = patience
        self._certificates = SelfSigned(lambda: self.side.own.published)
        self.base_url = base_url.rstrip("/")
        https = self.base_url.startswith("https:")
        trust = self.side.connection_context() if https and link is None else None
        self._link = link or HttpLink(timeout=30.0, answer_limit=LONGEST_ANSWER, trust=trust)
        self._signed = SignedLink(link=self._link, signer=self._http_signer, now=_now) if signed else None
        self._tokens = self._access_tokens() if (https if oauth is None else oauth) else None

    @property
    def side(self) -> Side:
        """Our keys and the gateway's, as they are now."""
        return self._side.now() if isinstance(self._side, KeptSide) else self._side

    def _http_signer(self, at: datetime) -> Signer:
        return self.side.own.http_signer(at)

    def _message_signer(self, at: datetime) -> Signer:
        return self.side.own.signer(at)

    def with_keys(self, side: Side) -> GatewayClient:
        """The same connections and the same token under other keys: for a sender that is to be refused."""
        signed = self._signed is not None
        other = GatewayClient(side, self.base_url, self._link, signed=signed, oauth=False, form=self.form)
        other._tokens = self._tokens
        return other

    def seal(
        self,
        payload: bytes,
        *,
        message_id: str,
        agreement: str,
        message_type: str,
        format_name: str,
        purpose: str,
        content_type: str = "application/xml",
        answers: str | None = None,
    ) -> Sealed:
        """Sign a message in the form agreed and encrypt it for the gateway.

        Args:
            payload: the message, XML or JSON, exactly as it shall be evidence.
            message_id: ours, never used again with other bytes.
            agreement: id of the agreement, without version.
            message_type: as the agreement lists it.
            format_name: format and version of the payload.
            purpose: one that the agreement lists for this type.
            content_type: media type of the payload.
            answers: message id that this one answers.
        """
        now = datetime.now(UTC)
        metadata = MessageMetadata(
            iss=self.side.code,
            aud=self.side.home,
            iat=int(now.timestamp()),
            jti=message_id,
            agreement=agreement,
            type=message_type,
            schema=format_name,
            cty=content_type,
            purpose=purpose,
            ref=answers,
        )
        return seal_in_form(
            self.form,
            payload,
            metadata,
            self.side.own.signer(now),
            self.side.recipient_key(now),
            certificate=self._certificates.of,
        )

    def hand_in(self, sealed: Sealed) -> HandedIn:
        """Hand in a sealed message and verify the receipt against the very bytes that were signed.

        Raises:
            DeliveryFailed: no answer came, or one that is no answer of a gateway.
            EnvelopeRefused: the receipt is not the gateway's, or not for these bytes.
        """
        handed = until_keys_are_known(lambda: self.post(sealed.jwe), self._patience)
        if handed.receipt is not None and handed.receipt.jws_digest != sealed.jws_digest:
            raise EnvelopeRefused("the receipt is for other bytes than were handed in", code="receipt.other-bytes")
        return handed

    def post(self, jwe: bytes) -> HandedIn:
        """Post sealed bytes as they are; a receipt in the answer is verified."""
        return self._handed(self.request("POST", MESSAGES_PATH, content=jwe, media_type=SEALED_MEDIA_TYPE))

    def prepare(self, jwe: bytes) -> HttpRequest:
        """The signed request that `post` would send, for a sender that looks at it first; it is good once."""
        headers = _SEALED | self._bearer()
        return self._signing().prepare("POST", self.base_url + MESSAGES_PATH, content=jwe, headers=headers)

    def send(self, sent: HttpRequest) -> HandedIn:
        """Send what `prepare` made."""
        return self._handed(self._signing().send(sent, lookup_key=self.side.lookup, sender=self.side.home))

    def status(self, message_id: str) -> dict[str, Any]:
        """What became of a message that we handed in, or the problem document where the gateway knows none of ours."""
        query = urlencode({"from": self.side.code})
        return _object(self.request("GET", f"{MESSAGES_PATH}/{quote(message_id, safe='')}?{query}").body)

    def agreements(self) -> list[dict[str, Any]]:
        """What may be exchanged with us: each agreement with its message types, formats and purposes.

        Raises:
            DeliveryFailed: the gateway does not answer, or refuses to.
        """
        query = urlencode({"from": self.side.code})
        found: list[dict[str, Any]] = object_of(self.request("GET", f"/v1/agreements?{query}"))["agreements"]
        return found

    def check(self, payload: bytes, message_type: str = "", *, content_type: str = "application/xml") -> dict[str, Any]:
        """What the gateway would say of a plain document, without any effect.

        Args:
            payload: the document, not sealed.
            message_type: as the agreement lists it; empty where its format belongs to one type only.
            content_type: media type of the document.
        """
        query = urlencode({"from": self.side.code, "type": message_type})
        return _object(self.request("POST", f"/v1/checks?{query}", content=payload, media_type=content_type).body)

    def request(self, method: str, path: str, *, content: bytes = b"", media_type: str = "") -> HttpAnswer:
        """One request to the gateway, signed, and its verified answer.

        Args:
            method: in upper case.
            path: percent-encoded, with its query.
            content: the body.
            media_type: of the body.

        Raises:
            DeliveryFailed: no whole answer came, one that the gateway has not signed for this request, or no token.
        """
        headers = ({"Content-Type": media_type} if media_type else {}) | self._bearer()
        answer = self._exchange(method, path, content, headers)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._tokens is not None:
            self._tokens.discard()
        return answer

    def _exchange(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> HttpAnswer:
        if self._signed is None:
            return self._link.request(method, self.base_url + path, content=content, headers=headers)
        sent = self._signed.prepare(method, self.base_url + path, content=content, headers=headers)
        return self._signed.send(sent, lookup_key=self.side.lookup, sender=self.side.home)

    def _bearer(self) -> dict[str, str]:
        return {} if self._tokens is None else {"Authorization": self._tokens.authorization()}

    def _access_tokens(self) -> AccessTokens:
        def post(form: bytes) -> tuple[int, bytes]:
            answer = self._exchange("POST", TOKEN_PATH, form, {"Content-Type": FORM})
            return answer.status, answer.body

        return AccessTokens(
            post,
            client_id=self.side.code,
            issuer=self.base_url,
            signer=self._message_signer,
            now=_now,
            new_id=new_nonce,
        )

    def _signing(self) -> SignedLink:
        if self._signed is None:
            raise DeliveryFailed("this client does not sign", code="delivery.unsigned")
        return self._signed

    def _handed(self, answer: HttpAnswer) -> HandedIn:
        document = _object(answer.body)
        if answer.status != 202:
            return HandedIn(
                status=answer.status, receipt=None, receipt_bytes=b"", problem=document, acknowledgement=None
            )
        receipt_bytes = str(document.get("receipt", "")).encode("ascii", "replace")
        acknowledgement = document.get("acknowledgement")
        return HandedIn(
            status=202,
            receipt=self._verified(receipt_bytes),
            receipt_bytes=receipt_bytes,
            problem={},
            acknowledgement=acknowledgement.encode("ascii") if isinstance(acknowledgement, str) else None,
        )

    def open(self, jwe: bytes) -> Opened:
        """Open a sealed message from the gateway.

        Raises:
            EnvelopeRefused: it is not for us, not from the gateway, or damaged.
        """
        opener = FormOpener(
            form_of=lambda _: self.form,
            decrypters=list(self.side.own.decrypters),
            lookup_key=self.side.lookup,
            recipient=self.side.code,
        )
        return opener.open(jwe, datetime.now(UTC))

    def acknowledge(self, opened: Opened, *, message_id: str, accepted: bool, findings: Sequence[Finding]) -> HandedIn:
        """Hand in our business answer to a message from the gateway.

        Args:
            opened: the message that is answered.
            message_id: ours, for the answer.
            accepted: whether our side takes the message.
            findings: why not; codes and paths, never values.
        """
        document = {
            "outcome": "accepted" if accepted else "refused",
            "message_id": opened.metadata.jti,
            "findings": [finding.as_json() for finding in findings],
        }
        return self.hand_in(
            self.seal(
                orjson.dumps(document),
                message_id=message_id,
                agreement=opened.metadata.agreement,
                message_type=ACKNOWLEDGEMENT_TYPE,
                format_name=FORMAT_NAME,
                purpose=opened.metadata.purpose,
                content_type=MEDIA_TYPE,
                answers=opened.metadata.jti,
            )
        )

    def receipt_for(self, opened: Opened, *, exchange_id: str, log_index: int, entry_hash: str) -> bytes:
        """Sign our receipt for a message that we hold.

        Args:
            opened: the message, stored durably before this is called.
            exchange_id: our own id of the exchange.
            log_index: place in our own log.
            entry_hash: hash of that entry, hexadecimal.
        """
        now = datetime.now(UTC)
        receipt = Receipt(
            holder=self.side.code,
            sender=opened.sender,
            message_id=opened.metadata.jti,
            jws_digest=opened.jws_digest,
            exchange_id=exchange_id,
            received=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            log_origin=self.side.own.log_key.name,
            log_index=str(log_index),
            entry_hash=entry_hash,
        )
        return sign_receipt(receipt, self.side.own.signer(now))

    def _verified(self, receipt: bytes) -> Receipt:
        registered = self.side.lookup(statement_kid(receipt, RECEIPT_TYPE))
        if registered is None:
            raise EnvelopeRefused("the receipt is signed with a key that is not the gateway's", code="receipt.key")
        return verify_receipt(receipt, registered)


LONGEST_ANSWER = DEFAULT_LIMITS.max_jwe_bytes
"""Most bytes of an answer that are read: those of the largest message that a mailbox may hand out."""

_SEALED = {"Content-Type": SEALED_MEDIA_TYPE}


def _now() -> datetime:
    return datetime.now(UTC)


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise DeliveryFailed("the answer is not a JSON object", code="delivery.not-an-answer")
    return document
