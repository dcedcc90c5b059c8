"""What a request may bring: a body that is counted and timed while it arrives, and texts without control characters."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query, Request

from gateway import errors
from gateway.api.problems import TooSlow

SECONDS_FOR_A_BODY = 120.0
"""How long a body may take to arrive, where the settings say nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPace:
    """How fast a body has to arrive, however long it may take on the whole.

    Attributes:
        grace: seconds from the beginning in which nothing is asked for.
        least_rate: bytes that it has to bring in each second after that, on the average.
    """

    grace: float
    least_rate: int

    def time_for(self, size: int) -> float:
        """Seconds after which more than these bytes have to be there."""
        return self.grace + size / self.least_rate


BODY_PACE = BodyPace(grace=5.0, least_rate=1024)
"""The pace where the settings say nothing else."""

PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: no id holds any, and a database may refuse a NUL."""

Name = Annotated[str, Query(max_length=64, pattern=PLAIN)]
OptionalName = Annotated[str | None, Query(max_length=64, pattern=PLAIN)]
Id = Annotated[str, Path(pattern=PLAIN)]


async def read_body(request: Request, limit: int, seconds: float, pace: BodyPace = BODY_PACE) -> bytes:
    """The body of a request, counted while it arrives.

    Args:
        request: whose body has not been read.
        limit: most bytes that are taken.
        seconds: longest time that it may take.
        pace: how fast it has to arrive meanwhile.

    Raises:
        MessageTooLarge: as soon as one byte more has arrived.
        MalformedMessage: for a content encoding, which is refused.
        TooSlow: the time is over, or it trickles.
    """
    encodings = request.headers.getlist("content-encoding")
    if any(encoding.strip().lower() != "identity" for encoding in encodings):
        raise errors.MalformedMessage(
            "a content encoding is not accepted", code="http.content-encoding", remedy="send the bytes as they are"
        )
    chunks: list[bytes] = []
    size = 0
    begun = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(min(seconds, pace.time_for(0))) as over:
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise errors.MessageTooLarge(
                        f"a message has at most {limit} bytes", remedy="split the message or agree on a larger limit"
                    )
                chunks.append(chunk)
                over.reschedule(begun + min(seconds, pace.time_for(size)))
    except TimeoutError:
        raise TooSlow(
            f"the body did not arrive within {seconds:g} seconds, or with less than {pace.least_rate} bytes a second",
            remedy="send it again over a faster connection",
        ) from None
    return b"".join(chunks)
