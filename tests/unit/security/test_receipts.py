from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from pydantic import ValidationError

from gateway.security.compact import sign_compact
from gateway.security.filekeys import FileSigner
from gateway.security.generation import GeneratedKey
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.security.receipts import RECEIPT_TYPE, Receipt, sign_receipt, verify_receipt
from gateway.security.refusals import OpeningRefused
from gateway.security.statements import sign_statement, statement_kid, verify_statement

RECEIPT = Receipt(
    holder="xx",
    sender="aa",
    message_id="m-1",
    jws_digest="0" * 64,
    exchange_id="f" * 32,
    received="2026-03-01T12:00:00.250Z",
    log_origin="gateway.example/log",
    log_index="17",
    entry_hash="1" * 64,
)


def code(statement: bytes, registered: RegisteredKey) -> str:
    with pytest.raises(OpeningRefused) as refused:
        verify_receipt(statement, registered)
    return refused.value.stable_code


def test_a_receipt_verifies_and_says_the_same(signer: FileSigner, registered: RegisteredKey) -> None:
    statement = sign_receipt(RECEIPT, signer)
    assert statement_kid(statement, RECEIPT_TYPE) == registered.kid
    assert verify_receipt(statement, registered) == RECEIPT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("message_id", "with space"),
        ("jws_digest", "0" * 63),
        ("jws_digest", "G" * 64),
        ("received", "2026-03-01 12:00:00"),
        ("log_index", "017"),
        ("log_index", "-1"),
        ("exchange_id", ""),
        ("entry_hash", "1" * 65),
    ],
)
def test_a_receipt_of_another_form_is_not_made_and_not_taken(
    signer: FileSigner, registered: RegisteredKey, name: str, value: str
) -> None:
    content = {**RECEIPT.model_dump(), name: value}
    with pytest.raises(ValidationError):
        Receipt.model_validate(content)
    assert code(sign_statement(content, RECEIPT_TYPE, signer), registered) == "envelope.metadata-refused"


def test_a_receipt_with_more_or_less_than_its_members_is_not_taken(
    signer: FileSigner, registered: RegisteredKey
) -> None:
    content = RECEIPT.model_dump()
    more = sign_statement({**content, "content": "x"}, RECEIPT_TYPE, signer)
    del content["log_index"]
    for statement in (more, sign_statement(content, RECEIPT_TYPE, signer)):
        assert code(statement, registered) == "envelope.metadata-refused"


def test_nobody_signs_a_receipt_for_another(signer: FileSigner, registered: RegisteredKey) -> None:
    statement = sign_receipt(RECEIPT.model_copy(update={"holder": "yy"}), signer)
    assert code(statement, registered) == "envelope.wrong-sender"


def test_a_receipt_by_another_key_is_not_taken(
    signer: FileSigner, make_key: Callable[..., GeneratedKey], now: datetime
) -> None:
    statement = sign_receipt(RECEIPT, signer)
    other = RegisteredKey(make_key("yy", "ES256").public, "xx", Lifecycle.active_from(now))
    assert code(statement, other) == "envelope.unknown-key"


def test_one_kind_of_statement_is_not_taken_for_another(signer: FileSigner, registered: RegisteredKey) -> None:
    statement = sign_statement(RECEIPT.model_dump(), "other+jws", signer)
    assert code(statement, registered) == "envelope.header-refused"
    assert verify_statement(statement, "other+jws", registered) == RECEIPT.model_dump()


@pytest.mark.parametrize(
    "payload", [b"[]", b'{"a": "b"}', b'{"a":1}', b'{"a":"b","a":"c"}', b"\xff", b"[" * 2000, b'{"a":{}}']
)
def test_a_statement_is_a_canonical_flat_object_of_texts(
    signer: FileSigner, registered: RegisteredKey, payload: bytes
) -> None:
    statement = sign_compact(payload, members={}, typ=RECEIPT_TYPE, signer=signer)
    with pytest.raises(OpeningRefused):
        verify_statement(statement, RECEIPT_TYPE, registered)


@pytest.mark.parametrize("statement", [b"", b"..", b"a.b.c", b"\xff" * 9, b"A" * 100_000])
def test_any_other_bytes_are_no_receipt(registered: RegisteredKey, statement: bytes) -> None:
    assert code(statement, registered) in {"envelope.malformed", "envelope.header-refused"}


def test_a_changed_receipt_is_not_taken(signer: FileSigner, registered: RegisteredKey) -> None:
    statement = sign_receipt(RECEIPT, signer)
    header, payload, signature = statement.split(b".")
    other = sign_receipt(RECEIPT.model_copy(update={"log_index": "18"}), signer).split(b".")
    assert code(b".".join([header, other[1], signature]), registered) == "envelope.not-opened"
    assert code(b".".join([header, payload, other[2]]), registered) == "envelope.not-opened"


def test_a_statement_names_the_algorithm_of_its_key(signer: FileSigner, registered: RegisteredKey) -> None:
    class Mislabelled:
        kid, alg = signer.kid, "Ed25519"

        def sign(self, data: bytes) -> bytes:
            return signer.sign(data)

    assert code(sign_receipt(RECEIPT, Mislabelled()), registered) == "envelope.algorithm-refused"
