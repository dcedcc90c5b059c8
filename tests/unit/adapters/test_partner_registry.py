"""The registry: rows count by the registrar's signature, a partner with any other row by none of its keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.adapters.partner_lists import KEY_LISTS
from gateway.adapters.partner_registry import (
    PartnerRegistry,
    RegistryManipulated,
    import_signed_certificates,
    import_signed_keys,
)
from gateway.client.side import make_side_certificate, make_side_keys
from gateway.errors import DataFolderError
from gateway.partner.profile import PartnerProfile
from gateway.security.registrar import sign_entries
from gateway.settings import Settings, load_settings
from tests.unit.adapters.test_registrar_files import write_public
from tests.world.partner import Partner

XX = PartnerProfile.model_validate({"code": "xx", "name": "Customs of Examplia", "roles": ["sends"]})
Rows = list[dict[str, Any]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = load_settings(root=tmp_path, state_dir=tmp_path / "state")
    import_signed_keys(chosen, "xx", make_side_keys(tmp_path / "side", "xx"))
    import_signed_certificates(chosen, "xx", make_side_certificate(tmp_path / "side", "xx"))
    return chosen


def keys_file(settings: Settings) -> Path:
    return settings.state_dir / "partner-keys" / "xx.json"


def certificates_file(settings: Settings) -> Path:
    return settings.state_dir / "partner-certificates" / "xx.json"


def change(file: Path, member: str, edit: Callable[[Rows], object]) -> None:
    rows: Rows = json.loads(file.read_bytes())[member]
    edit(rows)
    file.write_text(json.dumps({member: rows}), encoding="utf-8")


def places(settings: Settings) -> str:
    """Where rows do not hold, told of keys and certificates alike."""
    told = []
    for ask in (PartnerRegistry(settings).keys, PartnerRegistry(settings).certificates):
        with pytest.raises(RegistryManipulated) as refused:
            ask(XX)
        assert refused.value.stable_code == "registry.manipulated"
        assert refused.value.path == "registry of xx"
        told.append(refused.value.places)
    assert told[0] == told[1]
    return told[0]


def test_what_was_taken_in_is_signed_row_by_row_and_counts(settings: Settings) -> None:
    registry = PartnerRegistry(settings)
    assert {key.use for key in registry.keys(XX)} == {"sig", "enc"}
    assert len(registry.certificates(XX)) == 1
    rows = json.loads(keys_file(settings).read_bytes())["keys"]
    assert all(len(row["registrar"]) == 86 for row in rows)


def edited(rows: Rows) -> None:
    rows[1]["not_after"] = "2099-01-01T00:00:00Z"


def swapped(rows: Rows) -> None:
    rows[0]["registrar"], rows[1]["registrar"] = rows[1]["registrar"], rows[0]["registrar"]


def unsigned(rows: Rows) -> None:
    del rows[0]["registrar"]


@pytest.mark.parametrize(("edit", "rows"), [(edited, "2"), (swapped, "1, 2"), (unsigned, "1")])
def test_a_row_that_does_not_hold_suspends_and_its_number_is_told(
    settings: Settings, edit: Callable[[Rows], None], rows: str
) -> None:
    change(keys_file(settings), "keys", edit)
    assert places(settings) == f"keys imported: rows {rows}"


def test_keys_do_not_count_either_when_a_certificate_was_edited(settings: Settings) -> None:
    change(certificates_file(settings), "certificates", lambda rows: rows[0].pop("registrar"))
    assert places(settings) == "certificates imported: rows 1"


def test_a_row_of_another_partner_counts_for_nobody_else(settings: Settings) -> None:
    import_signed_keys(settings, "yy", Partner(code="yy").key_list())
    theirs = json.loads((settings.state_dir / "partner-keys" / "yy.json").read_bytes())["keys"]
    change(keys_file(settings), "keys", lambda rows: rows.extend(theirs))
    assert places(settings) == "keys imported: rows 3, 4"


def test_a_certificate_row_is_no_key_row(settings: Settings) -> None:
    rows = json.loads(certificates_file(settings).read_bytes())["certificates"]
    keys_file(settings).write_text(json.dumps({"keys": rows}), encoding="utf-8")
    assert places(settings) == "keys imported: rows 1"


def test_a_row_that_was_taken_out_is_a_key_that_nobody_knows(settings: Settings) -> None:
    change(keys_file(settings), "keys", lambda rows: rows.pop(0))
    assert len(PartnerRegistry(settings).keys(XX)) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"keys": 1}', b'{"keys": [], "certificates": []}'])
def test_a_file_that_is_no_list_suspends(settings: Settings, content: bytes) -> None:
    keys_file(settings).write_bytes(content)
    assert places(settings) == "keys imported: no list"


def test_an_unsigned_file_in_the_data_folder_suspends_and_a_signed_one_counts(settings: Settings) -> None:
    registry = PartnerRegistry(settings)
    [_, file] = registry.key_files(XX)
    file.parent.mkdir(parents=True)
    file.write_bytes(Partner().key_list())
    assert places(settings) == "keys in the data folder: rows 1, 2"
    keys_file(settings).unlink()
    file.write_bytes(registry.sign_keys(registry.read_new(KEY_LISTS, Partner().key_list(), "xx"), "xx") or b"")
    assert len(registry.keys(XX)) == 2


def test_another_registrar_than_ours_counts_for_nothing(settings: Settings, tmp_path: Path) -> None:
    public = write_public(tmp_path / "public.pem", Ed25519PrivateKey.generate())
    assert "rows 1, 2" in places(settings.model_copy(update={"registrar_public_file": public}))


def test_without_the_registrars_public_key_nothing_is_read(settings: Settings) -> None:
    settings.registrar_file.unlink()
    with pytest.raises(DataFolderError) as refused:
        PartnerRegistry(settings).keys(XX)
    assert refused.value.stable_code == "registry.no-registrar"


def test_a_mark_of_distrust_counts_at_once_and_one_that_cannot_be_read_suspends(settings: Settings) -> None:
    registry, now = PartnerRegistry(settings), datetime.now(UTC)
    kid = next(key.kid for key in registry.keys(XX) if key.use == "sig")
    registry.keep_marks(registry.with_mark("xx", kid, now), "xx")
    registry.keep_marks(registry.with_mark("xx", kid, datetime.now(UTC)), "xx")
    [marked] = [key for key in registry.keys(XX) if key.kid == kid]
    assert marked.lifecycle.compromised_since == now, "the first mark stays"
    assert [key.lifecycle.compromised_since for key in registry.signed_keys(XX)] == [None, None]
    (settings.state_dir / "partner-keys" / "xx.distrusted.json").write_bytes(b"{}")
    assert places(settings) == "marks of distrust: no list"
    with pytest.raises(RegistryManipulated):
        registry.with_mark("xx", kid, now)


def test_with_the_registrar_elsewhere_a_list_has_to_come_signed_for_this_partner(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    public = write_public(tmp_path / "public.pem", private)
    settings = load_settings(root=tmp_path, state_dir=tmp_path / "state", registrar_public_file=public)
    plain = Partner().key_list()
    for content in (plain, sign_entries(plain, kind="keys", owner="yy", registrar=private)):
        with pytest.raises(DataFolderError) as refused:
            import_signed_keys(settings, "xx", content)
        assert refused.value.stable_code == "registry.not-signed"
        assert "sarhad partner sign LIST --partner xx --kind keys" in refused.value.remedy
        assert not keys_file(settings).exists()
    signed = sign_entries(plain, kind="keys", owner="xx", registrar=private)
    import_signed_keys(settings, "xx", signed)
    assert keys_file(settings).read_bytes() == signed
    assert len(PartnerRegistry(settings).keys(XX)) == 2
