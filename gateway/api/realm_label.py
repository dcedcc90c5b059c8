"""The header field in which a sandbox says that it is one.

It is for people and for clients that look; what keeps the realms apart are keys, addresses and logs of their own, which
are signed.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIELD = b"sarhad-realm"


class RealmLabel:
    """An ASGI application whose answers name their realm, unless it is the live one.

    Args:
        app: the application inside.
        realm: ``live`` or ``sandbox``.
    """

    def __init__(self, app: ASGIApp, realm: str) -> None:
        self._app = app
        self._realm = realm

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the server."""
        if self._realm == "live":
            await self._app(scope, receive, send)
            return

        async def labelled(message: Message) -> None:
            if message["type"] == "http.response.start":
                lines = [*message.get("headers", ()), (FIELD, self._realm.encode("ascii"))]
                message = {**message, "headers": lines}
            await send(message)

        await self._app(scope, receive, labelled)
