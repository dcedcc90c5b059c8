"""Requests made from an OpenAPI document, asked of an application in this process, and the answers held against it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

import hypothesis
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp

Sent = tuple[str, str, bytes, dict[str, str]]
"""Method, path with query, content, header lines."""

Credentials = Callable[[Sent], dict[str, str]]
"""The header lines of a request that proves who asks, made from one that does not."""

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_OF_THE_WIRE = frozenset({"content-length", "transfer-encoding", "user-agent", "accept-encoding", "connection"})


@schemathesis.serializer("application/jose")
def sealed_text(_context: Any, value: Any) -> bytes:
    """A sealed message is a text; what is none goes out as JSON."""
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()


def ask(app: ASGIApp, sent: Sent) -> tuple[int, list[tuple[str, str]], bytes]:
    """One request over the ASGI interface: status, header lines and content of the answer."""
    method, target, content, headers = sent
    parts = urlsplit(target)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    waiting = [{"type": "http.request", "body": content, "more_body": False}]
    events: list[Any] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(event: Any) -> None:
        events.append(event)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    start = next(event for event in events if event["type"] == "http.response.start")
    body = b"".join(event.get("body", b"") for event in events if event["type"] == "http.response.body")
    return (
        start["status"],
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]],
        body,
    )


def served(app: ASGIApp) -> Any:
    """The OpenAPI document that a port serves, as schemathesis reads it."""
    status, _, body = ask(app, ("GET", "/openapi.json", b"", {}))
    assert status == 200
    return schemathesis.openapi.from_dict(json.loads(body))


def sent_of(case: Case[Any], base: str) -> tuple[Sent, requests.PreparedRequest]:
    """A generated case as bytes on the wire."""
    prepared = requests.Request(**case.as_transport_kwargs(base_url=base)).prepare()
    content: Any = prepared.body or b""
    headers = {str(name).lower(): str(value) for name, value in prepared.headers.items()}
    kept = {name: value for name, value in headers.items() if name not in _OF_THE_WIRE}
    target = prepared.url.removeprefix(base) if prepared.url else ""
    return (
        str(prepared.method),
        target,
        content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content,
        kept,
    ), prepared


def hold(
    app: ASGIApp,
    operation: APIOperation[Any, Any, Any, Any],
    *,
    base: str,
    credentials: Credentials,
    known: Mapping[str, st.SearchStrategy[Any]],
    contents: Mapping[str, Callable[[], bytes]],
    examples: int,
) -> Counter[int]:
    """Ask one operation many things and hold every answer against what the document says of it; how many of which.

    Args:
        app: the application of a port.
        operation: of its document.
        base: address under which the port is reached.
        credentials: proves who asks.
        known: values of parameters, by name, that the gateway knows: they come in where chance would not find them.
        contents: contents that the gateway takes, by path or by media type, each new.
        examples: how many, valid by the document and invalid each.
    """
    answers: Counter[int] = Counter()
    valid, invalid = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @hypothesis.settings(
        max_examples=2 * examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
    )
    @hypothesis.given(case=valid | invalid, data=st.data(), helped=st.booleans())
    def one(case: Case[Any], data: st.DataObject, *, helped: bool) -> None:
        if helped:
            for place in (case.path_parameters, case.query):
                for name in place.keys() & known.keys():
                    place[name] = data.draw(known[name], label=name)
        (method, target, content, headers), prepared = sent_of(case, base)
        made = contents.get(str(operation.path)) or contents.get(headers.get("content-type", ""))
        if helped and made is not None:
            content = made()
        sent = (method, target, content, headers)
        status, lines, body = ask(app, (method, target, content, credentials(sent)))
        answers[status] += 1
        gathered: dict[str, list[str]] = {}
        for name, value in lines:
            gathered.setdefault(name.lower(), []).append(value)
        response = schemathesis.Response(status, gathered, body, prepared, 0.0, verify=False)
        case.validate_response(response, checks=CHECKS)

    one()
    return answers
