"""All formats of ``wco_schemas/``, and which of them are canonical."""

from __future__ import annotations

from pathlib import Path

from gateway.catalogue.folders import SCHEMAS, DataFolders, FaultList, fault_of
from gateway.errors import DataFolderError
from gateway.formats.format import Format, load_format
from gateway.formats.head import HEAD_SUFFIX


def load_formats(folders: DataFolders, cache: Path | None, faults: FaultList) -> dict[str, Format]:
    """Every format by its published name; two of one name are a fault."""
    formats: dict[str, Format] = {}
    for head in folders.find(SCHEMAS, f"**/*{HEAD_SUFFIX}"):
        file = folders.name(head)
        try:
            read = load_format(head, cache=cache)
        except DataFolderError as problem:
            faults.take([fault_of(problem, folders, file)])
            continue
        if read.name in formats:
            other = folders.name(formats[read.name].head.file)
            faults.add(file, "name", "format.duplicate", f"{read.name} is also the name of {other}")
            continue
        formats[read.name] = read
    for one in formats.values():
        if one.head.canonical and one.head.canonical not in formats:
            text = f"no format is called {one.head.canonical!r}"
            faults.add(folders.name(one.head.file), "wco.canonical", "format.unknown-canonical", text)
    return formats


def is_canonical(one: Format) -> bool:
    """Whether mappings and agreements may be written against the format: a WCO package, and not an input profile."""
    return bool(one.head.wco_package) and not one.head.canonical
