"""Lists that change while the gateway runs: looked at every few seconds, taken up whole or not at all.

A list is taken up when one of its files is another one than before (its number on the disk, its length or its time).
The look comes before the read: what is replaced between the two is found at the next look. A list with a fault leaves
in force what was; it is told once in the log, and by the readiness probe for as long as it lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway.errors import GatewayError

_log = structlog.get_logger("sarhad.lists")

UNREADABLE = "list.unreadable"
"""Stable code of a list whose file the system does not give out."""

Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedList:
    """One list, which may consist of several files.

    Attributes:
        name: for people and for the log: ``our keys``, ``keys of xx``.
        files: what it is read from; some may not be there.
        take_up: reads it anew and puts it in force in one step, or raises and changes nothing.
    """

    name: str
    files: tuple[Path, ...]
    take_up: Callable[[], None]

    def stamp(self) -> Stamp:
        """What tells one state of the files from another."""
        return stamp_of(self.files)


class ChangedLists:
    """`gateway.ports.ListWatch` over files.

    Args:
        lists: read by somebody already; the first look reads them once more, for they may have changed since.
    """

    def __init__(self, lists: Sequence[WatchedList]) -> None:
        self._lists = tuple(lists)
        self._lock = threading.Lock()
        self._seen: dict[str, Stamp] = {}
        self._faults: dict[str, str] = {}

    def also(self, lists: Iterable[WatchedList]) -> None:
        """Look after further lists."""
        with self._lock:
            self._lists += tuple(lists)

    @property
    def faults(self) -> tuple[str, ...]:
        """Which lists could not be taken up, each with the stable code."""
        return tuple(f"{name}: {code}" for name, code in sorted(self._faults.copy().items()))

    def look(self) -> None:
        """Take up every list that has changed; each for itself, so that one with a fault holds up no other."""
        with self._lock:
            for one in self._lists:
                stamp, before = one.stamp(), self._seen.get(one.name)
                if stamp != before or one.name in self._faults:  # what a fault was about may lie outside the files
                    self._take_up(one, changed=before is not None and stamp != before)
                    self._seen[one.name] = stamp

    def _take_up(self, one: WatchedList, *, changed: bool) -> None:
        try:
            one.take_up()
        except (GatewayError, OSError) as fault:
            code = fault.stable_code if isinstance(fault, GatewayError) else UNREADABLE
            if changed or self._faults.get(one.name) != code:
                _log.error("a changed list was not taken up", list=one.name, code=code)
            self._faults[one.name] = code
            return
        if changed or one.name in self._faults:
            _log.info("a changed list was taken up", list=one.name)
        self._faults.pop(one.name, None)


def stamp_of(files: Iterable[Path]) -> Stamp:
    """What tells one state of some files from another; a file that is not there has a stamp, too."""
    return tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
