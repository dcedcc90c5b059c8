"""Our keys as files: made once, private, encrypted, refused when open or damaged."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.adapters import secret_file
from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder, OwnKeys
from gateway.adapters.partner_lists import KEY_LISTS
from gateway.errors import DataFolderError
from gateway.identifiers import AgreementId
from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from gateway.security.keylist import write_key_list
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    made = KeyFolder(tmp_path / "keys", tmp_path / "keys" / "passphrase", Durability())
    made.set_up("aa", NOW)
    return made


def keys_of(folder: KeyFolder) -> OwnKeys:
    return folder.read("aa", "aa.example/log")


def test_set_up_makes_what_is_missing_and_leaves_what_is_there(folder: KeyFolder, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    folder.set_up("aa", LATER)
    assert {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == before
    assert {"passphrase", "public.json", "log.pem", "secrets.json"} < set(before)


def test_private_files_are_the_owners_only_and_encrypted(folder: KeyFolder, tmp_path: Path) -> None:
    for path in (tmp_path / "keys").iterdir():
        if path.name != "public.json":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        if path.suffix == ".pem":
            assert b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert b"PRIVATE" not in folder.public_list()


def test_keys_are_read_and_do_their_work(folder: KeyFolder) -> None:
    keys = keys_of(folder)
    signer = keys.signer(LATER)
    assert signer.alg == "ES256"
    assert len(signer.sign(b"data")) == 64
    assert [decrypter.alg for decrypter in keys.decrypters] == ["ECDH-ES+A256KW"]
    assert len(keys.log_key.public) == 32
    wrapped = keys.wrapping_key.wrap(b"k" * 32, b"record")
    assert keys_of(folder).wrapping_key.unwrap(wrapped, b"record") == b"k" * 32


def test_each_agreement_has_a_secret_of_its_own_that_lasts(folder: KeyFolder) -> None:
    keys = keys_of(folder)
    first, second = (keys.release_secret(AgreementId(name)) for name in ("aa-xx-one", "aa-xx-two"))
    assert len(first) == 32
    assert first != second
    assert keys_of(folder).release_secret(AgreementId("aa-xx-one")) == first


@pytest.mark.parametrize(
    ("newer", "messages", "http"), [("Ed25519", 2, 2), ("PS256", 2, 1), ("PS512", 1, 2), ("ES256", 2, 2)]
)
def test_each_use_takes_the_newest_key_that_can_serve_it(
    folder: KeyFolder, newer: str, messages: int, http: int
) -> None:
    keys = keys_of(folder)
    made = [generate_key("aa", "ES256", NOW, number=1), generate_key("aa", newer, NOW, number=2)]
    since = (NOW - timedelta(days=9), NOW - timedelta(days=1))
    both = replace(
        keys,
        registered=tuple(
            RegisteredKey(key.public, "aa", Lifecycle.active_from(at)) for key, at in zip(made, since, strict=True)
        ),
        signers={key.public.kid: FileSigner(key.private, key.public) for key in made},
    )
    assert both.signer(NOW).kid == made[messages - 1].public.kid
    assert both.http_signer(NOW).kid == made[http - 1].public.kid


def test_before_a_key_is_active_nothing_is_signed(folder: KeyFolder) -> None:
    with pytest.raises(DataFolderError) as refused:
        keys_of(folder).signer(NOW - timedelta(days=1))
    assert refused.value.stable_code == "key.none-active"


def test_a_private_file_that_others_may_read_is_refused(folder: KeyFolder, tmp_path: Path) -> None:
    (tmp_path / "keys" / "log.pem").chmod(0o640)
    with pytest.raises(DataFolderError) as refused:
        keys_of(folder)
    assert refused.value.stable_code == "key.open-to-others"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("passphrase", b"another passphrase"),
        ("secrets.json", b"{}"),
        ("secrets.json", b"[]"),
        ("secrets.json", b'{"salt":"AA==","nonce":"AA==","sealed":"AA=="}'),
        ("secrets.json", b'{"cost":16,"salt":"AA==","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}'),
        ("secrets.json", b'{"cost":17,"salt":"AA==","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}'),
        ("secrets.json", b'{"cost":"16","salt":"AA==","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}'),
        ("secrets.json", b'{"cost":1073741824,"salt":"AA==","nonce":"AAAAAAAAAAAAAAAA","sealed":"AA=="}'),
        ("log.pem", b"no key"),
        ("public.json", b"{}"),
    ],
)
def test_a_damaged_file_is_refused_within_the_error_tree(
    folder: KeyFolder, tmp_path: Path, file: str, content: bytes
) -> None:
    (tmp_path / "keys" / file).write_bytes(content)
    with pytest.raises(DataFolderError):
        keys_of(folder)


def test_secrets_open_at_the_cost_that_they_were_made_with(
    folder: KeyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys_of(folder).release_root
    monkeypatch.setattr(secret_file, "_SCRYPT_COST", 2**6)
    assert keys_of(folder).release_root == before
    assert '"cost": 16' in (tmp_path / "keys" / "secrets.json").read_text(encoding="utf-8")


def test_a_missing_file_is_refused_with_what_to_do(folder: KeyFolder, tmp_path: Path) -> None:
    (tmp_path / "keys" / "secrets.json").unlink()
    with pytest.raises(DataFolderError) as refused:
        keys_of(folder)
    assert refused.value.stable_code == "key.missing"
    assert "set-up" in refused.value.remedy


def test_partner_keys_come_from_all_lists_and_the_first_wins(tmp_path: Path) -> None:
    key = generate_key("xx", "ES256", NOW)
    other = generate_key("xx", "ES256", NOW, number=2)
    live = RegisteredKey(key.public, "xx", Lifecycle.active_from(NOW))
    late = RegisteredKey(key.public, "xx", Lifecycle.active_from(LATER))
    (tmp_path / "a.json").write_bytes(write_key_list([live]))
    (tmp_path / "b.json").write_bytes(
        write_key_list([late, RegisteredKey(other.public, "xx", Lifecycle.active_from(NOW))])
    )
    files = [tmp_path / name for name in ("absent.json", "a.json", "b.json")]
    found = KEY_LISTS.read_all(files, "xx")
    assert [one.kid for one in found] == [key.public.kid, other.public.kid]
    assert found[0].refusal_at(NOW) is None


def test_a_faulty_key_list_names_file_and_fault(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"keys": [{"kty": "oct"}]}')
    with pytest.raises(DataFolderError) as refused:
        KEY_LISTS.read_all([tmp_path / "a.json"], "xx")
    assert "a.json" in refused.value.message


def test_the_key_of_access_tokens_signs_nothing_else_and_is_not_handed_out(folder: KeyFolder, tmp_path: Path) -> None:
    keys = keys_of(folder)
    signer = keys.token_signer(LATER)
    assert signer.alg == "ES256"
    assert signer.kid not in {keys.signer(LATER).kid, keys.http_signer(LATER).kid}
    assert signer.kid.encode() not in folder.public_list()
    found = keys.token_key(signer.kid)
    assert found is not None
    assert (found.owner, found.kid) == ("aa", signer.kid)
    assert keys.token_key(keys.signer(LATER).kid) is None
    assert stat.S_IMODE((tmp_path / "keys" / f"{signer.kid}.pem").stat().st_mode) == 0o600


def test_a_folder_of_an_earlier_version_gets_a_key_for_tokens_at_its_next_set_up(
    folder: KeyFolder, tmp_path: Path
) -> None:
    kid = keys_of(folder).token_signer(LATER).kid
    (tmp_path / "keys" / "token.json").unlink()
    with pytest.raises(DataFolderError) as refused:
        keys_of(folder).token_signer(LATER)
    assert refused.value.stable_code == "key.none-active"
    folder.set_up("aa", NOW)
    assert keys_of(folder).token_signer(LATER).kid != kid
