"""Attacks on what HTTP says around a message: addresses, paths, fields, sizes and pace."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.attacks.table.attacker import BASE, JOSE, MARK, MESSAGES, XML, Attacker
from tests.attacks.table.row import MESSAGE_REFUSED, Attack
from tests.attacks.table.wire import Shot, wire
from tests.world.http import signed
from tests.world.partner import NOTE

Shoot = Callable[[Attacker], Shot]


def http(name: str, source: str, shoot: Shoot, status: int, code: str, *words: str, **more: Any) -> Attack:
    return Attack(
        name=f"http: {name}", kind="http", source=source, shoot=shoot, status=status, code=code, words=words, **more
    )


def get(path: str) -> Shoot:
    return lambda attacker: attacker.send("GET", path)


def for_another_address(base: str, host: str, *more: tuple[str, str]) -> Shoot:
    """A message signed for another address, which the request then names as ours."""

    def shoot(attacker: Attacker) -> Shot:
        fields = JOSE | attacker.client_cert() | {"authorization": f"Bearer {attacker.token('xx')}"} | dict(more)
        request = signed(attacker.xx, "POST", base + MESSAGES, attacker.sealed(), fields)
        here = replace(request, target=BASE + MESSAGES)
        return Shot(raw=wire(request, host), request=here)

    return shoot


def unsigned(method: str, path: str, *lines: str) -> Shoot:
    head = "".join(f"{line}\r\n" for line in (f"{method} {path} HTTP/1.1", "Host: a", *lines))
    return lambda _: Shot(raw=f"{head}\r\n".encode("latin-1"))


def slowly(attacker: Attacker) -> Shot:
    """A body a few bytes at a time."""
    whole = attacker.message().raw
    place = whole.index(b"\r\n\r\n") + 20
    return Shot(raw=whole[:place], more=tuple((0.35, bytes([byte])) for byte in whole[place : place + 4]))


def head_slowly(_: Attacker) -> Shot:
    """Header lines one by one."""
    lines = tuple((0.5, b"X-%d: a\r\n" % number) for number in range(4))
    return Shot(raw=b"POST /v1/messages HTTP/1.1\r\nHost: a\r\n", more=lines)


def broken_off(attacker: Attacker) -> Shot:
    whole = attacker.message().raw
    return Shot(raw=whole[:-100], cut=True)


def chunked_without_end(attacker: Attacker) -> Shot:
    """More than the limit, without a length that would tell so."""
    request = attacker.message(b"a" * 500_000).request
    assert request is not None
    head = wire(replace(request, content=b"")).replace(b"content-length: 0", b"transfer-encoding: chunked")
    return Shot(raw=head + b"%x\r\n" % len(request.content) + request.content + b"\r\n", request=request)


def bomb(attacker: Attacker) -> Shot:
    packed = gzip.compress(bytes(10_000_000))
    return attacker.message(packed, more=(("content-encoding", "gzip"),))


def other_type(attacker: Attacker) -> Shot:
    return attacker.send("POST", MESSAGES, attacker.sealed(), XML)


SPOOFED = [
    http(
        "signed for another host, which Host names",
        "CWE-290, RFC 9421 s. 7.2.4",
        for_another_address("https://evil.example", "evil.example"),
        *(401, "http.signature-wrong", "Host spoofing"),
    ),
    http(
        "signed for another host, which X-Forwarded-Host names",
        "CWE-348",
        for_another_address(
            "https://evil.example",
            "gateway.example",
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "host=evil.example"),
        ),
        *(401, "http.signature-wrong", "X-Forwarded spoofing"),
    ),
    http(
        "signed for plain http, which X-Forwarded-Proto names",
        "CWE-348",
        for_another_address("http://gateway.example", "gateway.example", ("x-forwarded-proto", "http")),
        *(401, "http.signature-wrong"),
    ),
    http(
        "another path, for which X-Original-URL names the route",
        "CVE-2018-14773",
        lambda attacker: attacker.send(
            "POST",
            "/nowhere",
            attacker.sealed(),
            JOSE,
            more=(("x-original-url", MESSAGES), ("x-rewrite-url", MESSAGES)),
        ),
        *(404, "http.404"),
    ),
    http(
        "X-HTTP-Method-Override",
        "CWE-436",
        lambda attacker: attacker.send(
            "PUT", MESSAGES, attacker.sealed(), JOSE, more=(("x-http-method-override", "POST"),)
        ),
        *(405, "http.405", "method override"),
    ),
    http("TRACE", "CWE-693, cross-site tracing", unsigned("TRACE", MESSAGES, f"Cookie: {MARK}"), 405, "http.405"),
]
PATHS = [
    http(
        "..%2f out of the route",
        "CWE-22",
        get(f"{MESSAGES}/..%2f..%2finternal%2fv1%2fexchanges?from=xx"),
        404,
        "http.404",
        "path tricks",
    ),
    http("dot segments", "RFC 3986 s. 5.2.4", get("/v1/messages/../../internal/v1/exchanges"), 404, "http.404"),
    http("two slashes at the start", "RFC 3986 s. 3.3", get("//v1/messages/m?from=xx"), 404, "http.404"),
    http("a slash at the end", "open redirect, CWE-601", get("/v1/log/checkpoint/"), 404, "http.404"),
    http("the path encoded twice", "CWE-174", get("/v1%252fmessages/m?from=xx"), 404, "http.404"),
    http("a path parameter", "RFC 3986 s. 3.3", get("/v1/messages;a=b/m?from=xx"), 404, "http.404"),
    http("the path in capitals", "CWE-178", get("/V1/MESSAGES/m?from=xx"), 404, "http.404"),
    http("the internal port's routes at ours", "CWE-419", get("/internal/v1/exchanges"), 404, "http.404"),
    http("a NUL in an id", "CWE-158", get(f"{MESSAGES}/m%00?from=xx"), 422, "request.invalid"),
    http(
        "a new line in an id",
        "CWE-117",
        get(f"{MESSAGES}/{MARK}%0d%0aforged?from=xx"),
        422,
        "request.invalid",
        "log injection",
    ),
    http(
        "an overlong UTF-8 slash in an id",
        "CWE-176",
        get(f"{MESSAGES}/%c0%af?from=yy"),
        404,
        "not-found",
        logged="http.other-sender",
    ),
    http(
        "a right-to-left mark in an id",
        "CWE-1007",
        get(f"{MESSAGES}/m%e2%80%ae?from=yy"),
        404,
        "not-found",
        "unicode in ids",
        logged="http.other-sender",
    ),
    http("a query that names nobody", "CWE-20", get(f"{MESSAGES}/m"), 422, "request.invalid"),
    http(
        "whose message it is, told twice",
        "CWE-235, parameter pollution",
        lambda attacker: attacker.send("POST", "/v1/checks?from=xx&type=note&from=yy", NOTE, XML),
        *(403, "http.other-sender", "query duplication"),
    ),
    http(
        "a target of 9,000 characters",
        "RFC 9110 s. 4.1",
        unsigned("GET", f"{MESSAGES}/{'a' * 9000}"),
        400,
        "http.malformed",
    ),
]
BODIES = [
    http(
        "a hundred header lines",
        "CWE-770",
        lambda attacker: attacker.message(more=tuple((f"x-{number}", "a") for number in range(100))),
        *(431, "http.head-too-large"),
    ),
    http("a gzip bomb", "CWE-409", bomb, 400, "http.content-encoding", "content-encoding"),
    http(
        "Content-Encoding: identity",
        "RFC 9110 s. 8.4",
        lambda a: a.message(more=(("content-encoding", "identity"),)),
        400,
        "http.content-encoding",
    ),
    http(
        "more bytes than the limit",
        "CWE-770",
        lambda attacker: attacker.message(b"a" * 500_000),
        413,
        "message.too-large",
        "oversized",
    ),
    http("more bytes than the limit, in chunks", "CWE-770", chunked_without_end, 413, "message.too-large"),
    http("a body byte by byte", "slow body, CVE-2007-6750 kin", slowly, 408, "http.too-slow", "slow body"),
    http("a head that never ends", "slow header, CVE-2007-6750", head_slowly, 408, "http.too-slow"),
    http("a body that breaks off", "RFC 9112 s. 8", broken_off, 0, "", logged="http.connection-lost"),
    http("a message as XML, not sealed", "CWE-436", other_type, 415, "http.content-type"),
    http(
        "a body where none belongs",
        "RFC 9110 s. 9.3.1",
        lambda attacker: attacker.send("GET", f"{MESSAGES}/m?from=xx", b"x", XML),
        413,
        "message.too-large",
    ),
    http(
        "nothing at all as a message",
        "CWE-20",
        lambda attacker: attacker.message(b""),
        400,
        "envelope.malformed",
        tag=MESSAGE_REFUSED,
    ),
]
ROWS = [*SPOOFED, *PATHS, *BODIES]
