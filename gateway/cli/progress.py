"""How far a long run is, on standard error: a bar on a terminal, else a line from time to time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gateway.cli.output import complain

STEP = 100
"""Files after which a line is written; more where there are very many."""
PAUSE = 2.0
"""Seconds after which a line is written in any case."""
_MOST_LINES = 100


class Told(Protocol):
    """What is told of each file."""

    def one_more(self, *, valid: bool) -> None:
        """One file is judged."""


class Lines:
    """A line each hundred files or two seconds.

    Args:
        total: files in all.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._step = max(STEP, total // _MOST_LINES)
        self._done = 0
        self._invalid = 0
        self._last = time.monotonic()

    def one_more(self, *, valid: bool) -> None:
        """One file is judged."""
        self._done += 1
        self._invalid += not valid
        now = time.monotonic()
        if self._done < self._total and (self._done % self._step == 0 or now - self._last >= PAUSE):
            self._last = now
            complain(f"{self._done:,} of {self._total:,} files judged, {self._invalid:,} not valid")


class _Bar:
    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar = bar
        self._task = task
        self._invalid = 0

    def one_more(self, *, valid: bool) -> None:
        """One file is judged."""
        self._invalid += not valid
        self._bar.update(self._task, advance=1, description=f"judging, {self._invalid:,} not valid")


class Silence:
    """Nothing is told."""

    def one_more(self, *, valid: bool) -> None:
        """One file is judged."""


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Told]:
    """Tell how far a run is.

    Args:
        total: files in all.
        quiet: nothing but the bar of a terminal, for a reader that is a program.
    """
    if not sys.stderr.isatty():
        yield Silence() if quiet else Lines(total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as bar:
        yield _Bar(bar, bar.add_task("judging", total=total))
