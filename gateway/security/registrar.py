"""Signed rows of the partner registry: who may change what is known of a partner is not who can write the file.

Every entry of a key list or certificate list carries the signature of the registrar, a person or two with a key that
need not be on the machine of the gateway:

    {"keys": [{"kty": "EC", ..., "states": [...], "registrar": "base64url of an Ed25519 signature"}]}

The signature is over ``"sarhad:registry:1" 0x00`` and the RFC 8785 form of kind, owner and entry, so that an entry
counts for one partner and as one kind only, and no member of it can be edited. An entry whose signature does not hold
is as good as absent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.security.jose import decode, encode, strict_object
from gateway.security.policy import KeyRefused

MEMBER = "registrar"
"""The member of an entry that holds its signature."""

_CONTEXT = b"sarhad:registry:1\0"


@dataclass(frozen=True, slots=True)
class VerifiedList:
    """A list as far as the registrar signed it.

    Attributes:
        content: the document with those entries alone whose signature holds, as JSON.
        entries: how many entries it had.
        refused: numbers of the entries that do not hold, the first being 1.
    """

    content: bytes
    entries: int
    refused: tuple[int, ...]


def sign_entries(document: bytes, *, kind: str, owner: str, registrar: Ed25519PrivateKey) -> bytes:
    """The document with a signature in each entry; signatures that it had are replaced.

    Args:
        document: a list as JSON, whose faults its own reader has looked for.
        kind: name of its member that holds the entries, ``keys`` or ``certificates``.
        owner: code of the partner.
        registrar: the registrar's private key.

    Raises:
        KeyRefused: ``registry.list``: it is no such list.
    """
    signed = [
        {**entry, MEMBER: encode(registrar.sign(_statement(entry, kind, owner)))} for entry in _entries(document, kind)
    ]
    return _written(kind, signed)


def verify_entries(document: bytes, *, kind: str, owner: str, registrar: Ed25519PublicKey) -> VerifiedList:
    """The entries whose signature holds for this kind and owner.

    Args:
        document: a list as JSON.
        kind: name of its member that holds the entries.
        owner: code of the partner that the list is kept for.
        registrar: the registrar's public key.

    Raises:
        KeyRefused: ``registry.list``: it is no such list.
    """
    entries = _entries(document, kind)
    holding = [_holds(entry, kind, owner, registrar) for entry in entries]
    kept = [_without_signature(entry) for entry, holds in zip(entries, holding, strict=True) if holds]
    refused = tuple(number for number, holds in enumerate(holding, start=1) if not holds)
    return VerifiedList(_written(kind, kept), len(entries), refused)


def without_signatures(document: bytes, *, kind: str) -> bytes:
    """The document as its owner wrote it, whoever signed its entries.

    Args:
        document: a list as JSON.
        kind: name of its member that holds the entries.

    Raises:
        KeyRefused: ``registry.list``: it is no such list.
    """
    return _written(kind, [_without_signature(entry) for entry in _entries(document, kind)])


def _holds(entry: Mapping[str, Any], kind: str, owner: str, registrar: Ed25519PublicKey) -> bool:
    signature = entry.get(MEMBER)
    if not isinstance(signature, str):
        return False
    try:
        registrar.verify(decode(signature.encode("ascii")), _statement(entry, kind, owner))
    except (InvalidSignature, ValueError, KeyRefused):
        return False
    return True


def _statement(entry: Mapping[str, Any], kind: str, owner: str) -> bytes:
    """What is signed of an entry."""
    try:
        return _CONTEXT + rfc8785.dumps({"kind": kind, "owner": owner, "entry": _without_signature(entry)})
    except (rfc8785.CanonicalizationError, ValueError, RecursionError):
        raise _no_list(kind) from None


def _without_signature(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != MEMBER}


def _entries(document: bytes, kind: str) -> list[dict[str, Any]]:
    try:
        members = strict_object(document)
        entries = members[kind]
    except (ValueError, KeyError, RecursionError):
        raise _no_list(kind) from None
    if set(members) != {kind} or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise _no_list(kind)
    return entries


def _written(kind: str, entries: list[dict[str, Any]]) -> bytes:
    return json.dumps({kind: entries}, indent=2, ensure_ascii=False).encode("utf-8") + b"\n"


def _no_list(kind: str) -> KeyRefused:
    return KeyRefused(
        f"This is not a JSON object with a list {kind} of objects.",
        path=kind,
        code="registry.list",
        remedy="Take the list as the partner handed it over.",
    )
