"""A partner that signs XML, and an agreement that lists a format which is not XML."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.catalogue import check_folders
from tests.world.setting import data_with


@pytest.mark.parametrize(("envelope", "faults"), [("jose", 0), ("xmldsig", 1), ("xades", 1)])
def test_what_cannot_be_signed_as_agreed_is_found_at_the_start(tmp_path: Path, envelope: str, faults: int) -> None:
    root = data_with(tmp_path, envelope=envelope)
    agreement = root / "agreements" / "aa-xx-notes-v1.toml"
    text = agreement.read_text(encoding="utf-8")
    agreement.write_text(text.replace("xx-note-1.0", "aa-note-1.0", 1), encoding="utf-8")
    found = [fault for fault in check_folders(root) if fault.code == "agreement.form-not-xml"]
    assert [fault.file for fault in found] == ["agreements/aa-xx-notes-v1.toml"] * faults
    assert all(fault.row.startswith("messages[1].format") for fault in found)
