"""Sealed messages, good ones and ones with a single thing wrong inside."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwe
from joserfc.jwe import JWERegistry

from gateway.conformance.samples import Sample
from gateway.conformance.target import Target
from gateway.security.compact import sign_compact
from gateway.security.envelope import Sealed
from gateway.security.filekeys import FileSigner
from gateway.security.generation import describe_public_key, generate_key
from gateway.security.jose import MESSAGE_TYPE, SEALED_TYPE, encode, write_header
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.limits import DEFAULT_LIMITS
from gateway.security.metadata import MessageMetadata
from gateway.security.steps import encrypt_to
from gateway.security.suites import INTL_1
from gateway.security.xml_certificates import self_signed
from gateway.security.xml_envelope import seal_in_form
from gateway.security.xml_form import XML_LIMITS, EnvelopeForm
from gateway.security.xml_signing import sign_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A sealed message.

    Attributes:
        message_id: ours.
        sealed: what is sent, and its signed half.
    """

    message_id: str
    sealed: Sealed


def made(target: Target, sample: Sample, *, message_id: str = "", at: datetime | None = None, **other: Any) -> Made:
    """A message sealed in the form that the target takes.

    Args:
        target: who it is for.
        sample: what is in it.
        message_id: a new one when empty.
        at: when it is said to be sealed; now when None.
        other: members of the signed metadata that differ, such as ``aud``.
    """
    metadata = metadata_of(target, sample, message_id=message_id, at=at, **other)
    sealed = seal_in_form(
        target.terms.form,
        sample.content,
        metadata,
        target.signer(),
        recipient(target),
        certificate=target.certificates.of,
    )
    return Made(message_id=metadata.jti, sealed=sealed)


def damaged(target: Target, sample: Sample, damage: Callable[[bytes], bytes]) -> Made:
    """A message whose document was damaged: before it is signed, in an XML form behind it.

    What is no document any more cannot be signed as one; a target has to refuse it before it verifies anything.

    Args:
        target: who it is for.
        sample: what is in it.
        damage: makes bad bytes of good ones.
    """
    if not target.terms.form.is_xml:
        return made(target, sample.with_content(damage(sample.content)))
    good = made(target, sample)
    return encrypted(target, good.message_id, damage(good.sealed.jws))


def metadata_of(
    target: Target, sample: Sample, *, message_id: str = "", at: datetime | None = None, **other: Any
) -> MessageMetadata:
    """The signed metadata of a message; see `made`."""
    members: dict[str, Any] = {
        "iss": target.side.code,
        "aud": target.side.home,
        "iat": int((at or target.now()).timestamp()),
        "jti": message_id or target.next_id(),
        "agreement": sample.agreement,
        "type": sample.message_type,
        "schema": sample.format_name,
        "cty": sample.content_type,
        "purpose": sample.purpose,
    }
    return MessageMetadata(**(members | other))


def recipient(target: Target) -> PublicKey:
    """The target's key to encrypt to."""
    return target.side.recipient_key(target.now())


def signed_by(target: Target, sample: Sample, other: Stranger, **members: Any) -> Made:
    """A message whose inner signature is made with another key, or with further header members.

    Args:
        target: who it is for.
        sample: what is in it.
        other: makes the signature; its kid stands in the inner and the outer header.
        members: further members of the header of a JWS.
    """
    metadata = metadata_of(target, sample)
    if target.terms.form.is_xml:
        limits = XML_LIMITS.parsing(target.terms.message_limit)
        named = other.certificate(target) if target.terms.form is EnvelopeForm.XADES else None
        signed = sign_document(sample.content, metadata, other.signer, limits, named)
    else:
        header = {**metadata.as_header(), **members}
        signed = sign_compact(sample.content, members=header, typ=MESSAGE_TYPE, signer=other.signer)
    return encrypted(target, metadata.jti, signed, skid=other.signer.kid)


def unsigned(target: Target, sample: Sample) -> Made:
    """A message whose inner header says ``alg: none`` (RFC 7518 section 3.6)."""
    return _forged(target, sample, "none", lambda _: b"")


def keyed_with_our_public_key(target: Target, sample: Sample) -> Made:
    """A message under HMAC with our public key, which everybody has, as its secret: key confusion."""
    kid = target.signer().kid
    public = next(key.key.native for key in target.side.own.registered if key.kid == kid)
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return _forged(target, sample, "HS256", lambda data: hmac.digest(secret, data, hashlib.sha256))


def _forged(target: Target, sample: Sample, alg: str, sign: Callable[[bytes], bytes]) -> Made:
    metadata = metadata_of(target, sample)
    kid = target.signer().kid
    header = write_header({"alg": alg, "kid": kid, "typ": MESSAGE_TYPE, **metadata.as_header()})
    data = f"{header}.{encode(sample.content)}".encode("ascii")
    return encrypted(target, metadata.jti, data + b"." + encode(sign(data)).encode("ascii"))


def encrypted(target: Target, message_id: str, signed: bytes, *, skid: str = "") -> Made:
    """Bytes encrypted as if they were what the form of the target signs.

    Args:
        target: who it is for.
        message_id: that stands inside, if any does.
        signed: what is encrypted, whatever it is.
        skid: key id that the outer header names; that of our signing key when empty.
    """
    kid = skid or target.signer().kid
    outer = encrypt_to(recipient(target), signed, target.terms.form.content_type, kid, INTL_1, DEFAULT_LIMITS)
    digest = hashlib.sha256(signed).hexdigest()
    return Made(message_id=message_id, sealed=Sealed(jwe=outer, jws=signed, jws_digest=digest))


def compressed(target: Target, sample: Sample) -> Made:
    """A good message whose encryption compresses (``zip: DEF``, RFC 7516 section 4.1.3)."""
    inner = made(target, sample)
    key = recipient(target)
    protected = {
        "alg": key.alg,
        "enc": INTL_1.content[0],
        "kid": key.kid,
        "skid": target.signer().kid,
        "typ": SEALED_TYPE,
        "cty": target.terms.form.content_type,
        "zip": "DEF",
    }
    registry = JWERegistry(algorithms=[key.alg, INTL_1.content[0], "DEF"], strict_check_header=False)
    outer = jwe.encrypt_compact(protected, inner.sealed.jws, key.jose, registry=registry).encode("ascii")
    return Made(
        message_id=inner.message_id,
        sealed=Sealed(jwe=outer, jws=inner.sealed.jws, jws_digest=inner.sealed.jws_digest),
    )


def with_outer_members(jwe_text: bytes, members: Mapping[str, str]) -> bytes:
    """A compact JWE whose outer header says something else; nothing else is changed."""
    first, _, rest = jwe_text.partition(b".")
    header = json.loads(base64.urlsafe_b64decode(first + b"=" * (-len(first) % 4)))
    return write_header({**header, **members}).encode("ascii") + b"." + rest


def with_changed_tag(jwe_text: bytes) -> bytes:
    """A compact JWE whose authentication tag is another one."""
    return _changed(jwe_text, 4)


def with_changed_ciphertext(jwe_text: bytes) -> bytes:
    """A compact JWE one character of whose ciphertext is another one."""
    return _changed(jwe_text, 3)


def _changed(jwe_text: bytes, segment: int) -> bytes:
    segments = jwe_text.split(b".")
    first = segments[segment][:1]
    segments[segment] = (b"B" if first == b"A" else b"A") + segments[segment][1:]
    return b".".join(segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A key that nobody has registered.

    Attributes:
        signer: signs with it.
        key: its public half.
    """

    signer: FileSigner
    key: PublicKey

    @property
    def public(self) -> Mapping[str, str]:
        """Its bare public JWK, as somebody would put it into a header."""
        return dict(self.key.jwk)

    def certificate(self, target: Target) -> bytes:
        """A certificate of the key in our name, in DER form, signed by itself."""
        registered = RegisteredKey(self.key, target.side.code, Lifecycle.active_from(target.now()))
        return self_signed(registered, self.signer)


def stranger(target: Target, kid: str = "") -> Stranger:
    """A new key of our own algorithm.

    Args:
        target: gives algorithm and time.
        kid: key id that it claims; one of our own form that is in no list when empty.
    """
    ours = target.signer()
    fresh = generate_key(target.side.code, ours.alg, target.now(), number=999)
    public = describe_public_key(fresh.private, kid or fresh.public.kid, "sig", ours.alg)
    return Stranger(signer=FileSigner(fresh.private, public), key=public)
