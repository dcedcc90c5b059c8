"""Signed statements: a small JSON object under a compact JWS of its own type, not encrypted.

Receipts are statements. The type in the signed header keeps one kind of statement, and a sealed message, from ever
being taken for another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rfc8785

from gateway.security.compact import read_compact, sign_compact, verify_compact
from gateway.security.keys import RegisteredKey, Signer
from gateway.security.limits import EnvelopeLimits
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.suites import INTL_1, Suite

STATEMENT_LIMITS = EnvelopeLimits(max_message_bytes=64 * 1024)
"""A statement is small; a larger one is refused unread."""


def sign_statement(content: Mapping[str, str], typ: str, signer: Signer) -> bytes:
    """A compact JWS over the canonical JSON (RFC 8785) of a flat object of texts."""
    return sign_compact(rfc8785.dumps(dict(content)), members={}, typ=typ, signer=signer)


def statement_kid(statement: bytes, typ: str, *, suite: Suite = INTL_1) -> str:
    """The key id that a statement names, not verified: only to look up the key.

    Raises:
        OpeningRefused: it is no statement of that type.
    """
    limits = STATEMENT_LIMITS
    return read_compact(statement, typ=typ, algorithms=suite.signatures, required=(), optional=(), limits=limits).kid


def verify_statement(statement: bytes, typ: str, registered: RegisteredKey, *, suite: Suite = INTL_1) -> dict[str, str]:
    """The content of a statement, after its signature was verified.

    The state of the key is the caller's to judge, by the time at which the statement was recorded.

    Raises:
        OpeningRefused: not such a statement, not by that key, or its content is not a flat canonical object of texts.
    """
    limits = STATEMENT_LIMITS
    unverified = read_compact(statement, typ=typ, algorithms=suite.signatures, required=(), optional=(), limits=limits)
    if unverified.kid != registered.kid:
        raise OpeningRefused(EnvelopeCode.UNKNOWN_KEY, detail="statement by another key", path="kid")
    payload = verify_compact(unverified, registered.key, {}, limits)
    try:
        content: Any = json.loads(payload)
        canonical = isinstance(content, dict) and rfc8785.dumps(content) == payload
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        canonical = False
    if not canonical or not all(isinstance(value, str) for value in content.values()):
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail="statement is no canonical flat object")
    return dict(content)
