from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder
from gateway.adapters.partner_lists import CERTIFICATE_LISTS
from gateway.adapters.partner_registry import PartnerRegistry, RegistryManipulated
from gateway.adapters.transport import (
    call_context,
    import_partner_certificates,
    own_identity,
    partner_certificates,
    port_context,
    served_names,
    tls_folder,
)
from gateway.client.side import make_side_certificate, make_side_keys
from gateway.errors import DataFolderError
from gateway.partner.profile import PartnerProfile
from gateway.settings import Settings, load_settings

NOW = datetime.now(UTC)
PROFILE = PartnerProfile.model_validate({"code": "xx", "name": "Customs of Examplia", "roles": ["sends"]})


def settings_at(folder: Path, **changed: Any) -> Settings:
    return load_settings(root=folder, state_dir=folder / "state", **changed)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = settings_at(tmp_path, tls="1.3")
    KeyFolder(chosen.keys_dir, chosen.passphrase_file, Durability()).set_up("aa", NOW)
    tls_folder(chosen, Durability()).set_up("aa", served_names(chosen), NOW)
    return chosen


def list_of(folder: Path, name: str = "xx") -> bytes:
    keys = folder / f"side-{name}"
    make_side_keys(keys, "xx")
    return make_side_certificate(keys, "xx")


def test_a_list_counts_from_the_folder_and_from_the_import(tmp_path: Path, settings: Settings) -> None:
    assert partner_certificates(settings, PROFILE) == ()
    import_partner_certificates(settings, "xx", list_of(tmp_path))
    assert [listed.pin.owner for listed in partner_certificates(settings, PROFILE)] == ["xx"]
    in_folder = tmp_path / "partners" / "xx" / "certificates"
    in_folder.mkdir(parents=True)
    unsigned = list_of(tmp_path, "second")
    (in_folder / "tls.json").write_bytes(unsigned)
    with pytest.raises(RegistryManipulated, match="certificates in the data folder: rows 1"):
        partner_certificates(settings, PROFILE)
    registry = PartnerRegistry(settings)
    signed = registry.sign_certificates(registry.read_new(CERTIFICATE_LISTS, unsigned, "xx"), "xx")
    (in_folder / "tls.json").write_bytes(signed or b"")
    assert len(partner_certificates(settings, PROFILE)) == 2


def test_a_faulty_list_is_not_taken_in(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(DataFolderError) as refused:
        import_partner_certificates(settings, "xx", b'{"certificates": [{"x5u": "https://example"}]}')
    assert refused.value.stable_code == "certificate.list"
    assert not (tmp_path / "state" / "partner-certificates").exists()


def test_no_context_where_tls_is_off(tmp_path: Path) -> None:
    assert port_context(settings_at(tmp_path), ()) is None


@pytest.mark.parametrize(
    ("tls", "oldest"), [("1.3", ssl.TLSVersion.TLSv1_3), ("1.2", ssl.TLSVersion.TLSv1_2)], ids=["1.3", "1.2"]
)
def test_the_port_asks_everybody_for_a_certificate(
    tmp_path: Path, settings: Settings, tls: Any, oldest: ssl.TLSVersion
) -> None:
    import_partner_certificates(settings, "xx", list_of(tmp_path))
    chosen = settings_at(tmp_path, tls=tls)
    context = port_context(chosen, partner_certificates(chosen, PROFILE))
    assert context is not None
    assert (context.verify_mode, context.minimum_version) == (ssl.CERT_REQUIRED, oldest)
    assert context.cert_store_stats()["x509"] == 1


def test_a_call_believes_the_registered_certificate_alone(tmp_path: Path, settings: Settings) -> None:
    unregistered = call_context(settings, ())
    assert (unregistered.verify_mode, unregistered.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert unregistered.cert_store_stats()["x509"] == 0
    import_partner_certificates(settings, "xx", list_of(tmp_path))
    pinned = call_context(settings, partner_certificates(settings, PROFILE))
    assert (pinned.verify_mode, pinned.check_hostname) == (ssl.CERT_REQUIRED, False)
    assert pinned.cert_store_stats()["x509"] == 1


def test_a_certificate_of_an_authority_takes_the_place_of_ours(tmp_path: Path, settings: Settings) -> None:
    made = own_identity(settings)
    assert made.certificate == settings.keys_dir / "tls-certificate.pem"
    changed = settings_at(tmp_path, tls_certificate_file=tmp_path / "c.pem", tls_key_file=tmp_path / "k.pem")
    assert own_identity(changed).certificate == tmp_path / "c.pem"
    with pytest.raises(DataFolderError, match="tls_key_file"):
        settings_at(tmp_path, tls_certificate_file=tmp_path / "c.pem")


def test_our_certificate_serves_under_the_public_name(tmp_path: Path) -> None:
    public = "https://gateway.customs.example:8443/base"
    assert served_names(settings_at(tmp_path, public_base_url=public)) == ("gateway.customs.example", "127.0.0.1")
    assert served_names(settings_at(tmp_path, tls="1.3", partner_host="0.0.0.0")) == ()  # noqa: S104
