"""The four data folders as files: what lies where, what it is called in a fault, and one digest over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway.errors import DataFolderError
from gateway.findings import Fault

SCHEMAS, MAPPINGS, AGREEMENTS, PARTNERS = "wco_schemas", "mappings", "agreements", "partners"
FOLDERS = (SCHEMAS, MAPPINGS, AGREEMENTS, PARTNERS)
"""All that the gateway knows of countries, agreements and national formats."""


@dataclass(slots=True)
class FaultList:
    """Faults as they are found; a fault that two checks find is kept once."""

    found: dict[Fault, None] = field(default_factory=dict)

    def add(self, file: str, row: str, code: str, message: str, remedy: str = "") -> None:
        """Note one fault."""
        self.found[Fault(file=file, row=row, code=code, message=message, remedy=remedy)] = None

    def take(self, faults: Iterator[Fault] | tuple[Fault, ...] | list[Fault]) -> None:
        """Note the faults of another check."""
        self.found.update(dict.fromkeys(faults))

    def as_list(self) -> list[Fault]:
        """All faults by file, then in the order in which they were found."""
        return sorted(self.found, key=lambda fault: fault.file)


@dataclass(frozen=True, slots=True)
class DataFolders:
    """The folder that holds the four."""

    root: Path

    def missing(self) -> tuple[str, ...]:
        """Which of the four are not there."""
        return tuple(name for name in FOLDERS if not (self.root / name).is_dir())

    def find(self, folder: str, pattern: str) -> list[Path]:
        """The files of one of the four whose path below it fits a pattern of `Path.glob`, sorted by name."""
        return sorted(path for path in (self.root / folder).glob(pattern) if path.is_file())

    def name(self, path: Path) -> str:
        """How a fault names a file: relative to the root, with slashes."""
        return path.relative_to(self.root).as_posix()

    def rename(self, text: str) -> str:
        """A path as another reader printed it, relative to the root where it lies there."""
        try:
            return self.name(Path(text))
        except ValueError:
            return text

    def digest(self) -> str:
        """SHA-256 over names and contents of all files of the four folders, hexadecimal.

        Raises:
            DataFolderError: a file cannot be read.
        """
        total = hashlib.sha256()
        for folder in FOLDERS:
            for path in self.find(folder, "**/*"):
                if any(part.startswith((".", "__")) for part in path.relative_to(self.root).parts):
                    continue
                content = self.read(path)
                total.update(f"{self.name(path)}\0{len(content)}\0".encode())
                total.update(content)
        return total.hexdigest()

    def read(self, path: Path) -> bytes:
        """The bytes of one file.

        Raises:
            DataFolderError: it cannot be read.
        """
        try:
            return path.read_bytes()
        except OSError as problem:
            text = f"the file cannot be read: {problem.strerror}"
            raise DataFolderError(text, path=self.name(path), code="catalogue.unreadable") from problem

    def text(self, path: Path) -> str:
        """The text of one file; a byte-order mark is dropped.

        Raises:
            DataFolderError: it cannot be read, or is not UTF-8.
        """
        try:
            return self.read(path).decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            text = f"the file is not UTF-8 (byte {problem.start + 1})"
            remedy = "save it again as UTF-8; spreadsheets call it 'CSV UTF-8'"
            raise DataFolderError(text, path=self.name(path), remedy=remedy, code="catalogue.not-utf-8") from problem


def fault_of(error: DataFolderError, folders: DataFolders, file: str) -> Fault:
    """A reader's exception as a fault; its path may name the file, and a key after a colon."""
    named, _, row = error.path.partition(": ")
    where = folders.rename(named) if named else file
    return Fault(file=where, row=row, code=error.stable_code, message=error.message, remedy=error.remedy)
