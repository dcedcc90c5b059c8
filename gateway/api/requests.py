"""What a request may bring: a body that is counted and timed while it arrives, and texts without control characters."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Path, Query, Request

from gateway import errors
from gateway.api.problems import TooSlow

SECONDS_FOR_A_BODY = 120.0
"""How long a body may take to arrive, where the settings say nothing else."""

PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: no id holds any, and a database may refuse a NUL."""

Name = Annotated[str, Query(max_length=64, pattern=PLAIN)]
OptionalName = Annotated[str | None, Query(max_length=64, pattern=PLAIN)]
Id = Annotated[str, Path(pattern=PLAIN)]


async def read_body(request: Request, limit: int, seconds: float) -> bytes:
    """The body of a request, counted while it arrives.

    Args:
        request: whose body has not been read.
        limit: most bytes that are taken.
        seconds: longest time that it may take.

    Raises:
        MessageTooLarge: as soon as one byte more has arrived.
        MalformedMessage: for a content encoding, which is refused.
        TooSlow: the time is over.
    """
    encodings = request.headers.getlist("content-encoding")
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        raise errors.MalformedMessage(
            "a content encoding is not accepted", code="http.content-encoding", remedy="send the bytes as they are"
        )
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise errors.MessageTooLarge(
                        f"a message has at most {limit} bytes", remedy="split the message or agree on a larger limit"
                    )
                chunks.append(chunk)
    except TimeoutError:
        raise TooSlow(
            f"the body did not arrive within {seconds:g} seconds", remedy="send it again over a faster connection"
        ) from None
    return b"".join(chunks)
