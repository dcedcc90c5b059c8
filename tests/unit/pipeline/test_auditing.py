"""Checkpoints, and a gateway that does not start on a log that was touched."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.audit.entry import LogDamaged
from gateway.audit.merkle import CompactRange, leaf_hash
from gateway.bootstrap import Outside, build_gateway, verify_audit
from gateway.errors import DataFolderError, GatewayError
from gateway.settings import Settings
from tests.world.log import rows
from tests.world.partner import NOTE, Partner, note
from tests.world.setting import MovableClock, World, settings_in, world_in


@pytest.fixture
def stopped(tmp_path: Path) -> Settings:
    """Settings of a gateway that has worked, signed a checkpoint, worked again and stopped."""
    with world_in(tmp_path) as world:
        world.gateway.receive(world.partner.seal(NOTE, "m-1"), "application/jose")
        world.gateway.settle()
        world.gateway.checkpoint()
        world.gateway.receive(world.partner.seal(note("N-2"), "m-2"), "application/jose")
    return world.settings


def start(settings: Settings) -> None:
    build_gateway(settings, Outside(clock=MovableClock(), channel=Partner())).close()


def tamper(settings: Settings, statement: str) -> None:
    engine = sa.create_engine(settings.database)
    with engine.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount > 0
    engine.dispose()


def test_an_untouched_log_starts_again(stopped: Settings) -> None:
    start(stopped)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET entry = X'7b7d' WHERE leaf_index = 0",
        "UPDATE log_entry SET leaf_hash = zeroblob(32) WHERE leaf_index = 1",
        "DELETE FROM log_entry WHERE leaf_index = 2",
        "DELETE FROM log_entry WHERE leaf_index = (SELECT max(leaf_index) FROM log_entry)",
        "DELETE FROM log_entry",
        "UPDATE log_head SET size = size + 1, compact_range = zeroblob(32)",
        "UPDATE checkpoint SET note = replace(note, 'aa.example/log', 'bb.example/log')",
        "UPDATE log_head SET size = 0, compact_range = X''",
    ],
)
def test_a_log_that_was_touched_does_not_start_but_can_be_verified(stopped: Settings, statement: str) -> None:
    tamper(stopped, statement)
    with pytest.raises(GatewayError):
        start(stopped)
    report = verify_audit(stopped)
    assert not report.ok
    assert report.as_json()["problems"]


def test_a_rewritten_log_does_not_match_its_last_checkpoint(stopped: Settings) -> None:
    """Entry, leaf hash and head made consistent again by hand: only the signed checkpoint tells."""
    engine = sa.create_engine(stopped.database)
    with engine.begin() as connection:
        found = connection.execute(sa.text("SELECT leaf_index, entry FROM log_entry ORDER BY leaf_index")).all()
        edge = CompactRange()
        for index, entry in found:
            forged = entry.replace(b'"partner":"xx"', b'"partner":"yy"') if index == 0 else entry
            edge.append(leaf_hash(forged))
            values = {"entry": forged, "leaf_hash": leaf_hash(forged), "index": index}
            connection.execute(
                sa.text("UPDATE log_entry SET entry = :entry, leaf_hash = :leaf_hash WHERE leaf_index = :index"), values
            )
        connection.execute(sa.text("UPDATE log_head SET compact_range = :range"), {"range": b"".join(edge.hashes)})
    engine.dispose()
    with pytest.raises(LogDamaged, match="last signed checkpoint"):
        start(stopped)


def test_a_checkpoint_is_signed_once_for_a_size(world: World) -> None:
    world.gateway.receive(world.partner.seal(NOTE, "m-1"), "application/jose")
    first = world.gateway.checkpoint()
    assert world.gateway.checkpoint() == first == world.gateway.latest_checkpoint()
    assert first.startswith("aa.example/log\n2\n")
    assert rows(world, "checkpoint") == 1


def test_a_folder_that_was_not_set_up_is_refused_and_gets_no_second_history(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with pytest.raises(DataFolderError):
        start(settings)
    assert not (settings.state_dir / "gateway.sqlite").exists()
