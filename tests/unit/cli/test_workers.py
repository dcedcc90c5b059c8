"""Many files: the same verdicts in the same order, in one process and in several, forked and spawned."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from gateway.cli import workers
from gateway.cli.verdicts import Judged, Shape, Task
from gateway.cli.workers import FEW, cores, judge_all
from gateway.errors import TemporaryFailure, UnknownFormat
from tests.world.partner import NOTE
from tests.world.setting import DATA


@pytest.fixture(name="files", scope="module")
def files_fixture(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("many")
    files = [folder / f"{number:03}.xml" for number in range(FEW + 37)]
    for number, file in enumerate(files):
        file.write_bytes(NOTE if number % 3 else b"<Note>")
    return files


def task(cache: Path, **more: str) -> Task:
    return Task(root=DATA, cache=cache, shape=Shape.JSON, **more)  # type: ignore[arg-type]


def run(cache: Path, files: list[Path], count: int, start: str = "") -> list[Judged]:
    return list(judge_all(task(cache), files, count, start=start))


def runs(pid: int | None) -> bool:
    """Whether a process is there; asked of the system, for the pool waits for its processes at the same time."""
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("start", ["", "spawn"])
def test_order_and_verdicts_do_not_depend_on_the_number_of_processes(
    cache: Path, files: list[Path], start: str
) -> None:
    alone = run(cache, files, 1)
    assert [one.file for one in alone] == files
    assert [one.valid for one in alone] == [bool(number % 3) for number in range(len(files))]
    assert run(cache, files, 2, start) == alone
    assert multiprocessing.active_children() == []


def test_a_few_files_need_no_other_process(cache: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_in_pool", None)
    assert len(run(cache, files[:FEW], 2)) == FEW


def test_stopping_early_leaves_no_process(cache: Path, files: list[Path]) -> None:
    verdicts = judge_all(task(cache), files, 2)
    assert next(verdicts).file == files[0]
    assert multiprocessing.active_children()
    children = [child.pid for child in multiprocessing.active_children()]
    verdicts.close()
    deadline = time.monotonic() + 10
    while any(map(runs, children)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(runs, children))


def test_a_worker_that_is_ended_from_outside_is_told(cache: Path, files: list[Path]) -> None:
    many = files * 20
    verdicts = judge_all(task(cache), many, 2)
    next(verdicts)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(TemporaryFailure) as refused:
        list(verdicts)
    assert refused.value.stable_code == "workers.ended"


def test_a_wrong_format_is_refused_before_any_file(cache: Path, files: list[Path]) -> None:
    with pytest.raises(UnknownFormat):
        next(judge_all(task(cache, format_name="no-such"), files, 2))


def test_cores_are_those_of_this_process() -> None:
    assert 1 <= cores() <= (os.cpu_count() or 1)
