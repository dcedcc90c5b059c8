"""A sandbox beside a live gateway: nothing that is secret, stored or delivered is shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import Outside, build_gateway, import_partner_keys, own_key_list, set_up
from gateway.errors import EnvelopeRefused
from gateway.security.keylist import read_key_list
from gateway.settings import load_settings
from tests.world.partner import NOTE, Partner
from tests.world.setting import MovableClock, settings_in


def both(folder: Path, partner: Partner) -> dict[str, Any]:
    """Settings of a live gateway and of its sandbox, set up, with the same keys of one partner."""
    made = {realm: settings_in(folder, realm=realm) for realm in ("live", "sandbox")}
    for settings in made.values():
        set_up(settings)
        import_partner_keys(settings, "xx", partner.key_list())
    return made


@pytest.mark.parametrize(("sealed_for", "given_to"), [("sandbox", "live"), ("live", "sandbox")])
def test_a_message_for_one_realm_does_not_open_in_the_other(tmp_path: Path, sealed_for: str, given_to: str) -> None:
    partner = Partner()
    settings = both(tmp_path, partner)
    partner.know(own_key_list(settings[sealed_for]))
    sealed = partner.seal(NOTE, "m-1")
    outside = Outside(clock=MovableClock(), channel=partner)
    with build_gateway(settings[given_to], outside) as wrong, pytest.raises(EnvelopeRefused) as refused:
        wrong.receive(sealed, "application/jose")
    assert refused.value.stable_code == "envelope.unknown-recipient-key"
    with build_gateway(settings[sealed_for], outside) as right:
        assert right.receive(sealed, "application/jose").receipt


def test_no_key_id_and_no_log_is_shared(tmp_path: Path) -> None:
    settings = both(tmp_path, Partner())
    kids = {}
    for realm, each in settings.items():
        keys, faults = read_key_list(own_key_list(each), owner="aa", file=realm)
        assert not faults
        kids[realm] = {key.kid for key in keys}
    assert not kids["live"] & kids["sandbox"]
    assert settings["sandbox"].log_origin == f"{settings['live'].log_origin}/sandbox"
    assert settings["sandbox"].state_dir == settings["live"].state_dir / "sandbox"


def test_what_the_operator_set_for_the_live_gateway_is_not_used(tmp_path: Path) -> None:
    live: dict[str, Any] = {
        "database_url": "postgresql+psycopg://live/",
        "public_base_url": "https://gateway.example",
        "api_audience": "urn:api",
        "partner_endpoints": {"xx": "https://live.example"},
        "sandbox_endpoints": {"xx": "https://test.example"},
        "key_passphrase_file": tmp_path / "passphrase",
        "partner_port": 9000,
        "internal_port": 0,
    }
    sandbox = settings_in(tmp_path, realm="sandbox", **live)
    assert sandbox.database.startswith("sqlite:///")
    assert (sandbox.public_base_url, sandbox.api_audience) == ("", "urn:api/sandbox")
    assert (sandbox.partner_port, sandbox.internal_port) == (9100, 0)
    assert sandbox.passphrase_file == sandbox.keys_dir / "passphrase"
    assert sandbox.endpoint_of("xx", "https://profile.example") == "https://test.example"
    assert sandbox.endpoint_of("yy", "https://profile.example") == ""
    assert settings_in(tmp_path, **live).endpoint_of("xx", "https://profile.example") == "https://live.example"
    assert settings_in(tmp_path, **live).endpoint_of("yy", "https://profile.example") == "https://profile.example"


def test_a_sandbox_delivers_nothing_to_the_address_of_the_profile(tmp_path: Path) -> None:
    partner = Partner()
    settings = both(tmp_path, partner)["sandbox"]
    with build_gateway(settings, Outside(clock=MovableClock(), channel=partner)) as sandbox:
        lodged = sandbox.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1")
        sandbox.dispatch_once()
        [attempt] = sandbox.exchange(lodged.exchange_id).attempts
    assert attempt.code == "delivery.no-endpoint"
    assert partner.deliveries == []


def test_the_realm_is_set_by_a_variable_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARHAD_REALM", "sandbox")
    monkeypatch.setenv("SARHAD_STATE_DIR", str(tmp_path))
    assert load_settings().state_dir == tmp_path / "sandbox"
