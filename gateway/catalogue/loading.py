"""Reading the four data folders: all faults at once, or one frozen catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from gateway.agreement.agreement import Agreement
from gateway.catalogue.agreements import Surroundings, load_agreements
from gateway.catalogue.examples import example_faults
from gateway.catalogue.folders import PARTNERS, DataFolders, FaultList
from gateway.catalogue.formats import library_of, load_formats
from gateway.catalogue.lists import code_lists
from gateway.catalogue.mappings import load_mappings
from gateway.catalogue.model import Catalogue, Judging
from gateway.catalogue.partners import load_partners
from gateway.catalogue.rules import grade_faults, load_rules, rule_faults
from gateway.catalogue.standards import load_standards
from gateway.errors import DataFolderError
from gateway.findings import Fault, Finding, Layer, Severity
from gateway.formats.format import Format
from gateway.formats.library import FormatLibrary
from gateway.formats.rule_grades import Grade
from gateway.partner.profile import PartnerProfile

MOST_NAMED = 3
"""How many faults the text of the exception names; its findings hold all."""


def load_catalogue(root: Path, *, cache: Path | None = None) -> Catalogue:
    """Read and cross-check the data folders.

    Args:
        root: the folder that holds them.
        cache: folder of derived structures.

    Raises:
        DataFolderError: with every fault among its findings (``path`` is ``file: row``).
    """
    catalogue, faults = _read(root, cache)
    if faults or catalogue is None:
        named = "; ".join(f"{one.file} {one.row}: {one.message}" for one in faults[:MOST_NAMED])
        raise DataFolderError(
            f"the data folders hold {len(faults)} faults: {named}",
            path=str(root),
            remedy="run `sarhad check` for all of them",
            findings=[_finding(fault) for fault in faults],
        )
    return catalogue


def check_folders(root: Path, *, cache: Path | None = None) -> list[Fault]:
    """Every fault of the data folders, each with file and row; none when the gateway would start.

    Args:
        root: the folder that holds them.
        cache: folder of derived structures.
    """
    return _read(root, cache)[1]


def load_library(root: Path, *, cache: Path | None = None) -> FormatLibrary:
    """The formats alone, for commands that only read messages.

    Args:
        root: the folder that holds the data folders.
        cache: folder of derived structures.

    Raises:
        DataFolderError: a format does not load.
    """
    folders, faults = DataFolders(root), FaultList()
    library = library_of(folders, load_formats(folders, cache, faults), faults)
    if faults.found:
        first = faults.as_list()[0]
        raise DataFolderError(first.message, path=f"{first.file}: {first.row}", remedy=first.remedy, code=first.code)
    return library


def load_judging(root: Path, *, cache: Path | None = None) -> Judging:
    """What judging messages needs, without the rest of the data folders: it starts fast.

    Args:
        root: the folder that holds the data folders.
        cache: folder of derived structures.

    Raises:
        DataFolderError: a format, a list, a scheme or a rule does not load.
    """
    folders, faults = DataFolders(root.resolve()), FaultList()
    standards = load_standards(folders, faults)
    formats = load_formats(folders, cache, faults)
    lists = code_lists(folders, faults)
    rules = load_rules(folders, formats, lists, standards.schemes, faults)
    library = library_of(folders, formats, faults)
    if faults.found:
        first = faults.as_list()[0]
        raise DataFolderError(first.message, path=f"{first.file}: {first.row}", remedy=first.remedy, code=first.code)
    return Judging(
        formats=library,
        rules=rules,
        code_lists=lists,
        schemes=standards.schemes,
        vocabulary=standards.vocabulary,
    )


def _read(root: Path, cache: Path | None) -> tuple[Catalogue | None, list[Fault]]:
    folders, faults = DataFolders(root.resolve()), FaultList()
    for name in folders.missing():
        faults.add(name, "", "catalogue.missing-folder", "the folder is missing", "name the folder that holds it")
    if faults.found:
        return None, faults.as_list()
    standards = load_standards(folders, faults)
    formats = load_formats(folders, cache, faults)
    lists = code_lists(folders, faults)
    rules = load_rules(folders, formats, lists, standards.schemes, faults)
    faults.take(rule_faults(rules, formats, lists, standards.schemes))
    partners = load_partners(folders, faults)
    mapped = load_mappings(folders, formats, lists, standards, faults)
    around = Surroundings(formats=formats, tables=tuple(mapped.tables), partners=partners)
    agreements = load_agreements(folders, around, faults)
    for file, grades in _graded(folders, formats, partners, agreements):
        faults.take(grade_faults(grades, rules, file))
    catalogue = Catalogue(
        root=folders.root,
        digest=folders.digest(),
        formats=library_of(folders, formats, faults),
        code_lists=lists,
        schemes=standards.schemes,
        units=standards.units,
        vocabulary=standards.vocabulary,
        rules=rules,
        mappings=tuple(mapped.mappings),
        agreements=agreements,
        partners=partners,
    )
    faults.take(_not_explained(list(example_faults(folders, catalogue)), faults))
    return catalogue, faults.as_list()


def _graded(
    folders: DataFolders,
    formats: Mapping[str, Format],
    partners: Mapping[str, PartnerProfile],
    agreements: Iterable[Agreement],
) -> Iterator[tuple[str, Mapping[str, Grade]]]:
    """Every ``[rules]`` table with the file that holds it."""
    yield from ((folders.name(one.head.file), one.head.rules) for one in formats.values())
    yield from ((f"{PARTNERS}/{code}/profile.toml", one.rules.grades) for code, one in partners.items())
    yield from ((one.file, one.terms.rules.grades) for one in agreements)


def _not_explained(of_examples: list[Fault], faults: FaultList) -> list[Fault]:
    """What examples show; that a mapping with faults of its own cannot serve an example is said already."""
    return [fault for fault in of_examples if fault.code != "catalogue.no-mapping" or not faults.found]


def _finding(fault: Fault) -> Finding:
    return Finding(
        severity=Severity.ERROR,
        code=fault.code,
        layer=Layer.RULE,
        path=f"{fault.file}: {fault.row}" if fault.row else fault.file,
        message=fault.message,
        remedy=fault.remedy,
    )
