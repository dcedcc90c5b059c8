"""Strict reading and writing of JOSE parts: base64url, protected headers, and joserfc registries with our allow-lists.

joserfc does the cryptography; what it leaves open is closed here. Its default size caps, algorithm lists and header
list are replaced, header JSON with a repeated member is refused, and only the members listed here can occur at all:
no ``zip`` (bombs), no ``b64`` (RFC 7797 returns unverified bytes in corners), no ``jwk``, ``jku``, ``x5u``, ``x5c``
(a key must never come from the message), no PBES2 parameters (their iteration count is the sender's to choose).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from joserfc.jwe import JWERegistry
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter, HeaderRegistryDict

from gateway.security.limits import EnvelopeLimits, base64url_length
from gateway.security.refusals import EnvelopeCode, OpeningRefused

MESSAGE_TYPE = "message+jws"
"""``typ`` of the inner JWS and ``cty`` of the JWE: a receipt can never be taken for a message."""

SEALED_TYPE = "JOSE"
"""``typ`` of the JWE: a compact serialization (RFC 7516 section 4.1.11)."""

Header = dict[str, Any]

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*")
_MOST_HEADER_MEMBERS = 32


def encode(data: bytes) -> str:
    """Unpadded base64url text (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: bytes) -> bytes:
    """The bytes of an unpadded base64url text, accepting exactly one spelling of them.

    Raises:
        ValueError: a character outside the alphabet, padding, or unused bits that are not zero.
    """
    if _BASE64URL.fullmatch(text) is None:
        raise ValueError("not base64url")
    try:
        data = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text:
        raise ValueError("unused bits are set")
    return data


def _members_once(pairs: list[tuple[str, Any]]) -> Header:
    """Object hook that refuses a repeated member (RFC 7515 section 4 demands unique names)."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("repeated member")
    return members


def _no_constant(_: str) -> Any:
    """NaN and Infinity are no JSON."""
    raise ValueError("not a JSON number")


def strict_object(data: bytes) -> Header:
    """The members of one JSON object in UTF-8: each name once, whole numbers only.

    Raises:
        ValueError: it is anything else.
    """
    try:
        content = json.loads(
            data.decode("utf-8"), object_pairs_hook=_members_once, parse_constant=_no_constant, parse_float=_no_constant
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(content, dict):
        raise ValueError("not an object")  # noqa: TRY004 - a fault of the text, as all others here
    return content


def read_header(segment: bytes, limits: EnvelopeLimits) -> Header:
    """The protected header of one base64url segment, read strictly.

    Args:
        segment: base64url text of the header.
        limits: ``max_header_bytes`` caps the segment.

    Raises:
        OpeningRefused: ``envelope.header-refused``.
    """
    if not segment or len(segment) > limits.max_header_bytes:
        raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail="header absent or too long")
    try:
        header = strict_object(decode(segment))
    except ValueError as error:
        raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail=f"header JSON: {type(error).__name__}") from None
    if len(header) > _MOST_HEADER_MEMBERS:
        raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail="header has too many members")
    return header


def write_header(header: Mapping[str, Any]) -> str:
    """Base64url text of a protected header, members in the given order, ASCII only."""
    return encode(json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode("ascii"))


def check_members(header: Header, *, required: Collection[str], optional: Collection[str] = ()) -> None:
    """Refuse a header that lacks a required member or has one that is in neither list.

    Raises:
        OpeningRefused: ``envelope.header-refused``; its path names a missing member (a foreign one is not quoted).
    """
    for name in required:
        if name not in header:
            raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail=f"member {name} missing", path=name)
    if not header.keys() <= {*required, *optional}:
        raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail="member not allowed")


def text_member(header: Header, name: str) -> str:
    """A member that must be a text.

    Raises:
        OpeningRefused: ``envelope.header-refused``.
    """
    value = header[name]
    if not isinstance(value, str):
        raise OpeningRefused(EnvelopeCode.HEADER_REFUSED, detail=f"member {name} is no text", path=name)
    return value


class StrictJwsRegistry(JWSRegistry):
    """joserfc's JWS registry with our caps, one allowed algorithm and only the members that we know."""

    def __init__(self, *, algorithm: str, members: HeaderRegistryDict, limits: EnvelopeLimits) -> None:
        super().__init__(algorithms=[algorithm], strict_check_header=True)
        self.header_registry = {
            "alg": HeaderParameter("Algorithm", "str", required=True),
            "kid": HeaderParameter("Key ID", "str", required=True),
            "typ": HeaderParameter("Type", "str", required=True),
            **members,
        }
        self.max_header_length = limits.max_header_bytes
        self.max_payload_length = base64url_length(limits.max_message_bytes)


class StrictJweRegistry(JWERegistry):
    """joserfc's JWE registry with our caps and allow-list; ``zip`` and every key-carrying member are unknown to it."""

    def __init__(self, *, key_management: str, content: Collection[str], limits: EnvelopeLimits) -> None:
        super().__init__(algorithms=[key_management, *content], strict_check_header=True, max_recipients=1)
        self.header_registry = {
            "alg": HeaderParameter("Algorithm", "str", required=True),
            "enc": HeaderParameter("Encryption Algorithm", "str", required=True),
            "kid": HeaderParameter("Recipient Key ID", "str", required=True),
            "skid": HeaderParameter("Sender Key ID", "str", required=True),
            "typ": HeaderParameter("Type", "str"),
            "cty": HeaderParameter("Content Type", "str"),
        }
        self.max_protected_header_length = limits.max_header_bytes
        self.max_ciphertext_length = base64url_length(limits.max_jws_bytes)
