"""What the stages ask of the data folders: `gateway.catalogue.Catalogue` is it; tests hand in something smaller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.agreement.agreement import Agreement
from gateway.catalogue.model import Catalogue
from gateway.conversion.account import Account
from gateway.conversion.model import Direction
from gateway.conversion.run import ConversionContext
from gateway.findings import Finding
from gateway.formats.library import FormatLibrary
from gateway.formats.rule_grades import NO_GRADES, Grade
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from gateway.validation.verdict import Verdict, verdict


class KnownFormat(Protocol):
    """One format."""

    @property
    def name(self) -> str:
        """Published name."""

    @property
    def structure(self) -> Structure:
        """Derived from the schema."""

    def judge(self, tree: Tree) -> Sequence[Finding]:
        """What the schema says of a tree."""

    def write(self, tree: Tree) -> bytes:
        """The message in the native syntax."""

    def to_json(self, tree: Tree) -> bytes:
        """The message in its JSON form."""


class Converted(Protocol):
    """What a conversion gave."""

    @property
    def tree(self) -> Tree:
        """The message in the other form."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What could not be carried."""

    @property
    def account(self) -> Account:
        """What became of every leaf."""


class KnownMapping(Protocol):
    """One mapping."""

    def to_wco(self, tree: Tree, context: ConversionContext) -> Converted:
        """National to canonical."""

    def from_wco(self, tree: Tree, context: ConversionContext) -> Converted:
        """Canonical to national."""


class Knowledge(Protocol):
    """The data folders, read."""

    @property
    def digest(self) -> str:
        """Of all files, hexadecimal."""

    def format(self, name: str) -> KnownFormat:
        """The format with this name; raises `UnknownFormat`."""

    def verdict(
        self, payload: bytes, format_name: str | None, *grades: Mapping[str, Grade], sender: str = ""
    ) -> Verdict:
        """Parse, judge against the schema and the rules; whatever is wrong with the document is a finding.

        ``grades`` say which rules count otherwise here, the later ones before the earlier. For a partner as ``sender``
        there are no other formats than the international ones and those that its agreements name.
        """

    @property
    def agreements(self) -> Sequence[Agreement]:
        """All versions of all agreements."""

    def mapping(self, national_format: str, way: Direction) -> KnownMapping:
        """The mapping of a format, ``to-wco`` or ``from-wco``; raises `NotFound`."""

    def canonical_of(self, format_name: str) -> str:
        """The canonical format that a format maps to; canonical formats answer their own name."""

    def partner_texts(self, partner: str) -> Mapping[str, str]:
        """Texts of a partner's profile, which mappings read."""

    def partner_grades(self, partner: str) -> Mapping[str, Grade]:
        """Business rules that count otherwise for a partner; empty for one that nobody knows."""


class CatalogueKnowledge:
    """`Knowledge` over the catalogue.

    Args:
        catalogue: the data folders, read and cross-checked.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._limited: dict[str, FormatLibrary] = {}

    @property
    def digest(self) -> str:
        """Of all files, hexadecimal."""
        return self._catalogue.digest

    @property
    def agreements(self) -> Sequence[Agreement]:
        """All versions of all agreements."""
        return self._catalogue.agreements

    def format(self, name: str) -> KnownFormat:
        """The format with this name."""
        return self._catalogue.formats.get(name)

    def verdict(
        self, payload: bytes, format_name: str | None, *grades: Mapping[str, Grade], sender: str = ""
    ) -> Verdict:
        """Parse, judge against the schema and the rules."""
        library = self._formats_of(sender) if sender else self._catalogue.formats
        return verdict(library, payload, format_name, rules=self._catalogue.rules.adjusted(*grades))

    def _formats_of(self, partner: str) -> FormatLibrary:
        """The formats that a partner may know of: a message in any other one is in no known format."""
        limited = self._limited.get(partner)
        if limited is None:
            library = self._catalogue.formats
            own = {
                message.format for each in self._catalogue.agreements_with(partner) for message in each.terms.messages
            }
            everyones = {name for name in library.names() if library.get(name).head.wco_package}
            limited = self._limited[partner] = library.limited_to(own | everyones)
        return limited

    def mapping(self, national_format: str, way: Direction) -> KnownMapping:
        """The mapping of a format."""
        return self._catalogue.mapping(national_format, way)

    def canonical_of(self, format_name: str) -> str:
        """The canonical format that a format maps to."""
        return self._catalogue.canonical_of(format_name).name

    def partner_texts(self, partner: str) -> Mapping[str, str]:
        """Texts of a partner's profile."""
        return self._catalogue.profile(partner).texts

    def partner_grades(self, partner: str) -> Mapping[str, Grade]:
        """Business rules that count otherwise for a partner."""
        profile = self._catalogue.partners.get(partner)
        return profile.rules.grades if profile is not None else NO_GRADES
