"""What is of no country beside the code lists: identifier schemes, units, and the generator's vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.catalogue.folders import SCHEMAS, DataFolders, FaultList, fault_of
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.codes.scheme_files import read_schemes
from gateway.codes.units import Units, read_units
from gateway.errors import DataFolderError
from gateway.formats.generator import Vocabulary, read_vocabulary

SCHEMES_FILE = "codelists/identifier-schemes.toml"
UNITS_FILE = "codelists/units.toml"
VOCABULARY_FILE = "codelists/generator/vocabulary.toml"


@dataclass(frozen=True, slots=True)
class Standards:
    """The three, read.

    Attributes:
        schemes: identifier schemes by name, for ``is SCHEME``, rules and the generator.
        units: factors between units of one dimension.
        vocabulary: names, goods and places that generated messages are made of.
    """

    schemes: Mapping[str, IdentifierScheme]
    units: Units
    vocabulary: Vocabulary


def load_standards(folders: DataFolders, faults: FaultList) -> Standards:
    """Read the three files of ``wco_schemas/codelists``; a missing one is a fault."""
    schemes, found = read_schemes(_text(folders, SCHEMES_FILE, faults), f"{SCHEMAS}/{SCHEMES_FILE}")
    faults.take(found)
    units, found = read_units(_text(folders, UNITS_FILE, faults), f"{SCHEMAS}/{UNITS_FILE}")
    faults.take(found)
    return Standards(schemes, units, _vocabulary(folders, faults))


def _text(folders: DataFolders, name: str, faults: FaultList) -> str:
    try:
        return folders.text(folders.root / SCHEMAS / name)
    except DataFolderError as problem:
        faults.take([fault_of(problem, folders, f"{SCHEMAS}/{name}")])
        return ""


def _vocabulary(folders: DataFolders, faults: FaultList) -> Vocabulary:
    try:
        return read_vocabulary(_text(folders, VOCABULARY_FILE, faults))
    except DataFolderError as problem:
        faults.take([fault_of(problem, folders, f"{SCHEMAS}/{VOCABULARY_FILE}")])
        return Vocabulary()
