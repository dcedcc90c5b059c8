"""Sign and verify HTTP messages (RFC 9421) in the profile ``cgw-1``, which `gateway.security.http_profile` describes.

Signing goes through the `Signer` port, so that a key in a hardware module can sign; verification goes through a
registered key with its state at the time of receipt. The library builds the signature base and does the cryptography;
its clock is not used, and nothing is left to its defaults.

Order of verification; the cheap and the public first, each step fail-closed:

1. content encoding, repeated fields, form of the signature fields;
2. tag, coverage, times;
3. the key by ``keyid`` among the sender's, its state, its algorithm;
4. the signature;
5. the content against the digest that is now known to be signed.

The caller's duty: to know the sender (certificate, token) and give only its keys; to remember the nonce of a request
until ``remember_until`` in a memory that all processes share, and refuse one that is there (`HttpCode.REPLAYED`).
"""

from __future__ import annotations

import secrets
from datetime import datetime

from gateway.security.content_digest import ContentCheck, make_content_digest, read_content_digest
from gateway.security.http_bridge import RequestView, ResponseView, make_signature
from gateway.security.http_messages import Headers, HttpRequest, HttpResponse
from gateway.security.http_profile import (
    DEFAULT_HTTP_LIMITS,
    REQUEST_TAG,
    RESPONSE_TAG,
    HttpSignatureLimits,
    answered_fields,
    components_of_request,
    components_of_response,
    request_fields,
    response_fields,
)
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from gateway.security.http_verification import SenderKeys, SignedHead, VerifiedSignature, verify_head
from gateway.security.keys import Signer

_NONCE_BYTES = 16


def new_nonce() -> str:
    """A nonce of 128 random bits, 22 characters."""
    return secrets.token_urlsafe(_NONCE_BYTES)


def sign_request(
    request: HttpRequest,
    signer: Signer,
    *,
    at: datetime,
    nonce: str,
    content_digest: str = "",
    limits: HttpSignatureLimits = DEFAULT_HTTP_LIMITS,
) -> HttpRequest:
    """The request with Content-Digest, Signature-Input and Signature; Authorization and Content-Type come before.

    Args:
        request: what is sent; a digest or signature that it already has is replaced.
        signer: our signing key.
        at: now, with time zone.
        nonce: from `new_nonce`, never used before; a repeated try is signed anew.
        content_digest: for content that is streamed: its digest, made with `content_digest_field`.
        limits: how long the signature is valid.

    Raises:
        HttpMessageRefused: ``http.algorithm-refused`` for the key, or a field that the profile does not take.
    """
    ready = _digested(request.headers, request.content, content_digest)
    request = HttpRequest(method=request.method, target=request.target, headers=ready, content=request.content)
    view = _request_view(request)
    made = make_signature(view, components_of_request(request), REQUEST_TAG, signer, at, nonce, limits)
    headers = ready.replacing(made)
    return HttpRequest(method=request.method, target=request.target, headers=headers, content=request.content)


def sign_response(
    response: HttpResponse,
    request: HttpRequest,
    signer: Signer,
    *,
    at: datetime,
    nonce: str,
    content_digest: str = "",
    limits: HttpSignatureLimits = DEFAULT_HTTP_LIMITS,
) -> HttpResponse:
    """The response with Content-Digest, Signature-Input and Signature, bound to the request that it answers.

    Args:
        response: what is answered, refusals included.
        request: what came in, whether its own signature was good or not.
        signer: our signing key.
        at: now, with time zone.
        nonce: from `new_nonce`.
        content_digest: for content that is streamed: its digest, made with `content_digest_field`.
        limits: how long the signature is valid.

    Raises:
        HttpMessageRefused: ``http.algorithm-refused`` for the key, or a field that the profile does not take.
    """
    ready = _digested(response.headers, response.content, content_digest)
    response = HttpResponse(status=response.status, headers=ready, content=response.content)
    view = _response_view(response, request)
    made = make_signature(view, components_of_response(response, request), RESPONSE_TAG, signer, at, nonce, limits)
    return HttpResponse(status=response.status, headers=ready.replacing(made), content=response.content)


def verify_request(
    request: HttpRequest,
    *,
    lookup_key: SenderKeys,
    sender: str,
    at: datetime,
    token_required: bool = True,
    limits: HttpSignatureLimits = DEFAULT_HTTP_LIMITS,
) -> VerifiedSignature:
    """Verify a request whose content is held whole.

    Args:
        request: what came in; its target made with `target_of`.
        lookup_key: the registered keys of the sender.
        sender: code of the party that certificate and token say it is.
        at: time of receipt, with time zone.
        token_required: whether it must carry, and thereby sign, an Authorization field.
        limits: how long a signature may be valid, and how far clocks may differ.

    Raises:
        HttpMessageRefused: see `HttpCode`.
    """
    verified = verify_request_head(
        request, lookup_key=lookup_key, sender=sender, at=at, token_required=token_required, limits=limits
    )
    check_content(request.headers, request.content, verified)
    return verified


def verify_request_head(
    request: HttpRequest,
    *,
    lookup_key: SenderKeys,
    sender: str,
    at: datetime,
    token_required: bool = True,
    limits: HttpSignatureLimits = DEFAULT_HTTP_LIMITS,
) -> VerifiedSignature:
    """Verify all of a request but its content, before its content has been read.

    The content that follows goes through a `ContentCheck` over the returned digests; it is not to be used before the
    check is finished. Arguments and errors as for `verify_request`.
    """
    view = _request_view(request)
    if token_required and request.headers.only("authorization") is None:
        raise HttpMessageRefused(HttpCode.COMPONENT_MISSING, detail="no Authorization field", path="authorization")
    head = SignedHead(request.headers, view, components_of_request(request), REQUEST_TAG)
    return verify_head(head, lookup_key, sender, at, limits)


def verify_response(
    response: HttpResponse,
    request: HttpRequest,
    *,
    lookup_key: SenderKeys,
    sender: str,
    at: datetime,
    limits: HttpSignatureLimits = DEFAULT_HTTP_LIMITS,
) -> VerifiedSignature:
    """Verify a response to a request that we signed and sent; its nonce need not be remembered, ours binds it.

    Args:
        response: what came back.
        request: exactly what was sent, as `sign_request` returned it.
        lookup_key: the registered keys of the party that was asked.
        sender: code of that party.
        at: time of receipt, with time zone.
        limits: how long a signature may be valid, and how far clocks may differ.

    Raises:
        HttpMessageRefused: see `HttpCode`.
    """
    view = _response_view(response, request)
    head = SignedHead(response.headers, view, components_of_response(response, request), RESPONSE_TAG)
    verified = verify_head(head, lookup_key, sender, at, limits)
    check_content(response.headers, response.content, verified)
    return verified


def _request_view(request: HttpRequest) -> RequestView:
    return RequestView(request.method, request.target, request_fields(request))


def _response_view(response: HttpResponse, request: HttpRequest) -> ResponseView:
    answered = RequestView(request.method, request.target, answered_fields(request))
    return ResponseView(str(response.status), response_fields(response), answered)


def _digested(headers: Headers, content: bytes, content_digest: str) -> Headers:
    """The headers of what is to be signed, with the digest of its content."""
    if headers.all("content-encoding"):
        raise HttpMessageRefused(HttpCode.CONTENT_ENCODING, path="content-encoding")
    if content_digest:
        read_content_digest(content_digest)
    return headers.replacing({"content-digest": content_digest or make_content_digest(content)})


def check_content(headers: Headers, content: bytes, verified: VerifiedSignature) -> None:
    """Compare content that is held whole; with content goes its media type, which is signed when it is there.

    Args:
        headers: of the message whose head was verified.
        content: its bytes.
        verified: what the verification of the head returned.

    Raises:
        HttpMessageRefused: ``http.component-missing`` or ``http.digest-mismatch``.
    """
    if content and headers.only("content-type") is None:
        raise HttpMessageRefused(HttpCode.COMPONENT_MISSING, detail="no Content-Type field", path="content-type")
    check = ContentCheck(verified.digests)
    check.update(content)
    check.finish()
