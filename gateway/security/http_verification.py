"""The judgement on a signed HTTP message, up to its signature; its content is compared afterwards.

The order is that of `gateway.security.http_signatures`; requests and responses differ only in what they cover.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.security.content_digest import read_content_digest
from gateway.security.http_bridge import View, check_signature
from gateway.security.http_fields import SignatureFields, read_signature_fields
from gateway.security.http_messages import Headers
from gateway.security.http_profile import HttpSignatureLimits, algorithm_of
from gateway.security.http_refusals import HttpCode, HttpMessageRefused, code_of_key_state
from gateway.security.keys import RegisteredKey

SenderKeys = Callable[[str], RegisteredKey | None]
"""From a key id to the registered key of the expected sender; None when it has none of that id."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VerifiedSignature:
    """What a verified signature says.

    Attributes:
        signer: owner of the key, which is the expected sender.
        keyid: id of the key.
        alg: name of the algorithm.
        created, expires: times of the signer.
        nonce: one-time value, unique for the signer.
        remember_until: from when on the nonce may be forgotten: later the signature is not accepted any more.
        digests: signed digests of the content, by algorithm.
    """

    signer: str
    keyid: str
    alg: str
    created: datetime
    expires: datetime
    nonce: str
    remember_until: datetime
    digests: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, repr=False)
class SignedHead:
    """A message as it is judged.

    Attributes:
        headers: all its header lines.
        view: what the library is shown, without the signature fields.
        components: what has to be covered, and nothing else.
        tag: kind of message.
    """

    headers: Headers
    view: View
    components: tuple[str, ...]
    tag: str


def verify_head(
    head: SignedHead, lookup_key: SenderKeys, sender: str, at: datetime, limits: HttpSignatureLimits
) -> VerifiedSignature:
    """Judge a message but for its content.

    Args:
        head: the message.
        lookup_key: the registered keys of the sender.
        sender: code of the party that is expected to have signed.
        at: time of receipt, with time zone.
        limits: how long a signature may be valid, and how far clocks may differ.

    Raises:
        HttpMessageRefused: see `HttpCode`.
    """
    if head.headers.all("content-encoding"):
        raise HttpMessageRefused(HttpCode.CONTENT_ENCODING, path="content-encoding")
    fields = read_signature_fields(head.headers)
    if fields.tag != head.tag:
        raise HttpMessageRefused(HttpCode.WRONG_TAG, path="tag")
    digest = head.headers.only("content-digest")
    if digest is None:
        raise HttpMessageRefused(HttpCode.DIGEST_MISSING, path="content-digest")
    _check_coverage(fields, head.components)
    _check_times(fields, at, limits)
    key = _key_of(fields, lookup_key, sender, at)
    head.view.headers |= {name: head.headers.only(name) or "" for name in ("signature-input", "signature")}
    check_signature(head.view, key.key, head.tag)
    return _verified(fields, key, read_content_digest(digest), limits)


def _check_coverage(fields: SignatureFields, components: tuple[str, ...]) -> None:
    """Step 2: exactly the components of the profile, in whatever order."""
    for component in components:
        if component not in fields.components:
            raise HttpMessageRefused(HttpCode.COMPONENT_MISSING, detail="not covered", path=component.replace('"', ""))
    if len(fields.components) != len(components):
        raise HttpMessageRefused(HttpCode.COMPONENT_REFUSED, detail="covers more, or one twice", path="signature-input")


def _check_times(fields: SignatureFields, at: datetime, limits: HttpSignatureLimits) -> None:
    """Step 2: made before now, short-lived, not over; both clocks may differ by the skew."""
    now, skew = at.timestamp(), limits.clock_skew.total_seconds()
    if fields.created > now + skew:
        raise HttpMessageRefused(HttpCode.NOT_YET_VALID, path="created")
    if fields.expires <= fields.created:
        raise HttpMessageRefused(HttpCode.PARAMETER_REFUSED, detail="expires before created", path="expires")
    if fields.expires - fields.created > limits.validity.total_seconds():
        raise HttpMessageRefused(HttpCode.VALIDITY_TOO_LONG, path="expires")
    if fields.expires < now - skew:
        raise HttpMessageRefused(HttpCode.EXPIRED, path="expires")


def _key_of(fields: SignatureFields, lookup_key: SenderKeys, sender: str, at: datetime) -> RegisteredKey:
    """Step 3: the sender's own signing key, which counts now and is of the algorithm that is named."""
    key = lookup_key(fields.keyid)
    if key is None or key.kid != fields.keyid or key.owner != sender or key.use != "sig":
        raise HttpMessageRefused(HttpCode.UNKNOWN_KEY, detail=f"no such signing key of {sender}", path="keyid")
    state = key.refusal_at(at)
    if state is not None:
        raise HttpMessageRefused(code_of_key_state(state), detail=f"key {key.kid} of {key.owner}", path="keyid")
    if fields.alg != algorithm_of(key.key.alg).algorithm_id:
        raise HttpMessageRefused(HttpCode.ALGORITHM_REFUSED, detail="alg is not the key's own", path="alg")
    return key


def _verified(
    fields: SignatureFields, key: RegisteredKey, digests: Mapping[str, bytes], limits: HttpSignatureLimits
) -> VerifiedSignature:
    """The result, once the signature was verified; the library has read the same lines with the same parser."""
    created = datetime.fromtimestamp(fields.created, UTC)
    return VerifiedSignature(
        signer=key.owner,
        keyid=key.kid,
        alg=fields.alg,
        created=created,
        expires=datetime.fromtimestamp(fields.expires, UTC),
        nonce=fields.nonce,
        remember_until=created + limits.validity + limits.clock_skew,
        digests=digests,
    )
