from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.checkpoint import (
    Checkpoint,
    cosign_checkpoint,
    read_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)
from gateway.audit.entry import LogDamaged
from gateway.audit.notes import COSIGNATURE, Note, NoteKey, read_note, read_vkey, sign_note, signature_holds

ORIGIN = "gateway.example/log"
PRIVATE, WITNESS_PRIVATE = (
    Ed25519PrivateKey.from_private_bytes(bytes(32)),
    Ed25519PrivateKey.from_private_bytes(b"\1" * 32),
)
KEY = NoteKey(ORIGIN, PRIVATE.public_key().public_bytes_raw())
WITNESS = NoteKey("witness.example", WITNESS_PRIVATE.public_key().public_bytes_raw(), COSIGNATURE)
HEAD = Checkpoint(ORIGIN, 17, bytes(range(32)))
SIGNED = sign_checkpoint(HEAD, KEY, PRIVATE)
COSIGNED = cosign_checkpoint(SIGNED, WITNESS, WITNESS_PRIVATE, time=1_772_366_400)


def code(note: bytes, key: NoteKey = KEY, **options: object) -> str:
    with pytest.raises(LogDamaged) as damaged:
        verify_checkpoint(note, key, **options)  # type: ignore[arg-type]
    return damaged.value.stable_code


def test_a_note_signed_by_the_reference_implementation_holds() -> None:
    # the example of golang.org/x/mod/sumdb/note
    key = read_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = (
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    note = read_note(f"{text}\n{line}".encode())
    assert note.text == text
    assert signature_holds(note.text, note.signatures[0], key)
    assert not signature_holds(note.text + "\n", note.signatures[0], key)
    assert note.as_bytes() == f"{text}\n{line}".encode()


def test_the_published_sample_of_a_cosigned_checkpoint_reads() -> None:
    # C2SP tlog-cosignature
    sample = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE"
        "+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo"
        "0xUe+mbIUBkBIfZ+qnA==\n"
    )
    note = read_note(sample.encode())
    assert read_checkpoint(note.text).size == 20852163
    assert [(line.name, len(line.signature)) for line in note.signatures] == [
        ("example.com/behind-the-sofa", 64),
        ("witness.example.com/w1", 72),
    ]
    assert int.from_bytes(note.signatures[1].signature[:8]) == 1679315147  # the time that the page shows
    assert note.as_bytes() == sample.encode()


def test_a_checkpoint_verifies_alone_and_with_its_witness() -> None:
    assert verify_checkpoint(SIGNED, KEY) == (HEAD, ())
    assert verify_checkpoint(COSIGNED, KEY, witnesses=[WITNESS], quorum=1) == (HEAD, (WITNESS.name,))
    assert code(SIGNED, witnesses=[WITNESS], quorum=1) == "log.checkpoint-witness"


def test_a_cosignature_counts_only_for_a_known_witness_and_never_instead_of_the_log() -> None:
    stranger = NoteKey("stranger.example", WITNESS.public, COSIGNATURE)
    assert code(COSIGNED, witnesses=[stranger], quorum=1) == "log.checkpoint-witness"
    text, (_, cosignature) = read_note(COSIGNED)
    assert code((text + "\n" + cosignature.line()).encode(), witnesses=[WITNESS]) == "log.checkpoint-signature"


def test_a_cosignature_binds_its_time() -> None:
    text, (signature, cosignature) = read_note(COSIGNED)
    later = cosignature._replace(signature=(1_772_366_401).to_bytes(8) + cosignature.signature[8:])
    note = (text + "\n" + signature.line() + later.line()).encode()
    assert code(note, witnesses=[WITNESS]) == "log.checkpoint-signature"


def test_a_log_signature_is_no_cosignature_by_the_same_key() -> None:
    both = NoteKey(ORIGIN, KEY.public, COSIGNATURE)
    assert both.key_id != KEY.key_id
    assert code(SIGNED, witnesses=[both], quorum=1) == "log.checkpoint-witness"


@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_any_changed_byte_is_found(place: float, flip: int) -> None:
    changed = bytearray(SIGNED)
    changed[int(place * len(SIGNED))] ^= flip
    assert code(bytes(changed)) in {"log.note", "log.checkpoint", "log.checkpoint-signature"}


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_note_or_damaged(data: bytes) -> None:
    with pytest.raises(LogDamaged):
        verify_checkpoint(data, KEY)


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n17\n",
        f"{ORIGIN}\n017\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n-1\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n17\n{base64.b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n17\n{base64.b64encode(bytes(32)).decode().rstrip('=')}\n",
        f"\n17\n{base64.b64encode(bytes(32)).decode()}\n",
        f"{ORIGIN}\n17\nnot base64\n",
        f"{ORIGIN}\n17\n{base64.b64encode(bytes(32)).decode()}\n\n",
    ],
)
def test_other_texts_are_no_checkpoint(text: str) -> None:
    with pytest.raises(LogDamaged):
        read_checkpoint(text)


def test_an_empty_log_has_a_checkpoint_and_extension_lines_mean_nothing() -> None:
    empty = Checkpoint(ORIGIN, 0, bytes(32))
    assert read_checkpoint(empty.text()) == empty
    assert read_checkpoint(empty.text() + "extension\n") == empty


def test_a_second_base64_spelling_of_a_signature_is_refused() -> None:
    assert SIGNED.endswith(b"=\n")
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(SIGNED[-3]) | 1]
    assert code(SIGNED[:-3] + bytes([last]) + b"=\n") == "log.note"


def test_a_checkpoint_of_another_log_is_not_taken_even_with_our_signature() -> None:
    text = Checkpoint("other.example/log", 17, bytes(32)).text()
    note = Note(text, (sign_note(text, KEY, PRIVATE),)).as_bytes()
    assert code(note) == "log.checkpoint-signature"


def test_a_vkey_reads_back_and_a_wrong_one_does_not() -> None:
    for key in (KEY, WITNESS):
        assert read_vkey(key.vkey) == key
    for text in ("", "a", "a+b", "a+b+c", KEY.vkey.replace("gateway", "gateways"), KEY.vkey[:-4], "a b+" + KEY.vkey):
        with pytest.raises(LogDamaged):
            read_vkey(text)


def test_only_the_key_of_the_log_signs_its_checkpoints() -> None:
    with pytest.raises(LogDamaged):
        sign_checkpoint(HEAD, NoteKey("other.example", KEY.public), PRIVATE)
    with pytest.raises(LogDamaged):
        sign_checkpoint(HEAD, NoteKey(ORIGIN, KEY.public, COSIGNATURE), PRIVATE)
    with pytest.raises(LogDamaged):
        cosign_checkpoint(SIGNED, NoteKey("witness.example", WITNESS.public), WITNESS_PRIVATE, time=1)


def test_a_note_has_a_limit_of_signatures() -> None:
    text, (signature,) = read_note(SIGNED)
    assert code((text + "\n" + signature.line() * 33).encode()) == "log.note"
    assert verify_checkpoint((text + "\n" + signature.line() * 16).encode(), KEY)[0] == HEAD
