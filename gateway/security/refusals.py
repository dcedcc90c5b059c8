"""Why an envelope is refused: the closed list of codes, each with its one text.

What may be told to a sender is decided here and nowhere else. Before decryption every fault has its own code, because
the sender must be able to mend it and none of them depends on a secret. From decryption up to the inner signature all
faults share `EnvelopeCode.NOT_OPENED`, one text and no path, so that answers cannot be used as an oracle. After the
signature has been verified the sender is known, and codes are distinct again.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import EnvelopeRefused


class EnvelopeCode(StrEnum):
    """Stable codes of envelope refusals."""

    MALFORMED = "envelope.malformed"
    HEADER_REFUSED = "envelope.header-refused"
    ALGORITHM_REFUSED = "envelope.algorithm-refused"
    UNKNOWN_SUITE = "envelope.unknown-suite"
    UNKNOWN_RECIPIENT_KEY = "envelope.unknown-recipient-key"
    UNKNOWN_KEY = "envelope.unknown-key"
    KEY_NOT_ACTIVE = "envelope.key-not-active"
    EXPIRED_KEY = "envelope.expired-key"
    COMPROMISED_KEY = "envelope.compromised-key"
    NOT_OPENED = "envelope.not-opened"
    METADATA_REFUSED = "envelope.metadata-refused"
    WRONG_RECIPIENT = "envelope.wrong-recipient"
    WRONG_SENDER = "envelope.wrong-sender"
    CLOCK = "envelope.clock"
    EMPTY = "envelope.empty"
    INCOMPLETE = "envelope.incomplete"
    SURPLUS = "envelope.surplus"
    WRONG_DIGEST = "envelope.wrong-digest"
    CONTENT_CHANGED = "envelope.content-changed"
    WRONG_FORM = "envelope.wrong-form"
    NOT_SIGNABLE = "envelope.not-signable"


_TEXTS: dict[EnvelopeCode, tuple[str, str]] = {
    EnvelopeCode.MALFORMED: (
        "The body is not a compact JWE: five base64url segments joined by dots were expected.",
        "Send the compact serialization, one recipient, without line breaks.",
    ),
    EnvelopeCode.HEADER_REFUSED: (
        "A protected header has a member that is missing, repeated, not allowed or of the wrong type.",
        "Send exactly the header members of the envelope reference; no zip, b64, jwk, jku, x5u or x5c.",
    ),
    EnvelopeCode.ALGORITHM_REFUSED: (
        "The envelope names an algorithm that the agreed suite does not hold, or that is not its key's own.",
        "Use an algorithm of the agreed suite, the one that is registered with the key.",
    ),
    EnvelopeCode.UNKNOWN_SUITE: (
        "No such cryptographic suite is built into this gateway.",
        "Name a suite that the envelope reference lists in the partner profile.",
    ),
    EnvelopeCode.UNKNOWN_RECIPIENT_KEY: (
        "The envelope is encrypted to a key that is not ours, or no longer in use.",
        "Fetch our current encryption key and seal the message again.",
    ),
    EnvelopeCode.UNKNOWN_KEY: (
        "The signing key named by the envelope is not registered.",
        "Register the key with us, or sign with a registered one.",
    ),
    EnvelopeCode.KEY_NOT_ACTIVE: (
        "The key named is registered but not yet active.",
        "Use the active key until the new one is announced as active.",
    ),
    EnvelopeCode.EXPIRED_KEY: (
        "The key named was retired or is past its last day.",
        "Use the key that is active now.",
    ),
    EnvelopeCode.COMPROMISED_KEY: (
        "The key named is marked as compromised; nothing made with it is accepted.",
        "Use another registered key.",
    ),
    EnvelopeCode.NOT_OPENED: (
        "The envelope could not be opened: decryption or the inner signature failed.",
        "Seal the message anew with our current encryption key and your registered signing key.",
    ),
    EnvelopeCode.METADATA_REFUSED: (
        "The signed metadata of the message is incomplete or not of the agreed form.",
        "Fill the members of the signed header as the envelope reference says.",
    ),
    EnvelopeCode.WRONG_RECIPIENT: (
        "The message is addressed to another recipient.",
        "Name the recipient of this port in the signed member aud.",
    ),
    EnvelopeCode.WRONG_SENDER: (
        "The signed sender is not the owner of the signing key.",
        "Name the owner of the signing key in the signed member iss.",
    ),
    EnvelopeCode.CLOCK: (
        "The signed time of issue lies in the future or too far back.",
        "Set the clock of the sender, or seal the message anew.",
    ),
    EnvelopeCode.EMPTY: ("There is no content to seal.", "Give at least one byte of content."),
    EnvelopeCode.INCOMPLETE: (
        "The large envelope ends before the length that its sender signed.",
        "Send the same sealed bytes again, whole; do not seal the message anew.",
    ),
    EnvelopeCode.SURPLUS: (
        "The large envelope goes on beyond the length that its sender signed.",
        "Send exactly the sealed bytes, nothing after them.",
    ),
    EnvelopeCode.WRONG_DIGEST: (
        "The content is not the one whose length and digest the sender signed.",
        "Seal the message anew, from a file that nobody changes meanwhile.",
    ),
    EnvelopeCode.CONTENT_CHANGED: (
        "The content was changed while it was being sealed; no whole envelope was made.",
        "Seal the message anew, from a file that nobody changes meanwhile.",
    ),
    EnvelopeCode.WRONG_FORM: (
        "The message comes in another form of envelope than the sender's profile names.",
        "Seal documents in the form that was agreed: jose, xmldsig or xades; acknowledgements always as jose.",
    ),
    EnvelopeCode.NOT_SIGNABLE: (
        "The content cannot carry an XML signature.",
        "Give XML of one byte order, without DOCTYPE, comments, processing instructions and signatures of its own.",
    ),
}


class OpeningRefused(EnvelopeRefused):
    """An envelope is refused, for one of the reasons of `EnvelopeCode`.

    Args:
        code: what may be told to the sender.
        detail: what exactly failed, for the internal log only; made of our own words, never of the sender's bytes.
        path: the header member concerned, where telling it is safe.
    """

    def __init__(self, code: EnvelopeCode, *, detail: str = "", path: str = "") -> None:
        message, remedy = _TEXTS[code]
        super().__init__(message, path=path, remedy=remedy, code=code.value)
        self.detail = detail
