"""Settings: three places, frozen, refused when unsafe, all faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from gateway.errors import DataFolderError
from gateway.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SETTINGS", *(name.upper() for name in Settings.model_fields)):
        monkeypatch.delenv(f"SARHAD_{name}", raising=False)


def test_defaults_are_an_embedded_gateway_on_loopback() -> None:
    settings = load_settings()
    assert settings.database.startswith("sqlite:////")
    assert settings.partner_host == "127.0.0.1"
    assert settings.body_inline_limit == 256 * 1024
    assert settings.bodies_dir == Path(".sarhad/bodies")
    assert settings.passphrase_file == Path(".sarhad/keys/passphrase")
    assert settings.cache == Path(".sarhad/cache")


def test_environment_wins_over_the_file_and_arguments_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('worker = "from-file"\nfeed = "from-file"\nlane_batch = 3\n')
    monkeypatch.setenv("SARHAD_WORKER", "from-environment")
    monkeypatch.setenv("SARHAD_FEED", "from-environment")
    settings = load_settings(file, feed="from-argument")
    assert (settings.worker, settings.feed, settings.lane_batch) == ("from-environment", "from-argument", 3)


def test_the_environment_may_name_the_file_and_hold_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text("page_limit = 7\n")
    monkeypatch.setenv("SARHAD_SETTINGS", str(file))
    monkeypatch.setenv("SARHAD_PARTNER_ENDPOINTS", '{"xx": "http://127.0.0.1:9"}')
    settings = load_settings()
    assert settings.page_limit == 7
    assert settings.partner_endpoints == {"xx": "http://127.0.0.1:9"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "partner.example"])  # noqa: S104
def test_without_tls_the_partner_port_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(DataFolderError) as refused:
        load_settings(partner_host=host)
    assert refused.value.stable_code == "settings.invalid"
    assert "partner_host" in refused.value.message


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "::1", "localhost"])
def test_loopback_in_any_spelling_is_taken(host: str) -> None:
    assert load_settings(partner_host=host).partner_host == host


def test_with_tls_it_may_listen_elsewhere() -> None:
    assert load_settings(partner_host="192.0.2.5", tls="1.3").on_loopback is False
    with pytest.raises(DataFolderError, match="partner_host"):
        load_settings(partner_host="partner.example", tls="1.3")


@pytest.mark.parametrize("tls", ["on", "1.1", "1.0", ""])
def test_no_other_version_of_tls(tls: str) -> None:
    with pytest.raises(DataFolderError, match="tls"):
        load_settings(tls=tls)


@pytest.mark.parametrize("proxy", ["0.0.0.0/0", "::/0", "proxy.example", "192.0.2.1/24", ""])
def test_a_proxy_has_an_address(proxy: str) -> None:
    assert load_settings(trusted_proxies=["192.0.2.1", "2001:db8::/64"]).trusted_proxies[1] == "2001:db8::/64"
    with pytest.raises(DataFolderError, match="trusted_proxies"):
        load_settings(trusted_proxies=[proxy])


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(DataFolderError) as refused:
        load_settings(home="Examplia", lane_batch=0, colour="green")
    for name in ("home", "lane_batch", "colour"):
        assert name in refused.value.message


def test_a_lease_must_outlast_a_delivery() -> None:
    with pytest.raises(DataFolderError, match="lease_seconds must outlast"):
        load_settings(lease_seconds=5, channel_timeout=10)


@pytest.mark.parametrize("content", ["worker = ", b"\xff\xfe"])
def test_an_unreadable_file_is_named(tmp_path: Path, content: str | bytes) -> None:
    file = tmp_path / "gateway.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataFolderError) as refused:
        load_settings(file)
    assert refused.value.path == str(file)
    with pytest.raises(DataFolderError):
        load_settings(tmp_path / "absent.toml")


def test_settings_cannot_be_changed() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.worker = "two"


def test_every_setting_is_explained() -> None:
    text = Settings.__doc__ or ""
    missing = [name for name in Settings.model_fields if name not in text]
    assert missing == []


@pytest.mark.parametrize(
    "address", ["gateway.example", "ftp://x", "https://x/", "https://a@x", "https://x?", "https://x#a", "https://"]
)
def test_a_public_address_that_nobody_can_sign_is_refused(address: str) -> None:
    with pytest.raises(DataFolderError) as refused:
        load_settings(public_base_url=address)
    assert "public_base_url" in refused.value.message


@pytest.mark.parametrize(
    "address", ["", "https://gateway.example", "https://gateway.example:8443/base", "http://[::1]:1"]
)
def test_a_public_address_is_a_base_url(address: str) -> None:
    assert load_settings(public_base_url=address).public_base_url == address


@pytest.mark.parametrize("seconds", [0, 301])
def test_a_signature_lives_no_longer_than_the_profile_allows(seconds: int) -> None:
    with pytest.raises(DataFolderError):
        load_settings(http_signature_validity=seconds)
