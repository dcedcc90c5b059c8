"""Where the command finds the data folders and keeps what it derives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.errors import DataFolderError

_MARK = "wco_schemas"


def data_root(given: Path | None = None) -> Path:
    """The folder that holds the four data folders.

    Args:
        given: named on the command line; wins over ``SARHAD_ROOT``, the current folder and those above it, and the
            folder that the package was installed from.

    Raises:
        DataFolderError: when none of them holds the data folders.
    """
    if given is not None:
        candidates = [given]
    else:
        named = os.environ.get("SARHAD_ROOT")
        here = Path.cwd()
        package = Path(__file__).resolve().parent.parent.parent
        candidates = [*([Path(named)] if named else []), here, *here.parents, package]
    for candidate in candidates:
        if (candidate / _MARK).is_dir():
            return candidate.resolve()
    raise DataFolderError(
        "the data folders wco_schemas, mappings, agreements and partners were not found",
        path=str(candidates[0]),
        remedy="run the command from the project's folder, or set SARHAD_ROOT",
    )


def cache_folder(root: Path) -> Path | None:
    """Where derived structures are kept between runs; None where nothing can be written."""
    folder = root / ".sarhad" / "cache"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def message_files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and all XML and JSON files below the folders named, in a stable order.

    Raises:
        DataFolderError: for a path that does not exist.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.suffix.lower() in {".xml", ".json"})
        elif path.exists():
            yield path
        else:
            raise DataFolderError("no such file or folder", path=str(path), code="usage.no-such-path")
