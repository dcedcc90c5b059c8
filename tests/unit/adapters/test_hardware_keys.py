"""Keys in a PKCS#11 token, tried with SoftHSM2 where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwe, jws

from gateway.adapters.durability import Durability
from gateway.adapters.hardware_keys import HardwareToken
from gateway.adapters.key_rotation import KeyRotation, RotationOrder
from gateway.bootstrap.setting_up import key_folder
from gateway.errors import DataFolderError, TemporaryFailure
from gateway.security.compact import sign_compact
from gateway.security.generation import generate_key
from gateway.security.jose import StrictJweRegistry
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.limits import EnvelopeLimits
from gateway.security.policy import KeyRefused
from gateway.security.refusals import OpeningRefused
from tests.world.partner import NOTE
from tests.world.setting import world_in
from tests.world.softhsm import LABEL, PIN, needs_softhsm, token_in

pkcs11 = pytest.importorskip("pkcs11", reason="the optional package python-pkcs11 is not installed")

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TLS_FILES = ("tls-key.pem", "tls-certificate.pem")

pytestmark = needs_softhsm


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The module over a token store of its own."""
    with token_in(tmp_path_factory.mktemp("token")) as module:
        yield module


@pytest.fixture(scope="module")
def token(module: Path) -> Iterator[HardwareToken]:
    with HardwareToken(module, LABEL, PIN) as opened:
        yield opened


@pytest.mark.parametrize(("label", "pin"), [("another", PIN), ("ours", "0000")])
def test_a_token_that_does_not_open_is_told(module: Path, label: str, pin: str) -> None:
    """The first test here: a module asks for the PIN once in a process."""
    with pytest.raises(DataFolderError) as refused:
        HardwareToken(module, label, pin)
    assert refused.value.stable_code == "key.module"
    assert pin not in str(refused.value)


def test_a_signature_of_the_token_is_one_of_the_standard(token: HardwareToken) -> None:
    public = token.make("aa-sig-202603-1", "ES256")
    signed = sign_compact(b"content", members={}, typ="test+jws", signer=token.signer(public))
    assert jws.deserialize_compact(signed, public.jose, algorithms=["ES256"]).payload == b"content"


def test_what_is_sealed_for_a_key_of_the_token_opens(token: HardwareToken) -> None:
    registered = RegisteredKey(token.make("aa-enc-202603-1", "ECDH-ES+A256KW"), "aa", Lifecycle.active_from(NOW))
    decrypter = token.decrypter(registered)
    sealed = _sealed(registered)
    assert decrypter.decrypt(sealed, ["A256GCM"], EnvelopeLimits()) == b"content"
    assert decrypter.refusal_at(NOW) is None
    with pytest.raises(OpeningRefused) as refused:
        decrypter.decrypt(sealed[:-4] + b"AAAA", ["A256GCM"], EnvelopeLimits())
    assert refused.value.stable_code == "envelope.not-opened"


def test_private_keys_cannot_be_read(token: HardwareToken) -> None:
    token.make("aa-sig-202603-7", "ES256")
    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY, pkcs11.Attribute.LABEL: "aa-sig-202603-7"}
    [private] = token._calls(lambda session: list(session.get_objects(wanted)))
    assert private[pkcs11.Attribute.EXTRACTABLE] is False
    assert private[pkcs11.Attribute.DERIVE] is False
    with pytest.raises(pkcs11.PKCS11Error):
        private[pkcs11.Attribute.VALUE]


def test_a_key_serves_one_use_and_its_own_public_half(token: HardwareToken) -> None:
    signing = token.make("aa-sig-202603-2", "ES256")
    stranger = generate_key("aa", "ES256", NOW, number=2).public
    assert stranger.kid == signing.kid
    with pytest.raises(KeyRefused) as refused:
        token.signer(stranger)
    assert refused.value.stable_code == "key.pair"
    with pytest.raises(KeyRefused):
        token.decrypter(RegisteredKey(signing, "aa", Lifecycle.active_from(NOW)))


def test_an_id_is_never_used_twice(token: HardwareToken) -> None:
    token.make("aa-sig-202603-3", "ES256")
    with pytest.raises(KeyRefused) as refused:
        token.make("aa-sig-202603-3", "ES256")
    assert refused.value.stable_code == "key.id"


def test_only_what_a_token_serves_is_made(token: HardwareToken) -> None:
    with pytest.raises(KeyRefused):
        token.make("aa-sig-202603-4", "PS256")


def test_a_key_that_is_not_there_is_told(token: HardwareToken) -> None:
    with pytest.raises(DataFolderError) as refused:
        token.public_key("aa-sig-209901-1", "ES256")
    assert refused.value.stable_code == "key.missing"


def test_a_library_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError) as refused:
        HardwareToken(tmp_path / "none.so", "ours", PIN)
    assert refused.value.stable_code == "key.module"


def test_a_session_that_has_died_is_opened_again(token: HardwareToken, monkeypatch: pytest.MonkeyPatch) -> None:
    public = token.make("aa-sig-202603-5", "ES256")
    signer = token.signer(public)
    monkeypatch.setattr(token, "_session", DeadSession())
    assert len(signer.sign(b"content")) == 64
    monkeypatch.setattr(token, "_session", DeadSession())
    monkeypatch.setattr(token, "_open", DeadSession)
    with pytest.raises(TemporaryFailure) as failed:
        signer.sign(b"content")
    assert failed.value.stable_code == "key.module-unavailable"


class DeadSession:
    """A session after the module was restarted."""

    def get_objects(self, _: object) -> list[object]:
        raise pkcs11.SessionHandleInvalid


def _sealed(registered: RegisteredKey) -> bytes:
    protected = {"alg": registered.key.alg, "enc": "A256GCM", "kid": registered.kid, "skid": "xx-sig-202603-1"}
    registry = StrictJweRegistry(key_management=registered.key.alg, content=["A256GCM"], limits=EnvelopeLimits())
    return jwe.encrypt_compact(protected, b"content", registered.key.jose, registry=registry).encode()


def test_a_gateway_exchanges_with_its_keys_in_the_token(token: HardwareToken, module: Path, tmp_path: Path) -> None:
    """Set-up, both ways, and a rotation; no private key of these is a file."""
    pin = tmp_path / "pin"
    pin.write_text(f"{PIN}\n")
    pin.chmod(0o600)
    chosen: dict[str, Any] = {
        "key_store": "pkcs11",
        "pkcs11_module": module,
        "pkcs11_token": LABEL,
        "pkcs11_pin_file": pin,
    }
    with world_in(tmp_path, **chosen) as world:
        sealed = world.partner.seal(NOTE, "m-1", at=world.clock.now())
        assert world.gateway.receive(sealed, "application/jose").message_id == "m-1"
        world.gateway.lodge(b'{"number": "L"}', "xx", "reply", message_id="l-1")
        assert world.gateway.dispatch_once() == 1
        assert "l-1" in world.partner.taken
        folder = key_folder(world.settings, Durability())
        at = datetime.now(UTC)
        order = RotationOrder(use="sig", at=at, first_use=at, overlap=timedelta(days=1))
        made = KeyRotation(folder, "aa").rotate(order, print)
    assert made.kid in token.labels()
    assert folder.read("aa", "aa.example/log").signer(at).kid == made.kid
    assert {path.name for path in world.settings.keys_dir.glob("*.pem")} == {"log.pem", *TLS_FILES}
