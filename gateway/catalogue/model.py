"""The catalogue: all that the gateway knows about countries, agreements and formats, frozen and cross-checked."""

from __future__ import annotations

from collections.abc import Mapping as ReadMapping
from dataclasses import dataclass
from pathlib import Path

from gateway.agreement.agreement import Agreement
from gateway.catalogue.formats import is_canonical
from gateway.codes.codelists import CodeList
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.codes.units import Units
from gateway.conversion.mapping import Mapping
from gateway.conversion.model import Direction
from gateway.errors import NotFound, UnknownPartner
from gateway.formats.format import Format
from gateway.formats.generator import Vocabulary
from gateway.formats.library import FormatLibrary
from gateway.partner.profile import PartnerProfile
from gateway.validation.rulebook import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """All that judging a message needs, without mappings, agreements and partners.

    Attributes:
        formats: all formats.
        rules: the business rules, ready for any format.
        code_lists: all code lists by name.
        schemes: identifier schemes by name.
        vocabulary: what generated messages are made of.
    """

    formats: FormatLibrary
    rules: RuleBook
    code_lists: ReadMapping[str, CodeList]
    schemes: ReadMapping[str, IdentifierScheme]
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One state of the four data folders.

    Attributes:
        root: the folder that holds them.
        digest: SHA-256 over all their files, hexadecimal: an audit entry that quotes it fixes every rule that applied.
        formats: all formats.
        code_lists: all code lists by name.
        schemes: identifier schemes by name.
        units: factors between units of one dimension.
        vocabulary: what generated messages are made of.
        rules: the business rules, ready for any format.
        mappings: all mappings.
        agreements: all versions of all agreements.
        partners: profiles by partner code.
    """

    root: Path
    digest: str
    formats: FormatLibrary
    code_lists: ReadMapping[str, CodeList]
    schemes: ReadMapping[str, IdentifierScheme]
    units: Units
    vocabulary: Vocabulary
    rules: RuleBook
    mappings: tuple[Mapping, ...]
    agreements: tuple[Agreement, ...]
    partners: ReadMapping[str, PartnerProfile]

    def mapping(self, national: str, way: Direction) -> Mapping:
        """The mapping that carries a national format to or from the WCO form.

        Raises:
            NotFound: there is none for this way.
        """
        for one in self.mappings:
            if national == one.national and way in one.table.ways:
                return one
        raise NotFound(
            f"no mapping carries this format {way}",
            path=national,
            remedy="see `sarhad mapping coverage`",
            code="catalogue.no-mapping",
        )

    def has_mapping(self, national: str, way: Direction) -> bool:
        """Whether a national format can be carried that way."""
        return any(national == one.national and way in one.table.ways for one in self.mappings)

    def canonical_of(self, name: str) -> Format:
        """The canonical format behind a format: itself, its profile's, or its mapping's.

        Raises:
            UnknownFormat: no format has this name.
            NotFound: nothing connects it with a canonical format.
        """
        one = self.formats.get(name)
        if is_canonical(one):
            return one
        if one.head.canonical:
            return self.formats.get(one.head.canonical)
        for mapping in self.mappings:
            if name == mapping.national:
                return self.formats.get(mapping.table.wco)
        raise NotFound("nothing connects this format with a canonical one", path=name, code="catalogue.no-mapping")

    def agreements_with(self, partner: str) -> tuple[Agreement, ...]:
        """All versions of all agreements with one partner."""
        return tuple(one for one in self.agreements if one.terms.partner == partner)

    def agreement(self, agreement_id: str, version: int | None = None) -> Agreement:
        """One version of an agreement, without a number the highest.

        Raises:
            NotFound: there is none.
        """
        found = [one for one in self.agreements if one.id == agreement_id and version in {None, one.version}]
        if not found:
            raise NotFound("no such agreement", remedy="see `sarhad agreement list`", code="agreement.unknown")
        return max(found, key=lambda one: one.version)

    def profile(self, partner: str) -> PartnerProfile:
        """The profile of a partner.

        Raises:
            UnknownPartner: there is no folder for it.
        """
        found = self.partners.get(partner)
        if found is None:
            raise UnknownPartner("no partner with this code is registered", remedy="see `sarhad partner list`")
        return found
