"""Lists that change: taken up whole, each for itself; one with a fault leaves in force what was."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.adapters.list_watch import ChangedLists, WatchedList
from gateway.errors import DataFolderError


class Taken:
    """A list that is a number in a file; text is a fault."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.values: list[int] = []

    def take_up(self) -> None:
        text = self.file.read_text(encoding="utf-8") if self.file.exists() else "0"
        if not text.isdigit():
            raise DataFolderError("no number", code="list.fault", path=str(self.file))
        self.values.append(int(text))

    def watched(self, name: str) -> WatchedList:
        return WatchedList(name=name, files=(self.file,), take_up=self.take_up)


@pytest.fixture
def one(tmp_path: Path) -> Taken:
    return Taken(tmp_path / "one")


@pytest.fixture
def two(tmp_path: Path) -> Taken:
    return Taken(tmp_path / "two")


def test_a_list_is_read_once_more_at_first_and_then_only_when_it_has_changed(one: Taken) -> None:
    one.file.write_text("1", encoding="utf-8")
    lists = ChangedLists([one.watched("one")])
    for _ in range(3):
        lists.look()
    assert one.values == [1]
    one.file.write_text("22", encoding="utf-8")
    lists.look()
    lists.look()
    assert one.values == [1, 22]


def replaced(file: Path) -> None:
    other = file.with_suffix(".new")
    other.write_text("2", encoding="utf-8")
    os.utime(other, ns=(0, file.stat().st_mtime_ns))
    other.replace(file)


def written_over(file: Path) -> None:
    before = file.stat().st_mtime_ns
    file.write_text("2", encoding="utf-8")
    os.utime(file, ns=(before + 1, before + 1))


def gone(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(("change", "value"), [(replaced, 2), (written_over, 2), (gone, 0)])
def test_every_kind_of_change_is_seen(one: Taken, change: Callable[[Path], None], value: int) -> None:
    one.file.write_text("1", encoding="utf-8")
    lists = ChangedLists([one.watched("one")])
    lists.look()
    change(one.file)
    lists.look()
    assert one.values == [1, value]


def test_a_list_with_a_fault_holds_up_no_other_and_is_told_until_it_is_mended(one: Taken, two: Taken) -> None:
    lists = ChangedLists([one.watched("one"), two.watched("two")])
    lists.look()
    one.file.write_text("half a li", encoding="utf-8")
    two.file.write_text("5", encoding="utf-8")
    with capture_logs() as logs:
        lists.look()
        lists.look()
        lists.look()
    assert (one.values, two.values) == ([0], [0, 5])
    assert lists.faults == ("one: list.fault",)
    told = [line for line in logs if line["log_level"] == "error"]
    assert [(line["list"], line["code"]) for line in told] == [("one", "list.fault")], "told once, not at every look"
    one.file.write_text("7", encoding="utf-8")
    lists.look()
    assert one.values == [0, 7]
    assert not lists.faults


def test_a_file_that_the_system_does_not_give_out_holds_up_no_other(one: Taken, two: Taken) -> None:
    one.file.mkdir()
    two.file.write_text("5", encoding="utf-8")
    lists = ChangedLists([one.watched("one")])
    lists.also([two.watched("two")])
    lists.look()
    assert (two.values, lists.faults) == ([5], ("one: list.unreadable",))


def test_a_fault_that_lies_elsewhere_is_tried_again(tmp_path: Path) -> None:
    file, elsewhere, taken = tmp_path / "list", tmp_path / "passphrase", []

    def take_up() -> None:
        if not elsewhere.exists():
            raise DataFolderError("not now", code="key.missing")
        taken.append(True)

    lists = ChangedLists([WatchedList(name="ours", files=(file,), take_up=take_up)])
    lists.look()
    assert lists.faults == ("ours: key.missing",)
    elsewhere.touch()
    lists.look()
    assert taken == [True]
    assert not lists.faults
