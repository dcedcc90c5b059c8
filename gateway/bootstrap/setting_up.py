"""What is made and read before a gateway is built: its folders and keys, the partners' keys, who we are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder
from gateway.adapters.opened_token import private_keys
from gateway.adapters.partner_lists import KEY_LISTS
from gateway.adapters.transport import served_names, tls_folder
from gateway.catalogue.loading import load_catalogue
from gateway.catalogue.model import Catalogue
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.partner.profile import PartnerProfile
from gateway.security.keys import RegisteredKey
from gateway.settings import Settings

PARTNER_KEYS = "partner-keys"
"""Folder in ``state_dir`` of the key lists that the operator has imported, ``<code>.json``."""


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
    if not (folder.public.exists() and folder.token.exists() and settings.passphrase_file.exists()):
        set_up(settings)


def own_key_list(settings: Settings) -> bytes:
    """Our public keys with their states, to be handed to partners."""
    return key_folder(settings, Durability()).public_list()


def import_partner_keys(settings: Settings, partner: str, key_list: bytes) -> None:
    """Put a partner's first key list in place, without a log entry: for a set-up that has no history yet.

    An operator's command goes by `gateway.bootstrap.keeping_keys.KeyKeeping.take_in`, which keeps what is known.

    Raises:
        DataFolderError: naming every fault of the list; nothing is taken in.
    """
    KEY_LISTS.take_in(key_list, settings.state_dir / PARTNER_KEYS, partner)


def partner_keys(settings: Settings, profile: PartnerProfile) -> tuple[RegisteredKey, ...]:
    """The public keys of a partner: the list in its folder, and the one that the operator imported.

    Raises:
        DataFolderError: a list holds a fault.
    """
    return KEY_LISTS.read_all(partner_key_files(settings, profile), profile.code)


def partner_key_files(settings: Settings, profile: PartnerProfile) -> tuple[Path, Path]:
    """Where a partner's keys stand: the list that the operator imported, which wins, and the one in its folder."""
    in_folder = settings.root / "partners" / profile.code / profile.security.keys
    return settings.state_dir / PARTNER_KEYS / f"{profile.code}.json", in_folder


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
    """The public keys of all partners."""
    for profile in catalogue.partners.values():
        yield from partner_keys(settings, profile)
