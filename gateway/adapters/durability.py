"""Where things become durable, counted: a commit of the database, the fsync of a file and of its folder.

Every durable step of the gateway goes through one `Durability` object, so that a test can assert how many there are
before a receipt goes out, and `os.fsync` is called in one place. Promise of a file: after `write_file` returns, the
content and its name survive a crash of the machine (write to a temporary name, fsync, rename, fsync of the folder).
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DurableSteps:
    """How many durable steps were made since the start of the process."""

    commits: int = 0
    files: int = 0
    folders: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.commits + self.files + self.folders

    def __sub__(self, earlier: DurableSteps) -> DurableSteps:
        return DurableSteps(self.commits - earlier.commits, self.files - earlier.files, self.folders - earlier.folders)


class Durability:
    """Makes files durable and counts every durable step of its process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps = DurableSteps()

    @property
    def steps(self) -> DurableSteps:
        """The count so far."""
        with self._lock:
            return self._steps

    def committed(self) -> None:
        """A transaction that wrote something was committed with a synchronous write-ahead log."""
        self._add(commits=1)

    def write_file(self, path: Path, content: bytes, mode: int = 0o600) -> None:
        """Write a file that is there whole or not at all, and stays.

        Args:
            path: the final name; its folder must exist. An existing file is replaced.
            content: the bytes.
            mode: permissions.
        """
        temporary = path.with_name(f".{path.name}.part")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._add(files=1)
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        self.sync_folder(path.parent)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._add(folders=1)

    def _add(self, commits: int = 0, files: int = 0, folders: int = 0) -> None:
        with self._lock:
            now = self._steps
            self._steps = DurableSteps(now.commits + commits, now.files + files, now.folders + folders)
