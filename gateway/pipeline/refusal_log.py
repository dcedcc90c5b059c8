"""Log entries of refusals, so few that a flood of them does not fill the log.

The first refusal of a kind is written at once. Those of the same kind that follow within a time are counted, and the
next entry of the kind tells how many there were. Nothing is forgotten but their single moments.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.errors import GatewayError
from gateway.exchange.tags import Tag
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import LogDraft


@dataclass(slots=True)
class _Window:
    """What was not written since the last entry of a kind."""

    partner: str
    code: str
    until: datetime
    repeats: int = 0


class RefusalLog:
    """Writes entries of refused requests.

    Args:
        around: the ports.
        every: how long further refusals of a kind are counted instead of written.
        remembered: most kinds that are remembered at once; the oldest is written and forgotten.
    """

    def __init__(self, around: Surroundings, *, every: timedelta, remembered: int) -> None:
        self._around = around
        self._every = every
        self._remembered = remembered
        self._lock = threading.Lock()
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()

    def write(self, refusal: GatewayError, partner: str = "") -> None:
        """An entry of its own.

        Args:
            refusal: its code is kept.
            partner: whose key signed or whose certificate was shown, where that was verified; else empty.
        """
        self._append([LogDraft(tag=Tag.PARTNER_REQUEST_REFUSED, partner=partner, codes=(refusal.stable_code,))])

    def count(self, refusal: GatewayError, partner: str = "", source: str = "") -> None:
        """An entry for the first of its kind in a while; the others are counted.

        Args:
            refusal: its code is kept.
            partner: as in `write`.
            source: what else tells kinds apart, such as the address; it is not written down.
        """
        now = self._around.clock.now()
        key = (partner or source, refusal.stable_code)
        with self._lock:
            drafts = self._over(now)
            window = self._windows.get(key)
            if window is None:
                self._windows[key] = _Window(partner, refusal.stable_code, now + self._every)
                drafts.append(_draft(self._windows[key]))
            else:
                window.repeats += 1
        self._append(drafts)

    def flush(self) -> None:
        """Write what was counted and not told yet: the gateway ends."""
        with self._lock:
            drafts = [_draft(window) for window in self._windows.values() if window.repeats]
            self._windows.clear()
        self._append(drafts)

    def _over(self, now: datetime) -> list[LogDraft]:
        """Forget the windows that are over, or too many; entries for what was counted in them."""
        drafts = []
        while self._windows:
            oldest = next(iter(self._windows))
            if self._windows[oldest].until > now and len(self._windows) < self._remembered:
                break
            window = self._windows.pop(oldest)
            if window.repeats:
                drafts.append(_draft(window))
        return drafts

    def _append(self, drafts: list[LogDraft]) -> None:
        if not drafts:
            return
        with self._around.store.writing() as work:
            for draft in drafts:
                work.log.append(draft, at=self._around.clock.now())


def _draft(window: _Window) -> LogDraft:
    facts = {"repeats": str(window.repeats)} if window.repeats else {}
    return LogDraft(tag=Tag.PARTNER_REQUEST_REFUSED, partner=window.partner, codes=(window.code,), facts=facts)
