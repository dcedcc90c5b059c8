"""Rows of the registry carry the registrar's signature; what was edited is absent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.policy import KeyRefused
from gateway.security.registrar import MEMBER, sign_entries, verify_entries, without_signatures

REGISTRAR = Ed25519PrivateKey.generate()
ENTRIES = [
    {"kty": "EC", "kid": "xx-sig-202603-1", "use": "sig", "states": [["active", "2026-03-01T00:00:00Z"]]},
    {"kty": "EC", "kid": "xx-enc-202603-1", "use": "enc", "states": [["active", "2026-03-01T00:00:00Z"]]},
]


def document(entries: list[Any], kind: str = "keys") -> bytes:
    return json.dumps({kind: entries}).encode()


def signed(entries: list[Any] = ENTRIES) -> list[dict[str, Any]]:
    made = sign_entries(document(entries), kind="keys", owner="xx", registrar=REGISTRAR)
    found: list[dict[str, Any]] = json.loads(made)["keys"]
    return found


def refused(entries: list[Any], *, kind: str = "keys", owner: str = "xx") -> tuple[int, ...]:
    return verify_entries(document(entries, kind), kind=kind, owner=owner, registrar=REGISTRAR.public_key()).refused


def test_what_the_registrar_signed_is_read_without_the_signatures() -> None:
    found = verify_entries(document(signed()), kind="keys", owner="xx", registrar=REGISTRAR.public_key())
    assert json.loads(found.content) == {"keys": ENTRIES}
    assert (found.entries, found.refused) == (2, ())


@given(st.integers(0, 1), st.sampled_from(["kid", "use", "states", "kty"]), st.sampled_from(["", "x", 1, None, []]))
def test_an_edited_entry_is_absent_and_the_other_stays(number: int, member: str, value: object) -> None:
    entries = signed()
    entries[number] = {**entries[number], member: value}
    found = verify_entries(document(entries), kind="keys", owner="xx", registrar=REGISTRAR.public_key())
    assert found.refused == (number + 1,)
    assert json.loads(found.content) == {"keys": [ENTRIES[1 - number]]}


def test_a_member_put_in_or_taken_out_breaks_the_signature() -> None:
    first, second = signed()
    less = {name: value for name, value in first.items() if name != "states"}
    assert refused([{**first, "not_after": "2099-01-01T00:00:00Z"}, second]) == (1,)
    assert refused([less, second]) == (1,)


def test_an_entry_counts_for_one_partner_and_one_kind() -> None:
    entries = signed()
    assert refused(entries, owner="yy") == (1, 2)
    assert refused(entries, kind="certificates") == (1, 2)


def test_signatures_cannot_be_swapped_or_left_out() -> None:
    first, second = signed()
    assert refused([{**first, MEMBER: second[MEMBER]}, second]) == (1,)
    assert refused([*ENTRIES]) == (1, 2)


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64!", "é", 5, None, ["x"]])
def test_what_is_no_signature_does_not_hold(signature: object) -> None:
    assert refused([{**signed()[0], MEMBER: signature}]) == (1,)


def test_another_registrar_counts_for_nothing() -> None:
    stranger = sign_entries(document(ENTRIES), kind="keys", owner="xx", registrar=Ed25519PrivateKey.generate())
    assert refused(json.loads(stranger)["keys"]) == (1, 2)


def test_signing_anew_replaces_the_old_signature() -> None:
    entries = signed()
    entries[0]["use"] = "enc"
    assert refused(signed(entries)) == ()


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}', b'{"keys": [], "keys": []}', b'{"keys": [], "more": 1}'],
)
def test_what_is_no_list_is_refused(content: bytes) -> None:
    for call in (
        lambda: sign_entries(content, kind="keys", owner="xx", registrar=REGISTRAR),
        lambda: verify_entries(content, kind="keys", owner="xx", registrar=REGISTRAR.public_key()),
    ):
        with pytest.raises(KeyRefused) as fault:
            call()
        assert fault.value.stable_code == "registry.list"


def test_a_list_without_its_signatures_is_as_its_owner_wrote_it() -> None:
    assert json.loads(without_signatures(document(signed()), kind="keys")) == {"keys": ENTRIES}
    assert without_signatures(document(signed()), kind="keys") == without_signatures(document(ENTRIES), kind="keys")
    with pytest.raises(KeyRefused):
        without_signatures(document(ENTRIES), kind="certificates")
