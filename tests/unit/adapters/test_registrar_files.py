"""The registrar's keys: made at set-up, or named by the operator; the private half only where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gateway.adapters.durability import Durability
from gateway.adapters.registrar_files import RegistrarFiles, read_registrar_key
from gateway.errors import DataFolderError
from gateway.settings import load_settings

PHRASE = b"kept in the safe"


def files_at(folder: Path, **changed: Any) -> RegistrarFiles:
    return RegistrarFiles(load_settings(root=folder, state_dir=folder / "state", **changed), Durability())


def write_private(file: Path, private: Any, phrase: bytes = b"") -> Path:
    hidden = BestAvailableEncryption(phrase) if phrase else NoEncryption()
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    return file


def write_public(file: Path, private: Any) -> Path:
    file.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return file


def refusal(ask: Any) -> str:
    with pytest.raises(DataFolderError) as refused:
        ask()
    return refused.value.stable_code


def test_set_up_makes_a_pair_once_whose_private_half_is_sealed_and_for_one_user(tmp_path: Path) -> None:
    files = files_at(tmp_path)
    assert refusal(files.public) == "registry.no-registrar"
    files.set_up()
    private = files.private()
    assert private is not None
    assert private.public_key() == files.public()
    files.set_up()
    assert files.public() == private.public_key(), "a second set-up makes no other"
    folder = tmp_path / "state" / "registrar"
    assert {
        file.name: file.stat().st_mode & 0o777 for file in folder.iterdir() if file.suffix or file.name[0] == "p"
    } == {
        "passphrase": 0o600,
        "private.pem": 0o600,
        "public.pem": 0o644,
    }
    assert b"ENCRYPTED" in (folder / "private.pem").read_bytes()


def test_a_registrar_elsewhere_leaves_no_private_half_here(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    files = files_at(tmp_path, registrar_public_file=write_public(tmp_path / "public.pem", private))
    files.set_up()
    assert (files.signs_here, files.private(), files.public()) == (False, None, private.public_key())
    assert not (tmp_path / "state" / "registrar").exists()


def test_a_private_half_that_is_named_has_to_be_the_other_half(tmp_path: Path) -> None:
    private, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (tmp_path / "phrase").touch(mode=0o600)
    (tmp_path / "phrase").write_bytes(PHRASE + b"\n")
    named = {
        "registrar_public_file": write_public(tmp_path / "public.pem", private),
        "registrar_passphrase_file": tmp_path / "phrase",
    }
    right = write_private(tmp_path / "right.pem", private, PHRASE)
    wrong = write_private(tmp_path / "wrong.pem", other, PHRASE)
    found = files_at(tmp_path, registrar_key_file=right, **named).private()
    assert found is not None
    assert found.public_key() == private.public_key()
    assert refusal(files_at(tmp_path, registrar_key_file=wrong, **named).private) == "registry.key"


def test_a_private_half_without_the_public_one_is_no_setting(tmp_path: Path) -> None:
    assert refusal(lambda: files_at(tmp_path, registrar_key_file=tmp_path / "key.pem")) == "settings.invalid"


def test_a_key_that_is_open_to_others_or_does_not_open_is_refused(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    sealed = write_private(tmp_path / "sealed.pem", private, PHRASE)
    plain = write_private(tmp_path / "plain.pem", private)
    assert read_registrar_key(plain, None).public_key() == private.public_key()
    assert refusal(lambda: read_registrar_key(sealed, None)) == "registry.key"
    assert refusal(lambda: read_registrar_key(tmp_path / "gone.pem", None)) == "key.missing"
    elliptic = write_private(tmp_path / "elliptic.pem", ec.generate_private_key(ec.SECP256R1()))
    assert refusal(lambda: read_registrar_key(elliptic, None)) == "registry.key"
    plain.chmod(0o640)
    assert refusal(lambda: read_registrar_key(plain, None)) == "key.open-to-others"


@pytest.mark.parametrize("content", [b"", b"no PEM", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_public_half_that_is_none_judges_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "public.pem").write_bytes(content)
    assert refusal(files_at(tmp_path, registrar_public_file=tmp_path / "public.pem").public) == "registry.no-registrar"


def test_a_sandbox_has_a_registrar_of_its_own_and_reads_the_data_folders_by_the_live_one(tmp_path: Path) -> None:
    live, sandbox = files_at(tmp_path), files_at(tmp_path, realm="sandbox")
    live.set_up()
    sandbox.set_up()
    assert live.public() != sandbox.public()
    assert sandbox.public_of_data() == live.public() == live.public_of_data()
