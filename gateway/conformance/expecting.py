"""What the kit expects of answers, and the sentences in which it says what was seen instead."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from gateway.adapters.partner_channel import MESSAGES_PATH
from gateway.conformance.check import CheckFailed
from gateway.conformance.messages import Made, made
from gateway.conformance.samples import Sample
from gateway.conformance.target import Target
from gateway.conformance.wire import Ending, Reaction
from gateway.errors import EnvelopeRefused
from gateway.security.envelope import open_sealed
from gateway.security.receipts import RECEIPT_TYPE, Receipt, verify_receipt
from gateway.security.statements import statement_kid

PROBLEM = "application/problem+json"
_CODE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*")
_LONGEST_CODE = 100
_PAUSE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A message that the target holds.

    Attributes:
        message_id: ours.
        receipt: verified.
        receipt_text: the compact JWS.
        document: the whole answer.
    """

    message_id: str
    receipt: Receipt
    receipt_text: str
    document: dict[str, Any]


def hand_in(target: Target, sample: Sample) -> Handed:
    """Seal a sample and hand it in; see `held`."""
    message = made(target, sample)
    return held(target, message, target.send(target.message_request(message.sealed.jwe)))


def held(target: Target, message: Made, reaction: Reaction) -> Handed:
    """The receipt in an answer, verified for exactly the bytes that were signed.

    Raises:
        CheckFailed: no answer, another status, no receipt, or not one of the target for these bytes.
    """
    if reaction.status != 202:
        raise CheckFailed(f"expected 202 with a signed receipt, got {told(reaction)}")
    document = json_of(reaction)
    text = document.get("receipt")
    if not isinstance(text, str):
        raise CheckFailed("the answer 202 has no member receipt: the sender could prove nothing")
    receipt = _verified(target, text)
    wanted = {
        "holder": target.side.home,
        "sender": target.side.code,
        "message_id": message.message_id,
        "jws_digest": message.sealed.jws_digest,
    }
    wrong = sorted(name for name, value in wanted.items() if getattr(receipt, name) != value)
    if wrong:
        raise CheckFailed(f"the receipt is signed, but says otherwise in: {', '.join(wrong)}")
    return Handed(message_id=message.message_id, receipt=receipt, receipt_text=text, document=document)


def _verified(target: Target, text: str) -> Receipt:
    compact = text.encode("ascii", "replace")
    try:
        registered = target.side.lookup(statement_kid(compact, RECEIPT_TYPE))
        if registered is None:
            raise CheckFailed("the receipt is signed with a key that the target has not given us")
        return verify_receipt(compact, registered)
    except EnvelopeRefused as refusal:
        raise CheckFailed(f"the receipt does not verify: {refusal.stable_code}") from None


def refused(reaction: Reaction, *statuses: int, why: str) -> str:
    """That a request was refused with one of some statuses.

    Args:
        reaction: what came back.
        statuses: the ones that the protocol has for this fault.
        why: what a side that answers otherwise would let happen.

    Returns:
        Status and code, for the report.

    Raises:
        CheckFailed: it was taken, or refused otherwise, or without a problem document.
    """
    wanted = " or ".join(map(str, statuses))
    if reaction.ending is not Ending.ANSWERED:
        raise CheckFailed(f"expected {wanted}, but the connection was {reaction.ending.value}: {why}")
    if reaction.status not in statuses:
        raise CheckFailed(f"expected {wanted}, got {told(reaction)}: {why}")
    return f"{reaction.status} {code_of(reaction)}"


def code_of(reaction: Reaction) -> str:
    """The stable code of a refusal: ``title`` of its problem document, or ``error`` of a token endpoint.

    Raises:
        CheckFailed: there is none.
    """
    document = json_of(reaction)
    code = document.get("title") if "title" in document else document.get("error")
    if not isinstance(code, str) or len(code) > _LONGEST_CODE or _CODE.fullmatch(code.replace("_", "-")) is None:
        raise CheckFailed(f"the refusal {reaction.status} names no stable code: a machine cannot react to it")
    return code


def json_of(reaction: Reaction) -> dict[str, Any]:
    """The JSON object of an answer.

    Raises:
        CheckFailed: it is none.
    """
    try:
        document = json.loads(reaction.body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise CheckFailed(f"the answer {reaction.status} is not a JSON object")
    return document


def told(reaction: Reaction) -> str:
    """An answer in a few words: status, and the code where it looks like one; never its text."""
    if reaction.ending is not Ending.ANSWERED:
        return f"no answer ({reaction.ending.value})"
    try:
        return f"{reaction.status} {code_of(reaction)}"
    except CheckFailed:
        return str(reaction.status)


def status_of(target: Target, message_id: str, sender: str = "") -> Reaction:
    """What the target says of a message."""
    query = urlencode({"from": sender or target.side.code})
    return target.send(target.request("GET", f"{MESSAGES_PATH}/{quote(message_id, safe='')}?{query}"))


def outcome_of(target: Target, handed: Handed) -> str:
    """The business answer to a message, as it came along or as the status tells it; waits until it is there.

    Raises:
        CheckFailed: none came in time, or it cannot be opened.
    """
    inline = handed.document.get("acknowledgement")
    if isinstance(inline, str):
        return _opened_outcome(target, inline)
    until = time.monotonic() + target.terms.settle
    while time.monotonic() < until:
        told_now = status_of(target, handed.message_id)
        if told_now.status != 200:
            raise CheckFailed(f"expected the status of a message that it holds, got {told(told_now)}")
        outcome = json_of(told_now).get("outcome")
        if outcome in ("accepted", "refused"):
            return str(outcome)
        time.sleep(_PAUSE)
    raise CheckFailed(f"no business answer within {target.terms.settle:g} seconds, neither inline nor in the status")


def _opened_outcome(target: Target, sealed: str) -> str:
    try:
        opened = open_sealed(
            sealed.encode("ascii", "replace"),
            decrypters=list(target.side.own.decrypters),
            lookup_key=target.side.lookup,
            recipient=target.side.code,
            at=target.now(),
        )
        outcome = json.loads(opened.payload)["outcome"]
    except EnvelopeRefused as refusal:
        raise CheckFailed(f"the acknowledgement cannot be opened: {refusal.stable_code}") from None
    except (ValueError, KeyError, TypeError):
        raise CheckFailed("the acknowledgement is not a JSON object with an outcome") from None
    return str(outcome)


def content_refused(target: Target, message: Made, *, why: str) -> str:
    """That a message whose content is at fault is refused: at the door, or by a refusing acknowledgement.

    Raises:
        CheckFailed: it was accepted, or nothing was said.
    """
    reaction = target.send(target.message_request(message.sealed.jwe))
    if 400 <= reaction.status < 500:
        return f"{reaction.status} {code_of(reaction)}"
    handed = held(target, message, reaction)
    outcome = outcome_of(target, handed)
    if outcome != "refused":
        raise CheckFailed(f"expected a refusing acknowledgement, got one that says {outcome}: {why}")
    return "202, then a refusing acknowledgement"
