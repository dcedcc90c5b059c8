"""Strict reading of Signature-Input and Signature, before any key is looked up.

RFC 9421 leaves a profile free to be narrow, and this one is: one signature a message, under one label; six parameters,
all of them, each once; components without any parameter but ``req``. Whether the components are those of the profile,
each once, is judged later. What is read here has NOT been verified yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import http_sf

from gateway.security.http_messages import Headers
from gateway.security.http_refusals import HttpCode, HttpMessageRefused

PARAMETERS: Mapping[str, type] = {
    "created": int,
    "expires": int,
    "keyid": str,
    "alg": str,
    "nonce": str,
    "tag": str,
}
"""The parameters of a signature and their types (RFC 9421 section 2.3); the profile asks for all of them."""

_NONCE = re.compile(r"[A-Za-z0-9+/=_-]{22,64}")  # 128 bits in base64 take 22 characters
_LONGEST_FIELD = 2048
_LONGEST_KEYID = 128


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SignatureFields:
    """What a message says of its signature.

    Attributes:
        label: name of the signature in both fields; it is not signed and means nothing.
        components: identifiers of what is covered, in order, such as ``"@method";req``.
        created, expires: seconds since 1970.
        keyid: id of the key.
        alg: name of the algorithm.
        nonce: one-time value.
        tag: kind of message that the signature was made for.
    """

    label: str
    components: tuple[str, ...]
    created: int
    expires: int
    keyid: str
    alg: str
    nonce: str
    tag: str


def read_signature_fields(headers: Headers) -> SignatureFields:
    """Read both signature fields of a message.

    Raises:
        HttpMessageRefused: ``http.signature-missing``, ``http.repeated-header``, ``http.signature-malformed``,
            ``http.component-refused`` or ``http.parameter-refused``.
    """
    label, covered = _one_member(headers, "signature-input")
    other_label, signature = _one_member(headers, "signature")
    components, parameters = covered
    if label != other_label or not isinstance(components, list):
        raise _malformed("labels differ, or no inner list", "signature-input")
    if not isinstance(signature[0], bytes) or signature[1]:
        raise _malformed("no plain byte sequence", "signature")
    identifiers = _identifiers(components)
    _check_parameters(parameters)
    return SignatureFields(label=label, components=identifiers, **parameters)


def _one_member(headers: Headers, name: str) -> tuple[str, tuple[Any, dict[str, Any]]]:
    """Label and value of the one member of a dictionary field."""
    value = headers.only(name)
    if value is None:
        raise HttpMessageRefused(HttpCode.SIGNATURE_MISSING, path=name)
    if len(value) > _LONGEST_FIELD:
        raise _malformed("field too long", name)
    try:
        members: Any = http_sf.parse(value.encode("ascii"), tltype="dictionary", on_duplicate_key=_refuse_duplicate)
    except (ValueError, TypeError) as error:
        raise _malformed(type(error).__name__, name) from None
    if len(members) != 1:
        raise _malformed("not exactly one signature", name)
    return next(iter(members.items()))  # type: ignore[no-any-return]


def _identifiers(components: list[tuple[Any, dict[str, Any]]]) -> tuple[str, ...]:
    """The component identifiers as the library writes them."""
    for name, parameters in components:
        if type(name) is not str or parameters not in ({}, {"req": True}):
            detail = "component is no string, or has parameters"
            raise HttpMessageRefused(HttpCode.COMPONENT_REFUSED, detail=detail, path="signature-input")
    return tuple(http_sf.ser(component) for component in components)


def _check_parameters(parameters: Mapping[str, Any]) -> None:
    """All six parameters and no other, each of its type; the nonce long enough to hold 128 random bits."""
    for name, kind in PARAMETERS.items():
        if type(parameters.get(name)) is not kind:
            raise HttpMessageRefused(
                HttpCode.PARAMETER_REFUSED, detail="parameter missing or of another type", path=name
            )
    if len(parameters) != len(PARAMETERS):
        raise HttpMessageRefused(HttpCode.PARAMETER_REFUSED, detail="foreign parameter", path="signature-input")
    if _NONCE.fullmatch(parameters["nonce"]) is None:
        raise HttpMessageRefused(HttpCode.PARAMETER_REFUSED, detail="form of the nonce", path="nonce")
    if len(parameters["keyid"]) > _LONGEST_KEYID:
        raise HttpMessageRefused(HttpCode.PARAMETER_REFUSED, detail="length of the key id", path="keyid")


def _malformed(detail: str, path: str) -> HttpMessageRefused:
    return HttpMessageRefused(HttpCode.SIGNATURE_MALFORMED, detail=detail, path=path)


def _refuse_duplicate(_name: str, context: str) -> None:
    """Structured fields let the last of two win (RFC 9651 section 3.2); a signature that is read in two ways is none.

    Raises:
        HttpMessageRefused: for a label or a parameter that stands twice.
    """
    if context == "dictionary":
        raise _malformed("a label stands twice", "signature-input")
    raise HttpMessageRefused(HttpCode.PARAMETER_REFUSED, detail="a parameter stands twice", path="signature-input")
