"""Serving lanes: claim one, serve its head items in order, give it back; the same for examining and delivering."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import timedelta

import structlog

from gateway.errors import TemporaryFailure
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import LaneLost, Lease, UnitOfWork, Work, WorkItem

_log = structlog.get_logger("sarhad.lanes")

Serve = Callable[[Lease, WorkItem], bool]
"""Serves one item and commits; False when the lane must rest now."""


class LaneWorker:
    """Serves the lanes of one kind of work.

    Args:
        around: the ports.
        work: which kind.
        owner: name under which lanes are leased; stable over restarts, unique among workers that run at once.
        lease_seconds: length of a lease; renewed with each item.
        batch: most items of one lane in one go.
        serve: serves one item.
    """

    def __init__(
        self, around: Surroundings, work: Work, *, owner: str, lease_seconds: float, batch: int, serve: Serve
    ) -> None:
        self._around = around
        self._work = work
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._batch = batch
        self._serve = serve

    def run_once(self, limit: int) -> int:
        """Serve due lanes, each at most once a batch, until nothing is due or ``limit`` items were served.

        Returns:
            The number of items that were tried.
        """
        served = 0
        while served < limit:
            lease = self._claim()
            if lease is None:
                break
            tried = self._serve_lane(lease, min(self._batch, limit - served))
            served += tried
            if not tried:
                break
        return served

    def _claim(self) -> Lease | None:
        with self._around.store.reading() as look:
            if not look.outbox.has_due(self._work):
                return None  # the usual case: no write, no fsync
        with self._around.store.writing() as work:
            return work.outbox.claim(self._work, self._owner, at=self._around.clock.now(), seconds=self._lease_seconds)

    def _serve_lane(self, lease: Lease, limit: int) -> int:
        with self._around.store.reading() as look:
            items = look.outbox.heads(lease, limit)
        tried = 0
        try:
            for item in items:
                tried += 1
                if not self._serve(lease, item):
                    break
        except LaneLost:
            _log.warning("lane lost", lane=lease.lane, owner=lease.owner)
            return tried
        except TemporaryFailure as failure:
            _log.warning("lane rests", lane=lease.lane, code=failure.stable_code)
        with self._around.store.writing() as work:
            work.outbox.release(lease, at=self._around.clock.now())
        return tried

    def hold(self, work: UnitOfWork, lease: Lease) -> None:
        """First write of an item's transaction: prolong the lease, or stop at once when the lane is lost."""
        work.outbox.renew(lease, at=self._around.clock.now(), seconds=self._lease_seconds)


def place_of(error: BaseException) -> dict[str, str]:
    """Kind of an error and where it rose, for a log line: never its text, which may hold a value of a message."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return {"kind": type(error).__name__, "where": where}


def full_jitter(first: timedelta, longest: timedelta, failures: int, fraction: float) -> timedelta:
    """Pause after a failed try: random from nothing to ``first`` doubled with each failure, at most ``longest``.

    Args:
        first: upper bound of the first pause.
        longest: upper bound of any pause.
        failures: failures in a row before this one.
        fraction: random, from 0 up to 1.
    """
    return min(longest, first * float(2 ** min(failures, 16))) * fraction
