"""Opening what a partner sent, and opening again what is stored: the signature before the content is looked at.

The form of the envelope is the one that the sender's profile names, never the one that a message chooses.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.errors import EnvelopeRefused, UnknownPartner
from gateway.exchange.model import Message
from gateway.identifiers import PartnerCode
from gateway.pipeline.stages import OpenedMessage, ReceivedMessage
from gateway.ports import KeyRing
from gateway.security.envelope import Opened
from gateway.security.keys import RegisteredKey
from gateway.security.limits import EnvelopeLimits
from gateway.security.refusals import EnvelopeCode
from gateway.security.xml_envelope import FormOpener, verify_kept
from gateway.security.xml_form import EnvelopeForm

KeyLookup = Callable[[str], RegisteredKey | None]
"""From a kid to the registered key, whoever owns it; keys never come from a message."""

FormOf = Callable[[PartnerCode], EnvelopeForm]
"""The form of envelope that a partner's profile names."""


class Opener:
    """Opens sealed messages of partners.

    Args:
        home: our code; a message for another recipient is refused.
        keys: our decryption keys.
        lookup_key: the registered keys of all partners.
        is_sender: whether a partner's profile lets it send.
        form_of: the form of envelope that its profile names.
        limits: sizes, clock skew and greatest age.
    """

    def __init__(
        self,
        *,
        home: PartnerCode,
        keys: KeyRing,
        lookup_key: KeyLookup,
        is_sender: Callable[[PartnerCode], bool],
        form_of: FormOf,
        limits: EnvelopeLimits,
    ) -> None:
        self._home = home
        self._keys = keys
        self._lookup_key = lookup_key
        self._is_sender = is_sender
        self._form_of = form_of
        self._limits = limits

    def open(self, received: ReceivedMessage) -> OpenedMessage:
        """Decrypt and verify.

        Where the transport proves a partner, the keys of others are as unknown as those of nobody, so that nobody can
        try which keys others have. A message of another that does verify is opened: the caller compares its sender.

        Raises:
            MessageTooLarge: longer than the limits allow.
            EnvelopeRefused: key, signature, recipient, time or form of the envelope.
            UnknownPartner: the key's owner is no partner that sends.
        """
        proved = received.proved
        try:
            opened = self._open(received, self._lookup_key if proved is None else self._keys_of(proved))
        except EnvelopeRefused as refusal:
            if proved is None or refusal.stable_code != EnvelopeCode.UNKNOWN_KEY:
                raise
            try:
                opened = self._open(received, self._lookup_key)
            except EnvelopeRefused:
                raise refusal from None
        if not self._is_sender(PartnerCode(opened.sender)):
            raise UnknownPartner(
                "the owner of the signing key is not a partner that sends messages here",
                remedy="register with us as a sender",
            )
        return _opened(opened, received.at)

    def _open(self, received: ReceivedMessage, lookup_key: KeyLookup) -> Opened:
        opener = FormOpener(
            form_of=lambda sender: self._form_of(PartnerCode(sender)),
            decrypters=self._keys.decrypters,
            lookup_key=lookup_key,
            recipient=self._home,
            limits=self._limits,
        )
        return opener.open(received.content, received.at)

    def _keys_of(self, partner: PartnerCode) -> KeyLookup:
        def lookup(kid: str) -> RegisteredKey | None:
            key = self._lookup_key(kid)
            return key if key is not None and key.owner == partner else None

        return lookup

    def open_stored(self, signed: bytes, message: Message) -> OpenedMessage:
        """Verify stored signed bytes once more, judged by the state of the key at the recorded time of receipt.

        Raises:
            EnvelopeRefused: the evidence does not hold.
        """
        registered = self._lookup_key(message.kid)
        if registered is None:
            raise UnknownPartner("the key that signed a stored message is no longer registered", path="kid")
        return _opened(verify_kept(signed, registered, received=message.stored_at), message.stored_at)


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
