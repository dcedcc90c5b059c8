"""The registry of partners: their lists of keys and certificates, where each row counts by the registrar's signature.

A row whose signature does not hold is as good as absent, and its partner is suspended: no key and no certificate of it
counts until the lists are mended. That is looked at whenever a list is read: at every start, by every command, and
when a running gateway takes up a file that has changed. Other partners go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from gateway.adapters.durability import Durability
from gateway.adapters.partner_lists import CERTIFICATE_LISTS, KEY_LISTS, Listed, ListKind
from gateway.adapters.registrar_files import RegistrarFiles
from gateway.errors import DataFolderError
from gateway.partner.profile import PartnerProfile
from gateway.security.distrust import distrusting, read_marks, write_marks
from gateway.security.keylist import write_key_list
from gateway.security.keys import RegisteredKey
from gateway.security.pinlist import ListedCertificate, write_pin_list
from gateway.security.policy import KeyRefused
from gateway.security.registrar import sign_entries, verify_entries, without_signatures
from gateway.settings import Settings

PARTNER_KEYS = "partner-keys"
"""Folder in ``state_dir`` of the key lists that the operator has imported, ``<code>.json``."""
PARTNER_CERTIFICATES = "partner-certificates"
"""Folder in ``state_dir`` of the certificate lists that the operator has imported, ``<code>.json``."""

_PLACES = ("imported", "in the data folder")
_SIGN = "have the registrar sign it: sarhad partner sign LIST --partner {} --kind {} --key registrar.pem"


class RegistryManipulated(DataFolderError):
    """Rows of a partner's lists do not hold the registrar's signature: the partner is suspended.

    Args:
        partner: its code.
        places: which lists and rows, the first being 1; never what stands in them.
    """

    code = "registry.manipulated"

    def __init__(self, partner: str, places: Sequence[str]) -> None:
        self.places = "; ".join(places)
        super().__init__(
            f"rows are not as the registrar signed them, so the partner is suspended: {self.places}",
            path=f"registry of {partner}",
            remedy="find out who changed them; restore the list, or have the registrar sign it (sarhad partner sign)",
        )


class _Held(NamedTuple):
    """The files of a partner as far as the registrar vouches for them, and the marks of distrust."""

    keys: list[tuple[Path, bytes]]
    certificates: list[tuple[Path, bytes]]
    marks: Mapping[str, datetime]


class PartnerRegistry:
    """The signed lists of all partners.

    Args:
        settings: name the folders and the registrar's files.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._durability = Durability()
        self.registrar = RegistrarFiles(settings, self._durability)

    def key_files(self, profile: PartnerProfile) -> tuple[Path, Path]:
        """Where a partner's keys stand: the list that the operator imported, which wins, and the one in its folder."""
        in_folder = self._settings.root / "partners" / profile.code / profile.security.keys
        return self._settings.state_dir / PARTNER_KEYS / f"{profile.code}.json", in_folder

    def certificate_files(self, profile: PartnerProfile) -> tuple[Path, Path]:
        """Where a partner's certificates stand: the same two places."""
        in_folder = self._settings.root / "partners" / profile.code / profile.security.certificates
        return self._settings.state_dir / PARTNER_CERTIFICATES / f"{profile.code}.json", in_folder

    def files(self, profile: PartnerProfile) -> tuple[Path, ...]:
        """All files that decide which keys and certificates of a partner count."""
        lists = (*self.key_files(profile), *self.certificate_files(profile))
        judges = (self.registrar.public_file, self.registrar.public_file_of_data)
        return (*lists, self._marks_file(profile.code), *judges)

    def keys(self, profile: PartnerProfile) -> tuple[RegisteredKey, ...]:
        """The public keys of a partner, marks of distrust applied.

        Raises:
            RegistryManipulated: a row of one of its lists does not hold.
            DataFolderError: a list holds a fault, or cannot be read.
        """
        held = self._held(profile)
        return distrusting(KEY_LISTS.together(held.keys, profile.code), held.marks)

    def signed_keys(self, profile: PartnerProfile) -> tuple[RegisteredKey, ...]:
        """The keys as the registrar signed them; otherwise the same."""
        return KEY_LISTS.together(self._held(profile).keys, profile.code)

    def certificates(self, profile: PartnerProfile) -> tuple[ListedCertificate, ...]:
        """The certificates of a partner.

        Raises:
            RegistryManipulated: a row of one of its lists, or of its keys, does not hold.
            DataFolderError: a list holds a fault, or cannot be read.
        """
        return CERTIFICATE_LISTS.together(self._held(profile).certificates, profile.code)

    def read_new(self, kind: ListKind[Listed], content: bytes, owner: str) -> Sequence[Listed]:
        """The entries of a list that was handed over, by the registrar where he is not here.

        Raises:
            DataFolderError: naming every fault of the list; ``registry.not-signed``: the registrar has to sign it.
        """
        try:
            plain = without_signatures(content, kind=kind.member)
        except KeyRefused:
            plain = content  # its own reader says better what is wrong
        listed = kind.read_new(plain, owner)
        if not self.registrar.signs_here:
            self._require_signed(kind, content, owner)
        return listed

    def sign_keys(self, keys: Sequence[RegisteredKey], owner: str) -> bytes | None:
        """A key list, each row signed; None where the registrar keeps his key elsewhere."""
        return self._signed(KEY_LISTS, write_key_list(keys), owner)

    def sign_certificates(self, certificates: Sequence[ListedCertificate], owner: str) -> bytes | None:
        """A certificate list, otherwise the same."""
        return self._signed(CERTIFICATE_LISTS, write_pin_list(certificates), owner)

    def keep_keys(self, document: bytes, owner: str) -> None:
        """Put a signed key list in its place."""
        KEY_LISTS.keep(document, self._settings.state_dir / PARTNER_KEYS, owner)

    def keep_certificates(self, document: bytes, owner: str) -> None:
        """Put a signed certificate list in its place."""
        CERTIFICATE_LISTS.keep(document, self._settings.state_dir / PARTNER_CERTIFICATES, owner)

    def with_mark(self, owner: str, kid: str, since: datetime) -> bytes:
        """The marks of distrust of a partner with one more; an earlier mark of the key stays.

        Raises:
            RegistryManipulated: the marks cannot be read.
        """
        places: list[str] = []
        marks = dict(self._marks(owner, places))
        if places:
            raise RegistryManipulated(owner, places)
        return write_marks(marks | {kid: min(since, marks.get(kid, since))})

    def keep_marks(self, document: bytes, owner: str) -> None:
        """Put marks of distrust in their place."""
        file = self._marks_file(owner)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._durability.write_file(file, document, mode=0o644)

    def _marks_file(self, owner: str) -> Path:
        return self._settings.state_dir / PARTNER_KEYS / f"{owner}.distrusted.json"

    def _marks(self, owner: str, places: list[str]) -> Mapping[str, datetime]:
        file = self._marks_file(owner)
        if not file.exists():
            return {}
        try:
            return read_marks(KEY_LISTS.content(file))
        except KeyRefused:
            places.append("marks of distrust: no list")
            return {}

    def _held(self, profile: PartnerProfile) -> _Held:
        """What stands in a partner's files; raises RegistryManipulated when a row of any of them does not hold."""
        places: list[str] = []
        held = _Held(
            keys=[*self._contents(KEY_LISTS, self.key_files(profile), profile.code, places)],
            certificates=[*self._contents(CERTIFICATE_LISTS, self.certificate_files(profile), profile.code, places)],
            marks=self._marks(profile.code, places),
        )
        if places:
            raise RegistryManipulated(profile.code, places)
        return held

    def _contents(
        self, kind: ListKind[Any], files: Sequence[Path], owner: str, places: list[str]
    ) -> Iterator[tuple[Path, bytes]]:
        judges = (self.registrar.public, self.registrar.public_of_data)
        for file, where, registrar in zip(files, _PLACES, judges, strict=True):
            if not file.exists():
                continue
            content, name = kind.content(file), f"{kind.member} {where}"
            try:
                found = verify_entries(content, kind=kind.member, owner=owner, registrar=registrar())
            except KeyRefused:
                places.append(f"{name}: no list")
                continue
            if found.refused:
                places.append(f"{name}: rows {', '.join(map(str, found.refused))}")
            yield file, found.content

    def _signed(self, kind: ListKind[Listed], document: bytes, owner: str) -> bytes | None:
        private = self.registrar.private()
        if private is None:
            return None
        return sign_entries(document, kind=kind.member, owner=owner, registrar=private)

    def _require_signed(self, kind: ListKind[Listed], content: bytes, owner: str) -> None:
        found = verify_entries(content, kind=kind.member, owner=owner, registrar=self.registrar.public())
        if found.refused:
            rows = ", ".join(map(str, found.refused))
            raise DataFolderError(
                f"the registrar has not signed these rows for this partner: {rows}",
                path=f"{kind.name} of {owner}",
                remedy=_SIGN.format(owner, kind.member),
                code="registry.not-signed",
            )


def import_signed_keys(settings: Settings, partner: str, content: bytes) -> None:
    """Put a partner's first key list in place: signed here, or as the registrar signed it.

    Raises:
        DataFolderError: as `PartnerRegistry.read_new`; nothing is taken in.
    """
    registry = PartnerRegistry(settings)
    keys = registry.read_new(KEY_LISTS, content, partner)
    registry.registrar.set_up()
    registry.keep_keys(registry.sign_keys(keys, partner) or content, partner)


def import_signed_certificates(settings: Settings, partner: str, content: bytes) -> None:
    """Put a partner's certificate list in place; otherwise the same.

    Raises:
        DataFolderError: as `PartnerRegistry.read_new`; nothing is taken in.
    """
    registry = PartnerRegistry(settings)
    certificates = registry.read_new(CERTIFICATE_LISTS, content, partner)
    registry.registrar.set_up()
    registry.keep_certificates(registry.sign_certificates(certificates, partner) or content, partner)
