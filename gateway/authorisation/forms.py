"""The form of a token request, read strictly: one small body, every parameter once, nothing beside it.

Authlib takes a mapping, in which a repeated parameter has already collapsed into one of its values. So the bytes are
read here. A parameter without a value counts as left out; one that we do not know is ignored (RFC 6749 section 3.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from gateway.authorisation.refusals import OAuthCode, TokenRefused
from gateway.security.certificates import PinnedCertificate

FORM = "application/x-www-form-urlencoded"

MOST_BYTES = 16 * 1024
"""Largest body: an assertion takes about 500 bytes; read no more than one byte beyond."""

_MOST_PARAMETERS = 16
_CHARSETS = frozenset({"", "charset=utf-8", 'charset="utf-8"'})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TokenCall:
    """One request to the token endpoint, as it came.

    Attributes:
        body: the bytes of the body.
        content_types: the values of all ``Content-Type`` field lines.
        query: the query of the URI.
        authorization: the values of all ``Authorization`` field lines; there must be none.
        caller: the registered certificate of the connection.
        at: time of receipt, with time zone.
    """

    body: bytes
    content_types: Sequence[str]
    query: str
    authorization: Sequence[str]
    caller: PinnedCertificate
    at: datetime


def read_form(call: TokenCall) -> dict[str, str]:
    """The parameters that have a value.

    Raises:
        TokenRefused: ``oauth.other-credentials``, ``oauth.parameter-in-uri``, ``oauth.form-malformed`` or
            ``oauth.parameter-repeated``.
    """
    if call.query:
        raise TokenRefused(OAuthCode.IN_URI)
    if call.authorization:
        raise TokenRefused(OAuthCode.OTHER_CREDENTIALS, detail="Authorization field")
    _check_media_type(call.content_types)
    pairs = _pairs(call.body)
    form = dict(pairs)
    if len(form) != len(pairs):
        raise TokenRefused(OAuthCode.REPEATED)
    if "client_secret" in form:
        raise TokenRefused(OAuthCode.OTHER_CREDENTIALS, detail="client_secret", path="client_secret")
    return {name: value for name, value in form.items() if value}


def _check_media_type(content_types: Sequence[str]) -> None:
    """One Content-Type, that of a form, in UTF-8."""
    media_type, _, parameter = (content_types[0] if len(content_types) == 1 else "").partition(";")
    if media_type.strip().lower() != FORM or parameter.strip().lower() not in _CHARSETS:
        raise TokenRefused(OAuthCode.FORM, detail="content type")


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """The parameters in order, as often as they stand there."""
    if len(body) > MOST_BYTES:
        raise TokenRefused(OAuthCode.FORM, detail="too many bytes")
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_PARAMETERS,
        )
    except ValueError as error:
        raise TokenRefused(OAuthCode.FORM, detail=f"form: {type(error).__name__}") from None
