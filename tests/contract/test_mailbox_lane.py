"""A lane as its partner's mailbox, and one that rests, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from gateway.identifiers import PartnerCode
from gateway.ports import LaneLost, Lease, Work
from tests.contract.bench import Bench

XX, YY = PartnerCode("xx"), PartnerCode("yy")


def now() -> datetime:
    return datetime.now(UTC)


def add(bench: Bench, *keys: str, partner: PartnerCode = XX) -> None:
    with bench.store.writing() as unit:
        for key in keys:
            unit.outbox.add(Work.DELIVER, partner, key.ljust(32, "0"), at=now())


def waiting(bench: Bench, limit: int = 10, partner: PartnerCode = XX) -> list[str]:
    with bench.store.reading() as unit:
        return [item.message_key[0] for item in unit.outbox.waiting(Work.DELIVER, partner, limit)]


def claim(bench: Bench) -> Lease | None:
    with bench.store.writing() as unit:
        return unit.outbox.claim(Work.DELIVER, "one", at=now(), seconds=30)


def test_what_waits_is_seen_in_order_without_a_lease(bench: Bench) -> None:
    assert waiting(bench) == []
    add(bench, "a", "b", "c")
    add(bench, "d", partner=YY)
    assert waiting(bench) == ["a", "b", "c"]
    assert waiting(bench, 2) == ["a", "b"]
    assert waiting(bench, partner=YY) == ["d"]
    assert claim(bench) is not None
    assert waiting(bench) == ["a", "b", "c"]


def test_nothing_waits_behind_a_dead_letter_that_blocks(bench: Bench) -> None:
    add(bench, "a", "b", "c")
    with bench.store.writing() as unit:
        first, second = unit.outbox.waiting(Work.DELIVER, XX, 2)
        unit.outbox.finish(first)
        unit.outbox.park(second, reason="x", at=now())
    assert waiting(bench) == ["c"]
    with bench.store.writing() as unit:
        unit.outbox.revive("b".ljust(32, "0"), Work.DELIVER, at=now())
        [again] = unit.outbox.waiting(Work.DELIVER, XX, 1)
        assert again.added_at > second.added_at
        unit.outbox.park(again, reason="x", at=now(), blocks=True)
    assert waiting(bench) == []


def test_a_lane_that_rests_is_free_again_when_its_time_comes_and_has_no_failure(bench: Bench) -> None:
    add(bench, "a")
    lease = claim(bench)
    assert lease is not None
    with bench.store.writing() as unit:
        unit.outbox.rest(lease, until=now() + timedelta(hours=1))
        unit.outbox.release(lease, at=now())
    assert claim(bench) is None
    assert waiting(bench) == ["a"]
    with bench.store.reading() as unit:
        [view] = unit.outbox.views()
        assert (view.failures, view.due) == (0, 1)
    with bench.store.writing() as unit:
        [item] = unit.outbox.waiting(Work.DELIVER, XX, 1)
        assert item.attempts == 0
        unit.outbox.finish(item)
        unit.outbox.add(Work.DELIVER, XX, "b".ljust(32, "0"), at=now())
    assert claim(bench) is not None, "a finished item ends the rest"


def test_two_who_finish_one_item_at_once(bench: Bench) -> None:
    """Both have seen the item wait; the lane is held by one, and the other finds that it waits no more."""
    add(bench, "a")
    ends: list[str] = []

    def finish() -> None:
        try:
            with bench.store.writing() as unit:
                unit.outbox.hold(Work.DELIVER, XX)
                items = unit.outbox.waiting(Work.DELIVER, XX, 1)
                for item in items:
                    unit.outbox.finish(item)
                ends.append("finished" if items else "gone")
        except LaneLost:
            ends.append("lost")

    threads = [threading.Thread(target=finish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["finished"] + ["gone"] * 7
