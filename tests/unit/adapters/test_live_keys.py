"""Keys in force: every answer is of the newest snapshot, and one that was taken stays whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder
from gateway.adapters.key_rotation import KeyRotation, RotationOrder
from gateway.adapters.live_keys import LiveKeys
from gateway.errors import DataFolderError
from gateway.identifiers import AgreementId

NOW = datetime.now(UTC)
TURN = NOW + timedelta(days=7)


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    made = KeyFolder(tmp_path / "keys", tmp_path / "keys" / "passphrase", Durability())
    made.set_up("aa", NOW - timedelta(days=1))
    return made


def rotate(folder: KeyFolder, use: str) -> str:
    order = RotationOrder(use=use, at=NOW, first_use=TURN, overlap=timedelta(days=37))
    return KeyRotation(folder, "aa").rotate(order, lambda _kid: None).kid


def test_what_is_taken_up_is_in_force_in_every_answer(folder: KeyFolder) -> None:
    live = LiveKeys(folder.read("aa", "aa.example/log"))
    secret, log_key = live.release_secret(AgreementId("aa-xx-notes")), live.log_key
    new = {use: rotate(folder, use) for use in ("sig", "enc", "token")}
    assert new["sig"] not in {key.kid for key in live.published}, "not before it is taken up"
    live.take_up(folder.read_again("aa", live.in_force))
    assert live.signer(TURN).kid == live.http_signer(TURN).kid == new["sig"]
    assert live.token_signer(TURN).kid == new["token"]
    assert live.token_key(new["token"]) is not None
    assert [one.kid for one in live.decrypters][-1] == new["enc"]
    assert set(new.values()) <= {key.kid for key in live.published}
    assert (live.release_secret(AgreementId("aa-xx-notes")), live.log_key) == (secret, log_key)


def test_before_the_turn_old_and_new_snapshot_give_the_same_answer(folder: KeyFolder) -> None:
    live = LiveKeys(folder.read("aa", "aa.example/log"))
    before = live.in_force
    rotate(folder, "sig")
    live.take_up(folder.read_again("aa", before))
    for at in (NOW, TURN - timedelta(microseconds=1)):
        assert live.signer(at).kid == before.signer(at).kid
    assert live.signer(TURN).kid != before.signer(TURN).kid
    assert len(before.decrypters) == 1, "a snapshot that somebody holds does not change"


@pytest.mark.parametrize("content", [b"", b'{"keys": [{}]}'])
def test_a_list_that_cannot_be_read_leaves_the_snapshot(folder: KeyFolder, content: bytes) -> None:
    live = LiveKeys(folder.read("aa", "aa.example/log"))
    kid = live.signer(NOW).kid
    folder.public.write_bytes(content)
    with pytest.raises(DataFolderError):
        folder.read_again("aa", live.in_force)
    assert live.signer(NOW).kid == kid
