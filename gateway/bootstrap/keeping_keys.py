"""Keys that live: what the operator changes in the lists, and how a running gateway takes it up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from gateway.adapters.bodies import BodyVault
from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.key_rotation import KeyRotation, RotationOrder
from gateway.adapters.list_watch import ChangedLists, WatchedList
from gateway.adapters.live_keys import LiveKeys
from gateway.adapters.partner_lists import KEY_LISTS, alone_in
from gateway.adapters.partner_registry import PARTNER_KEYS, PartnerRegistry, RegistryManipulated
from gateway.adapters.store import SqlStore
from gateway.adapters.transport import own_certificates
from gateway.bootstrap.setting_up import (
    all_partner_keys,
    chosen_home,
    key_folder,
    key_name,
)
from gateway.catalogue.model import Catalogue
from gateway.errors import DataFolderError
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.partner.profile import PartnerProfile
from gateway.partner.trust import TrustStore
from gateway.pipeline.partner_access import PartnerAccess
from gateway.pipeline.registry_alarm import RegistryAlarm
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.upkeep import Upkeep
from gateway.ports import LogDraft
from gateway.security.keys import RegisteredKey
from gateway.security.limits import EnvelopeLimits
from gateway.security.renewed_lists import renewed
from gateway.security.rotation import revoked
from gateway.settings import Settings

LOOKS_UNTIL_TAKEN_UP = 2
"""So many looks after a change every process has taken it up: one may fall just before it."""


def watched_lists(
    settings: Settings,
    catalogue: Catalogue,
    home: PartnerCode,
    keys: LiveKeys,
    trust: TrustStore[RegisteredKey],
    alarm: RegistryAlarm,
) -> ChangedLists:
    """The lists of keys that a running gateway looks after: ours, and those of each partner for itself."""
    folder, registry = key_folder(settings, Durability()), PartnerRegistry(settings)

    def take_up_ours() -> None:
        keys.take_up(folder.read_again(home, keys.in_force))

    def take_up(profile: PartnerProfile) -> None:
        with _suspending(profile, alarm, lambda: trust.take_up(profile.partner_code, ())):
            trust.take_up(profile.partner_code, registry.keys(profile))

    ours = WatchedList(name="our keys", files=(folder.public, folder.token), take_up=take_up_ours)
    theirs = (
        WatchedList(
            name=f"keys of {profile.code}",
            files=registry.files(profile),
            take_up=partial(take_up, profile),
        )
        for profile in catalogue.partners.values()
    )
    return ChangedLists((ours, *theirs))


def watched_certificates(
    settings: Settings, catalogue: Catalogue, access: PartnerAccess, alarm: RegistryAlarm
) -> Iterator[WatchedList]:
    """The certificate lists of the partners, each for itself."""
    registry = PartnerRegistry(settings)

    def take_up(profile: PartnerProfile) -> None:
        with _suspending(profile, alarm, lambda: access.take_up(profile.partner_code, ())):
            access.take_up(profile.partner_code, registry.certificates(profile))

    for profile in catalogue.partners.values():
        yield WatchedList(
            name=f"certificates of {profile.code}",
            files=registry.files(profile),
            take_up=partial(take_up, profile),
        )


@contextmanager
def _suspending(profile: PartnerProfile, alarm: RegistryAlarm, suspend: Callable[[], None]) -> Iterator[None]:
    """What takes up the lists of a partner; where a row does not hold, nothing of them stays in force."""
    try:
        yield
    except RegistryManipulated as fault:
        suspend()
        alarm.rings(profile.partner_code, fault.places, fault.stable_code)
        raise
    alarm.ends(profile.partner_code)


def upkeep(
    settings: Settings,
    around: Surroundings,
    trust: TrustStore[RegisteredKey],
    access: PartnerAccess,
    list_faults: Callable[[], int],
) -> Upkeep:
    """What monitoring asks of keys and certificates."""
    return Upkeep(
        around,
        partner_keys=trust.all_keys,
        certificates=lambda: access.certificates,
        own_certificates=() if settings.tls == "off" else tuple(own_certificates(settings, around.home)),
        life=timedelta(days=settings.key_life_days),
        list_faults=list_faults,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who changes keys, and why; both go into the log."""

    operator: str
    reason: str


class KeyKeeping:
    """The operator's changes to the lists of keys. Each is logged before it takes effect.

    Args:
        settings: of a gateway that was set up.
        catalogue: the data folders.
    """

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._home = chosen_home(settings, catalogue)
        self._durability = Durability()
        self._registry = PartnerRegistry(settings)

    @property
    def home(self) -> PartnerCode:
        """Our code."""
        return self._home

    def ours(self) -> tuple[RegisteredKey, ...]:
        """Our public keys, those for access tokens included."""
        registered, for_tokens = key_folder(self._settings, self._durability).listed(self._home)
        return (*registered, *for_tokens)

    def all_partners(self) -> tuple[RegisteredKey, ...]:
        """The keys of all partners."""
        return tuple(all_partner_keys(self._settings, self._catalogue))

    def suspended(self) -> tuple[RegistryManipulated, ...]:
        """What is wrong with the lists of each partner that is suspended."""
        return tuple(self._manipulations())

    def _manipulations(self) -> Iterator[RegistryManipulated]:
        for profile in self._catalogue.partners.values():
            try:
                self._registry.signed_keys(profile)
            except RegistryManipulated as fault:
                yield fault

    def soonest(self, at: datetime) -> datetime:
        """The first moment by which every running process has taken up a list that changes now."""
        return at + timedelta(seconds=LOOKS_UNTIL_TAKEN_UP * self._settings.key_watch_seconds)

    def rotate(
        self, use: str, first_use: datetime, act: Act, *, algorithm: str = "", sooner: bool = False
    ) -> RegisteredKey:
        """Make a new key of ours that takes over at its first use.

        Args:
            use: ``sig``, ``enc``, ``token`` or ``http``.
            first_use: when; not before every running process has taken up the list.
            act: for the log.
            algorithm: of the new key; empty for that of the old one.
            sooner: let a key that is published already take over then, where there is one.

        Raises:
            KeyRefused: another rotation is under way, or no such key can be made.
        """
        at = datetime.now(UTC)
        order = RotationOrder(
            use=use,
            at=at,
            first_use=max(first_use, self.soonest(at)),
            overlap=self._overlap(use),
            algorithm=algorithm,
            sooner=sooner,
        )
        return self._rotation().rotate(order, lambda kid: self._log(Tag.OPERATOR_KEY_ROTATED, kid, act))

    def revoke(self, kid: str, act: Act) -> bool:
        """Mark a key of ours as compromised; False when no other key can do its work now."""
        at = datetime.now(UTC)
        return self._rotation().revoke(kid, at, lambda kid: self._log(Tag.OPERATOR_KEY_REVOKED, kid, act))

    def revoke_of(self, profile: PartnerProfile, kid: str, act: Act) -> None:
        """Mark a partner's key as compromised: refused from now on, also where its next list says otherwise.

        It needs no registrar: where none signs here, the mark stands beside the list.

        Raises:
            KeyRefused: no such key, or it was marked before.
            RegistryManipulated: marks that were there cannot be read.
        """
        with self._alone():
            keep = self._marking(profile, kid, datetime.now(UTC))
            self._log(Tag.OPERATOR_KEY_REVOKED, kid, act, partner=profile.code)
            keep()

    def take_in(self, profile: PartnerProfile, content: bytes, act: Act) -> tuple[RegisteredKey, ...]:
        """Take in a key list that a partner handed over by a way that both sides trust; see `renewed`.

        What is kept is signed row by row: here, or by a registrar elsewhere, whose list then has to carry on what is
        known, for nobody here could sign a change of it.

        Raises:
            RegistryManipulated: what is known is not as the registrar signed it.
            DataFolderError: naming every fault of the list, an id of another partner among them, or that the registrar
                has to sign it; nothing is taken in.
        """
        registry, owner = self._registry, profile.code
        newer = registry.read_new(KEY_LISTS, content, owner)
        overlap, file = self._overlap("sig"), f"{owner}.json"
        with self._alone():
            known = registry.keys(profile) if registry.registrar.signs_here else registry.signed_keys(profile)
            keys, faults = renewed(known, newer, at=datetime.now(UTC), overlap=overlap, file=file)
            KEY_LISTS.refuse(faults, owner)
            TrustStore(self.all_partners()).take_up(profile.partner_code, keys)  # as the running gateways will
            document = registry.sign_keys(keys, owner) or _carrying_on(keys, newer, content, owner)
            self._log(Tag.OPERATOR_KEYS_IMPORTED, "", act, partner=owner)
            registry.keep_keys(document, owner)
        return keys

    def _alone(self) -> AbstractContextManager[None]:
        return alone_in(self._settings.state_dir / PARTNER_KEYS)

    def _marking(self, profile: PartnerProfile, kid: str, at: datetime) -> Callable[[], None]:
        """What writes that a partner's key is compromised: a signed row, or a mark where nobody can sign one here."""
        registry, owner = self._registry, profile.code
        try:
            marked = revoked(registry.keys(profile), kid, at)
        except RegistryManipulated:  # whatever stands in the list, the key is not to come back with it
            return partial(registry.keep_marks, registry.with_mark(owner, kid, at), owner)
        try:
            document = registry.sign_keys(marked, owner)
        except DataFolderError:
            document = None
        if document is None:
            return partial(registry.keep_marks, registry.with_mark(owner, kid, at), owner)
        return partial(registry.keep_keys, document, owner)

    def _rotation(self) -> KeyRotation:
        folder, name = key_folder(self._settings, self._durability), key_name(self._settings, self._home)
        return KeyRotation(folder, self._home, name)

    def _overlap(self, use: str) -> timedelta:
        """How long an old key is taken: as long as a message may be under way, and the time that is set on top.

        A partner delivers to us again for as long as we do to it, as far as anybody knows.
        """
        extra = timedelta(days=self._settings.key_overlap_days)
        oldest = EnvelopeLimits().max_age
        if use != "enc":
            return oldest + extra
        windows = (profile.delivery.give_up_after for profile in self._catalogue.partners.values())
        return max(oldest, *windows, timedelta()) + extra

    def _log(self, tag: Tag, kid: str, act: Act, *, partner: str = "") -> None:
        facts = {"actor": act.operator} | ({"kid": kid} if kid else {})
        with self._store() as store, store.writing() as work:
            work.log.append(LogDraft(tag=tag, partner=partner, reason=act.reason, facts=facts), at=datetime.now(UTC))

    @contextmanager
    def _store(self) -> Iterator[SqlStore]:
        settings = self._settings
        keys = key_folder(settings, self._durability).read(self._home, settings.log_origin)
        database = Database(settings.database, self._durability, busy_seconds=settings.busy_seconds)
        try:
            database.check_version()
            limit = settings.body_inline_limit
            yield SqlStore(
                database, BodyVault(settings.bodies_dir, keys.wrapping_key, self._durability, inline_limit=limit)
            )
        finally:
            database.close()


def _carrying_on(keys: Sequence[RegisteredKey], newer: Sequence[RegisteredKey], content: bytes, owner: str) -> bytes:
    """A list that the registrar signed, when it says of every key just what is to be kept.

    Raises:
        DataFolderError: ``registry.not-carried-on``.
    """

    def said(listed: Sequence[RegisteredKey]) -> dict[str, object]:
        return {key.kid: (key.key.jwk, key.lifecycle) for key in listed}

    if said(keys) != said(newer):
        raise DataFolderError(
            "the list as the registrar signed it leaves out or rewrites what is known, and nobody here can sign that",
            path=f"key list of {owner}",
            remedy="have it signed once more with --known and the list that is in force, and import it before its time",
            code="registry.not-carried-on",
        )
    return content


def digest_of(content: bytes) -> str:
    """What an import is logged with: the SHA-256 of the list as it was handed over."""
    return hashlib.sha256(content).hexdigest()


def require_lead(settings: Settings, at: datetime, first_use: datetime) -> None:
    """Refuse a first use before partners can know the key.

    Raises:
        DataFolderError: ``key.too-soon``.
    """
    if first_use < at + timedelta(days=settings.key_lead_days):
        raise DataFolderError(
            f"a new key is published at least {settings.key_lead_days:g} days before its first use",
            path="first-use",
            code="key.too-soon",
            remedy="give a later day, or --now in an emergency; the setting key_lead_days says how long",
        )
