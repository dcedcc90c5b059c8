"""Many files on all cores: a pool of processes, each with everything loaded once; what comes back keeps its order.

A few files are judged in this process. An interruption ends the workers; so does the end of this process, however it
comes.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

from gateway.cli.verdicts import FileJudge, Judged, Task
from gateway.errors import TemporaryFailure

FEW = 64
"""Up to so many files are judged in this process."""
CHUNK = 16
"""Files that a worker takes at a time."""
_AHEAD = 4
_WATCH_SECONDS = 1.0

_mine: list[FileJudge] = []
"""The judge of a worker process."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judge_all(task: Task, files: Sequence[Path], workers: int, *, start: str = "") -> Generator[Judged]:
    """The verdicts on files, in their order, as they come.

    Args:
        task: what is asked of every file.
        files: all of them.
        workers: processes to use; one judges in this process, and so are a few files in any case.
        start: how processes are started (``fork`` or ``spawn``); empty for what suits this machine.

    Raises:
        DataFolderError: the data folders hold a fault; before any file is judged.
        UnknownFormat: the format that is asked for is not known; before any file is judged.
        TemporaryFailure: a worker process was ended from outside.
    """
    judge = FileJudge(task)
    if workers < 2 or len(files) <= FEW:
        yield from map(judge.judge, files)
        return
    method = start or ("fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn")
    _mine[:] = [judge] if method == "fork" else []
    try:
        yield from _in_pool(task, files, workers, method)
    except BrokenProcessPool:
        raise TemporaryFailure(
            "a worker process ended before its files were judged",
            remedy="see whether memory ran out; --workers 1 judges in one process",
            code="workers.ended",
        ) from None
    finally:
        _mine.clear()


def _in_pool(task: Task, files: Sequence[Path], workers: int, method: str) -> Generator[Judged]:
    context = multiprocessing.get_context(method)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(task, os.getpid()))
    clean = False
    try:
        chunks = iter(_chunks(files))
        waiting = deque(pool.submit(_judge_chunk, chunk) for chunk in islice(chunks, workers * _AHEAD))
        while waiting:
            done: Future[list[Judged]] = waiting.popleft()
            yield from done.result()
            waiting.extend(pool.submit(_judge_chunk, chunk) for chunk in islice(chunks, 1))
        clean = True
    finally:
        if not clean:
            for child in multiprocessing.active_children():
                child.terminate()
        pool.shutdown(wait=clean, cancel_futures=True)


def _chunks(files: Iterable[Path]) -> Iterator[list[Path]]:
    rest = iter(files)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _begin(task: Task, parent: int) -> None:
    """Start of a worker: interruptions are the parent's business, and nothing outlives the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if not _mine:
        _mine.append(FileJudge(task))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _judge_chunk(files: list[Path]) -> list[Judged]:
    return [_mine[0].judge(file) for file in files]
