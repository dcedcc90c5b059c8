"""All agreements, each proved against the formats, mappings and partners that it speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.agreement.agreement import Agreement, Permit
from gateway.agreement.compile import MappedPlaces, agreement_of, compile_permits
from gateway.agreement.reading import AgreementFile, read_agreement
from gateway.agreement.terms import MessageTerms
from gateway.catalogue.demands import withheld_demands
from gateway.catalogue.folders import AGREEMENTS, PARTNERS, DataFolders, FaultList, fault_of
from gateway.catalogue.formats import is_canonical
from gateway.catalogue.grants import grants_of_nothing
from gateway.catalogue.mapped import mapped_places
from gateway.catalogue.versions import version_faults
from gateway.conversion.model import Direction, Table
from gateway.errors import DataFolderError
from gateway.findings import Fault
from gateway.formats.format import Format
from gateway.partner.profile import PartnerProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What agreements are checked against.

    Attributes:
        formats: by name.
        tables: every mapping table that could be read, also one with faults of its own.
        partners: profiles by code of the partner.
    """

    formats: Mapping[str, Format]
    tables: tuple[Table, ...]
    partners: Mapping[str, PartnerProfile]

    def table(self, message: MessageTerms) -> Table | None:
        """The mapping that carries a message type over to or from its national form."""
        way = "to-wco" if message.direction == "in" else "from-wco"
        for table in self.tables:
            if message.format in table.national and way in table.ways:
                return table
        return None

    def places(self, message: MessageTerms, wco: str) -> MappedPlaces:
        """What mappings do where a message type goes.

        What arrives comes through one mapping. What leaves may have been lodged in any form, so all mappings count.
        """
        own = self.table(message)
        same = [table for table in self.tables if table.wco == wco]
        return mapped_places([own] if message.direction == "in" and own is not None else same)


def load_agreements(folders: DataFolders, around: Surroundings, faults: FaultList) -> tuple[Agreement, ...]:
    """Every version of every agreement that fits; all that does not is noted."""
    files = list(_files(folders, faults))
    faults.take(version_faults(files))
    agreements: list[Agreement] = []
    structures = {name: one.structure for name, one in around.formats.items() if is_canonical(one)}
    for file in files:
        faults.take(_around_faults(file, around))
        permits, found = compile_permits(file, structures, _places_for(file, around))
        faults.take(found)
        faults.take(_release_faults(file, permits, around))
        if not found:
            agreements.append(agreement_of(file, permits))
    return tuple(agreements)


def _places_for(file: AgreementFile, around: Surroundings) -> Callable[[MessageTerms], MappedPlaces]:
    def places(message: MessageTerms) -> MappedPlaces:
        return around.places(message, file.terms.fields[message.fields].wco)

    return places


def _files(folders: DataFolders, faults: FaultList) -> Iterator[AgreementFile]:
    for path in folders.find(AGREEMENTS, "*.toml"):
        file = folders.name(path)
        try:
            read, found = read_agreement(folders.read(path), file)
        except DataFolderError as problem:
            faults.take([fault_of(problem, folders, file)])
            continue
        faults.take(found)
        if read is not None:
            yield read


def _around_faults(file: AgreementFile, around: Surroundings) -> Iterator[Fault]:
    """Formats, mappings and partners that the agreement names must exist and belong together."""
    if file.terms.partner not in around.partners:
        yield _fault(file, "partner", "unknown-partner", f"no folder partners/{file.terms.partner}")
    for number, message in enumerate(file.terms.messages, 1):
        row = file.row(f"messages[{number}].format", message.format)
        if message.format not in around.formats:
            yield _fault(file, row, "unknown-format", f"no format is called {message.format!r}")
            continue
        profile = around.partners.get(file.terms.partner)
        if profile is not None and profile.security.signs_xml and around.formats[message.format].head.syntax != "xml":
            yield _fault(file, row, "form-not-xml", "the partner's envelopes are signed XML; this format is not XML")
        table = around.table(message)
        fields = file.terms.fields.get(message.fields)
        if table is None:
            way = "to the WCO form" if message.direction == "in" else "from the WCO form"
            yield _fault(file, row, "no-mapping", f"no mapping carries {message.format} {way}")
        elif fields is not None and fields.wco != table.wco:
            where = file.row(f"fields.{message.fields}.wco", fields.wco)
            yield _fault(file, where, "other-canonical", f"the mapping of {message.format} is written for {table.wco}")
        if table is not None:
            yield from _text_faults(table, message, profile)


def _text_faults(table: Table, message: MessageTerms, profile: PartnerProfile | None) -> Iterator[Fault]:
    """What the mapping reads as ``$partner/NAME`` must stand in the partner's profile."""
    if profile is None:
        return
    way: Direction = "to-wco" if message.direction == "in" else "from-wco"
    for row in table.rows:
        for path in (row.national, row.wco):
            scope, _, name = path.variable.partition("/") if path is not None else ("", "", "")
            if row.acts(way) and scope == "partner" and name not in profile.texts:
                text = f"row {row.id} of {table.rows_file} reads $partner/{name}, and the profile has no such text"
                where = f"{PARTNERS}/{profile.code}/profile.toml"
                yield Fault(file=where, row=f"texts.{name}", code="partner.missing-text", message=text)


def _fault(file: AgreementFile, row: str, code: str, message: str) -> Fault:
    return Fault(file=file.file, row=row, code=f"agreement.{code}", message=message)


def _release_faults(file: AgreementFile, permits: Iterable[Permit], around: Surroundings) -> Iterator[Fault]:
    for permit in permits:
        canonical = around.formats.get(permit.fields.wco)
        if canonical is None:
            continue
        form, table = around.formats.get(permit.message.format), around.table(permit.message)
        yield from withheld_demands(
            file, permit, canonical.structure, table, form.structure if form is not None else None
        )
        if table is not None:
            yield from grants_of_nothing(file, permit, canonical.structure, table)
