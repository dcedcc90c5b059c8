"""The patience of the protocol, with a transport that only remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from gateway.api.connections import ConnectionLimits, PatientProtocol
from gateway.api.tls import protocol_with

QUICK = ConnectionLimits(most=2, head_seconds=0.05, reading_seconds=0.05)


class Remembering(asyncio.Transport):
    """Takes what is written and remembers how it ended."""

    def __init__(self) -> None:
        super().__init__({"peername": ("192.0.2.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written = b""
        self.ended = ""

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return bool(self.ended)

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "cut off"

    def pause_reading(self) -> None:
        """Nothing arrives by itself."""

    def resume_reading(self) -> None:
        """Nothing arrives by itself."""


def told(story: Callable[[PatientProtocol, Remembering], Any], limits: ConnectionLimits = QUICK) -> Remembering:
    """What became of a connection."""

    async def run() -> Remembering:
        async def app(_scope: Any, _receive: Any, _send: Any) -> None:
            await asyncio.sleep(10)

        state = ServerState()
        config = uvicorn.Config(app, log_config=None, lifespan="off")
        config.load()
        protocol = protocol_with(limits)(config=config, server_state=state, app_state={})
        transport = Remembering()
        protocol.connection_made(transport)
        story(protocol, transport)
        await asyncio.sleep(0.2)
        ended = transport.ended
        protocol.connection_lost(None)
        transport.ended = ended  # not by the end of this test
        for task in state.tasks:
            task.cancel()
        return transport

    return asyncio.run(run())


def test_silence_and_half_a_head_end_with_408() -> None:
    assert told(lambda _protocol, _transport: None).written.startswith(b"HTTP/1.1 408")
    half = told(lambda protocol, _transport: protocol.data_received(b"GET / HTTP/1.1\r\nhost:"))
    assert half.written.startswith(b"HTTP/1.1 408")
    assert half.ended == "cut off"  # our last words were not read either


def test_a_whole_head_is_served_without_haste() -> None:
    served = told(lambda protocol, _transport: protocol.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"))
    assert (served.written, served.ended) == (b"", "")


@pytest.mark.parametrize(("reads", "ended"), [(False, "cut off"), (True, "")])
def test_who_does_not_read_is_cut_off(*, reads: bool, ended: str) -> None:
    def story(protocol: PatientProtocol, _transport: Remembering) -> None:
        protocol.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        protocol.pause_writing()
        if reads:
            protocol.resume_writing()

    assert told(story).ended == ended


def test_a_kept_connection_that_is_closed_is_not_waited_for() -> None:
    limits = ConnectionLimits(head_seconds=5, reading_seconds=0.05)
    assert told(lambda protocol, _transport: protocol.timeout_keep_alive_handler(), limits).ended == "cut off"


def test_a_connection_without_room_is_cut_off_and_gives_nothing_back() -> None:
    def story(protocol: PatientProtocol, _transport: Remembering) -> None:
        others = [Remembering() for _ in range(3)]
        made = [
            type(protocol)(config=protocol.config, server_state=protocol.server_state, app_state={}) for _ in others
        ]
        for one, transport in zip(made, others, strict=True):
            one.connection_made(transport)
        assert [transport.ended for transport in others] == ["", "cut off", "cut off"]
        made[2].connection_lost(None)
        made[0].connection_lost(None)
        again = Remembering()
        made[1].connection_made(again)
        assert again.ended == ""
        made[1].connection_lost(None)

    told(story)
