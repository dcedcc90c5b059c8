"""The examples that lie beside agreements: each is read, brought into the canonical form and put to the test."""

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


def _message(catalogue: Catalogue, example: Example, place: Path) -> _Canonical:
    """The example's message in the canonical form.

    Raises:
        DataFolderError: it cannot be read, is not valid, or does not convert.
    """
    path = place / example.message
    try:
        data = path.read_bytes()
    except OSError:
        raise DataFolderError("the message cannot be read", path=str(path), code="agreement.example") from None
    one, reading = catalogue.formats.read(data)
    canonical = catalogue.canonical_of(one.name)
    if reading.tree is None:
        raise DataFolderError("the example's message is not valid", path=str(path), code="agreement.example")
    tree = reading.tree
    if one.name != canonical.name:
        context = ConversionContext(
            reference="EXAMPLE", sender="example", received=example.at, agreement_id="example", partner={}
        )
        converted = catalogue.mapping(one.name, "to-wco").to_wco(tree, context)
        if has_errors(converted.findings):
            raise DataFolderError("the example's message does not convert", path=str(path), code="agreement.example")
        tree = converted.tree
    return _Canonical(tree, canonical.structure)
