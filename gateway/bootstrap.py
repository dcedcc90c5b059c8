"""Puts a gateway together from its settings: the only place that knows every concrete class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.adapters.bodies import BodyVault
from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.key_files import KeyFolder
from gateway.adapters.kill_points import gates_of
from gateway.adapters.partner_calls import build_channel
from gateway.adapters.partner_channel import HttpPartnerChannel
from gateway.adapters.partner_lists import KEY_LISTS
from gateway.adapters.store import SqlStore
from gateway.adapters.system import SystemClock, SystemIds
from gateway.adapters.transport import partner_certificates, served_names, tls_folder
from gateway.adapters.verification import LogVerifier
from gateway.catalogue.loading import load_catalogue
from gateway.catalogue.model import Catalogue
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.partner.profile import DeadLetterPolicy, PartnerProfile, PartnerRole
from gateway.partner.trust import TrustStore
from gateway.pipeline.answering import Answering
from gateway.pipeline.auditing import Auditing
from gateway.pipeline.by_hand import ByHand
from gateway.pipeline.checking import Checking
from gateway.pipeline.dispatch import Dispatcher, Route
from gateway.pipeline.engines import Engines
from gateway.pipeline.examination import Examiner
from gateway.pipeline.facade import Gateway, Parts
from gateway.pipeline.http_trust import HttpTrust
from gateway.pipeline.inbound import Receiver
from gateway.pipeline.judging import Judge
from gateway.pipeline.knowledge import CatalogueKnowledge
from gateway.pipeline.lanes import LaneWorker, Serve
from gateway.pipeline.opening import Opener
from gateway.pipeline.operating import Operating
from gateway.pipeline.outbound import Lodging
from gateway.pipeline.partner_access import PartnerAccess
from gateway.pipeline.runner import Pauses, Runner, WakeUps
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.views import AuditReport
from gateway.ports import Clock, PartnerChannel, Work
from gateway.security.http_profile import HttpSignatureLimits
from gateway.security.keys import RegisteredKey
from gateway.security.limits import EnvelopeLimits
from gateway.settings import Settings

PARTNER_KEYS = "partner-keys"
"""Folder in ``state_dir`` of the key lists that the operator has imported, ``<code>.json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a test may replace.

    Attributes:
        clock: the time.
        channel: the way to partners; None for HTTP.
        durability: counts the durable steps; None for a count of its own.
    """

    clock: Clock
    channel: PartnerChannel | None = None
    durability: Durability | None = None


def set_up(settings: Settings) -> None:
    """Make what a gateway needs beside its data folders: folders, keys, an up-to-date database. Harmless when done.

    Raises:
        DataFolderError: the data folders hold faults, or do not say who we are.
    """
    durability = Durability()
    for folder in (settings.state_dir, settings.bodies_dir, settings.keys_dir, settings.state_dir / PARTNER_KEYS):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = _home(settings, load_catalogue(settings.root, cache=settings.cache))
    now = datetime.now(UTC)
    _key_folder(settings, durability).set_up(home, now)
    tls_folder(settings, durability).set_up(home, served_names(settings), now)
    database = Database(settings.database, durability, busy_seconds=settings.busy_seconds)
    try:
        database.migrate()
    finally:
        database.close()


def own_key_list(settings: Settings) -> bytes:
    """Our public keys with their states, to be handed to partners."""
    return _key_folder(settings, Durability()).public_list()


def import_partner_keys(settings: Settings, partner: str, key_list: bytes) -> None:
    """Take in a partner's key list, which the operator got by a way that both sides trust.

    Raises:
        DataFolderError: naming every fault of the list; nothing is taken in.
    """
    KEY_LISTS.take_in(key_list, settings.state_dir / PARTNER_KEYS, partner)


def build_gateway(settings: Settings, outside: Outside | None = None) -> Gateway:
    """Build a gateway that was set up, and check that it may start.

    Raises:
        DataFolderError: faults of the data folders, keys or database.
        LogDamaged: the log does not match its last checkpoint.
    """
    around_us = outside or Outside(clock=SystemClock())
    catalogue = load_catalogue(settings.root, cache=settings.cache)
    home = _home(settings, catalogue)
    durability = around_us.durability or Durability()
    keys = _key_folder(settings, durability).read(home, settings.log_origin)
    database = Database(settings.database, durability, busy_seconds=settings.busy_seconds)
    try:
        database.check_version()
        vault = BodyVault(settings.bodies_dir, keys.wrapping_key, durability, inline_limit=settings.body_inline_limit)
        with database.reading() as connection:
            vault.sweep(connection)
        wake_ups = WakeUps()
        around = Surroundings(
            home=home,
            log_origin=settings.log_origin,
            store=SqlStore(database, vault),
            bodies=vault,
            keys=keys,
            clock=around_us.clock,
            ids=SystemIds(),
            gates=gates_of(settings.kill_at),
            wake=wake_ups.wake,
        )
        trust = TrustStore(_all_partner_keys(settings, catalogue))
        channel = around_us.channel or _channel(settings, around, catalogue, trust)
        verifier = LogVerifier(database, vault, keys.log_key)
        parts = _parts(settings, around, catalogue, trust, channel=channel, verifier=verifier, wake_ups=wake_ups)
        parts.auditing.check_at_start()
    except BaseException:
        database.close()
        raise
    return Gateway(
        parts,
        inline_seconds=settings.inline_answer_seconds,
        page_limit=settings.page_limit,
        feed=settings.feed,
        close=database.close,
    )


def verify_audit(settings: Settings) -> AuditReport:
    """Compare everything that is stored with the log, also where a gateway would refuse to start over it.

    Raises:
        DataFolderError: faults of the data folders, keys or database.
    """
    durability = Durability()
    home = _home(settings, load_catalogue(settings.root, cache=settings.cache))
    keys = _key_folder(settings, durability).read(home, settings.log_origin)
    database = Database(settings.database, durability, busy_seconds=settings.busy_seconds)
    try:
        database.check_version()
        vault = BodyVault(settings.bodies_dir, keys.wrapping_key, durability, inline_limit=settings.body_inline_limit)
        return AuditReport(report=LogVerifier(database, vault, keys.log_key).verify())
    finally:
        database.close()


def partner_keys(settings: Settings, profile: PartnerProfile) -> tuple[RegisteredKey, ...]:
    """The public keys of a partner: the list in its folder, and the one that the operator imported.

    Raises:
        DataFolderError: a list holds a fault.
    """
    in_folder = settings.root / "partners" / profile.code / profile.security.keys
    imported = settings.state_dir / PARTNER_KEYS / f"{profile.code}.json"
    return KEY_LISTS.read_all([imported, in_folder], profile.code)


def _parts(
    settings: Settings,
    around: Surroundings,
    catalogue: Catalogue,
    trust: TrustStore[RegisteredKey],
    *,
    channel: PartnerChannel,
    verifier: LogVerifier,
    wake_ups: WakeUps,
) -> Parts:
    opener, sealer = _envelopes(settings, around, catalogue, trust)
    engines = Engines(CatalogueKnowledge(catalogue), around.keys)
    judge = Judge(engines)
    lodging = Lodging(around, engines, sealer, limit=settings.message_limit)
    auditing = Auditing(around, verifier)
    examiner = Examiner(
        around,
        opener=opener,
        engines=engines,
        judge=judge,
        answering=Answering(around, sealer, lease_seconds=settings.lease_seconds),
        feed=settings.feed,
        lease_seconds=settings.lease_seconds,
        attempts=settings.examine_attempts,
        pause=timedelta(seconds=settings.examine_pause),
    )
    dispatcher = Dispatcher(
        around,
        sealer=sealer,
        channel=channel,
        route=lambda partner: _route(settings, catalogue.profile(partner)),
        lease_seconds=settings.lease_seconds,
        retry_after_cap=settings.retry_after_cap,
    )
    runner = Runner(
        around,
        examine=_worker(settings, around, Work.EXAMINE, examiner.serve),
        deliver=_worker(settings, around, Work.DELIVER, dispatcher.serve),
        auditing=auditing,
        wake_ups=wake_ups,
        pauses=_pauses(settings),
        worker=settings.worker,
        catalogue=catalogue.digest,
    )
    return Parts(
        around=around,
        opener=opener,
        receiver=Receiver(around, opener, sealer, lambda partner: _switched_off(catalogue, partner)),
        lodging=lodging,
        checking=Checking(engines, judge, lodging),
        operating=Operating(around),
        auditing=auditing,
        runner=runner,
        by_hand=ByHand(around, engines, opener, sealer),
        http=_http_trust(settings, around, catalogue, trust),
        access=_access(settings, around, catalogue, trust),
    )


def _http_trust(
    settings: Settings, around: Surroundings, catalogue: Catalogue, trust: TrustStore[RegisteredKey]
) -> HttpTrust:
    return HttpTrust(
        around,
        lookup_key=trust.lookup,
        switched_off=lambda partner: _switched_off(catalogue, partner),
        unsigned_allowed=any(not profile.security.signs_http for profile in catalogue.partners.values()),
        limits=_http_limits(settings),
    )


def _access(
    settings: Settings, around: Surroundings, catalogue: Catalogue, trust: TrustStore[RegisteredKey]
) -> PartnerAccess:
    profiles = {profile.partner_code: profile for profile in catalogue.partners.values()}
    listed = tuple(one for profile in profiles.values() for one in partner_certificates(settings, profile))
    return PartnerAccess(around, profiles=profiles, trust=trust, certificates=listed)


def _channel(
    settings: Settings, around: Surroundings, catalogue: Catalogue, trust: TrustStore[RegisteredKey]
) -> HttpPartnerChannel:
    """The way to partners: signed both ways, unless a partner's profile turns that off."""
    return build_channel(
        settings,
        home=around.home,
        keys=around.keys,
        now=around.clock.now,
        profile_of=catalogue.profile,
        lookup_of=trust.lookup_of,
        limits=_http_limits(settings),
    )


def _http_limits(settings: Settings) -> HttpSignatureLimits:
    return HttpSignatureLimits(
        validity=timedelta(seconds=settings.http_signature_validity),
        clock_skew=timedelta(seconds=settings.http_clock_skew),
    )


def _switched_off(catalogue: Catalogue, partner: PartnerCode) -> tuple[str, ...]:
    profile = catalogue.partners.get(partner)
    return () if profile is None else profile.security.switched_off


def _envelopes(
    settings: Settings, around: Surroundings, catalogue: Catalogue, trust: TrustStore[RegisteredKey]
) -> tuple[Opener, Sealer]:
    """What opens and seals, over the registered keys of all partners."""
    limits = EnvelopeLimits(max_message_bytes=settings.message_limit)
    opener = Opener(
        home=around.home,
        keys=around.keys,
        lookup_key=trust.lookup,
        is_sender=lambda partner: _has_role(catalogue, partner, PartnerRole.SENDS),
        limits=limits,
    )
    sealer = Sealer(
        home=around.home,
        keys=around.keys,
        encryption_key=trust.encryption_key,
        lookup_key=trust.lookup,
        log_origin=settings.log_origin,
        limits=limits,
    )
    return opener, sealer


def _pauses(settings: Settings) -> Pauses:
    return Pauses(
        examine=settings.examine_seconds,
        dispatch=settings.dispatch_seconds,
        checkpoint=settings.checkpoint_seconds,
    )


def _worker(settings: Settings, around: Surroundings, work: Work, serve: Serve) -> Callable[[str], LaneWorker]:
    def make(owner: str) -> LaneWorker:
        return LaneWorker(
            around,
            work,
            owner=owner,
            lease_seconds=settings.lease_seconds,
            batch=settings.lane_batch,
            serve=serve,
        )

    return make


def _key_folder(settings: Settings, durability: Durability) -> KeyFolder:
    return KeyFolder(settings.keys_dir, settings.passphrase_file, durability)


def _home(settings: Settings, catalogue: Catalogue) -> PartnerCode:
    """Who we are: as set, or as the agreements tell."""
    return PartnerCode(settings.home) if settings.home else home_of(catalogue)


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


def _all_partner_keys(settings: Settings, catalogue: Catalogue) -> Iterable[RegisteredKey]:
    for profile in catalogue.partners.values():
        yield from partner_keys(settings, profile)


def _has_role(catalogue: Catalogue, partner: PartnerCode, role: PartnerRole) -> bool:
    profile = catalogue.partners.get(partner)
    return profile is not None and role in profile.roles


def _route(settings: Settings, profile: PartnerProfile) -> Route:
    delivery = profile.delivery
    return Route(
        endpoint=settings.partner_endpoints.get(profile.code, profile.channel.endpoint),
        first_pause=delivery.retry_first,
        longest_pause=delivery.retry_longest,
        give_up_after=delivery.give_up_after,
        blocks=delivery.dead_letter is DeadLetterPolicy.BLOCK,
        switched_off=profile.security.switched_off,
    )
