"""Checks of a mailbox, played by the partner that collects: a message leaves it by a good receipt and by nothing else.

They want messages that wait. A receipt that may take one away is handed in to a sandbox only: the kit keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.conformance.check import CheckFailed, NotApplicable, check
from gateway.conformance.collecting import (
    Collected,
    collected,
    hand_in,
    other_digest,
    receipt_for,
    sealed_answer,
    sealed_of,
    waiting,
)
from gateway.conformance.expecting import json_of, refused, told
from gateway.conformance.messages import stranger
from gateway.conformance.target import Target
from gateway.conformance.wire import Reaction

_CLAUSE = "mailbox.md, What holds"
_SANDBOX = "sandbox"


def _oldest(target: Target) -> Collected:
    """The oldest message that waits, opened.

    Raises:
        NotApplicable: messages are posted, or none waits.
    """
    entries = waiting(target)
    if not entries:
        raise NotApplicable("the mailbox is empty; have a message sent to us first")
    return collected(target, entries[0])


def _needs_sandbox(target: Target) -> None:
    if target.realm != _SANDBOX:
        raise NotApplicable("a good receipt takes a message away, and the kit keeps none: in a sandbox only")


def _takes_nothing(target: Target, held: Collected, receipts: list[bytes], why: str) -> str:
    """That receipts are refused and the message waits on."""
    seen = [refused(hand_in(target, held.entry.id, each), 400, 403, 422, why=why) for each in receipts]
    if held.entry.id not in [each.id for each in waiting(target)]:
        raise CheckFailed(f"the receipt was refused, and the message has left the mailbox all the same: {why}")
    return f"{', '.join(seen)}, and it waits on"


@check(
    "CK-121",
    "A mailbox gives the same bytes each time",
    proves="Who lost the connection collects again, and gets no second message.",
    clause=_CLAUSE,
)
def same_bytes(target: Target) -> str:
    """Collect the oldest message twice, open it, and compare it with the list."""
    held = _oldest(target)
    if sealed_of(target, held.entry.id) != held.sealed:
        raise CheckFailed("the second time other bytes came: there are two messages under one id")
    if held.entry.id not in [each.id for each in waiting(target)]:
        raise CheckFailed("the message left the mailbox without a receipt: whoever loses the answer has lost it")
    return "twice the same bytes, from the target, for us, as listed"


@check(
    "CK-122",
    "A broken receipt takes nothing away",
    proves="A message counts as delivered only when its recipient can be held to that.",
    clause=f"{_CLAUSE}; envelope.md, Receipt",
)
def broken_receipt(target: Target) -> str:
    """Hand in a receipt with a changed signature, half of one, and none."""
    held = _oldest(target)
    good = receipt_for(target, held.opened)
    at = good.rindex(b".") + 1
    other = good[:at] + (b"B" if good[at : at + 1] == b"A" else b"A") + good[at + 1 :]
    return _takes_nothing(target, held, [other, good[: len(good) // 2], b""], "messages get lost on the way")


@check(
    "CK-123",
    "A receipt by somebody else takes nothing away",
    proves="Nobody else can say that we have a message.",
    clause=f"{_CLAUSE}; envelope.md, Receipt",
)
def foreign_receipt(target: Target) -> str:
    """Hand in receipts by another key under our key id, by an unknown key, and in another's name."""
    held = _oldest(target)
    receipts = [
        receipt_for(target, held.opened, signer=stranger(target, target.signer().kid).signer),
        receipt_for(target, held.opened, signer=stranger(target).signer),
        receipt_for(target, held.opened, holder="someone-else"),
    ]
    return _takes_nothing(target, held, receipts, "others could empty our mailbox")


@check(
    "CK-124",
    "A receipt for another message takes nothing away",
    proves="A receipt says which bytes are held; one cannot stand for another.",
    clause=f"{_CLAUSE}; envelope.md, Receipt",
)
def receipt_for_another(target: Target) -> str:
    """Hand in receipts for another id, for other bytes, and for another sender's message."""
    held = _oldest(target)
    others: list[dict[str, Any]] = [
        {"message_id": target.next_id()},
        {"jws_digest": other_digest(held.opened)},
        {"sender": "someone-else"},
    ]
    receipts = [receipt_for(target, held.opened, **each) for each in others]
    return _takes_nothing(target, held, receipts, "the sender's proof is for something else")


@check(
    "CK-125",
    "A message that does not wait is unknown",
    proves="A mailbox tells nothing of what waits for others, or of what was.",
    clause="mailbox.md, Refusals",
)
def unknown_entry(target: Target) -> str:
    """Collect an entry that nobody has, and hand in a receipt for it."""
    waiting(target)
    nobodys = "0" * 32
    why = "one partner could find out what waits for another"
    ways: tuple[Callable[[], Reaction], ...] = (
        lambda: sealed_answer(target, nobodys),
        lambda: hand_in(target, nobodys, b"e30.e30.AA"),
    )
    return ", ".join(refused(way(), 404, why=why) for way in ways)


@check(
    "CK-126",
    "A receipt out of order is refused",
    proves="Messages are taken in the order in which they were sent.",
    clause=_CLAUSE,
)
def out_of_order(target: Target) -> str:
    """Hand in a good receipt for the second oldest message."""
    entries = waiting(target)
    _needs_sandbox(target)
    if len(entries) < 2:
        raise NotApplicable("fewer than two messages wait")
    later = collected(target, entries[1])
    reaction = hand_in(target, later.entry.id, receipt_for(target, later.opened))
    return refused(reaction, 409, why="a later message could be taken before an earlier one")


@check(
    "CK-127",
    "A receipt handed in twice counts once",
    proves="Who lost the answer to a receipt hands it in again without harm.",
    clause=_CLAUSE,
)
def receipt_twice(target: Target) -> str:
    """Hand in a good receipt for the oldest message twice."""
    held = _oldest(target)
    _needs_sandbox(target)
    receipt = receipt_for(target, held.opened)
    for repeated in (False, True):
        reaction = hand_in(target, held.entry.id, receipt)
        if reaction.status != 200:
            raise CheckFailed(f"expected 200 for a good receipt, repeated or not, got {told(reaction)}")
        if json_of(reaction).get("repeated") is not repeated:
            raise CheckFailed(f"the answer does not say repeated: {str(repeated).lower()}")
    if held.entry.id in [each.id for each in waiting(target)]:
        raise CheckFailed("the message waits on behind its receipt: we would get it again and again")
    return "200 both times, the second one repeated, and it waits no longer"
