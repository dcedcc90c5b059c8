"""Checks of access tokens and of client certificates, where the target asks for them."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlencode

from gateway.authorisation.asking import token_request
from gateway.conformance.check import CheckFailed, NotApplicable, check
from gateway.conformance.expecting import refused, told
from gateway.conformance.messages import made, stranger
from gateway.conformance.target import Target
from gateway.errors import DeliveryFailed
from gateway.security.certificate_making import generate_certificate
from gateway.security.http_signatures import new_nonce
from gateway.security.keys import Signer

_CLAUSE = "access.md; RFC 7523 section 3"
_LONG_AGO = timedelta(hours=1)


def _needs_tokens(target: Target) -> None:
    if target.tokens is None:
        raise NotApplicable("the profile asks for no access token")


def _form(target: Target, *, issuer: str = "", at: datetime | None = None, signer: Signer | None = None) -> bytes:
    return token_request(
        target.side.code,
        issuer or target.token_issuer,
        signer or target.signer(),
        at=at or target.now(),
        jti=new_nonce(),
    )


@check(
    "CK-90",
    "A request without an access token is refused",
    proves="The token is looked for.",
    clause="access.md; RFC 6750 section 3",
)
def no_token(target: Target) -> str:
    """Hand in a good message without a token."""
    _needs_tokens(target)
    message = made(target, target.samples.good)
    reaction = target.send(target.message_request(message.sealed.jwe, token=False))
    return refused(reaction, 401, why="the token is not looked for")


@check(
    "CK-91",
    "A changed access token is refused",
    proves="The token's signature is verified.",
    clause="access.md; RFC 9068 section 4",
)
def changed_token(target: Target) -> str:
    """Hand in a good message with a token one character of which is another one."""
    _needs_tokens(target)
    message = made(target, target.samples.good)
    good = target.message_request(message.sealed.jwe).headers.only("authorization") or ""
    middle = len(good) // 2
    other = good[:middle] + ("B" if good[middle] == "A" else "A") + good[middle + 1 :]
    request = target.request(
        "POST",
        "/v1/messages",
        content=message.sealed.jwe,
        headers={"Content-Type": "application/jose", "Authorization": other},
        token=False,
    )
    return refused(target.send(request), 401, why="a token could be made up")


@check(
    "CK-92",
    "An assertion for another server is refused",
    proves="Who takes our assertion elsewhere gets no token here.",
    clause=_CLAUSE,
)
def wrong_audience(target: Target) -> str:
    """Ask for a token with an assertion for another token server."""
    _needs_tokens(target)
    reaction = target.post_form(_form(target, issuer="https://elsewhere.example"))
    return refused(reaction, 400, 401, why="an assertion for another server would do")


@check(
    "CK-93",
    "An expired assertion is refused",
    proves="A copied assertion is soon worth nothing.",
    clause=_CLAUSE,
)
def expired_assertion(target: Target) -> str:
    """Ask for a token with an assertion of an hour ago."""
    _needs_tokens(target)
    reaction = target.post_form(_form(target, at=target.now() - _LONG_AGO))
    return refused(reaction, 400, 401, why="an old assertion would do")


@check(
    "CK-94",
    "An assertion by an unknown key is refused",
    proves="The assertion's signature is verified with a registered key.",
    clause=_CLAUSE,
)
def forged_assertion(target: Target) -> str:
    """Ask for a token with an assertion that another key has signed under our key id."""
    _needs_tokens(target)
    signer = stranger(target, target.signer().kid).signer
    return refused(target.post_form(_form(target, signer=signer)), 400, 401, why="assertions could be made up")


@check(
    "CK-95",
    "An assertion that was used before is refused",
    proves="The memory of assertions works.",
    clause=f"{_CLAUSE}, item 7",
)
def replayed_assertion(target: Target) -> str:
    """Ask for two tokens with one assertion."""
    _needs_tokens(target)
    form = _form(target)
    first = target.post_form(form)
    if first.status != 200:
        raise CheckFailed(f"expected a token for a good assertion, got {told(first)}")
    return refused(target.post_form(form), 400, 401, why="a copied assertion would do")


@check(
    "CK-96",
    "A form with a field that stands twice is refused",
    proves="Two parts of a token server cannot read two different forms.",
    clause="access.md; RFC 6749 section 3.2",
)
def repeated_form_field(target: Target) -> str:
    """Ask for a token with the assertion twice."""
    _needs_tokens(target)
    form = _form(target)
    again = urlencode({"client_assertion": parse_qs(form.decode("ascii"))["client_assertion"][0]})
    reaction = target.post_form(form + b"&" + again.encode("ascii"))
    return refused(reaction, 400, 401, why="a field could be looked at once and used once")


@check(
    "CK-97",
    "A connection without a client certificate is turned away",
    proves="Whoever has no registered certificate does not get as far as a request.",
    clause="access.md, TLS",
)
def no_certificate(target: Target) -> str:
    """Connect without a certificate."""
    if not target.secure:
        raise NotApplicable("the endpoint is reached without TLS")
    return _turned_away(target, target.anonymous_context())


@check(
    "CK-98",
    "A certificate that nobody has registered is turned away",
    proves="A name in a certificate is not enough: the very certificate has to be registered.",
    clause="access.md, TLS",
)
def unknown_certificate(target: Target) -> str:
    """Connect with a new self-signed certificate in our name."""
    if not target.secure:
        raise NotApplicable("the endpoint is reached without TLS")
    fresh = generate_certificate(target.side.code, (), target.now())
    context = target.anonymous_context()
    password = new_nonce().encode("ascii")
    with TemporaryDirectory() as folder:
        certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
        certificate.write_bytes(fresh.pem)
        key.write_bytes(fresh.private_pem(password))
        context.load_cert_chain(certificate, key, password)
    return _turned_away(target, context)


def _turned_away(target: Target, context: ssl.SSLContext) -> str:
    request = target.message_request(made(target, target.samples.good).sealed.jwe)
    head = target.head(request, [("content-length", str(len(request.content)))])
    try:
        reaction = target.wire(request.target).exchange(head, [request.content], trust=context)
    except DeliveryFailed:
        return "the handshake failed"
    if reaction.status == 0:
        return "the connection was closed"
    return refused(reaction, 401, why="anybody could connect")
