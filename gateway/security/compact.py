"""Compact JWS: made by a `Signer`, verified by joserfc under our allow-lists.

The signing input is built here because joserfc cannot call a hardware module. Verification goes through joserfc with
the one algorithm of the registered key, and only the payload that it returns as verified is ever used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.registry import HeaderRegistryDict

from gateway.security.jose import (
    Header,
    StrictJwsRegistry,
    check_members,
    encode,
    read_header,
    text_member,
    write_header,
)
from gateway.security.keys import PublicKey, Signer
from gateway.security.limits import EnvelopeLimits
from gateway.security.refusals import EnvelopeCode, OpeningRefused


class CompactJws(NamedTuple):
    """A compact JWS whose header has been read but whose signature has NOT been verified yet."""

    text: bytes
    header: Header
    kid: str
    alg: str


def sign_compact(payload: bytes, *, members: Mapping[str, Any], typ: str, signer: Signer) -> bytes:
    """A compact JWS over ``payload`` with the given further header members.

    Raises:
        OpeningRefused: ``envelope.empty``: an empty payload cannot be told from a detached one.
    """
    if not payload:
        raise OpeningRefused(EnvelopeCode.EMPTY)
    header = write_header({"alg": signer.alg, "kid": signer.kid, "typ": typ, **members})
    signing_input = f"{header}.{encode(payload)}".encode("ascii")
    return signing_input + b"." + encode(signer.sign(signing_input)).encode("ascii")


def read_compact(
    text: bytes,
    *,
    typ: str,
    algorithms: Collection[str],
    required: Collection[str],
    optional: Collection[str],
    limits: EnvelopeLimits,
) -> CompactJws:
    """Read and check the protected header of a compact JWS, before any key is looked up.

    Raises:
        OpeningRefused: ``envelope.malformed``, ``envelope.header-refused`` or ``envelope.algorithm-refused``.
    """
    segments = text.split(b".", 3)
    if len(text) > limits.max_jws_bytes or len(segments) != 3 or not all(segments):
        # an empty middle segment would be a detached payload
        raise OpeningRefused(EnvelopeCode.MALFORMED, detail="JWS has not three filled segments")
    header = read_header(segments[0], limits)
    check_members(header, required=("alg", "kid", "typ", *required), optional=optional)
    if text_member(header, "typ") != typ:
        raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail="typ of another kind of JWS", path="typ")
    algorithm = text_member(header, "alg")
    if algorithm not in algorithms:
        raise OpeningRefused(EnvelopeCode.ALGORITHM_REFUSED, detail="JWS alg not allowed", path="alg")
    return CompactJws(text, header, text_member(header, "kid"), algorithm)


def verify_compact(
    unverified: CompactJws, key: PublicKey, members: HeaderRegistryDict, limits: EnvelopeLimits
) -> bytes:
    """The payload of a compact JWS, after its signature has been verified with the registered key.

    Args:
        unverified: what `read_compact` returned.
        key: the key registered under its kid.
        members: the header members besides alg, kid and typ, for joserfc.
        limits: size caps.

    Raises:
        OpeningRefused: ``envelope.algorithm-refused`` or ``envelope.not-opened``.
    """
    if key.use != "sig" or key.alg != unverified.alg:
        raise OpeningRefused(EnvelopeCode.ALGORITHM_REFUSED, detail="JWS alg is not the key's own", path="alg")
    registry = StrictJwsRegistry(algorithm=key.alg, members=members, limits=limits)
    try:
        return jws.deserialize_compact(unverified.text, key.jose, registry=registry).payload
    except (JoseError, ValueError, TypeError) as error:
        raise OpeningRefused(EnvelopeCode.NOT_OPENED, detail=f"signature: {type(error).__name__}") from None
