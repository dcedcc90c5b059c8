from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.transport import import_partner_certificates
from gateway.authorisation.scopes import Scope
from gateway.bootstrap import build_gateway
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.pipeline.partner_access import PartnerAccess
from gateway.security.certificates import CertificateRefused, read_certificate
from gateway.security.lifecycle import Lifecycle
from gateway.security.pinlist import write_pin_list
from gateway.settings import Settings
from tests.world.partner import Partner
from tests.world.setting import data_with, prepared
from tests.world.tls import fresh, listed

XX, YY, ZZ = (PartnerCode(code) for code in ("xx", "yy", "zz"))


def settings_with(folder: Path, xx: str, yy: str) -> Settings:
    """Two partners, each with its choice of auth."""
    root = data_with(folder, "yy")
    for code, auth in (("xx", xx), ("yy", yy)):
        profile = root / "partners" / code / "profile.toml"
        text = profile.read_text(encoding="utf-8").replace('auth = "none"', f'auth = "{auth}"')
        profile.write_text(text, encoding="utf-8")
    return prepared(folder, Partner(), root=root)


def access_with(folder: Path, xx: str, yy: str) -> PartnerAccess:
    with build_gateway(settings_with(folder, xx, yy)) as gateway:
        return gateway.access


def test_each_partner_brings_what_its_profile_asks_for(tmp_path: Path) -> None:
    access = access_with(tmp_path, "mtls+oauth", "mtls")
    assert [access.shows_certificate(code) for code in (XX, YY, ZZ)] == [True, True, False]
    assert [access.brings_token(code) for code in (XX, YY, ZZ)] == [True, False, False]
    assert access.uses_tokens
    client = access.client("xx")
    assert client is not None
    assert {Scope.SEND, Scope.CHECK} < client.scopes
    assert client.lookup_key("aa-sig-202601-1") is None
    assert (access.client("yy"), access.client("zz"), access.client("")) == (None, None, None)


def test_where_nobody_brings_a_token_there_is_no_endpoint(tmp_path: Path) -> None:
    assert not access_with(tmp_path, "mtls", "none").uses_tokens


def test_a_certificate_belongs_to_the_partner_that_registered_it(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, "mtls", "mtls")
    mine, stranger = fresh("xx"), fresh("xx")
    import_partner_certificates(settings, "xx", write_pin_list([listed(mine, "xx")]))
    with build_gateway(settings) as gateway:
        assert gateway.access.caller(read_certificate(mine.der)).owner == "xx"
        with pytest.raises(CertificateRefused) as refused:
            gateway.access.caller(read_certificate(stranger.der))
        assert refused.value.stable_code == "certificate.unknown"
    import_partner_certificates(settings, "yy", write_pin_list([listed(mine, "yy")]))
    with pytest.raises(DataFolderError) as fault:
        build_gateway(settings)
    assert fault.value.stable_code == "certificate.shared"


def test_certificates_are_taken_up_for_each_partner_and_followers_are_told(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, "mtls", "mtls")
    old, new, others = fresh("xx"), fresh("xx"), fresh("yy")
    import_partner_certificates(settings, "xx", write_pin_list([listed(old, "xx")]))
    import_partner_certificates(settings, "yy", write_pin_list([listed(others, "yy")]))
    told: list[bytes] = []
    with build_gateway(settings) as gateway:
        access = gateway.access
        access.follow(lambda certificates: told.extend(one.der for one in certificates))
        access.take_up(XX, [listed(new, "xx")])
        assert access.caller(read_certificate(new.der)).owner == "xx"
        assert access.caller(read_certificate(others.der)).owner == "yy"
        with pytest.raises(CertificateRefused):
            access.caller(read_certificate(old.der))
        with pytest.raises(DataFolderError) as fault:
            access.take_up(YY, [listed(new, "yy")])
        assert fault.value.stable_code == "certificate.shared"
        assert access.caller(read_certificate(others.der)).owner == "yy"
        assert told == [new.der]


def test_a_profile_with_tokens_needs_a_key_for_tokens(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, "mtls+oauth", "none")
    (settings.keys_dir / "token.json").unlink()
    with pytest.raises(DataFolderError) as fault:
        build_gateway(settings)
    assert fault.value.stable_code == "key.none-active"


@pytest.mark.parametrize(
    ("auth", "port", "code"),
    [
        (("mtls", "none"), {"on_loopback": False, "sees_certificates": True}, "settings.exposed"),
        (("none", "none"), {"on_loopback": False, "sees_certificates": True}, "settings.exposed"),
        (("mtls", "none"), {"on_loopback": True, "sees_certificates": False}, "settings.no-certificates"),
        (("mtls+oauth", "mtls"), {"on_loopback": False, "sees_certificates": False}, "settings.no-certificates"),
        (("mtls+oauth", "mtls"), {"on_loopback": False, "sees_certificates": True}, ""),
        (("mtls", "none"), {"on_loopback": True, "sees_certificates": True}, ""),
        (("none", "none"), {"on_loopback": True, "sees_certificates": False}, ""),
    ],
)
def test_a_port_that_could_not_keep_what_the_profiles_promise_is_not_served(
    tmp_path: Path, auth: tuple[str, str], port: dict[str, Any], code: str
) -> None:
    access = access_with(tmp_path, *auth)
    if not code:
        access.check_port(**port)
        return
    with pytest.raises(DataFolderError) as refused:
        access.check_port(**port)
    assert refused.value.stable_code == code


def test_a_registration_has_a_last_day(tmp_path: Path) -> None:
    settings = settings_with(tmp_path, "mtls", "mtls")
    mine = fresh("xx")
    entry = listed(mine, "xx")
    ended = Lifecycle(entry.pin.lifecycle.changes, datetime.now(UTC) - timedelta(seconds=1))
    short = replace(entry, pin=replace(entry.pin, lifecycle=ended))
    import_partner_certificates(settings, "xx", write_pin_list([short]))
    with build_gateway(settings) as gateway, pytest.raises(CertificateRefused) as refused:
        gateway.access.caller(read_certificate(mine.der))
    assert refused.value.stable_code == "certificate.withdrawn"
