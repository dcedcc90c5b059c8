"""The steps of sealing and opening that the compact and the large form share, so that neither can leave one out.

The order in which they are taken stands in `gateway.security.envelope`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from joserfc import jwe

from gateway.security.compact import CompactJws, read_compact, verify_compact
from gateway.security.jose import SEALED_TYPE, Header, StrictJweRegistry
from gateway.security.keys import Decrypter, PublicKey, RegisteredKey, Signer
from gateway.security.limits import EnvelopeLimits
from gateway.security.metadata import (
    HEADER_REGISTRY,
    OPTIONAL_MEMBERS,
    REQUIRED_MEMBERS,
    MessageMetadata,
    read_metadata,
)
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.suites import Suite

KeyLookup = Callable[[str], RegisteredKey | None]
"""From a kid to the registered key of the party that is expected to send; None when there is none."""


def require_agreed(suite: Suite, signer: Signer, recipient_key: PublicKey) -> None:
    """Refuse to seal with a key whose algorithm the agreed suite does not hold.

    Raises:
        OpeningRefused: ``envelope.algorithm-refused``.
    """
    if signer.alg not in suite.signatures or recipient_key.alg not in suite.key_management:
        raise OpeningRefused(EnvelopeCode.ALGORITHM_REFUSED, detail="key outside the agreed suite", path="alg")


def encrypt_to(
    recipient_key: PublicKey, plaintext: bytes, content_type: str, skid: str, suite: Suite, limits: EnvelopeLimits
) -> bytes:
    """A compact JWE for one recipient.

    Args:
        recipient_key: the recipient's encryption key.
        plaintext: what is encrypted.
        content_type: what the plaintext is, as ``cty``.
        skid: id of the sender's signing key.
        suite: the agreed suite.
        limits: size caps.
    """
    protected: Header = {
        "alg": recipient_key.alg,
        "enc": suite.content[0],
        "kid": recipient_key.kid,
        "skid": skid,
        "typ": SEALED_TYPE,
        "cty": content_type,
    }
    registry = StrictJweRegistry(key_management=recipient_key.alg, content=suite.content, limits=limits)
    return jwe.encrypt_compact(protected, plaintext, recipient_key.jose, registry=registry).encode("ascii")


def our_key(header: Header, decrypters: Iterable[Decrypter], at: datetime) -> Decrypter:
    """Step 2a: our decryption key by ``kid``; a compromised or retired one is as good as unknown.

    Raises:
        OpeningRefused: ``envelope.unknown-recipient-key`` or ``envelope.algorithm-refused``.
    """
    for decrypter in decrypters:
        if decrypter.kid == header["kid"]:
            if decrypter.refusal_at(at) is not None:
                break
            if decrypter.alg != header["alg"]:
                raise OpeningRefused(EnvelopeCode.ALGORITHM_REFUSED, detail="JWE alg is not the key's own", path="alg")
            return decrypter
    raise OpeningRefused(EnvelopeCode.UNKNOWN_RECIPIENT_KEY, detail="no usable decryption key", path="kid")


def senders_key(header: Header, lookup_key: KeyLookup, at: datetime) -> RegisteredKey:
    """Step 2b: the sender's key by ``skid``, refused early with a code that says why.

    Raises:
        OpeningRefused: ``envelope.unknown-key`` or the code of the key's state.
    """
    registered = lookup_key(header["skid"])
    if registered is None or registered.kid != header["skid"] or registered.use != "sig":
        raise OpeningRefused(EnvelopeCode.UNKNOWN_KEY, detail="no such signing key", path="skid")
    code = registered.refusal_at(at)
    if code is not None:
        raise OpeningRefused(EnvelopeCode(code), detail=f"signing key {registered.kid}", path="skid")
    return registered


def verify_inner(
    signed: bytes, typ: str, kid: str, key: PublicKey, suite: Suite, limits: EnvelopeLimits
) -> tuple[CompactJws, bytes]:
    """Step 3: the inner JWS up to its verified signature.

    Args:
        signed: the compact JWS.
        typ: the one kind of JWS that may stand here.
        kid: id of the key that was looked up.
        key: that key.
        suite: the agreed suite.
        limits: size caps.

    Raises:
        OpeningRefused: with distinct codes; whoever answers a sender makes one of them.
    """
    unverified = read_compact(
        signed,
        typ=typ,
        algorithms=suite.signatures,
        required=REQUIRED_MEMBERS,
        optional=OPTIONAL_MEMBERS,
        limits=limits,
    )
    if unverified.kid != kid:
        raise OpeningRefused(EnvelopeCode.UNKNOWN_KEY, detail="inner kid is not the key looked up", path="kid")
    return unverified, verify_compact(unverified, key, HEADER_REGISTRY, limits)


def verify_evidence(
    jws: bytes, typ: str, registered: RegisteredKey, received: datetime, suite: Suite
) -> tuple[CompactJws, bytes, MessageMetadata]:
    """A stored JWS with its payload and metadata, judged by the key state at the recorded time of receipt.

    Args:
        jws: the stored compact JWS.
        typ: the one kind of JWS that it may be.
        registered: the key under its kid.
        received: when the log says it was received.
        suite: the suite agreed then.

    Raises:
        OpeningRefused: with distinct codes; this is our own check, no oracle to guard against.
    """
    code = registered.refusal_at(received)
    if code is not None:
        raise OpeningRefused(EnvelopeCode(code), detail="key state at time of receipt", path="kid")
    limits = EnvelopeLimits(max_message_bytes=len(jws))  # its size was judged when it came in
    unverified, payload = verify_inner(jws, typ, registered.kid, registered.key, suite, limits)
    metadata = read_metadata(unverified.header)
    if metadata.iss != registered.owner:
        raise OpeningRefused(EnvelopeCode.WRONG_SENDER, detail="iss is not the owner of kid", path="iss")
    return unverified, payload, metadata


def check_parties(unverified: CompactJws, owner: str, recipient: str) -> MessageMetadata:
    """Step 4: the signed members name the sender that owns the key, and us.

    Raises:
        OpeningRefused: ``envelope.metadata-refused``, ``envelope.wrong-sender`` or ``envelope.wrong-recipient``.
    """
    metadata = read_metadata(unverified.header)
    check_names(metadata, owner, recipient)
    return metadata


def check_names(metadata: MessageMetadata, owner: str, recipient: str) -> None:
    """The same of signed metadata that were read already, in whatever form they were signed.

    Raises:
        OpeningRefused: ``envelope.wrong-sender`` or ``envelope.wrong-recipient``.
    """
    if metadata.iss != owner:
        raise OpeningRefused(EnvelopeCode.WRONG_SENDER, detail="iss is not the owner of kid", path="iss")
    if metadata.aud != recipient:
        raise OpeningRefused(EnvelopeCode.WRONG_RECIPIENT, detail="aud is not this gateway", path="aud")


def check_time(metadata: MessageMetadata, at: datetime, limits: EnvelopeLimits) -> None:
    """Step 4: the signed time is neither ahead of our clock nor too old.

    Raises:
        OpeningRefused: ``envelope.clock``.
    """
    sealed_at = datetime.fromtimestamp(metadata.iat, UTC)
    if not at - limits.max_age <= sealed_at <= at + limits.clock_skew:
        raise OpeningRefused(EnvelopeCode.CLOCK, detail="iat outside the window", path="iat")
