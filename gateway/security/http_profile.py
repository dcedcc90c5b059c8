"""The profile ``cgw-1`` of HTTP message signatures: what is covered, by which algorithms, for how long.

    request    "@method" "@target-uri" "content-type" "content-digest" "authorization"             tag cgw-request
    response   "@status" "content-type" "content-digest"
               "@method";req "@target-uri";req "content-digest";req "signature";req               tag cgw-response
    both       created, expires (at most 300 s later), nonce (128 random bits), keyid, alg

A field of these lists is covered exactly when the message has it, so that neither taking one away nor adding one goes
unseen; Content-Digest has to be there, also over no content. Nothing else may be covered: an identifier that a verifier
does not know is a part of the message that it cannot judge. A response covers what it answers, and the signature of
the request with its nonce: a response to an earlier, equal request is not taken for the answer to this one.

Modelled on the drafts of the FAPI working group (which bind a response by the components of its request); no
conformance to them is claimed.

A key that signs messages may sign HTTP as well: a signature base begins with a quotation mark and has line breaks, a
JWS signing input is base64url with one dot, so neither can pass for the other. RSA keys are apart by their algorithm:
RFC 9421 has PSS with SHA-512 only, which is the JWS algorithm ``PS512``, and envelopes take ``PS256`` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from http_message_signatures import HTTPSignatureAlgorithm
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519, RSA_PSS_SHA512

from gateway.security.http_messages import HttpRequest, HttpResponse
from gateway.security.http_refusals import HttpCode, HttpMessageRefused

REQUEST_TAG = "cgw-request"
RESPONSE_TAG = "cgw-response"
LABEL = "cgw"
"""Label of our signatures; receivers take any."""

ALGORITHMS: Mapping[str, type[HTTPSignatureAlgorithm]] = {
    "ES256": ECDSA_P256_SHA256,
    "Ed25519": ED25519,
    "PS512": RSA_PSS_SHA512,
}
"""Algorithm of HTTP signatures (RFC 9421 section 3.3) by the algorithm that a key is registered for.

Never HMAC (a shared secret proves nothing to a third party) nor PKCS#1 1.5."""

_REQUEST_FIELDS = ("content-type", "content-digest", "authorization")
_RESPONSE_FIELDS = ("content-type", "content-digest")
_ANSWERED_FIELDS = ("content-digest", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSignatureLimits:
    """How long a signature may live.

    Attributes:
        validity: longest time from created to expires.
        clock_skew: how far the clocks of both sides may differ.
    """

    validity: timedelta = timedelta(seconds=300)
    clock_skew: timedelta = timedelta(seconds=60)


DEFAULT_HTTP_LIMITS = HttpSignatureLimits()


def algorithm_of(jws_alg: str) -> type[HTTPSignatureAlgorithm]:
    """The HTTP signature algorithm of a key.

    Args:
        jws_alg: the algorithm that the key is registered for.

    Raises:
        HttpMessageRefused: ``http.algorithm-refused``.
    """
    algorithm = ALGORITHMS.get(jws_alg)
    if algorithm is None:
        raise HttpMessageRefused(HttpCode.ALGORITHM_REFUSED, detail="key of an algorithm without HTTP use", path="alg")
    return algorithm


def request_fields(request: HttpRequest) -> dict[str, str]:
    """The fields of a request that its signature covers, in the order of the profile.

    Raises:
        HttpMessageRefused: ``http.repeated-header`` or ``http.malformed``.
    """
    found = ((name, request.headers.only(name)) for name in _REQUEST_FIELDS)
    return {name: value for name, value in found if value is not None}


def response_fields(response: HttpResponse) -> dict[str, str]:
    """The fields of a response that its signature covers, in the order of the profile.

    Raises:
        HttpMessageRefused: ``http.repeated-header`` or ``http.malformed``.
    """
    found = ((name, response.headers.only(name)) for name in _RESPONSE_FIELDS)
    return {name: value for name, value in found if value is not None}


def answered_fields(request: HttpRequest) -> dict[str, str]:
    """The fields of a request that the signature of its response covers.

    Also a request that is refused, for a field that stands twice say, gets a signed answer: such a field is left out,
    and a client whose request had it once sees that it is not covered.
    """
    lines = {name: request.headers.all(name) for name in _ANSWERED_FIELDS}
    return {name: values[0] for name, values in lines.items() if len(values) == 1 and values[0].isascii()}


def components_of_request(request: HttpRequest) -> tuple[str, ...]:
    """Identifiers of what the signature of a request covers: these, all of them, and no other.

    Raises:
        HttpMessageRefused: ``http.repeated-header`` or ``http.malformed``.
    """
    return ('"@method"', '"@target-uri"', *(f'"{name}"' for name in request_fields(request)))


def components_of_response(response: HttpResponse, request: HttpRequest) -> tuple[str, ...]:
    """Identifiers of what the signature of a response covers: these, all of them, and no other.

    Raises:
        HttpMessageRefused: ``http.repeated-header`` or ``http.malformed``, for a field of the response.
    """
    own = (f'"{name}"' for name in response_fields(response))
    answered = (f'"{name}";req' for name in answered_fields(request))
    return ('"@status"', *own, '"@method";req', '"@target-uri";req', *answered)
