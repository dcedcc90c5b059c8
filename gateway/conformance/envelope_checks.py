"""Checks of the sealed message: keys, algorithms, headers, parties and time."""

from __future__ import annotations

from datetime import timedelta

from gateway.conformance.check import CheckFailed, NotApplicable, check
from gateway.conformance.expecting import code_of, json_of, refused
from gateway.conformance.messages import (
    Made,
    compressed,
    keyed_with_our_public_key,
    made,
    signed_by,
    stranger,
    unsigned,
    with_changed_ciphertext,
    with_changed_tag,
    with_outer_members,
)
from gateway.conformance.samples import Sample
from gateway.conformance.target import Target
from gateway.conformance.wire import Reaction

_CLAUSE = "envelope.md, Refusals"
_FUTURE = timedelta(hours=1)
_PAST = timedelta(days=400)


def _posted(target: Target, jwe: bytes) -> Reaction:
    return target.send(target.message_request(jwe))


def _refused(target: Target, message: Made, why: str) -> str:
    return refused(_posted(target, message.sealed.jwe), 400, 403, why=why)


def _jws(target: Target) -> Sample:
    """The sample of a check that forges the header of a JWS, which signed XML has not."""
    if target.terms.form.is_xml:
        raise NotApplicable("messages of this side are signed XML, which has no header of a JWS")
    return target.samples.good


@check(
    "CK-30",
    "A changed ciphertext is refused",
    proves="What was changed on the way is not read.",
    clause=_CLAUSE,
)
def changed_ciphertext(target: Target) -> str:
    """Change one character of the ciphertext."""
    jwe = with_changed_ciphertext(made(target, target.samples.good).sealed.jwe)
    return refused(_posted(target, jwe), 400, why="authenticated encryption is not checked")


@check(
    "CK-31",
    "A changed authentication tag is refused",
    proves="The tag is compared.",
    clause=_CLAUSE,
)
def changed_tag(target: Target) -> str:
    """Change one character of the tag."""
    jwe = with_changed_tag(made(target, target.samples.good).sealed.jwe)
    return refused(_posted(target, jwe), 400, why="the authentication tag is not checked")


@check(
    "CK-32",
    "A wrong inner signature is refused",
    proves="Whoever can encrypt to the target (everybody) cannot write in our name.",
    clause=_CLAUSE,
)
def wrong_inner_signature(target: Target) -> str:
    """Sign with another key under our key id."""
    forged = signed_by(target, target.samples.good, stranger(target, target.signer().kid))
    return _refused(target, forged, "anybody could write in our name")


@check(
    "CK-33",
    "Decryption and inner signature fail alike",
    proves="Answers cannot be used as an oracle to find out the content piece by piece.",
    clause=_CLAUSE,
)
def no_oracle(target: Target) -> str:
    """Compare the answers to a changed tag, a changed ciphertext and a wrong inner signature."""
    good = made(target, target.samples.good).sealed.jwe
    forged = signed_by(target, target.samples.good, stranger(target, target.signer().kid))
    answers = [_posted(target, jwe) for jwe in (with_changed_tag(good), with_changed_ciphertext(good))]
    answers.append(_posted(target, forged.sealed.jwe))
    for each in answers:
        refused(each, 400, 403, why="it does not open")
    seen = {(each.status, code_of(each), str(json_of(each).get("detail", ""))) for each in answers}
    if len(seen) != 1:
        raise CheckFailed(f"three faults behind the encryption get {len(seen)} different answers; one is safe")
    return "one status, one code, one text"


@check(
    "CK-34",
    "An unknown signing key is refused",
    proves="Only registered keys count.",
    clause=_CLAUSE,
)
def unknown_signing_key(target: Target) -> str:
    """Sign with a key that nobody has registered, under a key id of its own."""
    return _refused(target, signed_by(target, target.samples.good, stranger(target)), "any key would do")


@check(
    "CK-35",
    "A key id of another party is refused",
    proves="A key counts for its owner only.",
    clause=_CLAUSE,
)
def foreign_signing_key(target: Target) -> str:
    """Name the target's own signing key as ours."""
    theirs = next(key.kid for key in target.side.others if key.use == "sig")
    forged = signed_by(target, target.samples.good, stranger(target, theirs))
    return _refused(target, forged, "one party could write in the name of another")


@check(
    "CK-36",
    "A message encrypted to an unknown key is refused",
    proves="The target opens with its own keys and says so when a sender uses an old one.",
    clause=_CLAUSE,
)
def unknown_recipient_key(target: Target) -> str:
    """Name a decryption key that the target has not."""
    jwe = with_outer_members(made(target, target.samples.good).sealed.jwe, {"kid": "zz-enc-200001-1"})
    return refused(_posted(target, jwe), 400, why="the sender would not learn that its key list is old")


@check(
    "CK-37",
    "A message for somebody else is refused",
    proves="An honest recipient's copy cannot be passed on as if it were meant for others.",
    clause=_CLAUSE,
)
def wrong_recipient(target: Target) -> str:
    """Name another recipient in the signed metadata."""
    return _refused(target, made(target, target.samples.good, aud="someone-else"), "messages could be passed on")


@check(
    "CK-38",
    "A message in another's name is refused",
    proves="The signed sender has to own the key.",
    clause=_CLAUSE,
)
def wrong_sender(target: Target) -> str:
    """Name another sender in the signed metadata."""
    message = made(target, target.samples.good, iss="someone-else")
    return _refused(target, message, "one party could write in the name of another")


@check(
    "CK-39",
    "The algorithm none is refused",
    proves="An unsigned message is never taken for a signed one.",
    clause="envelope.md, Suite; RFC 8725 section 3.2",
)
def algorithm_none(target: Target) -> str:
    """Say alg none and leave the signature out."""
    return _refused(target, unsigned(target, _jws(target)), "unsigned messages would be taken")


@check(
    "CK-40",
    "HMAC with a public key is refused",
    proves="The algorithm is the registered key's own, not the message's choice.",
    clause="envelope.md, Suite; RFC 8725 section 3.1",
)
def key_confusion(target: Target) -> str:
    """Say alg HS256, with our public key as the secret."""
    message = keyed_with_our_public_key(target, _jws(target))
    return _refused(target, message, "who has our public key could write in our name")


@check(
    "CK-41",
    "Compression inside the encryption is refused",
    proves="A few bytes cannot become gigabytes; length tells nothing of the content.",
    clause="envelope.md, Outer header; RFC 8725 section 3.6",
)
def compression(target: Target) -> str:
    """Seal with zip."""
    return _refused(target, compressed(target, target.samples.good), "a small message could unpack to anything")


@check(
    "CK-42",
    "A key in the header is refused",
    proves="No message brings along the key that it is verified with.",
    clause="envelope.md, Inner header; RFC 8725 section 3.10",
)
def key_in_the_header(target: Target) -> str:
    """Sign with another key and put its public half into the header."""
    other = stranger(target, target.signer().kid)
    return _refused(
        target,
        signed_by(target, _jws(target), other, jwk=dict(other.public)),
        "messages could bring their own key",
    )


@check(
    "CK-43",
    "A message sealed in the future is refused",
    proves="The sender's clock is compared.",
    clause=_CLAUSE,
)
def sealed_in_the_future(target: Target) -> str:
    """Seal for an hour from now."""
    message = made(target, target.samples.good, at=target.now() + _FUTURE)
    return _refused(target, message, "messages could be made in advance")


@check(
    "CK-44",
    "A message that is too old is refused",
    proves="What was kept back for a year is not taken for news.",
    clause=_CLAUSE,
)
def sealed_long_ago(target: Target) -> str:
    """Seal for more than a year ago."""
    message = made(target, target.samples.good, at=target.now() - _PAST)
    return _refused(target, message, "old messages could be delivered as new ones")


@check(
    "CK-45",
    "Plain bytes are refused",
    proves="What is not sealed is not read.",
    clause=_CLAUSE,
)
def plain_bytes(target: Target) -> str:
    """Send the document itself where a sealed message belongs."""
    return refused(_posted(target, target.samples.good.content), 400, 413, 422, why="unsealed documents would be read")
