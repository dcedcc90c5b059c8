"""The workers in the background: they start, are woken, outlive faults and stop; answers that are ready go along."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.exchange.states import State
from gateway.pipeline.dispatch import Dispatcher
from gateway.pipeline.runner import WakeUps
from gateway.ports import Work
from tests.world.log import tags
from tests.world.partner import NOTE, answer, note
from tests.world.setting import World, world_in

JOSE = "application/jose"


def test_served_in_the_background_everything_comes_to_its_end(world: World) -> None:
    world.gateway.start()
    world.gateway.start()
    for number in range(5):
        world.gateway.receive(world.partner.seal(note(f"N-{number}"), f"m-{number}"), JOSE)
    lodged = world.gateway.lodge(b'{"number": "L-1"}', "xx", "reply")
    assert world.gateway.settle(20)
    world.gateway.stop()
    states: dict[str, State] = {one.exchange.id: one.exchange.state for one in world.gateway.exchanges()}
    assert states.pop(lodged.exchange_id) is State.RECEIPTED
    assert set(states.values()) == {State.CONCLUDED}
    assert world.gateway.feeds.page("rms").last_position == 5
    assert tags(world)[0] == "gateway:catalogue:loaded"


def test_an_acknowledgement_that_is_ready_in_time_goes_along_with_the_receipt(tmp_path: Path) -> None:
    with world_in(tmp_path, inline_answer_seconds=10) as world:
        world.gateway.start()
        given = world.gateway.receive(world.partner.seal(b"<Note", "m-1"), JOSE)
        assert given.acknowledgement is not None
        world.partner.take(given.acknowledgement)
        assert [one["outcome"] for one in world.partner.answers_to("m-1")] == ["refused"]
        assert world.gateway.settle(20)
        assert [one["outcome"] for one in world.partner.answers_to("m-1")] == ["refused"]


def test_without_workers_an_answer_does_not_wait(tmp_path: Path) -> None:
    with world_in(tmp_path, inline_answer_seconds=30) as world:
        begin = time.monotonic()
        given = world.gateway.receive(world.partner.seal(NOTE, "m-1"), JOSE)
        assert given.acknowledgement is None
        assert time.monotonic() - begin < 10


def test_a_worker_outlives_a_fault_of_one_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world_in(tmp_path, dispatch_seconds=0.05) as world:
        real, failed = Dispatcher._send, threading.Event()

        def broken_once(self: Dispatcher, *rest: Any) -> Any:
            if not failed.is_set():
                failed.set()
                raise RuntimeError("CANARY")
            return real(self, *rest)

        monkeypatch.setattr(Dispatcher, "_send", broken_once)
        world.gateway.start()
        world.gateway.lodge(b'{"number": "L-1"}', "xx", "reply")
        assert world.gateway.settle(20)
        assert failed.is_set()
        assert len(world.partner.taken) == 1


def test_checkpoints_are_signed_while_the_log_grows(tmp_path: Path) -> None:
    with world_in(tmp_path, checkpoint_seconds=0.05) as world:
        world.gateway.start()
        world.gateway.receive(world.partner.seal(NOTE, "m-1"), JOSE)
        assert world.gateway.settle(20)
        until = time.monotonic() + 10
        while world.gateway.latest_checkpoint() is None and time.monotonic() < until:
            time.sleep(0.02)
        text = world.gateway.latest_checkpoint()
        assert text is not None
        assert text.startswith("aa.example/log\n")


def test_settling_says_so_when_something_stays_due(world: World) -> None:
    world.partner.mood.append(answer(503, retry_after=3000))
    world.gateway.lodge(b'{"number": "L-1"}', "xx", "reply")
    assert not world.gateway.settle(0.3)
    world.gateway.set_stopped("xx", stopped=True, operator="officer", reason="test")
    assert world.gateway.settle(0.3)  # what is stopped is not waited for


def test_a_wake_up_before_anybody_waits_is_not_lost() -> None:
    wake_ups = WakeUps()
    wake_ups.wake(Work.DELIVER)
    begin = time.monotonic()
    wake_ups.wait(Work.DELIVER, 10)
    assert time.monotonic() - begin < 5
    begin = time.monotonic()
    wake_ups.wait(Work.EXAMINE, 0.05)
    assert time.monotonic() - begin >= 0.04
