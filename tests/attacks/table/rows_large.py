"""Attacks on the large form, whose bytes come as a stream of chunks (STREAM, RFC 7516); tried on its opener.

The partner port takes no such message yet: `sarhad open` does, and leaves no entry in a log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from gateway.errors import GatewayError
from gateway.security.filekeys import file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from tests.attacks.envelope.conftest import ACTIVE, NOW, Forge
from tests.attacks.large.conftest import CONTENT, LargeForge, Parts
from tests.attacks.table.row import ByHand

Change = Callable[[LargeForge, Parts], bytes]


@cache
def forge() -> LargeForge:
    """A sender and a recipient, and every byte between them."""
    sender, recipient = generate_key("xx", "ES256", NOW), generate_key("aa", "ECDH-ES+A256KW", NOW)
    decrypter = file_decrypter(recipient.private, RegisteredKey(recipient.public, "aa", ACTIVE))
    return LargeForge(Forge(sender, recipient, RegisteredKey(sender.public, "xx", ACTIVE), decrypter))


def large(name: str, source: str, change: Change, code: str, *words: str) -> ByHand:
    def refuse(_: object) -> str:
        try:
            forge().open(change(forge(), forge().parts()))
        except GatewayError as refused:
            return refused.stable_code
        return ""

    return ByHand(
        name=name,
        kind="large",
        source=source,
        refuse=refuse,
        code=code if "." in code else f"envelope.{code}",
        words=words,
    )


def order(*places: int) -> Change:
    """The chunks in another order, with some left out or doubled."""
    return lambda _, honest: honest.joined([honest.chunks[place] for place in places])


def with_chunk_of_another(made: LargeForge, honest: Parts) -> bytes:
    other = made.parts(jti="m-2")
    return honest.joined([honest.chunks[0], other.chunks[1], honest.chunks[2]])


def with_head_of_another(made: LargeForge, honest: Parts) -> bytes:
    return made.parts(jti="m-2").head + b"".join(honest.chunks)


def one_bit(_: LargeForge, honest: Parts) -> bytes:
    data = bytearray(honest.joined())
    data[-20] ^= 1
    return bytes(data)


def last_as_any(made: LargeForge, honest: Parts) -> bytes:
    """A chunk in the middle marked as the last: the rest cut away unseen."""
    return honest.joined([honest.chunks[0], made.chunk(honest.head, CONTENT[16:32], 1, last=True)])


def lying(made: LargeForge, _: Parts) -> bytes:
    """A signed digest of other content."""
    return made.parts(statement=made.statement(CONTENT[::-1])).joined()


def too_long(made: LargeForge, _: Parts) -> bytes:
    return made.parts(statement=made.statement(length="1000000000000")).joined()


def for_another(made: LargeForge, _: Parts) -> bytes:
    return made.parts(aud="bb").joined()


def other_mark(_: LargeForge, honest: Parts) -> bytes:
    return b"\x89SARHAD\x02" + honest.joined()[8:]


SOURCE = "STREAM, Hoang et al. 2015"
ROWS = [
    large("large: two chunks in each other's place", SOURCE, order(1, 0, 2), "not-opened", "reordered chunk"),
    large("large: a chunk doubled", SOURCE, order(0, 1, 1), "not-opened"),
    large("large: a chunk left out", SOURCE, order(0, 2), "not-opened"),
    large("large: the last chunk left out", SOURCE, order(0, 1), "incomplete", "truncated"),
    large("large: a chunk in the middle as the last", SOURCE, last_as_any, "not-opened", "truncated"),
    large("large: a chunk again behind the last", SOURCE, order(0, 1, 2, 2), "surplus"),
    large("large: a chunk of another message", SOURCE, with_chunk_of_another, "not-opened"),
    large("large: the head of another message", SOURCE, with_head_of_another, "not-opened", "wrapped"),
    large("large: one bit changed", "NIST SP 800-38D", one_bit, "not-opened"),
    large("large: a signed digest of other content", "RFC 9530 s. 6.2", lying, "wrong-digest", "wrong digest"),
    large("large: more content than the limit", "CWE-770", too_long, "message.too-large", "oversized"),
    large(
        "large: signed for another recipient",
        "surreptitious forwarding, Davis 2001",
        for_another,
        "wrong-recipient",
        "re-encrypted for another recipient",
    ),
    large("large: a version that there is not", "CWE-757", other_mark, "malformed"),
]
