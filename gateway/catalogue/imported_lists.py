"""Imported code lists on disk: the files of a release gathered, and a release laid beside the lists that ship.

An imported list lies in ``wco_schemas/codelists/imported``. It is in force instead of the shipped list of the same
name, and the catalogue's digest covers it like every other file of the data folders. The folder is the operator's own:
git ignores it, for the project does not hand on what belongs to UNECE, and an update of the project never meets it.
"""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gateway.catalogue.folders import SCHEMAS
from gateway.codes.codelists import CodeList
from gateway.codes.releases import Part, Release
from gateway.errors import DataFolderError, NotFound

IMPORTED = f"{SCHEMAS}/codelists/imported"
"""Where imported lists lie, below the folder of the data folders."""

MOST_FILES = 100
MOST_BYTES = 200_000_000
"""More of either is no release of a code list."""


def gather(paths: Sequence[Path], wants: Callable[[str], bool]) -> list[Part]:
    """The files of a release.

    Args:
        paths: files, zip archives, and folders of them.
        wants: whether a file of a folder or archive belongs to the release, by its name; named files always do.

    Raises:
        NotFound: a path does not exist.
        DataFolderError: a file cannot be read, an archive is damaged, or there is too much.
    """
    parts: list[Part] = []
    room = MOST_BYTES
    for part in _parts(paths, wants):
        room -= len(part.content)
        if room < 0 or len(parts) == MOST_FILES:
            raise _too_much(part.name)
        parts.append(part)
    return parts


def _parts(paths: Sequence[Path], wants: Callable[[str], bool]) -> Iterator[Part]:
    for path in paths:
        if not path.exists():
            raise NotFound("no such file or folder", path=str(path), code="usage.no-such-path")
        inside = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in inside:
            if file.suffix.lower() == ".zip":
                yield from _of_archive(file.name, _bytes(file), wants)
            elif file is path or wants(file.name):
                yield Part(file.name, _bytes(file))


_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError)
"""What reading a damaged archive ends with; RuntimeError where a member is locked or packed in a way unknown here."""


def _of_archive(name: str, content: bytes, wants: Callable[[str], bool]) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in sorted(archive.infolist(), key=lambda each: each.filename):
                if entry.is_dir() or not wants(entry.filename):
                    continue
                if entry.file_size > MOST_BYTES:
                    raise _too_much(entry.filename)
                with archive.open(entry) as file:
                    inside = file.read(MOST_BYTES + 1)
                yield Part(f"{name}/{entry.filename}", inside)
    except _DAMAGES as problem:
        text = "the archive cannot be read"
        raise DataFolderError(text, path=name, remedy="download the release again", code="import.zip") from problem


def _too_much(name: str) -> DataFolderError:
    text = f"a release holds at most {MOST_FILES} files and {MOST_BYTES // 1_000_000} MB"
    return DataFolderError(text, path=name, remedy="name the files of one release only", code="import.too-much")


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _too_much(file.name)
        return file.read_bytes()
    except OSError as problem:
        text = f"the file cannot be read: {problem.strerror}"
        raise DataFolderError(text, path=str(file), code="import.unreadable") from problem


def refuse_older(release: Release, in_force: CodeList | None) -> None:
    """Refuse a release that came out before the one in force.

    Raises:
        DataFolderError: it did; lists whose day nobody noted are not compared.
    """
    if in_force is None or in_force.released is None or release.released >= in_force.released:
        return
    raise DataFolderError(
        f"the list in force came out on {in_force.released.isoformat()}, this one before it",
        path=release.list_name,
        remedy="say --force to go back to the older one",
        code="import.older",
    )


def install(release: Release, folder: Path) -> tuple[Path, Path]:
    """Write the two files of a list, each whole or not at all; what was there under its name is replaced.

    The head is written last and quotes the table's digest: after a crash between the two, the pair that does not
    belong together is refused by name and never read as a list.

    Args:
        release: what to write.
        folder: where to; it is made when missing.

    Returns:
        The table and the head.

    Raises:
        DataFolderError: the folder cannot be written.
    """
    table, head = folder / f"{release.list_name}.csv", folder / f"{release.list_name}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(table, release.csv_text)
        _write(head, release.head_text)
    except OSError as problem:
        text = f"the list cannot be written: {problem.strerror}"
        raise DataFolderError(text, path=str(folder), code="import.unwritable") from problem
    return table, head


def _write(file: Path, text: str) -> None:
    """The text in the file, flushed to the disk before the file takes its name."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as made:
            made.write(text.encode())
            made.flush()
            os.fsync(made.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
