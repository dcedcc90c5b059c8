"""Where the command finds the data folders and keeps what it derives."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.codes.scheme_files import read_schemes
from gateway.errors import DataFolderError, NotFound
from gateway.formats.format import load_format
from gateway.formats.head import HEAD_SUFFIX
from gateway.formats.library import FormatLibrary

ROOT_VARIABLE = "SARHAD_ROOT"
"""Environment variable that names the folder of the data folders."""

CACHE_VARIABLE = "SARHAD_CACHE_DIR"
"""Environment variable that names the folder of derived structures."""

_SCHEMAS = "wco_schemas"
_IDENTIFIER_SCHEMES = f"{_SCHEMAS}/codelists/identifier-schemes.toml"
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


def formats_alone(root: Path) -> FormatLibrary:
    """The formats without the rest of the data folders: all that judging a message needs, and it starts fast.

    Raises:
        DataFolderError: a format does not load.
    """
    cache = cache_folder(root)
    heads = sorted((root / _SCHEMAS).rglob(f"*{HEAD_SUFFIX}"))
    return FormatLibrary([load_format(head, cache=cache) for head in heads])


def schemes_alone(root: Path) -> dict[str, IdentifierScheme]:
    """The identifier schemes without the rest of the data folders; none where the file is missing.

    Raises:
        DataFolderError: the file holds a fault; `sarhad check` tells all of them.
    """
    file = root / _IDENTIFIER_SCHEMES
    if not file.is_file():
        return {}
    schemes, faults = read_schemes(file.read_text(encoding="utf-8-sig"), _IDENTIFIER_SCHEMES)
    if faults:
        first = faults[0]
        raise DataFolderError(first.message, path=f"{first.file}: {first.row}", remedy=first.remedy, code=first.code)
    return schemes


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
