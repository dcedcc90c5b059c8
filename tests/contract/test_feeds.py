"""Feeds, bodies, one-time values, on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.errors import NotFound
from gateway.exchange.model import FeedEntry, Role
from gateway.exchange.tags import Tag
from gateway.identifiers import AgreementId, ExchangeId
from gateway.ports import LogDraft
from gateway.security.bodies import BodyUnreadable
from tests.contract.bench import INLINE_LIMIT, Bench
from tests.contract.nouns import LATER, NOW, XX, keep_received


def publish(bench: Bench, number: int, feed: str = "rms", exchange: int | None = None) -> int:
    entry = FeedEntry(
        feed=feed,
        position=0,
        exchange_id=ExchangeId(f"{exchange or number:032x}"),
        message_key=f"{number:032x}",
        partner=XX,
        message_type="manifest",
        agreement=AgreementId("aa-xx-manifest"),
        format="cri-3.6",
        at=NOW,
        document=b"",
    )
    body = bench.vault.prepare(f"{number:032x}", Role.FEED, b'{"n":%d}' % number)
    with bench.store.writing() as work:
        work.log.append(LogDraft(tag=Tag.GATEWAY_MESSAGE_ACCEPTED, rows=(entry,), bodies=(body,)), at=NOW)
        return work.feed.publish(entry, body)


def test_positions_count_from_one_in_each_feed(bench: Bench) -> None:
    assert [publish(bench, 1), publish(bench, 2), publish(bench, 3, "other")] == [1, 2, 1]
    with bench.store.reading() as look:
        assert look.feed.names() == ["other", "rms"]
        assert [entry.document for entry in look.feed.read("rms", after=0, limit=10)] == [b'{"n":1}', b'{"n":2}']
        assert [entry.position for entry in look.feed.read("rms", after=1, limit=10)] == [2]
        assert look.feed.read("rms", after=0, limit=1)[0].partner == XX
        assert (look.feed.last_position("rms"), look.feed.last_position("none")) == (2, 0)


def test_an_exchange_enters_a_feed_once(bench: Bench) -> None:
    publish(bench, 1)
    with pytest.raises(IntegrityError):
        publish(bench, 2, exchange=1)
    with bench.store.reading() as look:
        assert look.feed.last_position("rms") == 1


def test_a_reader_that_follows_misses_nothing_while_writers_write(bench: Bench) -> None:
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while True:
            finished = done.is_set()
            with bench.store.reading() as look:
                page = look.feed.read("rms", after=seen[-1] if seen else 0, limit=5)
            seen.extend(entry.position for entry in page)
            if finished and not page:
                return

    def write(first: int) -> None:
        for number in range(first, first + 10):
            publish(bench, number)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(first,)) for first in (1, 101, 201)]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert seen == list(range(1, 31))


def test_a_consumers_place_never_goes_back(bench: Bench) -> None:
    with bench.store.writing() as work:
        assert work.feed.acknowledged("rms", "risk") == 0
        assert work.feed.acknowledge("rms", "risk", 5, at=NOW) == 5
        assert work.feed.acknowledge("rms", "risk", 3, at=NOW) == 5
        assert work.feed.acknowledge("rms", "other", 1, at=NOW) == 1
    with bench.store.reading() as look:
        assert look.feed.acknowledged("rms", "risk") == 5


@pytest.mark.parametrize("size", [0, 1, INLINE_LIMIT, INLINE_LIMIT + 1, 100_000])
def test_a_body_is_read_back_whether_it_is_a_row_or_a_file(bench: Bench, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    with bench.store.writing() as work:
        _, message, _ = keep_received(work, bench.vault, content=content)
    with bench.store.reading() as look:
        assert look.bodies.read(message.key, Role.SIGNED) == content
        with pytest.raises(NotFound):
            look.bodies.read(message.key, Role.FEED)
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert len(files) == (size > INLINE_LIMIT)
    assert all(content not in file.read_bytes() for file in files)


def test_a_small_body_costs_one_commit_and_a_large_one_two_fsyncs_more(bench: Bench) -> None:
    with bench.store.writing() as work:
        keep_received(work, bench.vault, 1, content=b"x" * 2000)  # makes the folder of the first two digits
    for number, content, files, folders in ((2, b"x", 0, 0), (3, b"x" * 2000, 1, 1)):
        before = bench.durability.steps
        body_free = bench.store.writing()
        with body_free as work:
            keep_received(work, bench.vault, number, content=content)
        steps = bench.durability.steps - before
        assert (steps.commits, steps.files, steps.folders) == (1, files, folders)


def test_a_body_moved_to_another_record_does_not_open(bench: Bench) -> None:
    with bench.store.writing() as work:
        _, first, body = keep_received(work, bench.vault, 1)
        other = bench.vault.prepare("9" * 32, Role.SIGNED, b"other")
        moved = type(other)(message_key=other.message_key, role=other.role, digest=other.digest, record=body.record)
        work.log.append(LogDraft(tag=Tag.GATEWAY_MESSAGE_ACCEPTED, bodies=(moved,)), at=NOW)
        work.bodies.keep(moved)
    with bench.store.reading() as look:
        assert look.bodies.read(first.key, Role.SIGNED) == b"content"
        with pytest.raises(BodyUnreadable):
            look.bodies.read("9" * 32, Role.SIGNED)


def test_a_file_name_that_leads_out_of_the_folder_is_not_followed(bench: Bench) -> None:
    secret = bench.folder.parent / "secret"
    secret.write_bytes(b"secret")
    with bench.store.writing() as work:
        _, message, body = keep_received(work, bench.vault, 1)
        evil = dict(body.record) | {"file": "../secret", "ciphertext": None}
        other = type(body)(message_key="9" * 32, role=Role.SIGNED, digest=body.digest, record=evil)
        work.log.append(LogDraft(tag=Tag.GATEWAY_MESSAGE_ACCEPTED, bodies=(other,)), at=NOW)
        work.bodies.keep(other)
    with bench.store.reading() as look, pytest.raises(BodyUnreadable, match="leads out"):
        look.bodies.read("9" * 32, Role.SIGNED)
    assert message.key != "9" * 32


def test_a_one_time_value_is_taken_once_for_each_owner_and_kind(bench: Bench) -> None:
    with bench.store.writing() as work:
        assert work.nonces.remember("token", "xx", "n1", expires_at=LATER)
        assert not work.nonces.remember("token", "xx", "n1", expires_at=LATER)
        assert work.nonces.remember("token", "yy", "n1", expires_at=LATER)
        assert work.nonces.remember("nonce", "xx", "n1", expires_at=LATER)
    with bench.store.writing() as work:
        assert work.nonces.forget(before=LATER) == 0
        assert work.nonces.forget(before=LATER + timedelta(seconds=1)) == 3
        assert work.nonces.remember("token", "xx", "n1", expires_at=LATER)
