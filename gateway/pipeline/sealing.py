"""Sealing what goes to a partner, our receipts, and the check of a partner's receipts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from gateway.errors import ContentRefused, GatewayError
from gateway.exchange.model import Message
from gateway.identifiers import ExchangeId, PartnerCode
from gateway.pipeline.opening import FormOf, KeyLookup
from gateway.pipeline.stages import OpenedMessage, SealedMessage
from gateway.ports import KeyRing, LogLeaf
from gateway.security.keys import RegisteredKey
from gateway.security.limits import EnvelopeLimits
from gateway.security.metadata import MessageMetadata
from gateway.security.receipts import RECEIPT_TYPE, Receipt, sign_receipt, verify_receipt
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.statements import statement_kid
from gateway.security.xml_certificates import SelfSigned
from gateway.security.xml_envelope import seal_in_form

EncryptionKeyOf = Callable[[PartnerCode, datetime], RegisteredKey]
"""The key to encrypt to, of a partner's active ones."""


class Sealer:
    """Seals messages and signs receipts.

    Args:
        home: our code.
        keys: our signing keys.
        encryption_key: partners' encryption keys.
        lookup_key: partners' signing keys, for their receipts.
        form_of: the form of envelope that a partner's profile names.
        log_origin: name of our log.
        limits: sizes.
    """

    def __init__(
        self,
        *,
        home: PartnerCode,
        keys: KeyRing,
        encryption_key: EncryptionKeyOf,
        lookup_key: KeyLookup,
        form_of: FormOf,
        log_origin: str,
        limits: EnvelopeLimits,
    ) -> None:
        self._home = home
        self._keys = keys
        self._encryption_key = encryption_key
        self._lookup_key = lookup_key
        self._form_of = form_of
        self._certificates = SelfSigned(lambda: keys.published)
        self._log_origin = log_origin
        self._limits = limits

    def seal(self, payload: bytes, metadata: MessageMetadata, at: datetime) -> SealedMessage:
        """Sign, in the form of the recipient's profile, and encrypt to it; done once for a message.

        Raises:
            UnknownPartner: the partner has no active encryption key.
            MessageTooLarge: more than the limits allow.
            ContentRefused: the partner takes signed XML, and the content cannot carry an XML signature.
        """
        partner = PartnerCode(metadata.aud)
        try:
            sealed = seal_in_form(
                self._form_of(partner),
                payload,
                metadata,
                self._keys.signer(at),
                self._encryption_key(partner, at).key,
                certificate=self._certificates.of,
                limits=self._limits,
            )
        except OpeningRefused as refusal:
            raise _unsignable(refusal) from None
        return SealedMessage(metadata=metadata, jwe=sealed.jwe, jws=sealed.jws, digest=sealed.jws_digest)

    def kid(self, at: datetime) -> str:
        """Id of the key that signs now."""
        return self._keys.signer(at).kid

    def receipt_for(self, opened: OpenedMessage, exchange_id: ExchangeId, leaf: LogLeaf) -> bytes:
        """Our signed statement that we hold exactly these bytes, and where the log says so."""
        statement = Receipt(
            holder=self._home,
            sender=opened.sender,
            message_id=opened.metadata.jti,
            jws_digest=opened.digest,
            exchange_id=exchange_id,
            received=opened.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            log_origin=self._log_origin,
            log_index=str(leaf.index),
            entry_hash=leaf.leaf_hash.hex(),
        )
        return sign_receipt(statement, self._keys.signer(opened.at))

    def check_receipt(self, compact: bytes, message: Message, at: datetime) -> int:
        """Verify a partner's receipt for a message of ours.

        Returns:
            The index in the partner's log that it names.

        Raises:
            EnvelopeRefused: not signed by the partner with a key that counts now, or for other bytes.
        """
        registered = self._lookup_key(statement_kid(compact, RECEIPT_TYPE))
        if registered is None or registered.owner != message.partner:
            raise OpeningRefused(EnvelopeCode.UNKNOWN_KEY, detail="receipt by a key of another", path="kid")
        refusal = registered.refusal_at(at)
        if refusal is not None:
            raise OpeningRefused(EnvelopeCode(refusal), detail="receipt key", path="kid")
        receipt = verify_receipt(compact, registered)
        if (receipt.sender, receipt.message_id, receipt.jws_digest) != (self._home, message.message_id, message.digest):
            raise OpeningRefused(EnvelopeCode.WRONG_RECIPIENT, detail="receipt for another message", path="message_id")
        return int(receipt.log_index)


def _unsignable(refusal: OpeningRefused) -> GatewayError:
    """A content that cannot be signed as agreed is refused as bad content is; other faults stay as they are."""
    if refusal.stable_code != EnvelopeCode.NOT_SIGNABLE:
        return refusal
    return ContentRefused(refusal.message, remedy=refusal.remedy, code=refusal.stable_code)
