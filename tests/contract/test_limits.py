"""Rates and standings that all processes share, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.identifiers import PartnerCode
from gateway.ports import PartnerStanding, Rate
from tests.contract.bench import Bench

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
XX, YY = PartnerCode("xx"), PartnerCode("yy")


def take(bench: Bench, rate: Rate, seconds: float = 0, owner: str = "xx", kind: str = "requests") -> timedelta | None:
    with bench.store.writing() as unit:
        return unit.rates.take(kind, owner, rate, at=START + timedelta(seconds=seconds))


def test_a_rate_lets_its_burst_pass_then_one_each_time(bench: Bench) -> None:
    rate = Rate.over(3, MINUTE)
    assert [take(bench, rate) for _ in range(3)] == [None] * 3
    assert take(bench, rate) == timedelta(seconds=20)
    assert take(bench, rate, 19) == timedelta(seconds=1)  # a refusal takes nothing
    assert take(bench, rate, 20) is None
    assert take(bench, rate, 20) == timedelta(seconds=20)
    assert [take(bench, rate, 3600) for _ in range(4)] == [None] * 3 + [timedelta(seconds=20)]


def test_each_name_and_kind_has_a_count_of_its_own(bench: Bench) -> None:
    rate = Rate.over(1, MINUTE)
    assert take(bench, rate) is None
    assert take(bench, rate, owner="yy") is None
    assert take(bench, rate, kind="deliveries") is None
    assert take(bench, rate) == MINUTE


def test_looking_counts_nothing_and_clearing_begins_anew(bench: Bench) -> None:
    rate = Rate.over(1, MINUTE)
    with bench.store.reading() as look:
        assert [look.rates.wait("requests", "xx", rate, at=START) for _ in range(3)] == [None] * 3
    take(bench, rate)
    with bench.store.reading() as look:
        assert look.rates.wait("requests", "xx", rate, at=START) == MINUTE
        assert look.rates.wait("requests", "xx", rate, at=START + MINUTE) is None
    with bench.store.writing() as unit:
        unit.rates.clear("requests", "xx")
    assert take(bench, rate) is None


def test_what_is_undone_was_not_counted(bench: Bench) -> None:
    rate = Rate.over(1, MINUTE)

    class UndoneError(Exception):
        pass

    def undone() -> None:
        with bench.store.writing() as unit:
            assert unit.rates.take("requests", "xx", rate, at=START) is None
            raise UndoneError

    with pytest.raises(UndoneError):
        undone()
    assert take(bench, rate) is None


def test_many_at_once_get_exactly_what_the_rate_allows(bench: Bench) -> None:
    rate = Rate.over(5, MINUTE)
    taken: list[timedelta | None] = []

    def ask() -> None:
        taken.extend(take(bench, rate) for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 18
    assert taken.count(None) == 5


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(1, 5),
    pauses=st.lists(st.integers(0, 40), min_size=1, max_size=25),
    owner=st.uuids().map(str),
)
def test_no_stretch_of_time_holds_more_than_burst_and_rate(
    bench: Bench, count: int, pauses: list[int], owner: str
) -> None:
    rate, now, passed = Rate.over(count, MINUTE), 0, list[int]()
    for pause in pauses:
        now += pause
        if take(bench, rate, now, owner) is None:
            passed.append(now)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            assert last - first + 1 <= count + (passed[last] - passed[first]) * count / 60


def test_a_partner_without_a_row_is_served_and_changes_are_kept(bench: Bench) -> None:
    with bench.store.reading() as look:
        assert look.standings.of(XX) == PartnerStanding(partner=XX)
        assert look.standings.all() == []
    stopped = PartnerStanding(partner=YY, stopped=True, changed_at=START)
    paused = PartnerStanding(partner=XX, paused_until=START + MINUTE, changed_at=START)
    with bench.store.writing() as unit:
        unit.standings.keep(stopped)
        unit.standings.keep(PartnerStanding(partner=XX, stopped=True, changed_at=START))
        unit.standings.keep(paused)
    with bench.store.reading() as look:
        assert look.standings.all() == [paused, stopped]
        assert look.standings.of(XX) == paused
