from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from gateway.adapters.durability import Durability
from gateway.adapters.partner_lists import CERTIFICATE_LISTS
from gateway.adapters.tls import client_context, server_context
from gateway.adapters.tls_files import TlsFolder
from gateway.errors import DataFolderError

NOW = datetime.now(UTC)


def made_in(folder: Path, party: str = "xx", passphrase: bytes = b"secret") -> TlsFolder:
    folder.mkdir(exist_ok=True)
    tls = TlsFolder(folder, passphrase, Durability())
    tls.set_up(party, ("xx.customs.example",), NOW)
    return tls


def test_set_up_makes_what_is_missing_and_leaves_what_is_there(tmp_path: Path) -> None:
    tls = made_in(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(before) == {"tls-certificate.pem", "tls-key.pem", "tls.json"}
    tls.set_up("xx", ("other.example",), NOW + timedelta(days=1))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_private_key_is_the_owners_only_and_encrypted(tmp_path: Path) -> None:
    tls = made_in(tmp_path)
    assert stat.S_IMODE((tmp_path / "tls-key.pem").stat().st_mode) == 0o600
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in (tmp_path / "tls-key.pem").read_bytes()
    assert b"PRIVATE" not in tls.public_list()
    assert "secret" not in repr(tls.identity)


def test_the_list_names_the_certificate_that_is_shown(tmp_path: Path) -> None:
    made_in(tmp_path)
    [listed] = CERTIFICATE_LISTS.read_all([tmp_path / "absent.json", tmp_path / "tls.json"], "xx")
    shown = x509.load_pem_x509_certificate((tmp_path / "tls-certificate.pem").read_bytes())
    assert x509.load_der_x509_certificate(listed.der) == shown
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["xx.customs.example", "localhost"]


def test_of_several_lists_the_first_entry_counts(tmp_path: Path) -> None:
    made_in(tmp_path / "one")
    made_in(tmp_path / "two")
    files = [tmp_path / name / "tls.json" for name in ("one", "two", "one")]
    assert len(CERTIFICATE_LISTS.read_all(files, "xx")) == 2


def test_a_faulty_list_names_file_and_fault(tmp_path: Path) -> None:
    (tmp_path / "tls.json").write_bytes(b'{"certificates": [{}]}')
    with pytest.raises(DataFolderError) as refused:
        CERTIFICATE_LISTS.read_all([tmp_path / "tls.json"], "xx")
    assert refused.value.stable_code == "certificate.list"
    assert "tls.json certificates[1]" in refused.value.message


def test_before_the_set_up_there_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError) as refused:
        TlsFolder(tmp_path, b"secret", Durability()).public_list()
    assert refused.value.stable_code == "certificate.file"


@pytest.mark.parametrize("fault", ["another passphrase", "no key", "a key of another", "no authorities"])
def test_files_that_do_not_fit_are_refused(tmp_path: Path, fault: str) -> None:
    identity = made_in(tmp_path / "one").identity
    authorities = None
    if fault == "another passphrase":
        identity = TlsFolder(tmp_path / "one", b"wrong", Durability()).identity
    elif fault == "no key":
        identity.key.unlink()
    elif fault == "a key of another":
        identity.key.write_bytes(made_in(tmp_path / "two").identity.key.read_bytes())
    else:
        authorities = tmp_path / "authorities.pem"
        authorities.write_bytes(b"nothing")
    with pytest.raises(DataFolderError) as refused:
        server_context(identity, trusted=(), authorities=authorities)
    assert refused.value.stable_code == "tls.files"


def test_no_authority_of_the_machine_is_believed(tmp_path: Path) -> None:
    identity = made_in(tmp_path).identity
    assert server_context(identity, trusted=()).get_ca_certs() == []
    assert client_context(identity, trusted=()).get_ca_certs() == []
