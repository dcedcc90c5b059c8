"""Where our values meet the HTTP signature library: it builds signature bases and does the cryptography, no more.

The library reads the machine's clock, takes keys by itself, and looks at whatever headers it is shown. Here it gets no
clock, the one key that was looked up and judged, and the fields of the profile only.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
)

from gateway.security.http_profile import LABEL, HttpSignatureLimits, algorithm_of
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from gateway.security.keys import NativePublicKey, PublicKey, Signer


@dataclass(slots=True, repr=False)
class RequestView:
    """A request as the library wants to see it: method, whole URI, one value for each field name."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(slots=True, repr=False)
class ResponseView:
    """A response as the library wants to see it, with the request that it answers."""

    status_code: str
    headers: dict[str, str]
    request: RequestView


View = RequestView | ResponseView


@dataclass(slots=True)
class _OneKey(HTTPSignatureKeyResolver):
    """A key resolver that knows one key."""

    native: NativePublicKey = field(repr=False)

    def resolve_public_key(self, key_id: str) -> NativePublicKey:  # noqa: ARG002
        """The key, whatever is asked for: it was found by that id."""
        return self.native


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its clock."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Nothing: both times were judged before, by the time of receipt."""


def make_signature(
    view: View,
    components: tuple[str, ...],
    tag: str,
    signer: Signer,
    at: datetime,
    nonce: str,
    limits: HttpSignatureLimits,
) -> dict[str, str]:
    """The fields Signature-Input and Signature of a message.

    Args:
        view: the message.
        components: identifiers of what is covered, in order.
        tag: kind of message.
        signer: signs the signature base, in this process or elsewhere.
        at: time of signing, with time zone.
        nonce: one-time value.
        limits: for how long it is valid.

    Raises:
        HttpMessageRefused: ``http.algorithm-refused``, or ``http.malformed`` for an address that is none.
    """
    library = HTTPMessageSigner(signature_algorithm=algorithm_of(signer.alg))
    try:
        prepared = library.prepare(
            view,
            key_id=signer.kid,
            created=at,
            expires=at + limits.validity,
            nonce=nonce,
            label=LABEL,
            tag=tag,
            covered_component_ids=components,
            use_existing_digest=True,  # made or checked before
        )
    except HTTPMessageSignaturesException as error:
        raise HttpMessageRefused(HttpCode.MALFORMED, detail=f"signature base: {type(error).__name__}") from None
    # The library's own way to these two lines builds the base a second time, lest the message was changed meanwhile;
    # nobody but us holds this view, and it is a third of the cost of an answer.
    signature = base64.b64encode(signer.sign(prepared.signature_base)).decode("ascii")
    return {"Signature-Input": f"{LABEL}={prepared.signature_params}", "Signature": f"{LABEL}=:{signature}:"}


def check_signature(view: View, key: PublicKey, tag: str) -> None:
    """Verify the one signature of a message with a key.

    Args:
        view: the message with its signature fields; coverage, times and parameters were judged before.
        key: whose algorithm was compared with that of the signature before.
        tag: kind of message.

    Raises:
        HttpMessageRefused: ``http.signature-wrong``.
    """
    library = _Verifier(signature_algorithm=algorithm_of(key.alg), key_resolver=_OneKey(key.native))
    try:
        library.verify(view, expect_tag=tag, max_age=None)
    except HTTPMessageSignaturesException as error:
        detail = f"signature: {type(error.__context__ or error).__name__}"
        raise HttpMessageRefused(HttpCode.SIGNATURE_WRONG, detail=detail, path="signature") from None
