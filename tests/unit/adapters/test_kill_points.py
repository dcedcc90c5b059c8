"""Gates: closed to nobody in production; a SIGKILL where a test asks for it."""

from __future__ import annotations

import os
import signal

import pytest

from gateway.adapters.kill_points import OpenGates, gates_of
from gateway.errors import DataFolderError
from gateway.ports import Gate


def test_nothing_is_killed_by_default() -> None:
    gates = gates_of("")
    assert isinstance(gates, OpenGates)
    for gate in Gate:
        gates.reach(gate)


@pytest.mark.parametrize(("setting", "survived"), [("inbound.after-store", 0), ("inbound.after-store:3", 2)])
def test_the_process_dies_at_the_gate_and_the_passing_that_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, setting: str, survived: int
) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append((pid, number)))
    gates = gates_of(setting)
    gates.reach(Gate.INBOUND_BEFORE_STORE)
    for _ in range(survived):
        gates.reach(Gate.INBOUND_AFTER_STORE)
    assert killed == []
    gates.reach(Gate.INBOUND_AFTER_STORE)
    assert killed == [(os.getpid(), signal.SIGKILL)]


@pytest.mark.parametrize("setting", ["nowhere", "inbound.after-store:x", ":1"])
def test_a_gate_that_does_not_exist_is_refused(setting: str) -> None:
    with pytest.raises(DataFolderError) as refused:
        gates_of(setting)
    assert refused.value.stable_code == "settings.invalid"
