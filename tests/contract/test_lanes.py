"""Lanes, leases, fencing, order, dead letters, on both databases. PostgreSQL uses its own clock for leases."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import NotFound
from gateway.identifiers import PartnerCode
from gateway.ports import LaneLost, Lease, Work, WorkItem
from tests.contract.bench import Bench

XX, YY = PartnerCode("xx"), PartnerCode("yy")


def now() -> datetime:
    return datetime.now(UTC)


def add(bench: Bench, *keys: str, partner: PartnerCode = XX, work: Work = Work.DELIVER) -> None:
    for key in keys:
        with bench.store.writing() as unit:
            unit.outbox.add(work, partner, key.ljust(32, "0"), at=now())


def claim(bench: Bench, owner: str = "one", seconds: float = 30, work: Work = Work.DELIVER) -> Lease | None:
    with bench.store.writing() as unit:
        return unit.outbox.claim(work, owner, at=now(), seconds=seconds)


def claimed(bench: Bench, owner: str = "one", seconds: float = 30) -> Lease:
    lease = claim(bench, owner, seconds)
    assert lease is not None
    return lease


def heads(bench: Bench, lease: Lease, limit: int = 10) -> list[WorkItem]:
    with bench.store.reading() as unit:
        return unit.outbox.heads(lease, limit)


def test_items_come_in_the_order_in_which_they_were_added(bench: Bench) -> None:
    add(bench, "a", "b", "c")
    lease = claimed(bench)
    assert [item.message_key[0] for item in heads(bench, lease)] == ["a", "b", "c"]
    assert [item.seq for item in heads(bench, lease)] == [1, 2, 3]


def test_a_leased_lane_is_not_given_to_another(bench: Bench) -> None:
    add(bench, "a")
    claimed(bench, "one")
    assert claim(bench, "two") is None


def test_a_worker_takes_its_own_lease_back_at_once_under_a_new_fence(bench: Bench) -> None:
    add(bench, "a")
    first = claimed(bench, "one")
    second = claimed(bench, "one")
    assert second.fence == first.fence + 1


def test_a_lease_that_ran_out_goes_to_another_and_the_late_owner_cannot_commit(bench: Bench) -> None:
    add(bench, "a")
    late = claimed(bench, "one", seconds=0.05)
    time.sleep(0.1)
    other = claimed(bench, "two")
    assert other.fence == late.fence + 1
    with bench.store.writing() as unit, pytest.raises(LaneLost):
        unit.outbox.renew(late, at=now(), seconds=30)
    with bench.store.writing() as unit:
        unit.outbox.release(late, at=now())  # leaves the new owner's lease alone
    assert claim(bench, "three") is None


def test_a_finished_item_is_not_due_and_cannot_be_finished_twice(bench: Bench) -> None:
    add(bench, "a", "b")
    lease = claimed(bench)
    first = heads(bench, lease)[0]
    with bench.store.writing() as unit:
        unit.outbox.finish(first)
    assert [item.message_key[0] for item in heads(bench, lease)] == ["b"]
    with bench.store.writing() as unit, pytest.raises(LaneLost):
        unit.outbox.finish(first)


def test_a_failed_try_lets_the_whole_lane_wait(bench: Bench) -> None:
    add(bench, "a", "b")
    lease = claimed(bench)
    with bench.store.writing() as unit:
        unit.outbox.postpone(lease, heads(bench, lease)[0], until=now() + timedelta(seconds=0.3))
        unit.outbox.release(lease, at=now())
    assert claim(bench) is None
    time.sleep(0.35)
    again = claimed(bench)
    assert heads(bench, again)[0].attempts == 1
    with bench.store.reading() as unit:
        assert unit.outbox.failures(again) == 1


def test_a_dead_letter_lets_the_lane_go_on_and_comes_back_in_its_old_place(bench: Bench) -> None:
    add(bench, "a", "b")
    lease = claimed(bench)
    first = heads(bench, lease)[0]
    with bench.store.writing() as unit:
        unit.outbox.park(first, reason="delivery.http-400", at=now())
    assert [item.message_key[0] for item in heads(bench, lease)] == ["b"]
    with bench.store.reading() as unit:
        [letter] = unit.outbox.parked()
        assert (letter.parked_reason, letter.attempts) == ("delivery.http-400", 1)
    with bench.store.writing() as unit:
        unit.outbox.revive(first.message_key, Work.DELIVER, at=now())
    assert [item.message_key[0] for item in heads(bench, lease)] == ["a", "b"]
    with bench.store.writing() as unit, pytest.raises(NotFound):
        unit.outbox.revive(first.message_key, Work.DELIVER, at=now())


def test_a_blocking_dead_letter_holds_the_lane_until_it_is_revived(bench: Bench) -> None:
    add(bench, "a", "b")
    lease = claimed(bench)
    with bench.store.writing() as unit:
        unit.outbox.park(heads(bench, lease)[0], reason="x", at=now(), blocks=True)
        unit.outbox.release(lease, at=now())
    assert claim(bench) is None
    with bench.store.reading() as unit:
        [view] = unit.outbox.views()
        assert (view.due, view.parked, view.blocked) == (1, 1, True)
        assert unit.outbox.due() == 0
    with bench.store.writing() as unit:
        unit.outbox.revive("a".ljust(32, "0"), Work.DELIVER, at=now())
    assert len(heads(bench, claimed(bench))) == 2


def test_the_kill_switch_stops_one_lane_only(bench: Bench) -> None:
    add(bench, "a")
    add(bench, "b", partner=YY)
    with bench.store.writing() as unit:
        unit.outbox.set_stopped(Work.DELIVER, XX, stopped=True)
    lease = claimed(bench)
    assert lease.lane == "deliver/yy"
    assert claim(bench, "two") is None
    with bench.store.reading() as unit:
        assert unit.outbox.is_stopped("deliver/xx")
        assert not unit.outbox.is_stopped("deliver/yy")
        assert unit.outbox.due() == 1
    with bench.store.writing() as unit:
        unit.outbox.set_stopped(Work.DELIVER, XX, stopped=False)
    assert claimed(bench, "two").lane == "deliver/xx"


def test_a_lane_that_has_never_been_used_can_be_stopped_beforehand(bench: Bench) -> None:
    with bench.store.writing() as unit:
        unit.outbox.set_stopped(Work.DELIVER, XX, stopped=True)
    add(bench, "a")
    assert claim(bench) is None


def test_lanes_take_turns(bench: Bench) -> None:
    add(bench, "a", "b")
    add(bench, "c", partner=YY)
    served = []
    for _ in range(2):
        lease = claimed(bench)
        served.append(lease.lane)
        with bench.store.writing() as unit:
            unit.outbox.release(lease, at=now())
    assert sorted(served) == ["deliver/xx", "deliver/yy"]


def test_kinds_of_work_do_not_mix(bench: Bench) -> None:
    add(bench, "a", work=Work.EXAMINE)
    assert claim(bench) is None
    with bench.store.reading() as unit:
        assert unit.outbox.has_due(Work.EXAMINE)
        assert not unit.outbox.has_due(Work.DELIVER)
        assert unit.outbox.is_due("a".ljust(32, "0"), Work.EXAMINE)
        assert not unit.outbox.is_due("a".ljust(32, "0"), Work.DELIVER)


def test_writers_at_once_get_places_without_gaps(bench: Bench) -> None:
    def write(name: str) -> None:
        for number in range(10):
            add(bench, f"{name}{number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [item.seq for item in heads(bench, claimed(bench), 100)] == list(range(1, 41))


def test_two_workers_never_hold_one_lane(bench: Bench) -> None:
    add(bench, *"abcdef")
    done: list[str] = []
    lock = threading.Lock()

    def work(owner: str) -> None:
        while True:
            try:
                lease = claim(bench, owner)
            except LaneLost:
                continue
            if lease is None:
                return
            [item] = heads(bench, lease, 1)
            with bench.store.writing() as unit:
                unit.outbox.renew(lease, at=now(), seconds=30)
                unit.outbox.finish(item)
                unit.outbox.release(lease, at=now())
            with lock:
                done.append(item.message_key[0])

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while (lease := claim(bench)) is not None:  # whoever found the lane leased went home
        for item in heads(bench, lease):
            with bench.store.writing() as unit:
                unit.outbox.finish(item)
            done.append(item.message_key[0])
    assert sorted(done) == list("abcdef")
    assert len(done) == 6
