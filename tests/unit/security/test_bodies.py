from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.security.bodies import BodyUnreadable, EncryptedBody, LocalWrappingKey, decrypt_body, encrypt_body

KEY = LocalWrappingKey("kek-1", bytes(32))


def code(body: EncryptedBody, record_id: str = "record-1", key: LocalWrappingKey = KEY) -> str:
    with pytest.raises(BodyUnreadable) as unreadable:
        decrypt_body(body, record_id, key)
    return unreadable.value.stable_code


@given(plaintext=st.binary(max_size=200), record_id=st.text(max_size=20))
def test_a_body_reads_back_under_its_record(plaintext: bytes, record_id: str) -> None:
    assert decrypt_body(encrypt_body(plaintext, record_id, KEY), record_id, KEY) == plaintext


def test_each_body_has_a_key_and_nonce_of_its_own() -> None:
    first, second = encrypt_body(b"same", "record-1", KEY), encrypt_body(b"same", "record-1", KEY)
    assert first.nonce != second.nonce
    assert first.ciphertext != second.ciphertext
    assert first.wrapped_key != second.wrapped_key


def test_a_body_moved_to_another_record_does_not_decrypt() -> None:
    body, other = encrypt_body(b"one", "record-1", KEY), encrypt_body(b"two", "record-2", KEY)
    assert code(body, "record-2") == "body.key"
    assert code(replace(other, ciphertext=body.ciphertext, nonce=body.nonce), "record-2") == "body.unreadable"


@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_is_seen(place: float, flip: int) -> None:
    body = encrypt_body(b"content", "record-1", KEY)
    assert body.wrapped_key is not None
    whole = bytearray(body.wrapped_key + body.nonce + body.ciphertext)
    whole[int(place * len(whole))] ^= flip
    wrapped, nonce = bytes(whole[:60]), bytes(whole[60:72])
    assert code(EncryptedBody(body.key_id, wrapped, nonce, bytes(whole[72:]))) in {"body.key", "body.unreadable"}


def test_another_wrapping_key_does_not_read_it() -> None:
    body = encrypt_body(b"content", "record-1", KEY)
    assert code(body, key=LocalWrappingKey("kek-2", bytes(32))) == "body.key"
    assert code(body, key=LocalWrappingKey("kek-1", b"\1" * 32)) == "body.key"
    assert code(replace(body, key_id="kek-2"), key=LocalWrappingKey("kek-2", bytes(32))) == "body.key"


def test_short_and_empty_parts_are_unreadable_not_an_accident() -> None:
    body = encrypt_body(b"content", "record-1", KEY)
    assert code(replace(body, wrapped_key=b"")) == "body.key"
    assert code(replace(body, ciphertext=b"")) == "body.unreadable"
    assert code(replace(body, nonce=b"")) == "body.unreadable"


def test_an_erased_body_is_gone_and_says_so() -> None:
    erased = encrypt_body(b"content", "record-1", KEY).erased()
    assert code(erased) == "body.erased"
    assert erased.ciphertext == b""
    assert erased.wrapped_key is None


def test_a_wrapping_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LocalWrappingKey("kek-1", bytes(16))


def test_a_body_does_not_show_in_a_repr() -> None:
    assert "ciphertext" not in repr(encrypt_body(b"content", "record-1", KEY))
