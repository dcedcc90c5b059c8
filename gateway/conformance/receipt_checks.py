"""Checks of receipts and message identity: the side holds exactly these bytes, once, and says so every time alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from gateway.conformance.check import CheckFailed, NotApplicable, check
from gateway.conformance.expecting import code_of, hand_in, held, json_of, outcome_of, refused, status_of
from gateway.conformance.messages import made
from gateway.conformance.target import Target
from gateway.conformance.wire import Ending, Reaction
from gateway.errors import Refusal
from gateway.security.http_messages import HttpRequest

COPIES = 5
"""Copies of one message that are handed in at once."""


@check(
    "CK-01",
    "A good message gets a signed receipt",
    proves="The sender can prove that the other side holds exactly these bytes.",
    clause="envelope.md, Receipt",
)
def good_message(target: Target) -> str:
    """Hand in one good message."""
    handed = hand_in(target, target.samples.good)
    return f"202, receipt for our digest, log index {handed.receipt.log_index}"


@check(
    "CK-02",
    "The answer is signed and bound to its request",
    proves="Nobody between both sides can answer in the target's name, or give the answer to another request.",
    clause="http_signatures.md; RFC 9421 section 2.4",
)
def signed_answer(target: Target) -> str:
    """Verify the signature of an answer, and that it does not verify for another request."""
    _needs_signatures(target)
    message = made(target, target.samples.good)
    request = target.message_request(message.sealed.jwe)
    reaction = target.send(request)
    _verify(target, request, reaction)
    other = target.message_request(message.sealed.jwe)
    try:
        target.verify_answer(other, reaction)
    except Refusal:
        return "signed by a registered key, good for this request only"
    raise CheckFailed("the answer's signature verifies for another request too: it covers no part of the request")


@check(
    "CK-03",
    "A refusal is signed too",
    proves="A refusal made up on the way is seen for what it is, and delivery is tried again.",
    clause="http_signatures.md; RFC 9421 section 2.4",
)
def signed_refusal(target: Target) -> str:
    """Verify the signature of a refusal."""
    _needs_signatures(target)
    request = target.message_request(b"not sealed")
    reaction = target.send(request)
    refused(reaction, 400, 422, why="bytes that are not sealed are no message")
    _verify(target, request, reaction)
    return f"{reaction.status}, signed and bound"


@check(
    "CK-04",
    "The same bytes again get the same receipt",
    proves="A sender that lost the answer may send again without making a second message.",
    clause="envelope.md, Receipt",
)
def same_again(target: Target) -> str:
    """Hand in one message twice."""
    message = made(target, target.samples.good)
    first, again = (held(target, message, target.send(target.message_request(message.sealed.jwe))) for _ in range(2))
    if first.receipt_text != again.receipt_text:
        raise CheckFailed("the second receipt has other bytes: there are two statements about one message")
    return "the first receipt again, byte for byte"


@check(
    "CK-05",
    "The same id with other bytes is refused",
    proves="A message id stands for one message; nobody can exchange what was sent.",
    clause="envelope.md, Receipt",
)
def same_id_other_bytes(target: Target) -> str:
    """Hand in two messages under one id."""
    sample = target.samples.good
    first = hand_in(target, sample)
    other = made(target, sample.with_content(sample.content + b"\n"), message_id=first.message_id)
    reaction = target.send(target.message_request(other.sealed.jwe))
    return refused(reaction, 409, why="two messages could go under one id")


@check(
    "CK-06",
    "Five copies at once make one message",
    proves="A sender with several workers, or one that loses patience, makes no duplicates.",
    clause="envelope.md, Receipt",
)
def copies_at_once(target: Target) -> str:
    """Hand in one message five times at once."""
    message = made(target, target.samples.good)
    requests = [target.message_request(message.sealed.jwe) for _ in range(COPIES)]
    with ThreadPoolExecutor(COPIES) as pool:
        reactions = list(pool.map(target.send, requests))
    again = [each for each in reactions if each.status != 503]  # it may ask to try again; a second receipt never
    receipts = {held(target, message, each).receipt_text for each in again}
    if len(receipts) != 1:
        raise CheckFailed(f"{COPIES} copies at once got {len(receipts)} different receipts")
    return f"{len(again)} of {COPIES} answered at once, one receipt"


@check(
    "CK-07",
    "A good message gets a business answer",
    proves="The sender learns whether its message was accepted, not only that it arrived.",
    clause="exchange_states.md",
)
def business_answer(target: Target) -> str:
    """Wait for the acknowledgement of a good message."""
    return f"the acknowledgement says {outcome_of(target, hand_in(target, target.samples.good))}"


@check(
    "CK-08",
    "The status of an own message holds its receipt",
    proves="A sender that lost everything but the id can get its proof again.",
    clause="exchange-as-a-partner.md",
)
def own_status(target: Target) -> str:
    """Ask for the status of a message that was handed in."""
    handed = hand_in(target, target.samples.good)
    told = status_of(target, handed.message_id)
    if told.status != 200:
        raise CheckFailed(f"expected 200 for a message that it holds, got {told.status}")
    if json_of(told).get("receipt") != handed.receipt_text:
        raise CheckFailed("the status holds no receipt, or another than the one that was given")
    return "200 with the same receipt"


@check(
    "CK-09",
    "The status of an unknown id is 404",
    proves="A sender can tell a message that never arrived from one that waits.",
    clause="exchange-as-a-partner.md",
)
def unknown_status(target: Target) -> str:
    """Ask for a message that was never sent."""
    return refused(status_of(target, target.next_id()), 404, why="the sender would believe that it arrived")


@check(
    "CK-10",
    "The status of another's message tells nothing",
    proves="One partner cannot find out what another one sends, not even whether it sends.",
    clause="exchange-as-a-partner.md",
)
def status_of_another(target: Target) -> str:
    """Ask in another party's name."""
    handed = hand_in(target, target.samples.good)
    asked = status_of(target, handed.message_id, sender="someone-else")
    answer = refused(asked, 403, 404, why="it would tell one party of another")
    unknown = status_of(target, target.next_id(), sender="someone-else")
    if (unknown.status, code_of(unknown)) != (asked.status, code_of(asked)):
        raise CheckFailed("the answer differs with whether there is such a message: that is an oracle")
    return f"{answer}, the same as for an id that nobody used"


def _needs_signatures(target: Target) -> None:
    if not target.terms.signed:
        raise NotApplicable("HTTP signatures are switched off in the profile")


def _verify(target: Target, request: HttpRequest, reaction: Reaction) -> None:
    if reaction.ending is not Ending.ANSWERED:
        raise CheckFailed("no answer came")
    try:
        target.verify_answer(request, reaction)
    except Refusal as refusal:
        raise CheckFailed(f"the answer does not verify: {refusal.stable_code} {refusal.path}".rstrip()) from None
