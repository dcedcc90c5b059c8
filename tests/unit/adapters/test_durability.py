"""Durable files: whole or not at all, in the order file, name, folder, and counted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.adapters.durability import Durability, DurableSteps


def test_a_file_is_written_whole_and_private(tmp_path: Path) -> None:
    durability = Durability()
    durability.write_file(tmp_path / "body", b"content")
    assert (tmp_path / "body").read_bytes() == b"content"
    assert (tmp_path / "body").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["body"]
    assert durability.steps == DurableSteps(commits=0, files=1, folders=1)


def test_content_is_synced_before_its_name_and_its_name_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def spy_fsync(descriptor: int) -> None:
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")  # noqa: PTH112
        fsync(descriptor)

    def spy_replace(self: Path, target: Path) -> Path:
        order.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", spy_fsync)
    monkeypatch.setattr(Path, "replace", spy_replace)
    Durability().write_file(tmp_path / "body", b"content")
    assert order == ["file", "rename", "folder"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    durability = Durability()
    durability.write_file(tmp_path / "body", b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durability.write_file(tmp_path / "body", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
    assert durability.steps.files == 1


def test_a_name_that_is_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"outside")
    (tmp_path / ".body.part").symlink_to(tmp_path / "outside")
    with pytest.raises(OSError, match=r"symbolic links|Too many"):
        Durability().write_file(tmp_path / "body", b"content")
    assert (tmp_path / "outside").read_bytes() == b"outside"


def test_steps_are_subtracted_and_added_up() -> None:
    assert (DurableSteps(5, 3, 2) - DurableSteps(2, 1, 1)).total == 6
