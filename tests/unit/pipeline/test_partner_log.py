"""What a partner may read of the log: a decision for every tag, and its own entries only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from gateway.audit.merkle import leaf_hash
from gateway.errors import EnvelopeRefused, NotFound
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.lodgements import LodgementRefused
from gateway.pipeline.partner_log import SHOWN, PartnerLog
from tests.world.log import entries
from tests.world.neighbours import Neighbours, neighbours_in
from tests.world.partner import NOTE

XX, YY = PartnerCode("xx"), PartnerCode("yy")


@pytest.fixture(name="both")
def both_fixture(tmp_path: Path) -> Iterator[Neighbours]:
    with neighbours_in(tmp_path, inline_answer_seconds=0.0) as made:
        yield made


@pytest.fixture(name="log")
def log_fixture(both: Neighbours) -> PartnerLog:
    return both.gateway.partners.log


def readable(both: Neighbours, log: PartnerLog, partner: PartnerCode) -> list[str]:
    """The tags of the entries that a partner can read, of all that there are."""
    found = []
    for index in range(len(entries(both.world)) + 2):
        try:
            found.append(orjson.loads(log.entry(partner, str(index)))["tag"])
        except NotFound:
            continue
    return found


def test_what_is_shown_was_told_anyway() -> None:
    """No refusal, nothing that was withheld, nothing that a person did; a new tag is not shown until it is listed."""
    hidden = {tag.value for tag in Tag} - {tag.value for tag in SHOWN}
    for part in (":refused", ":withheld", ":quarantined", ":postponed", ":undelivered", "operator:", ":replayed"):
        assert all(tag in hidden or tag == Tag.PARTNER_ACKNOWLEDGEMENT_REFUSED for tag in Tag if part in tag.value), (
            part
        )


def test_each_partner_reads_its_own_entries_only(both: Neighbours, log: PartnerLog) -> None:
    gateway, partner = both.gateway, both.world.partner
    gateway.receive(partner.seal(NOTE, "m-1"), "application/jose")
    gateway.process_once()
    gateway.lodge(b'{"number": "L-1"}', "yy", "reply", message_id="l-1")
    with pytest.raises(LodgementRefused):
        gateway.lodge(b'{"number": 3}', "yy", "reply", message_id="l-2")
    with pytest.raises(EnvelopeRefused):
        gateway.receive(partner.seal(NOTE, "m-2")[:-9], "application/jose")
    gateway.set_stopped("yy", stopped=True, operator="officer", reason="suspicion")
    assert readable(both, log, XX) == [
        "partner:message:received",
        "gateway:receipt:issued",
        "gateway:message:accepted",
    ]
    assert readable(both, log, YY) == ["lodger:message:released"]
    assert readable(both, log, PartnerCode("zz")) == []
    assert readable(both, log, PartnerCode("")) == []


def test_an_entry_is_given_as_it_was_hashed(both: Neighbours, log: PartnerLog) -> None:
    answer = both.gateway.receive(both.world.partner.seal(NOTE, "m-1"), "application/jose")
    both.gateway.process_once()
    both.gateway.checkpoint()
    indexes = log.entries_about(XX, "m-1")
    assert [orjson.loads(log.entry(XX, str(index)))["exchange"] for index in indexes] == [answer.exchange_id] * 2
    tile = log.tile("0", f"000.p/{indexes[-1] + 1}")
    for index in indexes:
        assert leaf_hash(log.entry(XX, str(index))) == tile[index * 32 : index * 32 + 32]


@pytest.mark.parametrize("index", ["", "-1", "00", "1.0", "0x0", "\u0660", "9" * 18, "9" * 5000])
def test_what_is_no_index_is_no_entry(log: PartnerLog, index: str) -> None:
    with pytest.raises(NotFound):
        log.entry(XX, index)


@pytest.mark.parametrize("place", ["000", "000.p/1", "x999/x999/x999/x999/x999/x999/999", "..", ""])
def test_without_a_checkpoint_there_is_no_tile(both: Neighbours, log: PartnerLog, place: str) -> None:
    both.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1")
    with pytest.raises(NotFound):
        log.tile("0", place)
