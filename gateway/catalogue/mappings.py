"""All mapping tables: read, checked against their schemas and code lists, compiled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.catalogue.folders import DataFolders, FaultList
from gateway.catalogue.formats import is_canonical
from gateway.catalogue.tables import mapping_sources
from gateway.codes.codelists import CodeList
from gateway.conversion.model import MappingSource, Table
from gateway.conversion.notation.table import read_table
from gateway.formats.format import Format


@dataclass(slots=True)
class Mapped:
    """What the folder of mappings gave.

    Attributes:
        tables: every table that could be read, also one with faults: agreements are checked against it all the same.
        mappings: those without a fault, compiled.
    """

    tables: list[Table] = field(default_factory=list)
    mappings: list[object] = field(default_factory=list)
