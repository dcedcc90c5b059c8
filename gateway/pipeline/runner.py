"""The workers in the background: examining, delivering, signing checkpoints; and the same by hand.

A worker sleeps until it is woken by a commit that added work, or until its pause is over, so that nothing depends on a
wake-up that a crash swallowed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from gateway.pipeline.auditing import Auditing
from gateway.pipeline.lanes import LaneWorker, place_of
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import ListWatch, Work

_log = structlog.get_logger("sarhad.runner")

MOST_AT_ONCE = 100


class WakeUps:
    """Wakes workers; a wake-up before anybody waits is not lost."""

    def __init__(self) -> None:
        self._events = {work: threading.Event() for work in Work}
        self.changed = threading.Condition()

    def wake(self, work: Work) -> None:
        """There is work of this kind; whoever waits for something to change looks again."""
        self._events[work].set()
        with self.changed:
            self.changed.notify_all()

    def wait(self, work: Work, seconds: float) -> None:
        """Wait for work of this kind, or until the time is over."""
        self._events[work].wait(seconds)
        self._events[work].clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Seconds between looks for due work, between checkpoints, and between looks at the lists of keys."""

    examine: float
    dispatch: float
    checkpoint: float
    lists: float = 2.0


class Runner:
    """Runs the workers.

    Args:
        around: the ports.
        examine, deliver: make a lane worker for an owner's name; one by hand, one for the background.
        auditing: signs checkpoints.
        wake_ups: wakes the workers.
        pauses: between looks.
        worker: our name among the processes on one database.
        catalogue: digest of the data folders, logged when serving begins.
        lists: takes up lists of keys that have changed; None where none do.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        examine: Callable[[str], LaneWorker],
        deliver: Callable[[str], LaneWorker],
        auditing: Auditing,
        wake_ups: WakeUps,
        pauses: Pauses,
        worker: str,
        catalogue: str,
        lists: ListWatch | None = None,
    ) -> None:
        self._around = around
        self._by_hand = {Work.EXAMINE: examine(f"{worker}/hand"), Work.DELIVER: deliver(f"{worker}/hand")}
        self._workers = {Work.EXAMINE: examine(f"{worker}/run"), Work.DELIVER: deliver(f"{worker}/run")}
        self._auditing = auditing
        self._wake_ups = wake_ups
        self._pauses = {Work.EXAMINE: pauses.examine, Work.DELIVER: pauses.dispatch}
        self._checkpoint_pause = pauses.checkpoint
        self._catalogue = catalogue
        self._lists = lists
        self._lists_pause = pauses.lists
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def serving(self) -> bool:
        """Whether the workers run."""
        return bool(self._threads)

    @property
    def list_faults(self) -> Sequence[str]:
        """Which changed lists of keys could not be taken up."""
        return () if self._lists is None else self._lists.faults

    def examine_once(self, limit: int) -> int:
        """Examine what is due."""
        return self._by_hand[Work.EXAMINE].run_once(limit)

    def dispatch_once(self, limit: int) -> int:
        """Deliver what is due."""
        return self._by_hand[Work.DELIVER].run_once(limit)

    def start(self) -> None:
        """Start the workers; a second call does nothing."""
        if self._threads:
            return
        self._auditing.note_catalogue(self._catalogue)
        self._stopping.clear()
        self._threads = [
            threading.Thread(target=self._serve, args=(work,), name=f"sarhad-{work.value}", daemon=True)
            for work in Work
        ]
        self._threads.append(threading.Thread(target=self._sign, name="sarhad-checkpoint", daemon=True))
        self._threads.append(threading.Thread(target=self._watch, name="sarhad-lists", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop the workers after the item that they are at."""
        self._stopping.set()
        for work in Work:
            self._wake_ups.wake(work)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def settle(self, seconds: float) -> bool:
        """Wait until no work is due, doing it by hand when no workers run."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if not self.serving:
                self.examine_once(MOST_AT_ONCE)
                self.dispatch_once(MOST_AT_ONCE)
            with self._around.store.reading() as look:
                if look.outbox.due() == 0:
                    return True
            time.sleep(0.02)
        return False

    def wait_examined(self, message_key: str, seconds: float) -> None:
        """Wait until a message has been examined, at most so long; not at all when no workers run."""
        if not self.serving or seconds <= 0:
            return
        until = time.monotonic() + seconds
        changed = self._wake_ups.changed
        with changed:
            while self._is_due(message_key):
                left = until - time.monotonic()
                if left <= 0 or not changed.wait(left):
                    return

    def _is_due(self, message_key: str) -> bool:
        with self._around.store.reading() as look:
            return look.outbox.is_due(message_key, Work.EXAMINE)

    def _serve(self, work: Work) -> None:
        while not self._stopping.is_set():
            try:
                served = self._workers[work].run_once(MOST_AT_ONCE)
            except Exception as error:  # noqa: BLE001 - a worker outlives whatever goes wrong with one round
                _log.error("worker failed", work=work.value, **place_of(error))
                served = 0
            if not served and not self._stopping.is_set():
                self._wake_ups.wait(work, self._pauses[work])

    def _sign(self) -> None:
        while not self._stopping.wait(self._checkpoint_pause):
            try:
                self._auditing.checkpoint()
            except Exception as error:  # noqa: BLE001 - the next round tries again
                _log.error("checkpoint failed", **place_of(error))

    def _watch(self) -> None:
        while self._lists is not None and not self._stopping.wait(self._lists_pause):
            try:
                self._lists.look()
            except Exception as error:  # noqa: BLE001 - what was in force stays; the next round tries again
                _log.error("a look at the lists failed", **place_of(error))
