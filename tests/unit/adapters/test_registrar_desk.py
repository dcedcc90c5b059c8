"""The registrar's own machine: a list is read whole, signed row by row, and carries on what a gateway holds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.adapters.partner_lists import CERTIFICATE_LISTS, KEY_LISTS
from gateway.adapters.partner_registry import RegistryManipulated
from gateway.adapters.registrar_desk import RegistrarDesk
from gateway.errors import DataFolderError
from gateway.security.registrar import sign_entries, verify_entries
from tests.world.partner import Partner

REGISTRAR = Ed25519PrivateKey.generate()
DESK = RegistrarDesk(REGISTRAR, "xx")
AHEAD, OVERLAP = datetime(2027, 1, 8, tzinfo=UTC), timedelta(days=37)
PLAIN = Partner().key_list()


def rows_of(signed: bytes) -> list[dict[str, Any]]:
    found = verify_entries(signed, kind="keys", owner="xx", registrar=REGISTRAR.public_key())
    assert found.refused == ()
    rows: list[dict[str, Any]] = json.loads(found.content)["keys"]
    return rows


def renewed(content: bytes, known: bytes) -> bytes:
    return DESK.sign_renewed(content, [("in-force.json", known)], at=AHEAD, overlap=OVERLAP)


def test_each_row_is_signed_as_the_partner_wrote_it() -> None:
    assert rows_of(DESK.sign(KEY_LISTS, PLAIN)) == json.loads(PLAIN)["keys"]


def test_signatures_of_somebody_else_are_replaced() -> None:
    theirs = sign_entries(PLAIN, kind="keys", owner="xx", registrar=Ed25519PrivateKey.generate())
    assert DESK.sign(KEY_LISTS, theirs) == DESK.sign(KEY_LISTS, PLAIN)


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        (KEY_LISTS, b'{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}', "key.list"),
        (KEY_LISTS, b"{", "key.list"),
        (KEY_LISTS, b'{"keys": [], "more": 1}', "registry.list"),
        (CERTIFICATE_LISTS, b'{"certificates": [{"x5u": "https://example"}]}', "certificate.list"),
    ],
)
def test_a_list_with_a_fault_is_not_signed(kind: Any, content: bytes, code: str) -> None:
    with pytest.raises(DataFolderError) as refused:
        DESK.sign(kind, content)
    assert refused.value.stable_code == code
    assert "c2VjcmV0" not in refused.value.message


def test_a_newer_list_keeps_what_it_leaves_out_until_its_time_and_the_overlap() -> None:
    known = DESK.sign(KEY_LISTS, PLAIN)
    other = Partner(code="xx").key_list().replace(b"-1", b"-2")
    rows = {row["kid"]: row["states"] for row in rows_of(renewed(other, known))}
    assert len(rows) == 4
    for row in json.loads(PLAIN)["keys"]:
        later = [["retiring", "2027-01-08T00:00:00Z"], ["retired", "2027-02-14T00:00:00Z"]]
        assert rows[row["kid"]] == [*row["states"], *later]


def test_a_list_in_force_that_this_registrar_did_not_sign_is_not_carried_on() -> None:
    for known in (PLAIN, sign_entries(PLAIN, kind="keys", owner="yy", registrar=REGISTRAR)):
        with pytest.raises(RegistryManipulated, match=r"in-force.json: rows 1, 2"):
            renewed(PLAIN, known)


def test_a_known_id_with_another_key_is_refused() -> None:
    with pytest.raises(DataFolderError, match="key id belongs to another key"):
        renewed(Partner().key_list(), DESK.sign(KEY_LISTS, PLAIN))
