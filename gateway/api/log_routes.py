"""The log as partners see it: checkpoints and hash tiles for anybody, entries for whom they are about."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from gateway.api.asking import Asking, Sender, refusals
from gateway.api.authentication import Authentication, Caller, caller_who
from gateway.api.problems import documented
from gateway.api.requests import PLAIN, Id
from gateway.authorisation.scopes import Scope
from gateway.pipeline.facade import Gateway

Reading = Annotated[Caller, Depends(caller_who(Scope.LOG))]

TILE = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
"""A tile of a given width never changes (C2SP tlog-tiles)."""

_TILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "the hashes, 32 bytes each", "content": {TILE: {}}},
    404: documented("no such tile under the newest checkpoint"),
    422: documented("the request cannot be read"),
    431: documented("the head is larger than the limit"),
    503: documented("try again later"),
}
_NO_ENTRY = "no such entry for this partner"


def add_log(app: FastAPI, gateway: Gateway, authentication: Authentication, body_seconds: float) -> None:
    """Add the routes of tiles and entries.

    Args:
        app: the application of the partner port.
        gateway: keeps the log.
        authentication: of the port.
        body_seconds: longest time that a body may take to arrive.
    """
    asking = Asking(authentication=authentication, body_seconds=body_seconds)
    log = gateway.partners.log

    @app.get("/v1/log/tile/{level}/{place:path}", response_class=Response, responses=_TILE_ANSWERS)
    async def tile(level: Annotated[str, Path(pattern=PLAIN)], place: Annotated[str, Path(pattern=PLAIN)]) -> Response:
        """The hashes of a tile of the Merkle tree (C2SP tlog-tiles): ``0/x001/234``, or ``0/x001/234.p/17``."""
        hashes = await run_in_threadpool(log.tile, level, place)
        return Response(hashes, media_type=TILE, headers={"Cache-Control": FOR_EVER})

    @app.get("/v1/log/entries", responses=refusals(s404=_NO_ENTRY))
    async def about(
        request: Request,
        caller: Reading,
        sender: Sender,
        message_id: Annotated[str, Query(alias="message", min_length=1, max_length=128, pattern=PLAIN)],
    ) -> JSONResponse:
        """Indexes of the own entries about a message."""
        partner = await asking.partner(request, caller, sender)
        return JSONResponse({"entries": await run_in_threadpool(log.entries_about, partner, message_id)})

    @app.get("/v1/log/entries/{index}", response_class=Response, responses=refusals(s404=_NO_ENTRY))
    async def entry(request: Request, caller: Reading, index: Id, sender: Sender) -> Response:
        """The exact bytes of an own entry; its leaf hash is SHA-256 over a zero byte and these."""
        partner = await asking.partner(request, caller, sender)
        found = await run_in_threadpool(log.entry, partner, index)
        return Response(found, media_type="application/json", headers={"Cache-Control": "no-store"})
