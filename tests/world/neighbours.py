"""A gateway with two partners that know nothing of each other, and a way to its partner port without sockets.

``xx`` is the partner of `tests.world.partner`, and collects its messages. ``yy`` has an agreement and a form of its
own, made from those of ``xx``; its messages are posted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp

from gateway.adapters.durability import Durability
from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.api.partner_port import build_partner_port
from gateway.bootstrap import Outside, build_gateway, import_partner_keys
from gateway.pipeline.facade import Gateway
from gateway.security.http_messages import Headers, HttpResponse
from tests.world.http import proved, signed
from tests.world.partner import Partner
from tests.world.setting import MovableClock, World, data_with, prepared

BASE = "https://gateway.example"
PULL = ("[delivery]\n", '[delivery]\nway = "pull"\n')

QUICK = ("[channel]\n", "[channel]\nrate_per_minute = 60000\n")


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """The gateway, both partners, and the application of its partner port."""

    world: World
    other: Partner
    port: ASGIApp

    @property
    def gateway(self) -> Gateway:
        return self.world.gateway

    def ask(
        self,
        partner: Partner | None,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """One request of a partner, signed by it, or by nobody; the answer has to be signed by the gateway for it."""
        signer = partner or self.world.partner
        request = signed(signer, method, BASE + path, body, headers, at=self.world.clock.now())
        sent = dict(request.headers.lines) if partner is not None else dict(headers or {})
        answer = called(self.port, method, path, body, sent)
        if partner is not None:
            response = HttpResponse(status=answer.status, headers=Headers.from_raw(answer.lines), content=answer.body)
            proved(signer, response, request, at=self.world.clock.now())
        return answer


def called(
    port: ASGIApp, method: str, path: str, body: bytes, headers: Mapping[str, str], certificate: str = ""
) -> HttpAnswer:
    """One request to an application, as a server would hand it over; the certificate of the connection as PEM."""
    parts = urlsplit(path)
    sent: list[Any] = []
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "extensions": {"tls": {"client_cert_chain": [certificate] if certificate else []}},
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: Any) -> None:
        sent.append(event)

    async def serve() -> None:
        await port(scope, receive, send)

    asyncio.run(serve())
    start = next(event for event in sent if event["type"] == "http.response.start")
    content = b"".join(event.get("body", b"") for event in sent if event["type"] == "http.response.body")
    named = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return HttpAnswer(status=start["status"], body=content, headers=named, lines=tuple(start["headers"]))


class PortLink(HttpLink):
    """The connections of a client, straight into an application."""

    def __init__(self, port: ASGIApp) -> None:
        super().__init__(timeout=1.0, answer_limit=1 << 20)
        self._port = port

    def request(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        return called(self._port, method, url.removeprefix(BASE), content, headers or {})


def two_partners(folder: Path, collecting: Sequence[str] = ("xx",), auth: str = "none") -> Path:
    """Data folders with both partners.

    Args:
        folder: gets them.
        collecting: those that collect their messages.
        auth: what both have to bring.
    """
    root = data_with(folder, "yy")
    for code in collecting:
        _rewrite(root / "partners" / code / "profile.toml", PULL)
    for code in ("xx", "yy"):
        _rewrite(root / "partners" / code / "profile.toml", ('auth = "none"', f'auth = "{auth}"'), QUICK)
    national = root / "wco_schemas" / "national"
    copies = {
        root / "agreements" / "aa-xx-notes-v1.toml": root / "agreements" / "aa-yy-letters-v1.toml",
        national / "xx" / "note.xsd": national / "yy" / "letter.xsd",
        national / "xx" / "xx-note.format.toml": national / "yy" / "yy-letter.format.toml",
        root / "mappings" / "xx" / "note.toml": root / "mappings" / "yy" / "letter.toml",
        root / "mappings" / "xx" / "note.csv": root / "mappings" / "yy" / "letter.csv",
    }
    words = (
        *(("aa-xx-notes", "aa-yy-letters"), ("xx-note", "yy-letter"), ("urn:world:xx:note:1", "urn:world:yy:letter:1")),
        *(('"note.xsd"', '"letter.xsd"'), ('"xx"', '"yy"'), ("Their administration", "The other administration")),
        ("Exchange of notes", "Exchange of letters"),
    )
    for source, target in copies.items():
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
        _rewrite(target, *words)
    return root


def _rewrite(file: Path, *words: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in words:
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


@contextmanager
def neighbours_in(folder: Path, **changed: Any) -> Iterator[Neighbours]:
    """A gateway with both partners."""
    partner, other = Partner(), Partner(code="yy")
    settings = prepared(folder, partner, root=two_partners(folder), **changed)
    import_partner_keys(settings, other.code, other.key_list())
    other._theirs = partner._theirs
    clock, durability = MovableClock(), Durability()
    with build_gateway(settings, Outside(clock=clock, channel=partner, durability=durability)) as gateway:
        world = World(gateway=gateway, partner=partner, settings=settings, clock=clock, durability=durability)
        port = build_partner_port(gateway, public_base=BASE, message_limit=1 << 16)
        yield Neighbours(world=world, other=other, port=port)
