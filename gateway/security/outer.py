"""The outside of an envelope: what may stand in the protected header of the compact JWE.

All of this is decided before any key is touched, so each fault may have its own code.
"""

from __future__ import annotations

from gateway.security.jose import MESSAGE_TYPE, SEALED_TYPE, Header, check_members, decode, read_header, text_member
from gateway.security.limits import EnvelopeLimits
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.suites import Suite

_EPHEMERAL_MEMBERS = {"EC": {"kty", "crv", "x", "y"}, "OKP": {"kty", "crv", "x"}}


def read_outer_header(data: bytes, suite: Suite, limits: EnvelopeLimits, *, content_type: str = MESSAGE_TYPE) -> Header:
    """The JWE header, checked against the allow-lists before any key is touched.

    Args:
        data: the compact JWE.
        suite: the agreed suite.
        limits: size caps.
        content_type: what must be inside, as ``cty``.

    Raises:
        OpeningRefused: ``envelope.malformed``, ``envelope.header-refused`` or ``envelope.algorithm-refused``.
    """
    segments = data.split(b".", 5)
    if len(segments) != 5 or not all(segments):
        raise OpeningRefused(EnvelopeCode.MALFORMED, detail="JWE has not five filled segments")
    header = read_header(segments[0], limits)
    for name, allowed in (("alg", suite.key_management), ("enc", suite.content)):
        # first of all, so that PBES2 and its costly parameters are refused at once
        if name in header and text_member(header, name) not in allowed:
            raise OpeningRefused(EnvelopeCode.ALGORITHM_REFUSED, detail=f"JWE {name} not allowed", path=name)
    agreed = ("epk",) if str(header.get("alg", "")).startswith("ECDH-ES") else ()
    check_members(header, required=("alg", "enc", "kid", "skid", *agreed), optional=("typ", "cty", "apu", "apv"))
    for name in header.keys() - {"epk"}:
        text_member(header, name)
    if header.get("typ", SEALED_TYPE) != SEALED_TYPE or header.get("cty", content_type) != content_type:
        raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail="typ or cty of another kind of JWE", path="typ")
    if agreed:
        _check_ephemeral_key(header["epk"])
    return header


def _check_ephemeral_key(epk: object) -> None:
    """The ephemeral key must be a bare public key of a known shape (RFC 7518 section 4.6.1.1)."""
    if isinstance(epk, dict) and all(isinstance(value, str) for value in epk.values()):
        members = _EPHEMERAL_MEMBERS.get(epk.get("kty", ""))
        coordinates = [epk[name] for name in ("x", "y") if name in epk]
        if epk.keys() == members and all(len(text) == 43 and _is_base64url(text) for text in coordinates):
            return
    raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail="epk is no bare public key", path="epk")


def _is_base64url(text: str) -> bool:
    try:
        decode(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return False
    return True
