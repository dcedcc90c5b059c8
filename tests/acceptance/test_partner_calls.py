"""Our calls to a partner that asks for certificate, token and signature; another gateway process plays the partner."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder
from gateway.adapters.partner_calls import build_channel
from gateway.adapters.partner_channel import HttpPartnerChannel
from gateway.adapters.partner_lists import CERTIFICATE_LISTS, KEY_LISTS
from gateway.adapters.transport import import_partner_certificates, tls_folder
from gateway.bootstrap import import_partner_keys, own_key_list
from gateway.client.side import make_side_certificate, make_side_keys
from gateway.errors import DeliveryFailed
from gateway.identifiers import MessageId, PartnerCode
from gateway.partner.profile import PartnerProfile
from gateway.partner.trust import TrustStore
from gateway.security.envelope import seal
from gateway.security.http_profile import DEFAULT_HTTP_LIMITS
from gateway.security.lifecycle import KeyState
from gateway.security.metadata import MessageMetadata
from gateway.settings import Settings, load_settings
from tests.world.partner import NOTE, Partner
from tests.world.process import running
from tests.world.setting import data_with, prepared
from tests.world.tls import fresh, listed, register

AA = PartnerCode("aa")


@dataclass(frozen=True, kw_only=True)
class Calls:
    """The administration ``xx``, which calls the gateway ``aa``."""

    settings: Settings
    gateway: Settings
    door: str
    channel: Callable[..., HttpPartnerChannel]

    def sealed(self, message_id: str) -> bytes:
        """A good message."""
        now = datetime.now(UTC)
        own = KeyFolder(self.settings.keys_dir, self.settings.passphrase_file, Durability()).read("xx", "xx/log")
        [to] = [key for key in self.known() if key.use == "enc"]
        metadata = MessageMetadata(
            iss="xx",
            aud="aa",
            iat=int(now.timestamp()),
            jti=message_id,
            agreement="aa-xx-notes",
            type="note",
            schema="xx-note-1.0",
            cty="application/xml",
            purpose="RISK",
        )
        return seal(NOTE, metadata, own.signer(now), to.key).jwe

    def known(self) -> Any:
        return KEY_LISTS.read_all([self.gateway.keys_dir / "public.json"], "aa")

    def deliver(self, message_id: str, **profile: Any) -> int:
        """Deliver a message; the status of the answer, which was verified."""
        with closing(self.channel(self, **profile)) as channel:
            return channel.deliver(AA, self.door, self.sealed(message_id), MessageId(message_id)).status


def channel_of(calls: Calls, *, tokens: bool = True) -> HttpPartnerChannel:
    given = {"token_endpoint": f"{calls.door}/oauth2/token"} if tokens else {}
    document = {"code": "aa", "name": "aa", "roles": ["receives"], "channel": {"endpoint": calls.door} | given}
    own = KeyFolder(calls.settings.keys_dir, calls.settings.passphrase_file, Durability()).read("xx", "xx/log")
    return build_channel(
        calls.settings,
        home=PartnerCode("xx"),
        keys=own,
        now=lambda: datetime.now(UTC),
        profile_of=lambda _partner: PartnerProfile.model_validate(document),
        lookup_of=TrustStore(calls.known()).lookup_of,
        limits=DEFAULT_HTTP_LIMITS,
    )


@pytest.fixture
def calls(tmp_path: Path) -> Iterator[Calls]:
    root = data_with(tmp_path)
    profile = root / "partners" / "xx" / "profile.toml"
    profile.write_text(
        profile.read_text(encoding="utf-8").replace('auth = "none"', 'auth = "mtls+oauth"'), encoding="utf-8"
    )
    gateway = prepared(tmp_path, Partner(), root=root)
    ours = load_settings(root=tmp_path / "nothing", state_dir=tmp_path / "xx", tls="1.3")
    import_partner_keys(gateway, "xx", make_side_keys(ours.keys_dir, "xx"))
    import_partner_certificates(gateway, "xx", make_side_certificate(ours.keys_dir, "xx"))
    import_partner_certificates(ours, "aa", tls_folder(gateway, Durability()).public_list())
    assert own_key_list(gateway)
    with running(gateway, tmp_path / "gateway.log", tls="1.3", key_watch_seconds=0.2) as (port, _):
        door = f"https://127.0.0.1:{port}"
        yield Calls(settings=ours, gateway=gateway, door=door, channel=channel_of)


def test_a_call_brings_certificate_token_and_signature(calls: Calls, tmp_path: Path) -> None:
    with closing(channel_of(calls)) as channel:
        for number in range(3):
            sealed = calls.sealed(f"m-{number}")
            assert channel.deliver(AA, calls.door, sealed, MessageId(f"m-{number}")).status == 202
    said = (tmp_path / "gateway.log").read_text(encoding="utf-8")
    assert said.count("token issued") == 1


def test_without_a_token_the_call_is_refused(calls: Calls) -> None:
    assert calls.deliver("m-none", tokens=False) == 401


def test_a_server_that_does_not_hold_the_registered_certificate_gets_nothing(calls: Calls, tmp_path: Path) -> None:
    register(calls.settings, "aa", listed(fresh("aa"), "aa"))
    with pytest.raises(DeliveryFailed) as failed:
        calls.deliver("m-other")
    assert failed.value.stable_code == "delivery.no-answer"
    assert "token issued" not in (tmp_path / "gateway.log").read_text(encoding="utf-8")


def test_without_a_registered_certificate_nobody_is_believed(calls: Calls) -> None:
    (calls.settings.state_dir / "partner-certificates" / "aa.json").unlink()
    assert CERTIFICATE_LISTS.read_all([calls.gateway.keys_dir / "tls.json"], "aa")
    with pytest.raises(DeliveryFailed):
        calls.deliver("m-unregistered")


def test_a_fault_of_our_own_files_is_a_failure_that_may_be_tried_again(calls: Calls) -> None:
    (calls.settings.keys_dir / "tls-key.pem").unlink()
    with pytest.raises(DeliveryFailed) as failed:
        calls.deliver("m-fault")
    assert failed.value.stable_code == "delivery.tls"
    assert failed.value.retryable


def test_a_certificate_is_renewed_while_the_gateway_serves_and_the_old_one_withdrawn(calls: Calls) -> None:
    """The caller changes over; the gateway is not restarted."""
    [old] = CERTIFICATE_LISTS.read_all([calls.settings.keys_dir / "tls.json"], "xx")
    new, ours = fresh("xx"), tls_folder(calls.settings, Durability()).identity
    with closing(channel_of(calls)) as channel:
        assert deliver_over(channel, calls, "m-old") == 202
        register(calls.gateway, "xx", old, listed(new, "xx"))
        assert deliver_over(channel, calls, "m-both") == 202
    ours.certificate.write_bytes(new.pem)
    ours.key.write_bytes(new.private_pem(ours.password or b""))
    with closing(channel_of(calls)) as channel:
        assert eventually(lambda: tried(lambda: deliver_over(channel, calls, "m-new")) == 202)
        register(calls.gateway, "xx", listed(new, "xx", KeyState.COMPROMISED))
        assert eventually(lambda: tried(lambda: deliver_over(channel, calls, "m-after")) == 401)


def test_connections_are_made_anew_when_the_other_side_has_another_certificate(calls: Calls) -> None:
    right = (calls.settings.state_dir / "partner-certificates" / "aa.json").read_bytes()
    with closing(channel_of(calls)) as channel:
        assert deliver_over(channel, calls, "m-1") == 202
        register(calls.settings, "aa", listed(fresh("aa"), "aa"))
        assert tried(lambda: deliver_over(channel, calls, "m-2")) == 0
        import_partner_certificates(calls.settings, "aa", right)
        assert deliver_over(channel, calls, "m-2") == 202


def deliver_over(channel: HttpPartnerChannel, calls: Calls, message_id: str) -> int:
    return channel.deliver(AA, calls.door, calls.sealed(message_id), MessageId(message_id)).status


def tried(deliver: Callable[[], int]) -> int:
    """The status, or 0 where no answer came."""
    try:
        return deliver()
    except DeliveryFailed:
        return 0


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.1)
    return False
