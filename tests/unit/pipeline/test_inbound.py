"""Receiving: what is stored before a receipt, the four cases of a repeated identity, refusals that leave an entry."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.errors import EnvelopeRefused, GatewayError, MessageTooLarge, Refusal, ReplayRefused, UnknownPartner
from gateway.exchange.states import State
from gateway.pipeline.views import ReceiptAnswer
from gateway.security.receipts import RECEIPT_TYPE, verify_receipt
from gateway.security.statements import statement_kid
from tests.world.log import entries, rows, tags
from tests.world.partner import NOTE, Partner, note
from tests.world.setting import World, world_in

JOSE = "application/jose"


def test_a_message_is_stored_and_logged_and_its_receipt_says_where(world: World) -> None:
    answer = world.gateway.receive(world.partner.seal(NOTE, "m-1"), JOSE)
    assert (answer.message_id, answer.partner, answer.repeated) == ("m-1", "xx", False)
    view = world.gateway.exchange(answer.exchange_id)
    assert view.exchange.state is State.RECEIVED
    [message] = view.messages
    theirs = world.partner._theirs
    receipt = verify_receipt(answer.receipt, theirs[statement_kid(answer.receipt, RECEIPT_TYPE)])
    assert (receipt.holder, receipt.sender, receipt.message_id) == ("aa", "xx", "m-1")
    assert (receipt.jws_digest, receipt.exchange_id) == (message.digest, answer.exchange_id)
    assert receipt.log_origin == world.settings.log_origin
    logged = entries(world)
    assert [entry["tag"] for entry in logged] == ["partner:message:received", "gateway:receipt:issued"]
    assert receipt.log_index == logged[0]["index"] == "0"
    assert {"partner": "xx", "message": "m-1", "format": "xx-note-1.0", "decision": "received"}.items() <= logged[
        0
    ].items()


@pytest.mark.parametrize(("limit", "files", "folders"), [(256 * 1024, 0, 0), (100, 1, 1)])
def test_a_receipt_costs_one_commit_and_a_large_body_two_fsyncs_more(
    tmp_path: Path, limit: int, files: int, folders: int
) -> None:
    with world_in(tmp_path, body_inline_limit=limit) as world:
        for first_digit in range(256):  # the two hundred and fifty-six folders of large bodies
            (world.settings.bodies_dir / f"{first_digit:02x}").mkdir()
        sealed = world.partner.seal(NOTE, "m-1")
        before = world.durability.steps
        world.gateway.receive(sealed, JOSE)
        steps = world.durability.steps - before
        assert (steps.commits, steps.files, steps.folders) == (1, files, folders)


def test_the_same_message_again_gets_the_same_receipt_byte_for_byte_and_nothing_happens(world: World) -> None:
    sealed = world.partner.seal(NOTE, "m-1")
    first = world.gateway.receive(sealed, JOSE)
    before = world.durability.steps
    again = world.gateway.receive(sealed, JOSE)
    assert (again.receipt, again.exchange_id, again.repeated) == (first.receipt, first.exchange_id, True)
    assert world.durability.steps == before
    world.gateway.settle()
    assert world.gateway.receive(sealed, JOSE).receipt == first.receipt
    assert world.gateway.feeds.page("rms").last_position == 1


def test_a_known_id_with_other_bytes_is_refused_and_logged_as_a_security_event(world: World) -> None:
    first = world.gateway.receive(world.partner.seal(NOTE, "m-1"), JOSE)
    for _ in range(2):
        with pytest.raises(ReplayRefused):
            world.gateway.receive(world.partner.seal(note("N-2"), "m-1"), JOSE)
    assert tags(world)[2:] == ["partner:message:replayed"] * 2
    assert entries(world)[2]["codes"] == "message.replayed"
    assert world.gateway.message_status("m-1", "xx").receipt == first.receipt
    assert rows(world, "message") == 1


def test_the_same_content_sealed_anew_under_the_same_id_is_other_bytes(world: World) -> None:
    """The signature covers the time of sealing: signing again on a retry is not a retry."""
    world.gateway.receive(world.partner.seal(NOTE, "m-1"), JOSE)
    later = datetime.now(UTC) - timedelta(seconds=5)
    with pytest.raises(ReplayRefused):
        world.gateway.receive(world.partner.seal(NOTE, "m-1", at=later), JOSE)


def test_many_requests_with_one_message_at_once_store_it_once(world: World) -> None:
    sealed = world.partner.seal(NOTE, "m-1")
    answers: list[ReceiptAnswer] = []
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        answers.append(world.gateway.receive(sealed, JOSE))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.receipt for answer in answers}) == 1
    assert len(answers) == 8
    assert [answer.repeated for answer in answers].count(False) == 1
    assert rows(world, "message") == rows(world, "exchange") == rows(world, "work_item") == 1


def test_two_messages_with_one_id_at_once_one_wins(world: World) -> None:
    sealed = [world.partner.seal(note(f"N-{number}"), "m-1") for number in range(6)]
    results: list[str] = []
    start = threading.Barrier(6)

    def send(data: bytes) -> None:
        start.wait()
        try:
            world.gateway.receive(data, JOSE)
            results.append("stored")
        except ReplayRefused:
            results.append("refused")

    threads = [threading.Thread(target=send, args=(data,)) for data in sealed]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["refused"] * 5 + ["stored"]
    assert rows(world, "message") == 1


def refusals(world: World) -> dict[str, tuple[bytes, type[GatewayError], str]]:
    good = world.partner.seal(NOTE, "m-1")
    stranger = Partner()
    stranger._theirs = world.partner._theirs
    head, key, nonce, text, tag = good.split(b".")
    flipped = text[:10] + (b"A" if text[10:11] != b"A" else b"B") + text[11:]
    return {
        "no envelope": (b"hello", EnvelopeRefused, "envelope.malformed"),
        "nothing": (b"", EnvelopeRefused, "envelope.malformed"),
        "not even text": (b"\xff\x00." * 4 + b"\xfe", EnvelopeRefused, "envelope.header-refused"),
        "one byte changed": (b".".join([head, key, nonce, flipped, tag]), EnvelopeRefused, "envelope.not-opened"),
        "for somebody else": (world.partner.seal(NOTE, "m-2", aud="bb"), EnvelopeRefused, "envelope.wrong-recipient"),
        "in the name of another": (world.partner.seal(NOTE, "m-3", iss="yy"), EnvelopeRefused, "envelope.wrong-sender"),
        "from the future": (
            world.partner.seal(NOTE, "m-4", at=datetime.now(UTC) + timedelta(hours=1)),
            EnvelopeRefused,
            "envelope.clock",
        ),
        "by a key that nobody registered": (
            stranger.seal(NOTE, "m-5"),
            EnvelopeRefused,
            "envelope.not-opened",
        ),
        "too long": (b"a" * 40_000_000, MessageTooLarge, "message.too-large"),
    }


@pytest.mark.parametrize(
    "name",
    [
        "no envelope",
        "nothing",
        "not even text",
        "one byte changed",
        "for somebody else",
        "in the name of another",
        "from the future",
        "by a key that nobody registered",
        "too long",
    ],
)
def test_what_is_refused_at_the_envelope_leaves_a_log_entry_and_nothing_else(world: World, name: str) -> None:
    data, kind, code = refusals(world)[name]
    with pytest.raises(kind) as refused:
        world.gateway.receive(data, JOSE)
    assert isinstance(refused.value, Refusal)
    assert refused.value.stable_code == code
    assert refused.value.remedy
    [entry] = entries(world)
    assert (entry["tag"], entry["codes"]) == ("partner:message:refused", code)
    assert [rows(world, table) for table in ("message", "exchange", "body", "receipt", "work_item")] == [0] * 5


def test_a_partner_whose_profile_does_not_let_it_send_is_refused(tmp_path: Path) -> None:
    with world_in(tmp_path) as world:
        world.gateway._parts.opener._is_sender = lambda partner: partner == "yy"
        with pytest.raises(UnknownPartner):
            world.gateway.receive(world.partner.seal(NOTE, "m-1"), JOSE)
        assert tags(world) == ["partner:message:refused"]


def test_nothing_of_the_content_stands_readable_in_the_state_folder(world: World) -> None:
    world.gateway.receive(world.partner.seal(note("CANARY-7431", b"<Secret>CANARY-9999</Secret>"), "m-1"), JOSE)
    world.gateway.settle()
    world.gateway.close()
    for file in world.settings.state_dir.rglob("*"):
        if file.is_file():
            assert b"CANARY" not in file.read_bytes(), file.name
