"""Checks of HTTP signatures (profile ``cgw-1``) and of what an HTTP message may look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from gateway.adapters.partner_channel import MESSAGES_PATH, SEALED_MEDIA_TYPE
from gateway.conformance.check import CheckFailed, NotApplicable, check
from gateway.conformance.expecting import held, refused
from gateway.conformance.messages import made, stranger
from gateway.conformance.target import Target
from gateway.conformance.wire import Reaction
from gateway.security.http_messages import Headers, HttpRequest
from gateway.security.http_profile import HttpSignatureLimits

_CLAUSE = "http_signatures.md"
_SEALED = {"Content-Type": SEALED_MEDIA_TYPE}
_LONG_AGO = timedelta(hours=1)
_TOO_LONG = HttpSignatureLimits(validity=timedelta(hours=1))


def _good(target: Target) -> HttpRequest:
    """A signed request with a new good message."""
    if not target.terms.signed:
        raise NotApplicable("HTTP signatures are switched off in the profile")
    return target.message_request(made(target, target.samples.good).sealed.jwe)


def _with_headers(request: HttpRequest, change: Callable[[Headers], Headers]) -> HttpRequest:
    return replace(request, headers=change(request.headers))


def _without(headers: Headers, *names: str) -> Headers:
    return Headers(tuple(line for line in headers.lines if line[0] not in names))


@check(
    "CK-11",
    "A request without a signature is refused",
    proves="Nobody who merely reaches the endpoint can hand in anything.",
    clause=_CLAUSE,
)
def unsigned(target: Target) -> str:
    """Send a good message in an unsigned request."""
    bare = _with_headers(_good(target), lambda headers: _without(headers, "signature", "signature-input"))
    return refused(target.send(bare), 401, why="anybody could hand in messages")


@check(
    "CK-12",
    "A wrong signature is refused",
    proves="The signature is verified, not only looked for.",
    clause=f"{_CLAUSE}; RFC 9421 section 3.2",
)
def wrong_signature(target: Target) -> str:
    """Send a request whose signature was made for another nonce."""
    request, other = _good(target), _good(target)
    signature = other.headers.all("signature")[0]
    forged = _with_headers(request, lambda headers: headers.replacing({"signature": signature}))
    return refused(target.send(forged), 401, why="the signature is not verified")


@check(
    "CK-13",
    "A signature by an unknown key is refused",
    proves="Only registered keys count.",
    clause=_CLAUSE,
)
def unknown_key(target: Target) -> str:
    """Sign the request with a key that nobody has registered."""
    _good(target)
    message = made(target, target.samples.good)
    signer = stranger(target).signer
    request = target.request("POST", MESSAGES_PATH, content=message.sealed.jwe, headers=_SEALED, signer=signer)
    return refused(target.send(request), 401, why="any key would do")


@check(
    "CK-14",
    "A registered key id with another key is refused",
    proves="The key is taken from the registry, not from what the request says.",
    clause=_CLAUSE,
)
def borrowed_key_id(target: Target) -> str:
    """Sign with another key under our own key id."""
    _good(target)
    message = made(target, target.samples.good)
    signer = stranger(target, target.side.own.http_signer(target.now()).kid).signer
    request = target.request("POST", MESSAGES_PATH, content=message.sealed.jwe, headers=_SEALED, signer=signer)
    return refused(target.send(request), 401, why="the name of a key would be enough")


@check(
    "CK-15",
    "An expired signature is refused",
    proves="A request that was kept back cannot be delivered later.",
    clause=f"{_CLAUSE}; RFC 9421 section 2.3",
)
def expired(target: Target) -> str:
    """Send a request that was signed an hour ago."""
    return _signed_at(target, -_LONG_AGO, "an old request could be delivered at any time")


@check(
    "CK-16",
    "A signature from the future is refused",
    proves="Nobody can make requests in advance that count when a key has been revoked.",
    clause=f"{_CLAUSE}; RFC 9421 section 2.3",
)
def from_the_future(target: Target) -> str:
    """Send a request that is said to be signed in an hour."""
    return _signed_at(target, _LONG_AGO, "requests could be made in advance")


def _signed_at(target: Target, shift: timedelta, why: str) -> str:
    _good(target)
    message = made(target, target.samples.good)
    moment = target.now() + shift
    request = target.request("POST", MESSAGES_PATH, content=message.sealed.jwe, headers=_SEALED, at=moment)
    return refused(target.send(request), 401, why=why)


@check(
    "CK-17",
    "A signature that is valid for too long is refused",
    proves="The memory of nonces need only reach back a few minutes.",
    clause=_CLAUSE,
)
def valid_for_too_long(target: Target) -> str:
    """Send a request whose signature is valid for an hour."""
    _good(target)
    message = made(target, target.samples.good)
    request = target.request("POST", MESSAGES_PATH, content=message.sealed.jwe, headers=_SEALED, limits=_TOO_LONG)
    return refused(target.send(request), 401, why="a copied request would stay good for as long")


@check(
    "CK-18",
    "A request sent twice is refused the second time",
    proves="A copied request is worth nothing, also where its message would be taken.",
    clause=_CLAUSE,
)
def replayed(target: Target) -> str:
    """Send the same signed request, nonce included, again."""
    request = _good(target)
    first = target.send(request)
    if first.status != 202:
        raise CheckFailed(f"expected 202 for the first sending, got {first.status}")
    return refused(target.send(request), 401, why="the nonce is not remembered")


@check(
    "CK-19",
    "A signature for another address is refused",
    proves="A request to one side, or one path, cannot be used at another.",
    clause=f"{_CLAUSE}; RFC 9421 section 2.2.2",
)
def other_address(target: Target) -> str:
    """Send a request that was signed for another path."""
    request = _good(target)
    moved = replace(request, target=f"{request.target}?copy=1")
    return refused(target.send(moved), 401, why="the address is not covered")


@check(
    "CK-20",
    "Content that is not what was signed is refused",
    proves="The digest is compared with what arrived.",
    clause=f"{_CLAUSE}; RFC 9530",
)
def other_content(target: Target) -> str:
    """Send another good message under the signature of the first."""
    request = _good(target)
    other = replace(request, content=made(target, target.samples.good).sealed.jwe)
    return refused(target.send(other), 400, 401, why="the content can be exchanged on the way")


@check(
    "CK-21",
    "A signature field that stands twice is refused",
    proves="Both sides read the same request: no field is taken once and looked at twice.",
    clause=_CLAUSE,
)
def repeated_field(target: Target) -> str:
    """Send Signature-Input twice."""
    request = _good(target)
    twice = [line for line in request.headers.lines if line[0] == "signature-input"]
    doubled = replace(request, headers=Headers((*request.headers.lines, *twice)))
    return refused(target.send(doubled), 400, 401, why="two parts of a system could judge different fields")


@check(
    "CK-22",
    "A content encoding is refused",
    proves="The digest is over what is kept, and no bomb is unpacked.",
    clause="envelope.md, Limits",
)
def content_encoding(target: Target) -> str:
    """Send a good message that claims to be compressed."""
    request = target.message_request(made(target, target.samples.good).sealed.jwe)
    encoded = replace(request, headers=Headers((*request.headers.lines, ("content-encoding", "gzip"))))
    return refused(target.send(encoded), 400, 415, 422, why="compressed content may unpack to anything")


@check(
    "CK-23",
    "Another content type is refused",
    proves="Only sealed messages are taken for messages.",
    clause="envelope.md, Limits",
)
def content_type(target: Target) -> str:
    """Send a good message as plain text."""
    message = made(target, target.samples.good)
    return refused(_as_text(target, message.sealed.jwe), 415, why="what is not sealed might be read")


def _as_text(target: Target, content: bytes) -> Reaction:
    return target.send(target.message_request(content, media_type="text/plain"))


@check(
    "CK-24",
    "An unknown header field does no harm",
    proves="What proxies add on the way does not break the exchange.",
    clause=_CLAUSE,
)
def unknown_field(target: Target) -> str:
    """Send a good message with header fields that a proxy would add."""
    message = made(target, target.samples.good)
    request = target.message_request(message.sealed.jwe)
    more = (("via", "1.1 proxy"), ("x-request-id", target.next_id()))
    held(target, message, target.send(replace(request, headers=Headers((*request.headers.lines, *more)))))
    return "202 with a receipt"
