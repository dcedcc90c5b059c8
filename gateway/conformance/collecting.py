"""How the kit collects from a mailbox: looking, taking, and receipts of which any member may be another one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from gateway.client.mailbox import MAILBOX_PATH, Waiting
from gateway.conformance.check import CheckFailed, NotApplicable
from gateway.conformance.expecting import json_of, told
from gateway.conformance.target import Target
from gateway.conformance.wire import Reaction
from gateway.errors import EnvelopeRefused
from gateway.security.envelope import Opened
from gateway.security.keys import Signer
from gateway.security.receipts import Receipt, sign_receipt
from gateway.security.xml_envelope import FormOpener


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """A message that was taken out and opened; it waits on.

    Attributes:
        entry: its line in the list.
        sealed: the bytes that came.
        opened: what is inside.
    """

    entry: Waiting
    sealed: bytes
    opened: Opened


def waiting(target: Target) -> tuple[Waiting, ...]:
    """What waits for us, the oldest first.

    Raises:
        NotApplicable: messages are posted to this side.
        CheckFailed: there is no list.
    """
    if not target.terms.collects:
        raise NotApplicable("messages to this side are posted, it has no mailbox")
    reaction = target.send(target.request("GET", _path(target, "")))
    if reaction.status != 200:
        raise CheckFailed(f"expected 200 with a list of what waits, got {told(reaction)}")
    try:
        return tuple(
            Waiting(**{name: str(entry[name]) for name in ("id", "message_id", "message_type", "jws_digest")})
            for entry in json_of(reaction)["entries"]
        )
    except (KeyError, TypeError):
        raise CheckFailed("the list of the mailbox lacks entries, or members of one") from None


def sealed_answer(target: Target, entry_id: str) -> Reaction:
    """The answer to collecting an entry."""
    return target.send(target.request("GET", _path(target, f"/{quote(entry_id, safe='')}")))


def sealed_of(target: Target, entry_id: str) -> bytes:
    """The sealed bytes of an entry that waits.

    Raises:
        CheckFailed: they do not come.
    """
    reaction = sealed_answer(target, entry_id)
    if reaction.status != 200:
        raise CheckFailed(f"expected 200 with a message that waits, got {told(reaction)}")
    return reaction.body


def collected(target: Target, entry: Waiting) -> Collected:
    """A message that waits, opened and compared with its line in the list.

    Raises:
        CheckFailed: it does not open, or is another one.
    """
    sealed = sealed_of(target, entry.id)
    side = target.side
    opener = FormOpener(
        form_of=lambda _: target.terms.form,
        decrypters=list(side.own.decrypters),
        lookup_key=side.lookup,
        recipient=side.code,
        limits=target.limits,
    )
    try:
        opened = opener.open(sealed, target.now())
    except EnvelopeRefused as refusal:
        raise CheckFailed(f"the message in the mailbox cannot be opened: {refusal.stable_code}") from None
    if (opened.metadata.jti, opened.jws_digest) != (entry.message_id, entry.jws_digest):
        raise CheckFailed("the message is another one than the mailbox lists: its receipt would be for other bytes")
    return Collected(entry=entry, sealed=sealed, opened=opened)


def receipt_for(target: Target, opened: Opened, *, signer: Signer | None = None, **other: Any) -> bytes:
    """Our receipt for a message.

    Args:
        target: who gets it.
        opened: the message.
        signer: another key than ours.
        other: members that differ.
    """
    members: dict[str, Any] = {
        "holder": target.side.code,
        "sender": opened.sender,
        "message_id": opened.metadata.jti,
        "jws_digest": opened.jws_digest,
        "exchange_id": target.next_id(),
        "received": f"{target.now():%Y-%m-%dT%H:%M:%SZ}",
        "log_origin": target.side.own.log_key.name,
        "log_index": "0",
        "entry_hash": hashlib.sha256(opened.jws).hexdigest(),
    }
    return sign_receipt(Receipt(**(members | other)), signer or target.signer())


def other_digest(opened: Opened) -> str:
    """A digest of other bytes than those of a message."""
    return hashlib.sha256(opened.jws + b"\n").hexdigest()


def hand_in(target: Target, entry_id: str, receipt: bytes) -> Reaction:
    """Hand in a receipt, whatever it is."""
    content = json.dumps({"receipt": receipt.decode("ascii")}).encode("ascii")
    path = _path(target, f"/{quote(entry_id, safe='')}/receipt")
    return target.send(target.request("POST", path, content=content, headers={"Content-Type": "application/json"}))


def _path(target: Target, place: str) -> str:
    return f"{MAILBOX_PATH}{place}?{urlencode({'from': target.side.code})}"
