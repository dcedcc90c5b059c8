"""Checks of sizes and of bodies that arrive slowly, in pieces, or not whole."""

from __future__ import annotations

import time
from collections.abc import Iterator

from gateway.conformance.check import CheckFailed, check
from gateway.conformance.expecting import held, refused, status_of, told
from gateway.conformance.messages import Made, made
from gateway.conformance.target import Target
from gateway.conformance.wire import Ending, Reaction

LARGE_SHARE = 4
"""A large message that is allowed has this part of the target's limit."""
LARGEST_SENT = 4 * 1024 * 1024
"""More than this is not sent for a message that is allowed, so that a run does not take long."""
CHUNK = 32 * 1024
_CHUNKED = ("transfer-encoding", "chunked")
_CLAUSE = "envelope.md, Limits"


def _large(target: Target) -> Made:
    """A good message with blanks behind it, which neither XML nor JSON minds; signed XML has them inside its root."""
    content = target.samples.good.content
    blanks = b" " * max(0, min(LARGEST_SENT, target.terms.message_limit // LARGE_SHARE) - len(content))
    end = content.rindex(b"</") if target.terms.form.is_xml else len(content)
    return made(target, target.samples.good.with_content(content[:end] + blanks + content[end:]))


@check(
    "CK-50",
    "A large message within the limit is taken",
    proves="The limit that both sides agreed on holds, also behind the target's proxies.",
    clause=_CLAUSE,
)
def large(target: Target) -> str:
    """Hand in a message of a quarter of the limit, at most 4 MB."""
    message = _large(target)
    held(target, message, target.send(target.message_request(message.sealed.jwe)))
    return f"202 for {len(message.sealed.jwe)} sealed bytes"


@check(
    "CK-51",
    "A message above the limit is refused",
    proves="One partner cannot fill the memory of the other.",
    clause=_CLAUSE,
)
def too_large(target: Target) -> str:
    """Send one byte more than the largest sealed message."""
    request = target.message_request(b"A" * (target.limits.max_jwe_bytes + 1))
    return _stopped(target.send(request, patience=target.terms.patience))


@check(
    "CK-52",
    "A message above the limit without a length is refused",
    proves="The bytes are counted, not only the length that was announced.",
    clause=_CLAUSE,
)
def too_large_in_chunks(target: Target) -> str:
    """Send more than the limit in chunks, with no length announced."""
    request = target.message_request(b"A" * (target.limits.max_jwe_bytes + CHUNK))
    reaction = target.send_pieces(request, _chunks(request.content), _CHUNKED, patience=target.terms.patience)
    return _stopped(reaction)


def _stopped(reaction: Reaction) -> str:
    """Refused for its size; a side that closes without a word has stopped it too."""
    if reaction.ending is Ending.CLOSED:
        return "the connection was closed"
    return refused(reaction, 413, why="there is no limit, or it is not counted")


@check(
    "CK-53",
    "A good message in chunks is taken or refused for its form",
    proves="Clients that stream do not get lost messages.",
    clause=f"{_CLAUSE}; RFC 9112 section 7.1",
)
def chunked(target: Target) -> str:
    """Send a good message in chunks."""
    message = made(target, target.samples.good)
    request = target.message_request(message.sealed.jwe)
    reaction = target.send_pieces(request, _chunks(request.content), _CHUNKED)
    if reaction.status == 202:
        held(target, message, reaction)
        return "202 with a receipt"
    return refused(reaction, 411, why="a message in chunks is neither taken nor refused for its form")


@check(
    "CK-54",
    "A body that is broken off makes no message",
    proves="Half a message is no message.",
    clause=_CLAUSE,
)
def broken_off(target: Target) -> str:
    """Send half a body and close the connection."""
    message = made(target, target.samples.good)
    request = target.message_request(message.sealed.jwe)
    half = request.content[: len(request.content) // 2]
    framing = ("content-length", str(len(request.content)))
    reaction = target.send_pieces(request, [half], framing, broken_off=True)
    if 200 <= reaction.status < 300 or reaction.status >= 500:
        raise CheckFailed(f"expected a refusal or nothing for half a body, got {told(reaction)}")
    known = status_of(target, message.message_id)
    if known.status != 404:
        raise CheckFailed(f"half a body was kept as a message: its status is {told(known)}")
    return f"{told(reaction)}, and no such message afterwards"


@check(
    "CK-55",
    "A body that does not arrive is given up",
    proves="One slow partner cannot hold up the others.",
    clause=_CLAUSE,
)
def slow(target: Target) -> str:
    """Send half a body, then nothing."""
    message = made(target, target.samples.good)
    request = target.message_request(message.sealed.jwe)
    half = request.content[: len(request.content) // 2]
    framing = ("content-length", str(len(request.content)))
    began = time.monotonic()
    reaction = target.send_pieces(request, [half], framing, patience=target.terms.patience)
    after = f"after {time.monotonic() - began:.1f} seconds"
    if reaction.ending is Ending.SILENT:
        raise CheckFailed(f"the target still waits {after}: slow callers can use up all its connections")
    if reaction.ending is Ending.CLOSED:
        return f"closed {after}"
    return f"{refused(reaction, 408, 400, why='half a message is no message')} {after}"


def _chunks(content: bytes) -> Iterator[bytes]:
    """The chunked coding (RFC 9112 section 7.1)."""
    for start in range(0, len(content), CHUNK):
        piece = content[start : start + CHUNK]
        yield b"%x\r\n" % len(piece) + piece + b"\r\n"
    yield b"0\r\n\r\n"
