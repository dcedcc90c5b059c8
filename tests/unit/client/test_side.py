"""A partner's side that is kept: lists that change are taken up, faulty ones are not."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.client.side import KeptSide, make_side_keys, read_side, rotate_side_keys
from gateway.errors import DataFolderError
from gateway.security.lifecycle import Lifecycle, StateChange
from gateway.security.policy import KeyRefused

NOW = datetime.now(UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keys of ``xx``, and the list of the gateway ``aa`` beside them."""
    make_side_keys(tmp_path / "xx", "xx")
    (tmp_path / "gateway-keys.json").write_bytes(make_side_keys(tmp_path / "aa", "aa"))
    return tmp_path


def kept(folder: Path, look_seconds: float = 0.0) -> KeptSide:
    return KeptSide(folder / "xx", "xx", "aa", folder / "gateway-keys.json", look_seconds=look_seconds)


def test_our_own_rotation_is_taken_up(folder: Path) -> None:
    side = kept(folder)
    at = datetime.now(UTC) + timedelta(days=1)
    old = side.now().own.signer(at).kid
    rotate_side_keys(folder / "xx", "xx", first_use=at)
    assert side.now().own.signer(at - timedelta(seconds=1)).kid == old
    assert side.now().own.signer(at).kid != old
    assert len(side.now().own.decrypters) == 2


def test_a_newer_list_of_the_gateway_is_taken_up_and_its_newest_key_is_sealed_to(folder: Path) -> None:
    side = kept(folder)
    at = datetime.now(UTC) + timedelta(days=1)
    before = side.now().recipient_key(at).kid
    (folder / "gateway-keys.json").write_bytes(rotate_side_keys(folder / "aa", "aa", first_use=at))
    assert side.now().recipient_key(at - timedelta(seconds=1)).kid == before
    assert side.now().recipient_key(at).kid != before
    assert side.now().lookup(before) is not None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"keys": []}'])
def test_a_faulty_or_empty_list_of_the_gateway_changes_nothing(folder: Path, content: bytes) -> None:
    side = kept(folder)
    known = side.now().others
    (folder / "gateway-keys.json").write_bytes(content)
    assert side.now().others == known
    (folder / "gateway-keys.json").unlink()
    assert side.now().others == known


def test_files_are_not_looked_at_all_the_time(folder: Path) -> None:
    side = kept(folder, look_seconds=3600)
    before = side.now().own
    rotate_side_keys(folder / "xx", "xx", first_use=datetime.now(UTC) + timedelta(days=1))
    assert side.now().own is before


def test_a_second_rotation_waits_for_the_first(folder: Path) -> None:
    first_use = datetime.now(UTC) + timedelta(days=7)
    listed = json.loads(rotate_side_keys(folder / "xx", "xx", first_use=first_use))["keys"]
    assert len(listed) == 4
    with pytest.raises(KeyRefused) as refused:
        rotate_side_keys(folder / "xx", "xx", first_use=first_use)
    assert refused.value.stable_code == "key.rotation-pending"


def test_the_newest_active_key_is_sealed_to_whatever_the_order_of_the_list(folder: Path) -> None:
    side = read_side(folder / "xx", "xx", "aa", folder / "gateway-keys.json")
    from_start = [key for key in side.others if key.use == "enc"]
    assert side.recipient_key(NOW + timedelta(hours=1)).kid == from_start[0].kid
    with pytest.raises(DataFolderError) as refused:
        side.recipient_key(NOW - timedelta(days=1))
    assert refused.value.stable_code == "key.none-active"


def test_a_course_ends_where_a_later_one_begins() -> None:
    one = Lifecycle.active_from(NOW)
    assert one.with_course(StateChange(one.changes[0].state, NOW)).changes == one.changes
