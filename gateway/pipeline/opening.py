"""Opening what a partner sent, and opening again what is stored: the signature before anything is parsed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.errors import UnknownPartner
from gateway.exchange.model import Message
from gateway.identifiers import PartnerCode
from gateway.pipeline.stages import OpenedMessage, ReceivedMessage
from gateway.ports import KeyRing
from gateway.security.envelope import Opened, open_sealed, verify_stored
from gateway.security.keys import RegisteredKey
from gateway.security.limits import EnvelopeLimits

KeyLookup = Callable[[str], RegisteredKey | None]
"""From a kid to the registered key, whoever owns it; keys never come from a message."""


class Opener:
    """Opens sealed messages of partners.

    Args:
        home: our code; a message for another recipient is refused.
        keys: our decryption keys.
        lookup_key: the registered keys of all partners.
        is_sender: whether a partner's profile lets it send.
        limits: sizes, clock skew and greatest age.
    """

    def __init__(
        self,
        *,
        home: PartnerCode,
        keys: KeyRing,
        lookup_key: KeyLookup,
        is_sender: Callable[[PartnerCode], bool],
        limits: EnvelopeLimits,
    ) -> None:
        self._home = home
        self._keys = keys
        self._lookup_key = lookup_key
        self._is_sender = is_sender
        self._limits = limits

    def open(self, received: ReceivedMessage) -> OpenedMessage:
        """Decrypt and verify.

        Raises:
            MessageTooLarge: longer than the limits allow.
            EnvelopeRefused: key, signature, recipient, time or form of the envelope.
            UnknownPartner: the key's owner is no partner that sends.
        """
        opened = open_sealed(
            received.content,
            decrypters=self._keys.decrypters,
            lookup_key=self._lookup_key,
            recipient=self._home,
            at=received.at,
            limits=self._limits,
        )
        if not self._is_sender(PartnerCode(opened.sender)):
            raise UnknownPartner(
                "the owner of the signing key is not a partner that sends messages here",
                remedy="register with us as a sender",
            )
        return _opened(opened, received.at)

    def open_stored(self, jws: bytes, message: Message) -> OpenedMessage:
        """Verify stored signed bytes once more, judged by the state of the key at the recorded time of receipt.

        Raises:
            EnvelopeRefused: the evidence does not hold.
        """
        registered = self._lookup_key(message.kid)
        if registered is None:
            raise UnknownPartner("the key that signed a stored message is no longer registered", path="kid")
        return _opened(verify_stored(jws, registered, received=message.stored_at), message.stored_at)


def _opened(opened: Opened, at: datetime) -> OpenedMessage:
    return OpenedMessage(
        payload=opened.payload,
        metadata=opened.metadata,
        jws=opened.jws,
        digest=opened.jws_digest,
        kid=opened.kid,
        sender=PartnerCode(opened.sender),
        at=at,
    )
