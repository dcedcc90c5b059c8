"""An alarm is logged once for each change, and again after the rows held in between."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog.testing

from gateway.errors import TemporaryFailure
from gateway.identifiers import PartnerCode
from gateway.pipeline.registry_alarm import RegistryAlarm
from tests.world.log import entries
from tests.world.setting import World, world_in

XX, YY = PartnerCode("xx"), PartnerCode("yy")
CODE = "registry.manipulated"


def told(world: World) -> list[tuple[str, str]]:
    return [
        (entry["partner"], entry["reason"])
        for entry in entries(world)
        if entry["tag"] == "gateway:registry:manipulated"
    ]


def test_each_change_is_told_once_until_it_ends(tmp_path: Path) -> None:
    with world_in(tmp_path) as world, structlog.testing.capture_logs() as said:
        alarm = RegistryAlarm(world.gateway._parts.around)
        alarm.rings(XX, "keys imported: rows 1", CODE)
        alarm.rings(XX, "keys imported: rows 1", CODE)
        alarm.rings(YY, "keys imported: no list", CODE)
        alarm.rings(XX, "keys imported: rows 1, 2", CODE)
        alarm.ends(XX)
        alarm.ends(XX)
        alarm.rings(XX, "keys imported: rows 1", CODE)
        one = "keys imported: rows 1"
        assert told(world) == [("xx", one), ("yy", "keys imported: no list"), ("xx", f"{one}, 2"), ("xx", one)]
    levels = [line["log_level"] for line in said if line.get("partner") in {XX, YY}]
    assert levels == ["error", "error", "error", "info", "error"]


def test_what_could_not_be_logged_is_told_at_the_next_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable() -> None:
        raise TemporaryFailure("the database does not answer")

    with world_in(tmp_path) as world:
        around = world.gateway._parts.around
        alarm = RegistryAlarm(around)
        with monkeypatch.context() as patched:
            patched.setattr(type(around.store), "writing", lambda _store: unable())
            with pytest.raises(TemporaryFailure):
                alarm.rings(XX, "keys imported: rows 1", CODE)
        alarm.rings(XX, "keys imported: rows 1", CODE)
        assert told(world) == [("xx", "keys imported: rows 1")]
