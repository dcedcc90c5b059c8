"""The project's own data folders, loaded once for the acceptance tests: formats, code lists, mappings, instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType

from gateway.catalogue.folders import DataFolders, FaultList
from gateway.catalogue.tables import mapping_sources
from gateway.codes.codelist_files import read_code_list
from gateway.codes.codelists import CodeList
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.codes.scheme_files import read_schemes
from gateway.codes.units import Units, read_units
from gateway.conversion.account import Account
from gateway.conversion.check import check_table
from gateway.conversion.loading import Surroundings, load_mapping
from gateway.conversion.mapping import Mapping as TableMapping
from gateway.conversion.run import ConversionContext
from gateway.findings import Fault, Finding, has_errors
from gateway.formats.format import Format, load_format
from gateway.formats.generator import Vocabulary, generate, read_vocabulary
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree, general_path, leaves

ROOT = Path(__file__).resolve().parents[2]
STANDARDS = ROOT / "wco_schemas" / "codelists"


@dataclass(frozen=True, kw_only=True)
class Lanes:
    """Everything that converting a message needs.

    Attributes:
        formats: by published name.
        mappings: by published name of the national format.
        faults: of code lists and tables, static check included.
    """

    formats: Mapping[str, Format]
    mappings: Mapping[str, TableMapping]
    faults: tuple[Fault, ...]
    code_lists: Mapping[str, CodeList]
    schemes: Mapping[str, IdentifierScheme]
    vocabulary: Vocabulary

    def instances(self, name: str, count: int) -> Iterator[Tree]:
        """Random valid messages of a format, the same every time."""
        structure = self.formats[name].structure
        for seed in range(count):
            yield generate(
                structure, seed=seed, code_lists=self.code_lists, schemes=self.schemes, vocabulary=self.vocabulary
            )


def context_of(reference: str, **partner: str) -> ConversionContext:
    """What an exchange knows, with the given reference; the receiver's id is always in the profile."""
    return ConversionContext(
        reference=reference,
        sender="AA",
        received=datetime(2026, 3, 16, tzinfo=UTC),
        agreement_id="acceptance",
        partner={"receiver-id": "EPORT", **partner},
    )


def errors(findings: tuple[Finding, ...]) -> list[Finding]:
    """The findings that stop a message."""
    return [finding for finding in findings if has_errors((finding,))]


def declared_losses(account: Account) -> set[str]:
    """General paths of source leaves that the table drops or may lose something of."""
    return {general_path(line.path) for line in account.source if line.fate == "dropped" or line.loss != "none"}


def differences(before: Tree, after: Tree, structure: Structure) -> Iterator[str]:
    """General paths at which two messages differ; numbers are compared by value, since they are written plainly."""
    first, second = dict(leaves(before)), dict(leaves(after))
    for place in first.keys() | second.keys():
        path = general_path(place)
        if _comparable(path, first.get(place), structure) != _comparable(path, second.get(place), structure):
            yield path


def _comparable(path: str, text: str | None, structure: Structure) -> object:
    element = structure.find(path) if "@" not in path else None
    number = element is not None and element.type is not None and element.type.base in ("decimal", "integer")
    return Decimal(text) if number and text is not None else text


@cache
def load_lanes() -> Lanes:
    """Load the data folders; derived structures are cached in a folder of their own."""
    cache_folder = Path(mkdtemp(prefix="lanes-"))
    formats = {one.name: one for one in _formats(cache_folder)}
    faults: list[Fault] = []
    lists = {one.name: one for one in _code_lists(faults)}
    schemes = _schemes(faults)
    mappings = dict(_mappings(formats, lists, schemes, faults))
    vocabulary = read_vocabulary((STANDARDS / "generator" / "vocabulary.toml").read_text(encoding="utf-8"))
    return Lanes(
        formats=MappingProxyType(formats),
        mappings=MappingProxyType(mappings),
        faults=tuple(faults),
        code_lists=MappingProxyType(lists),
        schemes=MappingProxyType(schemes),
        vocabulary=vocabulary,
    )


def _formats(cache_folder: Path) -> Iterator[Format]:
    for head in sorted((ROOT / "wco_schemas").rglob("*.format.toml")):
        yield load_format(head, cache=cache_folder)


def _code_lists(faults: list[Fault]) -> Iterator[CodeList]:
    for table in sorted([*STANDARDS.glob("*.csv"), *(ROOT / "mappings").glob("*/codelists/*.csv")]):
        head = table.with_suffix(".toml").read_text(encoding="utf-8")
        found, wrong = read_code_list(table.read_text(encoding="utf-8"), head, table.name)
        faults.extend(wrong)
        if found is not None:
            yield found


def _schemes(faults: list[Fault]) -> Mapping[str, IdentifierScheme]:
    file = STANDARDS / "identifier-schemes.toml"
    schemes, wrong = read_schemes(file.read_text(encoding="utf-8"), file.name)
    faults.extend(wrong)
    return schemes


def _units(faults: list[Fault]) -> Units:
    file = STANDARDS / "units.toml"
    units, wrong = read_units(file.read_text(encoding="utf-8"), file.name)
    faults.extend(wrong)
    return units


def _mappings(
    formats: Mapping[str, Format],
    lists: Mapping[str, CodeList],
    schemes: Mapping[str, IdentifierScheme],
    faults: list[Fault],
) -> Iterator[tuple[str, TableMapping]]:
    found = FaultList()
    units = _units(faults)
    for source in mapping_sources(DataFolders(ROOT), found):
        wco = formats[str(source.table.head["wco"])]
        for name in source.table.head["national"]:
            national = formats[name]
            surroundings = Surroundings(
                lists=lists,
                schemes=schemes,
                factor=units.convert,
                national_defaults=national.head.defaults,
                wco_defaults=wco.head.defaults,
            )
            loaded = load_mapping(source, national.structure, wco.structure, surroundings, name)
            faults.extend(loaded.faults)
            if loaded.mapping is not None:
                faults.extend(_static_faults(loaded.mapping, national, wco, lists))
                yield name, loaded.mapping
    faults.extend(found.as_list())


def _static_faults(mapping: TableMapping, national: Format, wco: Format, lists: Mapping[str, CodeList]) -> list[Fault]:
    return check_table(
        mapping.table,
        national.structure,
        wco.structure,
        lists,
        national_defaults=national.head.defaults,
        wco_defaults=wco.head.defaults,
    )
