"""Rotation in the folder of our keys: atomic, never an id twice, readable at any moment."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder, OwnKeys
from gateway.adapters.key_rotation import KeyRotation, RotationOrder
from gateway.errors import DataFolderError, TemporaryFailure
from gateway.security.lifecycle import KeyState
from gateway.security.policy import KeyRefused

NOW = datetime.now(UTC)
LEAD, OVERLAP = timedelta(days=7), timedelta(days=37)
TURN = NOW + LEAD


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    made = KeyFolder(tmp_path / "keys", tmp_path / "keys" / "passphrase", Durability())
    made.set_up("aa", NOW - timedelta(days=1))
    return made


def order(use: str = "sig", at: datetime = NOW, algorithm: str = "") -> RotationOrder:
    return RotationOrder(use=use, at=at, first_use=at + LEAD, overlap=OVERLAP, algorithm=algorithm)


def quietly(_kid: str) -> None:
    """No log is kept here."""


def keys_of(folder: KeyFolder) -> OwnKeys:
    return folder.read("aa", "aa.example/log")


def test_the_new_signing_key_takes_over_at_its_first_use(folder: KeyFolder) -> None:
    old = keys_of(folder).signer(NOW).kid
    new = KeyRotation(folder, "aa").rotate(order(), quietly)
    keys = keys_of(folder)
    for at, kid in ((NOW, old), (TURN - timedelta(seconds=1), old), (TURN, new.kid), (TURN + OVERLAP, new.kid)):
        assert keys.signer(at).kid == kid
        assert keys.http_signer(at).kid == kid
    assert new.kid.encode() in folder.public_list()
    assert old.encode() in folder.public_list()


def test_both_decryption_keys_open_until_the_old_one_is_retired(folder: KeyFolder) -> None:
    KeyRotation(folder, "aa").rotate(order("enc"), quietly)
    old, new = keys_of(folder).decrypters
    assert [old.refusal_at(at) is None for at in (NOW, TURN, TURN + OVERLAP)] == [True, True, False]
    assert [new.refusal_at(at) is None for at in (NOW, TURN, TURN + OVERLAP)] == [False, True, True]


def test_the_key_of_access_tokens_is_rotated_in_its_own_list(folder: KeyFolder) -> None:
    before = folder.public_list()
    old = keys_of(folder).token_signer(NOW).kid
    new = KeyRotation(folder, "aa").rotate(order("token"), quietly)
    keys = keys_of(folder)
    assert (keys.token_signer(NOW).kid, keys.token_signer(TURN).kid) == (old, new.kid)
    assert keys.token_key(old) is not None
    assert folder.public_list() == before


def test_another_algorithm_may_follow_when_it_can_do_the_work(folder: KeyFolder) -> None:
    rotation = KeyRotation(folder, "aa")
    assert rotation.rotate(order(algorithm="Ed25519"), quietly).key.alg == "Ed25519"
    with pytest.raises(KeyRefused) as refused:
        rotation.rotate(order("http", at=TURN, algorithm="PS256"), quietly)
    assert refused.value.stable_code == "key.algorithm"
    assert rotation.rotate(order("http", at=TURN), quietly).key.alg == "Ed25519"
    with pytest.raises(KeyRefused) as refused:
        rotation.rotate(order("tls"), quietly)
    assert refused.value.stable_code == "key.use"


def test_ids_may_begin_with_another_name_than_the_owners(folder: KeyFolder) -> None:
    new = KeyRotation(folder, "aa", "aasandbox").rotate(order(), quietly)
    assert (new.owner, new.kid.rpartition("-")[0]) == ("aa", f"aasandbox-sig-{NOW:%Y%m}")
    assert keys_of(folder).signer(TURN).kid == new.kid


def test_a_kill_before_the_list_is_replaced_changes_nothing_and_uses_the_id_up(folder: KeyFolder) -> None:
    before = folder.public_list()

    def killed(_kid: str) -> None:
        raise TemporaryFailure("here")

    rotation = KeyRotation(folder, "aa")
    with pytest.raises(TemporaryFailure):
        rotation.rotate(order(), killed)
    assert folder.public_list() == before
    assert keys_of(folder).signer(TURN).kid.endswith("-1")
    assert rotation.rotate(order(), quietly).kid.endswith("-3"), "the key that came to nothing keeps its id"


def test_a_key_that_waits_takes_over_at_once_in_an_emergency(folder: KeyFolder) -> None:
    rotation, soon = KeyRotation(folder, "aa"), NOW + timedelta(seconds=4)
    old = keys_of(folder).signer(NOW).kid
    waiting = rotation.rotate(order(), quietly)
    hurried = RotationOrder(use="sig", at=NOW, first_use=soon, overlap=OVERLAP, sooner=True)
    told: list[str] = []
    assert rotation.rotate(hurried, told.append).kid == waiting.kid
    assert told == [waiting.kid]
    keys = keys_of(folder)
    assert [keys.signer(at).kid for at in (NOW, soon, TURN)] == [old, waiting.kid, waiting.kid]
    [leaving] = [key for key in keys.registered if key.kid == old]
    assert [(change.state.value, change.since) for change in leaving.lifecycle.changes[1:]] == [
        ("retiring", soon),
        ("retired", soon + OVERLAP),
    ]
    made = rotation.rotate(RotationOrder(use="sig", at=TURN, first_use=TURN, overlap=OVERLAP, sooner=True), quietly)
    assert made.kid not in {old, waiting.kid}, "where none waits a new one is made"


def test_after_the_only_key_was_revoked_the_one_that_waits_takes_over(folder: KeyFolder) -> None:
    rotation, soon = KeyRotation(folder, "aa"), NOW + timedelta(seconds=4)
    waiting = rotation.rotate(order(), quietly)
    assert rotation.revoke(keys_of(folder).signer(NOW).kid, NOW, quietly) is False
    rotation.rotate(RotationOrder(use="sig", at=NOW, first_use=soon, overlap=OVERLAP, sooner=True), quietly)
    keys = keys_of(folder)
    assert keys.signer(soon).kid == waiting.kid
    assert {key.lifecycle.state_at(soon) for key in keys.registered if key.use == "sig"} == {
        KeyState.ACTIVE,
        KeyState.COMPROMISED,
    }


def test_two_operators_at_once_make_one_rotation(folder: KeyFolder) -> None:
    def attempt(_number: int) -> str:
        try:
            return KeyRotation(folder, "aa").rotate(order(), quietly).kid
        except KeyRefused as refused:
            return refused.stable_code

    with ThreadPoolExecutor(4) as pool:
        ended = sorted(pool.map(attempt, range(4)))
    assert ended[1:] == ["key.rotation-pending"] * 3
    assert len(keys_of(folder).registered) == 3


def test_a_revoked_key_does_nothing_more_and_it_is_said_when_nobody_does_its_work(folder: KeyFolder) -> None:
    kid = keys_of(folder).signer(NOW).kid
    rotation = KeyRotation(folder, "aa")
    told: list[str] = []
    assert rotation.revoke(kid, NOW, told.append) is False
    assert told == [kid]
    with pytest.raises(DataFolderError) as refused:
        keys_of(folder).signer(NOW)
    assert refused.value.stable_code == "key.none-active"
    new = rotation.rotate(RotationOrder(use="sig", at=NOW, first_use=NOW, overlap=OVERLAP), quietly)
    assert keys_of(folder).signer(NOW).kid == new.kid
    assert rotation.revoke(keys_of(folder).token_signer(NOW).kid, NOW, quietly) is False


def test_a_key_with_a_successor_is_revoked_without_a_gap(folder: KeyFolder) -> None:
    rotation = KeyRotation(folder, "aa")
    kid = keys_of(folder).signer(NOW).kid
    rotation.rotate(RotationOrder(use="sig", at=NOW, first_use=NOW, overlap=OVERLAP), quietly)
    assert rotation.revoke(kid, NOW + timedelta(seconds=1), quietly) is True


def test_an_unknown_key_is_not_revoked_and_not_logged(folder: KeyFolder) -> None:
    told: list[str] = []
    with pytest.raises(KeyRefused) as refused:
        KeyRotation(folder, "aa").revoke("aa-sig-202001-1", NOW, told.append)
    assert refused.value.stable_code == "key.unknown"
    assert told == []


def test_lists_and_private_keys_keep_their_permissions(folder: KeyFolder, tmp_path: Path) -> None:
    rotation = KeyRotation(folder, "aa")
    made = [rotation.rotate(order(use), quietly) for use in ("sig", "enc", "token")]
    for name in (*(f"{key.kid}.pem" for key in made), "token.json", "lock"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600, name
    assert stat.S_IMODE((tmp_path / "keys" / "public.json").stat().st_mode) == 0o644


def test_what_never_changes_is_not_read_again(folder: KeyFolder, tmp_path: Path) -> None:
    first = keys_of(folder)
    (tmp_path / "keys" / "secrets.json").unlink()
    new = KeyRotation(folder, "aa").rotate(order(), quietly)
    again = folder.read_again("aa", first)
    assert again.signer(TURN).kid == new.kid
    assert (again.wrapping_key, again.log_key) == (first.wrapping_key, first.log_key)


def test_the_private_half_of_a_key_past_its_use_may_be_destroyed(folder: KeyFolder, tmp_path: Path) -> None:
    rotation = KeyRotation(folder, "aa")
    kid = keys_of(folder).signer(NOW).kid
    rotation.rotate(RotationOrder(use="sig", at=NOW, first_use=NOW, overlap=OVERLAP), quietly)
    (tmp_path / "keys" / f"{kid}.pem").rename(tmp_path / "kept.pem")
    with pytest.raises(DataFolderError):
        keys_of(folder)
    rotation.revoke(kid, NOW, quietly)
    keys = keys_of(folder)
    assert kid not in keys.signers
    [archived] = [key for key in keys.registered if key.kid == kid]
    assert archived.lifecycle.state_at(NOW) is KeyState.COMPROMISED
