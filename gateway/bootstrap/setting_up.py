"""What is made and read before a gateway is built: its folders and keys, the partners' keys, who we are."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder
from gateway.adapters.opened_token import private_keys
from gateway.adapters.partner_registry import (
    PARTNER_KEYS,
    PartnerRegistry,
    RegistryManipulated,
    import_signed_keys,
)
from gateway.adapters.registrar_files import RegistrarFiles
from gateway.adapters.transport import partner_certificates, served_names, tls_folder
from gateway.catalogue.loading import load_catalogue
from gateway.catalogue.model import Catalogue
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.partner.profile import PartnerProfile
from gateway.security.keys import RegisteredKey
from gateway.security.pinlist import ListedCertificate
from gateway.settings import Settings


def set_up(settings: Settings) -> None:
    """Make what a gateway needs beside its data folders: folders, keys, an up-to-date database. Harmless when done.

    Raises:
        DataFolderError: the data folders hold faults, or do not say who we are.
    """
    durability = Durability()
    for folder in (settings.state_dir, settings.bodies_dir, settings.keys_dir, settings.state_dir / PARTNER_KEYS):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = chosen_home(settings, load_catalogue(settings.root, cache=settings.cache))
    now = datetime.now(UTC)
    key_folder(settings, durability).set_up(key_name(settings, home), now)
    tls_folder(settings, durability).set_up(home, served_names(settings), now)
    RegistrarFiles(settings, durability).set_up()
    database = Database(settings.database, durability, busy_seconds=settings.busy_seconds)
    try:
        database.migrate()
    finally:
        database.close()


def ensure_set_up(settings: Settings) -> None:
    """Set up where keys are missing; for commands that need them and not the data folders.

    Raises:
        DataFolderError: as `set_up`.
    """
    folder = key_folder(settings, Durability())
    made = (folder.public, folder.token, settings.passphrase_file, RegistrarFiles(settings, Durability()).public_file)
    if not all(file.exists() for file in made):
        set_up(settings)


def own_key_list(settings: Settings) -> bytes:
    """Our public keys with their states, to be handed to partners."""
    return key_folder(settings, Durability()).public_list()


def import_partner_keys(settings: Settings, partner: str, key_list: bytes) -> None:
    """Put a partner's first key list in place, without a log entry: for a set-up that has no history yet.

    An operator's command goes by `gateway.bootstrap.keeping_keys.KeyKeeping.take_in`, which keeps what is known.

    Raises:
        DataFolderError: naming every fault of the list, or that the registrar has to sign it; nothing is taken in.
    """
    import_signed_keys(settings, partner, key_list)


def partner_keys(settings: Settings, profile: PartnerProfile) -> tuple[RegisteredKey, ...]:
    """The public keys of a partner: the list in its folder, and the one that the operator imported.

    Raises:
        RegistryManipulated: rows are not as the registrar signed them.
        DataFolderError: a list holds a fault.
    """
    return PartnerRegistry(settings).keys(profile)


def home_of(catalogue: Catalogue) -> PartnerCode:
    """The administration that runs this gateway: the one party that is no partner in every agreement.

    Raises:
        DataFolderError: the agreements do not tell.
    """
    ours = {
        party.code
        for agreement in catalogue.agreements
        for party in agreement.terms.parties
        if party.code != agreement.terms.partner
    }
    if len(ours) != 1:
        raise DataFolderError(
            "the agreements do not tell which administration runs this gateway",
            path="home",
            remedy="set home to its code",
            code="settings.home",
        )
    return PartnerCode(ours.pop())


def chosen_home(settings: Settings, catalogue: Catalogue) -> PartnerCode:
    """Who we are: as set, or as the agreements tell."""
    return PartnerCode(settings.home) if settings.home else home_of(catalogue)


def key_name(settings: Settings, home: PartnerCode) -> str:
    """First part of the ids of our keys: no key of a sandbox ever has the id of a live one."""
    return f"{home}{settings.realm}" if settings.realm == "sandbox" else str(home)


def key_folder(settings: Settings, durability: Durability) -> KeyFolder:
    """The folder of our keys, as set.

    Raises:
        DataFolderError: the hardware module cannot be opened.
    """
    return KeyFolder(settings.keys_dir, settings.passphrase_file, durability, private_keys(settings))


def all_partner_keys(settings: Settings, catalogue: Catalogue) -> Iterable[RegisteredKey]:
    """The public keys of all partners; those of a suspended one count for nothing."""
    for profile in catalogue.partners.values():
        with suppress(RegistryManipulated):
            yield from partner_keys(settings, profile)


def all_partner_certificates(settings: Settings, catalogue: Catalogue) -> Iterable[ListedCertificate]:
    """The registered certificates of all partners, otherwise the same."""
    for profile in catalogue.partners.values():
        with suppress(RegistryManipulated):
            yield from partner_certificates(settings, profile)
