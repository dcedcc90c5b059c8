"""Where the command finds the data folders and keeps what it derives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.catalogue import Catalogue, Judging, load_catalogue, load_judging
from gateway.cli.interrupts import ended_at_once
from gateway.errors import DataFolderError, NotFound
from gateway.formats.format import load_format
from gateway.formats.head import HEAD_SUFFIX
from gateway.formats.library import FormatLibrary

ROOT_VARIABLE = "SARHAD_ROOT"
"""Environment variable that names the folder of the data folders."""

CACHE_VARIABLE = "SARHAD_CACHE_DIR"
"""Environment variable that names the folder of derived structures."""

_SCHEMAS = "wco_schemas"
_SUFFIXES = frozenset({".xml", ".json"})


def data_root(given: Path | None = None) -> Path:
    """The folder that holds the four data folders.

    Args:
        given: named on the command line; wins over ``SARHAD_ROOT``, the current folder and those above it, and the
            folder that the package was installed from.

    Raises:
        DataFolderError: when none of them holds the data folders.
    """
    named = os.environ.get(ROOT_VARIABLE)
    if given is not None:
        candidates = [given]
    elif named:
        candidates = [Path(named)]
    else:
        here = Path.cwd()
        candidates = [here, *here.parents, Path(__file__).resolve().parents[2]]
    for candidate in candidates:
        if (candidate / _SCHEMAS).is_dir():
            return candidate.resolve()
    raise DataFolderError(
        "the data folders wco_schemas, mappings, agreements and partners were not found",
        path=str(candidates[0]),
        remedy=f"run the command from the project's folder, or set {ROOT_VARIABLE}",
        code="usage.no-data-folders",
    )


def cache_folder(root: Path) -> Path | None:
    """Where derived structures are kept between runs; None where nothing can be written."""
    named = os.environ.get(CACHE_VARIABLE)
    folder = Path(named) if named else root / ".sarhad" / "cache"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def catalogue_of(root: Path) -> Catalogue:
    """All that the data folders say; Ctrl-C ends the process at once while they are read.

    Args:
        root: the folder that holds them.

    Raises:
        DataFolderError: with every fault among its findings.
    """
    with ended_at_once():
        return load_catalogue(root, cache=cache_folder(root))


def judging_of(root: Path) -> Judging:
    """What judging messages needs, without the rest of the data folders; Ctrl-C ends the process at once meanwhile.

    Args:
        root: the folder that holds the data folders.

    Raises:
        DataFolderError: a format, a list, a scheme or a rule does not load.
    """
    with ended_at_once():
        return load_judging(root, cache=cache_folder(root))


def formats_alone(root: Path) -> FormatLibrary:
    """The formats without the rest of the data folders: all that judging a message needs, and it starts fast.

    Raises:
        DataFolderError: a format does not load.
    """
    cache = cache_folder(root)
    heads = sorted((root / _SCHEMAS).rglob(f"*{HEAD_SUFFIX}"))
    with ended_at_once():
        return FormatLibrary([load_format(head, cache=cache) for head in heads])


def message_files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and all XML and JSON files below the folders named, in a stable order.

    Raises:
        NotFound: for a path that does not exist, before any file is given.
    """
    for path in paths:
        if not path.exists():
            raise NotFound("no such file or folder", path=str(path), code="usage.no-such-path")
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file() and each.suffix.lower() in _SUFFIXES)
        else:
            yield path
