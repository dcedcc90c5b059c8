"""Builds a gateway from its settings, or what of it a command needs."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.adapters.bodies import BodyVault
from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.kill_points import gates_of
from gateway.adapters.live_keys import LiveKeys
from gateway.adapters.store import SqlStore
from gateway.adapters.system import SystemClock, SystemIds
from gateway.adapters.verification import LogVerifier
from gateway.bootstrap.assembling import assemble, channel_of
from gateway.bootstrap.keeping_keys import watched_certificates, watched_lists
from gateway.bootstrap.setting_up import all_partner_keys, chosen_home, key_folder
from gateway.catalogue.loading import load_catalogue
from gateway.partner.trust import TrustStore
from gateway.pipeline.facade import Gateway
from gateway.pipeline.registry_alarm import RegistryAlarm
from gateway.pipeline.runner import WakeUps
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.views import AuditReport
from gateway.ports import Clock, PartnerChannel
from gateway.settings import Settings


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


def build_gateway(settings: Settings, outside: Outside | None = None) -> Gateway:
    """Build a gateway that was set up, and check that it may start.

    Raises:
        DataFolderError: faults of the data folders, keys or database.
        LogDamaged: the log does not match its last checkpoint.
    """
    around_us = outside or Outside(clock=SystemClock())
    catalogue = load_catalogue(settings.root, cache=settings.cache)
    home = chosen_home(settings, catalogue)
    durability = around_us.durability or Durability()
    own = key_folder(settings, durability).read(home, settings.log_origin)
    keys = LiveKeys(own)
    database = Database(settings.database, durability, busy_seconds=settings.busy_seconds)
    try:
        database.check_version()
        vault = BodyVault(settings.bodies_dir, own.wrapping_key, durability, inline_limit=settings.body_inline_limit)
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
        trust = TrustStore(all_partner_keys(settings, catalogue))
        channel = around_us.channel or channel_of(settings, around, catalogue, trust)
        verifier = LogVerifier(database, vault, keys.log_key)
        alarm = RegistryAlarm(around)
        lists = watched_lists(settings, catalogue, home, keys, trust, alarm)
        parts = assemble(
            settings, around, catalogue, trust, channel=channel, verifier=verifier, wake_ups=wake_ups, lists=lists
        )
        lists.also(watched_certificates(settings, catalogue, parts.access, alarm))
        parts.auditing.check_at_start()
    except BaseException:
        database.close()
        raise
    return Gateway(
        parts,
        inline_seconds=settings.inline_answer_seconds,
        page_limit=settings.page_limit,
        close=database.close,
    )


def verify_audit(settings: Settings) -> AuditReport:
    """Compare everything that is stored with the log, also where a gateway would refuse to start over it.

    Raises:
        DataFolderError: faults of the data folders, keys or database.
    """
    durability = Durability()
    home = chosen_home(settings, load_catalogue(settings.root, cache=settings.cache))
    keys = key_folder(settings, durability).read(home, settings.log_origin)
    database = Database(settings.database, durability, busy_seconds=settings.busy_seconds)
    try:
        database.check_version()
        vault = BodyVault(settings.bodies_dir, keys.wrapping_key, durability, inline_limit=settings.body_inline_limit)
        return AuditReport(report=LogVerifier(database, vault, keys.log_key).verify())
    finally:
        database.close()
