"""Attacks on the framing of HTTP/1.1: what one server takes for one request, and another for two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.attacks.table.attacker import MARK, MESSAGES, Attacker
from tests.attacks.table.row import Attack
from tests.attacks.table.wire import STRANGER, Shot

MALFORMED = 400, "http.malformed"
Shoot = Callable[[Attacker], Shot]


def raw(*lines: bytes, body: bytes = b"") -> Shoot:
    """Bytes as they stand here; every line gets its end."""
    return lambda _: Shot(raw=b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body)


def post(*lines: bytes, body: bytes = b"") -> Shoot:
    """A request to hand in a message with some header lines."""
    return raw(b"POST /v1/messages HTTP/1.1", b"Host: gateway.example", *lines, body=body)


def changed(change: Callable[[bytes], bytes], **more: object) -> Shoot:
    """A good request whose bytes are changed."""

    def shoot(attacker: Attacker) -> Shot:
        shot = attacker.message()
        return replace(shot, raw=change(shot.raw), request=None, **more)  # type: ignore[arg-type]

    return shoot


def replacing(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return change


def chunked(size: Callable[[int], bytes], *, end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n") -> Shoot:
    """A good request whose content travels as one chunk with a size line of any form."""

    def change(data: bytes) -> bytes:
        head, _, content = data.partition(b"\r\n\r\n")
        fields = [line for line in head.split(b"\r\n") if not line.startswith(b"content-length")]
        lines = b"\r\n".join([*fields, b"Transfer-Encoding: chunked"])
        return lines + b"\r\n\r\n" + size(len(content)) + content + end + last

    return changed(change)


def in_two(shoot: Shoot) -> Shoot:
    """The same bytes with a pause before the last four thousand, among which the content is."""

    def halved(attacker: Attacker) -> Shot:
        whole = shoot(attacker).raw
        return Shot(raw=whole[:-4000], more=((0.1, whole[-4000:]),))

    return halved


def framing(name: str, source: str, shoot: Shoot, answer: tuple[int, str] = MALFORMED, *words: str) -> Attack:
    return Attack(
        name=f"framing: {name}",
        kind="framing",
        source=source,
        shoot=shoot,
        status=answer[0],
        code=answer[1],
        words=words,
    )


def pipelined(attacker: Attacker) -> Shot:
    """A good request, and behind it on the same connection one without any proof."""
    good = attacker.send("GET", f"{MESSAGES}/m-none?from=xx")
    return replace(
        good, raw=good.raw + b"GET /v1/messages/m-none?from=xx HTTP/1.1\r\nHost: a\r\n\r\n", answers=2, request=None
    )


def hidden_certificate(attacker: Attacker) -> Shot:
    """A field that a proxy which wants CR before LF takes for a part of the one above."""
    shot = attacker.message(certificate=None)
    field = attacker.client_cert()["client-cert"].encode()
    changed_bytes = shot.raw.replace(b"\r\n\r\n", b"\r\nX-Note: a\nClient-Cert: " + field + b"\r\n\r\n", 1)
    return replace(shot, raw=changed_bytes, source=STRANGER)


TWO_LENGTHS = (b"Content-Length: 5", b"Content-Length: 6")
BOTH = (b"Content-Length: 5", b"Transfer-Encoding: chunked")
TE_ROWS = [
    framing(
        "CL.TE: a length and chunks",
        "RFC 9112 s. 6.1",
        post(*BOTH, body=b"0\r\n\r\nGET"),
        MALFORMED,
        "request smuggling",
    ),
    framing(
        "CL.TE with the coding on a folded line",
        "RFC 9112 s. 5.2",
        post(b"Content-Length: 5", b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n"),
    ),
    framing("TE.TE: chunked twice", "RFC 9112 s. 6.1", post(BOTH[1], BOTH[1], body=b"0\r\n\r\n")),
    framing("TE.TE: a second coding hides the first", "RFC 9112 s. 6.1", post(b"Transfer-Encoding: x, chunked")),
    framing("a coding with a vertical tab before it", "RFC 9112 s. 6.1", post(b"Transfer-Encoding: \x0bchunked")),
    framing("Transfer-Encoding: identity", "RFC 9112 s. 7", post(b"Transfer-Encoding: identity")),
    framing("a space between name and colon", "RFC 9112 s. 5.1", post(b"Transfer-Encoding : chunked")),
    framing(
        "chunks in HTTP/1.0",
        "RFC 9112 s. 6.1",
        raw(b"POST /v1/messages HTTP/1.0", b"Host: a", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    ),
]
CHUNKS = [
    framing(
        "a chunk that ends with other bytes than CRLF", "CVE-2025-43859", chunked(lambda n: b"%x\r\n" % n, end=b"XX")
    ),
    framing("a chunk size with a sign", "RFC 9112 s. 7.1", chunked(lambda n: b"+%x\r\n" % n)),
    framing("a chunk size as 0x", "RFC 9112 s. 7.1", chunked(lambda n: b"0x%x\r\n" % n)),
    framing("a chunk size of 2^96", "RFC 9112 s. 7.1", chunked(lambda n: b"1%024x\r\n" % n)),
    framing("a bare LF in a chunk extension", "RFC 9112 s. 7.1.1, TERM.EXT", chunked(lambda n: b"%x;a\n\r\n" % n)),
    framing(
        "a chunk extension without end",
        "RFC 9112 s. 7.1.1, CVE-2023-39326",
        in_two(chunked(lambda n: b"%x;%s\r\n" % (n, b"a" * 70_000))),
    ),
    framing("a bare LF after a chunk size", "RFC 9112 s. 2.2", chunked(lambda n: b"%x\n" % n)),
]
LENGTHS = [
    framing(
        "two lengths that differ", "RFC 9112 s. 6.3", post(*TWO_LENGTHS, body=b"hello!"), MALFORMED, "duplicate header"
    ),
    framing("a list of lengths that differ", "RFC 9112 s. 6.3", post(b"Content-Length: 5, 6", body=b"hello!")),
    framing("a negative length", "RFC 9110 s. 8.6", post(b"Content-Length: -1")),
    framing("a length with a sign", "RFC 9110 s. 8.6", post(b"Content-Length: +5", body=b"hello")),
    framing("a length with an underscore", "CVE-2023-30589 kin", post(b"Content-Length: 1_0", body=b"hello hell")),
    framing("a length of 10^25", "RFC 9110 s. 8.6", post(b"Content-Length: 1" + b"0" * 25)),
    framing(
        "the next request hides behind a good one",
        "request smuggling, CL.0",
        pipelined,
        (401, "certificate.missing"),
    ),
]
LINES = [
    framing("bare LF at the end of each line", "RFC 9112 s. 2.2", changed(lambda data: data.replace(b"\r\n", b"\n"))),
    framing("a bare LF at the end of the head", "RFC 9112 s. 2.2", changed(replacing(b"\r\n\r\n", b"\r\n\n"))),
    framing("a bare LF hides a certificate", "RFC 9112 s. 2.2", hidden_certificate),
    framing(
        "a bare CR in a field",
        "RFC 9112 s. 2.2",
        changed(replacing(b"content-type: ", b"x-note: a\rx-other: b\r\ncontent-type: ")),
    ),
    framing("a NUL in a field", "RFC 9110 s. 5.5", post(b"X-Note: a\x00b"), MALFORMED, "header injection"),
    framing("a field without a name", "RFC 9110 s. 5.1", post(b": a")),
    framing("a folded line before every other", "RFC 9112 s. 2.2", raw(b"GET /v1/messages/m HTTP/1.1", b" Host: a")),
    framing(
        "a head of 70 KB",
        "slow header, CVE-2018-12121",
        in_two(post(b"X-Note: " + b"a" * 70_000)),
        MALFORMED,
        "oversized",
    ),
    framing("no Host", "RFC 9112 s. 3.2", raw(b"GET /v1/messages/m HTTP/1.1")),
    framing("two Host fields", "RFC 9112 s. 3.2", raw(b"GET /v1/messages/m HTTP/1.1", b"Host: a", b"Host: b")),
]
TARGETS = [
    framing(
        "absolute form of the target",
        "RFC 9112 s. 3.2.2",
        raw(b"GET http://evil.example/v1/messages/m HTTP/1.1", b"Host: a"),
    ),
    framing("authority form", "RFC 9112 s. 3.2.3", raw(b"CONNECT evil.example:443 HTTP/1.1", b"Host: a")),
    framing("asterisk form", "RFC 9112 s. 3.2.4", raw(b"OPTIONS * HTTP/1.1", b"Host: a")),
    framing("a space in the target", "RFC 9112 s. 3.2", raw(b"GET /v1/messages/a b HTTP/1.1", b"Host: a")),
    framing("a fragment in the target", "RFC 9112 s. 3.2.1", raw(b"GET /v1/messages/a#b HTTP/1.1", b"Host: a")),
    framing("a method in small letters", "RFC 9110 s. 9.1", raw(b"post /v1/messages HTTP/1.1", b"Host: a")),
    framing("HTTP/0.9", "RFC 9112 s. 2.3", lambda _: Shot(raw=b"GET /v1/messages/m\r\n\r\n")),
    framing("a version that does not exist", "RFC 9112 s. 2.3", raw(b"GET /v1/messages/m HTTP/9.9", b"Host: a")),
    framing("the preface of HTTP/2", "RFC 9113 s. 3.4", lambda _: Shot(raw=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    framing(
        "a hello of TLS at a plain port", "RFC 8446 s. 4.1.2", lambda _: Shot(raw=b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
    ),
    framing("anything but HTTP", "RFC 9112 s. 2.1", lambda _: Shot(raw=MARK.encode() + b"\r\n\r\n")),
    framing(
        "an upgrade to h2c",
        "RFC 9110 s. 7.8, h2c smuggling",
        raw(b"GET /v1/messages/m?from=xx HTTP/1.1", b"Host: a", b"Connection: Upgrade", b"Upgrade: h2c"),
        (401, "certificate.missing"),
    ),
    framing(
        "an upgrade to WebSocket",
        "RFC 6455 s. 4.1",
        raw(
            b"GET /v1/messages/m?from=xx HTTP/1.1",
            *(b"Host: a", b"Connection: Upgrade", b"Upgrade: websocket"),
            *(b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="),
        ),
        (401, "certificate.missing"),
    ),
]
ROWS = [*TE_ROWS, *CHUNKS, *LENGTHS, *LINES, *TARGETS]
