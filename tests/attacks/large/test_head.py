"""Heads that were changed, forged, signed by another, made for another, or lie about the content."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import MessageTooLarge
from gateway.security.envelope import open_sealed
from gateway.security.filekeys import file_decrypter
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from gateway.security.refusals import OpeningRefused
from tests.attacks.envelope.conftest import ACTIVE, NOW
from tests.attacks.large.conftest import CONTENT, KEY, MARK, PREFIX

NOT_OPENED, METADATA = "envelope.not-opened", "envelope.metadata-refused"


class TestChanged:
    def test_no_changed_byte_of_the_head_is_taken(self, large: Any, honest: Any) -> None:
        codes = set()
        for place in range(len(honest.head)):
            changed = bytearray(honest.joined())
            changed[place] ^= 1
            with pytest.raises(OpeningRefused) as refused:
                large.open(bytes(changed), 4096)
            codes.add(refused.value.stable_code)
        assert NOT_OPENED in codes
        assert codes <= {
            NOT_OPENED,
            "envelope.malformed",
            "envelope.incomplete",
            "envelope.header-refused",
            "envelope.algorithm-refused",
            "envelope.unknown-key",
            "envelope.unknown-recipient-key",
        }

    def test_the_head_of_another_message_under_the_same_key(self, large: Any, honest: Any) -> None:
        other = large.parts(jti="m-2")
        assert large.code(other.joined(honest.chunks)) == NOT_OPENED

    def test_the_same_signature_encrypted_a_second_time(self, large: Any, honest: Any) -> None:
        again = large.head(large.sign(large.statement()))
        assert large.code(again + b"".join(honest.chunks)) == NOT_OPENED

    @pytest.mark.parametrize(
        "start",
        [
            MARK[:-1] + b"\x02",
            b"\x89SARHAD\x00",
            b"SARHAD\x01\x89",
            bytes(8),
            b"eyJhbGci",
            b"<?xml ve",
        ],
    )
    def test_another_mark_or_version(self, large: Any, honest: Any, start: bytes) -> None:
        assert large.code(start + honest.joined()[8:]) == "envelope.malformed"

    @pytest.mark.parametrize("length", [0, 2**31, 2**32 - 1, 65_536])
    def test_a_head_length_of_nothing_or_of_gigabytes(self, large: Any, length: int) -> None:
        opener = large.opener()
        with pytest.raises(OpeningRefused) as refused:
            opener.feed(MARK + length.to_bytes(4))  # refused before anything is gathered
        assert refused.value.stable_code == "envelope.malformed"

    @pytest.mark.parametrize("shift", [-1, 1])
    def test_a_head_length_that_is_off_by_one(self, large: Any, honest: Any, shift: int) -> None:
        length = len(honest.head) - 12 + shift
        assert large.code(MARK + length.to_bytes(4) + honest.joined()[12:]) in {NOT_OPENED, "envelope.header-refused"}


class TestForms:
    def test_a_compact_message_does_not_pass_as_a_head(self, large: Any) -> None:
        compact = large.forge.seal(large.forge.sign(large.forge.inner_header()))
        for cty in ("message+jws", None):
            jwe = large.forge.seal(KEY + PREFIX + large.forge.sign(large.forge.inner_header()), self.outer(large, cty))
            code = large.code(MARK + len(jwe).to_bytes(4) + jwe)
            assert code == ("envelope.header-refused" if cty else NOT_OPENED)
        assert large.code(MARK + len(compact).to_bytes(4) + compact) == NOT_OPENED

    def test_a_large_head_does_not_pass_as_a_compact_message(self, large: Any, honest: Any) -> None:
        signed = large.sign(large.statement())
        for jwe in (
            honest.head[12:],
            large.forge.seal(signed, self.outer(large, "large-message+jws")),
            large.forge.seal(signed, self.outer(large, None)),
        ):
            with pytest.raises(OpeningRefused) as refused:
                large.forge.open(jwe)
            assert refused.value.stable_code in {"envelope.header-refused", NOT_OPENED}

    def test_the_compact_opener_refuses_a_large_envelope(self, large: Any, honest: Any) -> None:
        with pytest.raises(OpeningRefused) as refused:
            open_sealed(
                honest.joined(),
                decrypters=[large.forge.decrypter],
                lookup_key=lambda _: large.forge.registered,
                recipient="aa",
                at=NOW,
            )
        assert refused.value.stable_code in {"envelope.malformed", "envelope.header-refused"}

    def outer(self, large: Any, cty: str | None) -> dict[str, Any]:
        header: dict[str, Any] = large.forge.outer_header(cty=cty)
        return header


class TestInside:
    """From decryption to the signature there is one code, one text and no path."""

    def variants(self, large: Any) -> dict[str, bytes]:
        signed = large.sign(large.statement())
        other = generate_key("xx", "ES256", NOW, number=2)
        outer = large.forge.outer_header(cty="large-message+jws")
        plaintexts = {
            "nothing": b"\0",
            "a key and no signature": KEY + PREFIX,
            "no key": signed,
            "half a key": KEY[:16] + signed,
            "a signature changed": KEY + PREFIX + signed[:-2] + (b"AA" if signed[-2:] != b"AA" else b"BA"),
            "a statement changed": KEY + PREFIX + self.other_statement(large, signed),
            "a detached payload": KEY + PREFIX + signed.split(b".")[0] + b".." + signed.split(b".")[2],
            "alg none": KEY + PREFIX + large.sign(large.statement(), alg="none"),
            "another kid": KEY + PREFIX + large.sign(large.statement(), kid=other.public.kid),
            "a receipt": KEY + PREFIX + large.sign(large.statement(), typ="receipt+jws"),
            "a compact message": KEY + PREFIX + large.sign(large.statement(), typ="message+jws"),
            "a foreign member": KEY + PREFIX + large.sign(large.statement(), jwk={}),
        }
        return {name: large.forge.seal(plaintext, outer) for name, plaintext in plaintexts.items()}

    def other_statement(self, large: Any, signed: bytes) -> bytes:
        header, _, signature = signed.split(b".")
        return b".".join([header, large.sign(large.statement(b"other")).split(b".")[1], signature])

    def test_all_faults_inside_read_the_same(self, large: Any) -> None:
        answers = set()
        for name, jwe in self.variants(large).items():
            refusal = large.refusal(MARK + len(jwe).to_bytes(4) + jwe)
            assert refusal.detail, name
            answers.add((refusal.stable_code, refusal.message, refusal.remedy, refusal.path))
        assert len(answers) == 1
        assert answers.pop()[0] == NOT_OPENED

    def test_a_signature_of_another_key(self, large: Any) -> None:
        impostor = generate_key("xx", "ES256", NOW)  # the same kid, another key
        registered = RegisteredKey(impostor.public, "xx", ACTIVE)
        assert large.code(large.parts().joined(), lookup_key=lambda _: registered) == NOT_OPENED


class TestParties:
    def test_a_key_that_is_not_ours(self, large: Any, honest: Any) -> None:
        head = large.head(large.sign(large.statement()), kid="aa-enc-202601-9")
        assert large.code(head) == "envelope.unknown-recipient-key"
        assert large.code(honest.joined(), decrypters=[]) == "envelope.unknown-recipient-key"

    def test_encrypted_to_another_under_our_key_id(self, large: Any, honest: Any) -> None:
        other = generate_key("aa", "ECDH-ES+A256KW", NOW)
        decrypter = file_decrypter(other.private, RegisteredKey(other.public, "aa", ACTIVE))
        assert large.code(honest.joined(), decrypters=[decrypter]) == NOT_OPENED

    def test_signed_for_another_recipient_and_encrypted_again_for_us(self, large: Any) -> None:
        refusal = large.refusal(large.parts(aud="bb").joined())
        assert (refusal.stable_code, refusal.path) == ("envelope.wrong-recipient", "aud")

    def test_a_sender_that_does_not_own_the_key(self, large: Any) -> None:
        assert large.code(large.parts(iss="yy").joined()) == "envelope.wrong-sender"

    def test_an_unknown_signing_key(self, large: Any, honest: Any) -> None:
        assert large.code(honest.joined(), lookup_key=lambda _: None) == "envelope.unknown-key"

    @pytest.mark.parametrize(
        ("state", "code"),
        [
            (KeyState.PENDING, "envelope.key-not-active"),
            (KeyState.RETIRED, "envelope.expired-key"),
            (KeyState.COMPROMISED, "envelope.compromised-key"),
        ],
    )
    def test_a_signing_key_that_does_not_count(self, large: Any, honest: Any, state: KeyState, code: str) -> None:
        key = RegisteredKey(large.forge.sender.public, "xx", Lifecycle((StateChange(state, NOW),)))
        assert large.code(honest.joined(), lookup_key=lambda _: key) == code

    @pytest.mark.parametrize("ahead", [timedelta(seconds=61), timedelta(days=-31)])
    def test_sealed_in_the_future_or_too_long_ago(self, large: Any, ahead: timedelta) -> None:
        assert large.code(large.parts(iat=int((NOW + ahead).timestamp())).joined()) == "envelope.clock"

    @pytest.mark.parametrize("name", ["aud", "jti", "agreement", "schema"])
    def test_a_member_of_the_metadata_left_out_of_crit(self, large: Any, name: str) -> None:
        names = [each for each in large.forge.inner_header()["crit"] if each != name]
        assert large.code(large.parts(crit=names).joined()) == METADATA

    def test_a_message_again_has_the_identity_of_the_first(self, large: Any, honest: Any) -> None:
        first, second = (large.open(honest.joined())[0].head for _ in range(2))
        assert (first.sender, first.metadata.jti, first.jws_digest) == (
            second.sender,
            second.metadata.jti,
            second.jws_digest,
        )


class TestLyingStatement:
    """The sender itself signs what is not so."""

    def test_another_digest(self, large: Any) -> None:
        lie = large.statement(sha256="0" * 64)
        assert large.code(large.parts(statement=lie).joined()) == "envelope.wrong-digest"

    def test_content_of_the_same_length_put_in_by_the_recipient(self, large: Any) -> None:
        head = large.head(large.sign(large.statement()))  # whoever holds the signed statement can encrypt it again
        assert large.code(head + b"".join(large.chunks(head, bytes(48)))) == "envelope.wrong-digest"

    @pytest.mark.parametrize("length", ["1", "16", "32", "47"])
    def test_a_length_shorter_than_the_content(self, large: Any, length: str) -> None:
        # the first chunk that is not the last where the statement says so does not open
        assert large.code(large.parts(statement=large.statement(length=length)).joined()) == NOT_OPENED

    @pytest.mark.parametrize("length", ["49", "64", "200"])
    def test_a_length_beyond_the_content(self, large: Any, length: str) -> None:
        parts = large.parts(statement=large.statement(length=length))
        assert large.code(parts.joined()) == NOT_OPENED
        unmarked = large.chunk(parts.head, CONTENT[32:], 2, last=False)
        assert large.code(parts.joined([*parts.chunks[:2], unmarked])) == "envelope.incomplete"

    def test_more_content_than_the_limit_is_refused_at_the_head(self, large: Any) -> None:
        head = large.head(large.sign(large.statement(length="201")))
        opener = large.opener()
        with pytest.raises(MessageTooLarge):
            opener.feed(head)
        assert large.sinks[-1].getvalue() == b""

    @pytest.mark.parametrize("size", ["1", "7", "33", "999999999999999"])
    def test_a_chunk_size_that_costs_calls_or_memory(self, large: Any, size: str) -> None:
        refusal = large.refusal(large.head(large.sign(large.statement(chunk_size=size))))
        assert (refusal.stable_code, refusal.path) == (METADATA, "chunk_size")

    def test_another_chunk_size_than_was_used(self, large: Any) -> None:
        assert large.code(large.parts(statement=large.statement(chunk_size="8")).joined()) == NOT_OPENED

    @pytest.mark.parametrize(
        "changes", [{"length": "0"}, {"length": "-1"}, {"form": "large-2"}, {"sha256": None}, {"more": "1"}]
    )
    def test_a_statement_of_another_form(self, large: Any, changes: dict[str, Any]) -> None:
        assert large.code(large.head(large.sign(large.statement(**changes)))) == METADATA

    def test_no_content_at_all(self, large: Any) -> None:
        assert large.code(large.parts(b"").joined()) == METADATA
        head = large.head(large.sign(large.statement(b"")))
        assert large.code(head + large.chunk(head, b"", 0, last=True)) == METADATA

    @pytest.mark.parametrize("payload", [b"null", b"[" * 600, b"\xff\xfe", b'{"form":"large-1"}', CONTENT])
    def test_a_payload_that_is_no_statement(self, large: Any, payload: bytes) -> None:
        assert large.code(large.head(large.sign(payload))) == METADATA

    def test_a_statement_in_another_spelling(self, large: Any) -> None:
        spaced = json.dumps(json.loads(large.statement())).encode()
        assert large.code(large.head(large.sign(spaced))) == METADATA


def test_a_stranger_is_refused_before_any_content_is_taken(large: Any, honest: Any) -> None:
    opener = large.opener(lookup_key=lambda _: None)
    with pytest.raises(OpeningRefused):
        opener.feed(honest.head)
    assert opener.head is None


def test_the_caller_knows_the_head_before_it_takes_content(large: Any, honest: Any) -> None:
    opener = large.opener()
    opener.feed(honest.head[:-1])
    assert opener.head is None
    opener.feed(honest.head[-1:])
    assert opener.head is not None
    assert (opener.head.metadata.jti, opener.head.content.length) == ("m-1", 48)
    assert large.sinks[-1].getvalue() == b""
