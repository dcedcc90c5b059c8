"""All formats of ``wco_schemas/`` with the dialects that they may come in, and which of them are canonical."""

from __future__ import annotations

from pathlib import Path

from gateway.catalogue.folders import SCHEMAS, DataFolders, FaultList, fault_of
from gateway.errors import DataFolderError
from gateway.formats.dialect import Dialect
from gateway.formats.dialect_check import dialect_faults
from gateway.formats.dialect_files import PROFILE_SUFFIX, read_dialect
from gateway.formats.format import Format, load_format
from gateway.formats.head import HEAD_SUFFIX
from gateway.formats.library import FormatLibrary
from gateway.formats.renaming import canonical_names


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
        for name in canonical_names(one.head):
            if name not in formats:
                text = f"no format is called {name!r}"
                faults.add(folders.name(one.head.file), "wco.canonical", "format.unknown-canonical", text)
    return formats


def library_of(folders: DataFolders, formats: dict[str, Format], faults: FaultList) -> FormatLibrary:
    """The formats with all dialects of the folder; a dialect that does not fit the formats is a fault and left out."""
    dialects: dict[str, Dialect] = {}
    for path in folders.find(SCHEMAS, f"**/*{PROFILE_SUFFIX}"):
        file = folders.name(path)
        try:
            read = read_dialect(path)
        except DataFolderError as problem:
            faults.take([fault_of(problem, folders, file)])
            continue
        misfits = dialect_faults(read, formats)
        for one in misfits:
            faults.add(file, one.key, one.code, one.message, one.remedy)
        if read.name in dialects or read.name in formats:
            faults.add(file, "name", "format.duplicate", f"{read.name} is also the name of another format or profile")
        elif not misfits:
            dialects[read.name] = read
    return FormatLibrary(formats.values(), dialects=dialects.values())


def is_canonical(one: Format) -> bool:
    """Whether mappings and agreements may be written against the format: a WCO package, and not an input profile."""
    return bool(one.head.wco_package) and not one.head.canonical
