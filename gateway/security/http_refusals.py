"""Why a signed HTTP message is refused: the closed list of codes, each with its one text.

Nothing here depends on a secret, so every fault has its own code (no oracle is to be guarded against, unlike after
decryption). A key that is not this sender's is as unknown as one that nobody has: a partner learns nothing about the
keys of another.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.errors import Refusal
from gateway.security.refusals import EnvelopeCode


class HttpCode(StrEnum):
    """Stable codes of refused HTTP messages."""

    MALFORMED = "http.malformed"
    REPEATED_HEADER = "http.repeated-header"
    CONTENT_ENCODING = "http.content-encoding"
    DIGEST_MISSING = "http.digest-missing"
    DIGEST_REFUSED = "http.digest-refused"
    DIGEST_MISMATCH = "http.digest-mismatch"
    SIGNATURE_MISSING = "http.signature-missing"
    SIGNATURE_MALFORMED = "http.signature-malformed"
    COMPONENT_MISSING = "http.component-missing"
    COMPONENT_REFUSED = "http.component-refused"
    PARAMETER_REFUSED = "http.parameter-refused"
    WRONG_TAG = "http.wrong-tag"
    ALGORITHM_REFUSED = "http.algorithm-refused"
    UNKNOWN_KEY = "http.unknown-key"
    KEY_NOT_ACTIVE = "http.key-not-active"
    EXPIRED_KEY = "http.expired-key"
    COMPROMISED_KEY = "http.compromised-key"
    NOT_YET_VALID = "http.not-yet-valid"
    EXPIRED = "http.expired"
    VALIDITY_TOO_LONG = "http.validity-too-long"
    SIGNATURE_WRONG = "http.signature-wrong"
    REPLAYED = "http.replayed"


_PROFILE = "Sign exactly the components and parameters that the profile cgw-1 lists."

_TEXTS: dict[HttpCode, tuple[str, str]] = {
    HttpCode.MALFORMED: (
        "The method, the target or a header field is not of the form that HTTP allows.",
        "Send an upper-case method, a percent-encoded path and header values without control characters.",
    ),
    HttpCode.REPEATED_HEADER: (
        "A header field that is signed, or that carries the signature, stands there more than once.",
        "Send each of these fields in one line, once.",
    ),
    HttpCode.CONTENT_ENCODING: ("A content encoding is not accepted.", "Send the bytes as they are."),
    HttpCode.DIGEST_MISSING: (
        "The message has no Content-Digest field.",
        "Send Content-Digest with sha-256 over the content, also when it is empty (RFC 9530 section 2).",
    ),
    HttpCode.DIGEST_REFUSED: (
        "The Content-Digest field cannot be read, or names a digest other than sha-256 and sha-512, or one twice.",
        "Send Content-Digest: sha-256=:base64 of the 32 bytes: (RFC 9530 section 2).",
    ),
    HttpCode.DIGEST_MISMATCH: (
        "The content is not the one that Content-Digest was made of.",
        "Compute the digest over exactly the bytes that are sent, and look for what changes them on the way.",
    ),
    HttpCode.SIGNATURE_MISSING: (
        "The message is not signed.",
        "Send Signature-Input and Signature (RFC 9421 section 4).",
    ),
    HttpCode.SIGNATURE_MALFORMED: (
        "Signature-Input and Signature do not hold one signature under one label, as RFC 9421 section 4 has it.",
        "Send one signature, with the same label in both fields.",
    ),
    HttpCode.COMPONENT_MISSING: ("The signature does not cover a part that it has to.", _PROFILE),
    HttpCode.COMPONENT_REFUSED: (
        "The signature covers a part outside the profile, a part that the message has not, or one twice.",
        _PROFILE,
    ),
    HttpCode.PARAMETER_REFUSED: (
        "A parameter of the signature is missing, repeated, not of the profile, or of the wrong form.",
        "Send created, expires, keyid, alg, nonce (22 to 64 characters from 128 random bits) and tag, each once.",
    ),
    HttpCode.WRONG_TAG: (
        "The signature was made for another kind of message.",
        "Use the tag cgw-request on requests and cgw-response on responses.",
    ),
    HttpCode.ALGORITHM_REFUSED: (
        "The signature names an algorithm outside the profile, or another than its key's own.",
        "Use ecdsa-p256-sha256, ed25519 or rsa-pss-sha512, the one that is registered with the key.",
    ),
    HttpCode.UNKNOWN_KEY: (
        "The key named by the signature is not registered for this sender.",
        "Register the key, or sign with a registered one.",
    ),
    HttpCode.KEY_NOT_ACTIVE: (
        "The key named is registered but not yet active.",
        "Use the active key until the new one is announced as active.",
    ),
    HttpCode.EXPIRED_KEY: ("The key named was retired or is past its last day.", "Use the key that is active now."),
    HttpCode.COMPROMISED_KEY: (
        "The key named is marked as compromised; nothing made with it is accepted.",
        "Use another registered key.",
    ),
    HttpCode.NOT_YET_VALID: ("The signature was made in the future.", "Set the clock of the sender."),
    HttpCode.EXPIRED: ("The signature is no longer valid.", "Sign the message anew; set the clock of the sender."),
    HttpCode.VALIDITY_TOO_LONG: (
        "The signature asks to be valid for longer than the profile allows.",
        "Let expires be at most 300 seconds after created.",
    ),
    HttpCode.SIGNATURE_WRONG: (
        "The signature is not that of the key named over this message.",
        "Build the signature base as RFC 9421 section 2.5 has it, with the target as our public address has it.",
    ),
    HttpCode.REPLAYED: ("The nonce of the signature was used before.", "Sign each request anew, with a fresh nonce."),
}

_KEY_STATES = {
    EnvelopeCode.KEY_NOT_ACTIVE: HttpCode.KEY_NOT_ACTIVE,
    EnvelopeCode.EXPIRED_KEY: HttpCode.EXPIRED_KEY,
    EnvelopeCode.COMPROMISED_KEY: HttpCode.COMPROMISED_KEY,
}


class HttpMessageRefused(Refusal):
    """An HTTP message is refused, for one of the reasons of `HttpCode`.

    Args:
        code: what may be told to the sender.
        detail: what exactly failed, for the internal log only; made of our own words, never of the sender's bytes.
        path: the header field, component or parameter concerned, by a name of the profile.
    """

    def __init__(self, code: HttpCode, *, detail: str = "", path: str = "") -> None:
        message, remedy = _TEXTS[code]
        super().__init__(message, path=path, remedy=remedy, code=code.value)
        self.detail = detail


def code_of_key_state(code: str) -> HttpCode:
    """How a refusal by the state of a key is told here; ``code`` is that of `RegisteredKey.refusal_at`."""
    return _KEY_STATES[EnvelopeCode(code)]
