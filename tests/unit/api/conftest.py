"""A caller that speaks ASGI itself: no HTTP client, no socket, and every byte of the answer in sight."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import ASGIApp

from tests.world.setting import World, world_in


@dataclass(frozen=True)
class Answer:
    """What came back; `raised` is what the application let through after it had answered."""

    status: int
    headers: dict[str, str]
    body: bytes
    raised: Exception | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "")


def ask(
    app: ASGIApp,
    method: str,
    target: str,
    chunks: Sequence[bytes] = (b"",),
    headers: dict[str, str] | None = None,
    taken: list[int] | None = None,
) -> Answer:
    """One request, its body in chunks; `taken` gets the length of each chunk that the application read."""
    return asyncio.run(_ask(app, method, target, chunks, headers or {}, taken if taken is not None else []))


async def _ask(
    app: ASGIApp, method: str, target: str, chunks: Sequence[bytes], headers: dict[str, str], taken: list[int]
) -> Answer:
    parts = urlsplit(target)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    waiting = list(chunks)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            return {"type": "http.disconnect"}
        chunk = waiting.pop(0)
        taken.append(len(chunk))
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    async def send(event: Any) -> None:
        sent.append(event)

    raised: Exception | None = None
    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 - what the application lets through is part of what is tested
        raised = error
    start = next(event for event in sent if event["type"] == "http.response.start")
    body = b"".join(event.get("body", b"") for event in sent if event["type"] == "http.response.body")
    named = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], named, body, raised)


@pytest.fixture
def call() -> Callable[..., Answer]:
    return ask


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path, inline_answer_seconds=0.0) as made:
        yield made
