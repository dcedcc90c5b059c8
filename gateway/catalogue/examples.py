"""Running the examples that lie beside agreements: each is read, brought into the canonical form and put to the test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.agreement.agreement import Agreement
from gateway.agreement.examples import Example, read_example, run_example
from gateway.catalogue.folders import DataFolders, fault_of
from gateway.catalogue.model import Catalogue
from gateway.conversion.run import ConversionContext
from gateway.errors import DataFolderError, GatewayError
from gateway.findings import Fault, has_errors
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree

_SUFFIX = ".examples"


@dataclass(frozen=True, slots=True)
class _Canonical:
    tree: Tree
    structure: Structure


def example_faults(folders: DataFolders, catalogue: Catalogue) -> Iterator[Fault]:
    """Every example that cannot be read, or that comes out otherwise than it says."""
    for agreement in catalogue.agreements:
        beside = folders.root / agreement.file.removesuffix(".toml")
        place = beside.with_name(beside.name + _SUFFIX)
        for path in sorted(place.glob("*.toml")):
            yield from _run(folders, catalogue, agreement, path)


def _run(folders: DataFolders, catalogue: Catalogue, agreement: Agreement, path: Path) -> Iterator[Fault]:
    file = folders.name(path)
    try:
        example, faults = read_example(folders.read(path), file)
        yield from faults
        if example is None:
            return
        message = _message(catalogue, example, path.parent) if example.message else None
        yield from run_example(
            example,
            agreement,
            file,
            tree=message.tree if message is not None else None,
            structure=message.structure if message is not None else None,
        )
    except DataFolderError as problem:
        yield fault_of(problem, folders, file)
    except GatewayError as problem:
        yield Fault(file=file, row="message", code=problem.stable_code, message=problem.message, remedy=problem.remedy)
