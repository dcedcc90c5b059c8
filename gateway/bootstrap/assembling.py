"""Puts the stages together over one surroundings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from gateway.adapters.partner_calls import build_channel
from gateway.adapters.partner_channel import HttpPartnerChannel
from gateway.adapters.verification import LogVerifier
from gateway.bootstrap.keeping_keys import upkeep
from gateway.bootstrap.limiting import pace_of, throttling_of
from gateway.bootstrap.live_gate import live_gate_of
from gateway.bootstrap.partner_service import partner_service
from gateway.bootstrap.setting_up import all_partner_certificates
from gateway.catalogue.model import Catalogue
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
from gateway.pipeline.facade import Parts
from gateway.pipeline.feeds import Feeds
from gateway.pipeline.http_trust import HttpTrust
from gateway.pipeline.inbound import Receiver
from gateway.pipeline.judging import Judge
from gateway.pipeline.knowledge import CatalogueKnowledge
from gateway.pipeline.lanes import LaneWorker, Serve
from gateway.pipeline.live_gate import LiveGate
from gateway.pipeline.opening import Opener
from gateway.pipeline.operating import Operating
from gateway.pipeline.outbound import Lodging
from gateway.pipeline.partner_access import PartnerAccess
from gateway.pipeline.runner import Pauses, Runner, WakeUps
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.throttling import Throttling
from gateway.pipeline.volumes import Volumes
from gateway.ports import ListWatch, PartnerChannel, Work
from gateway.security.http_profile import HttpSignatureLimits
from gateway.security.keys import RegisteredKey
from gateway.security.limits import EnvelopeLimits
from gateway.security.xml_form import EnvelopeForm
from gateway.settings import Settings


def assemble(
    settings: Settings,
    around: Surroundings,
    catalogue: Catalogue,
    trust: TrustStore[RegisteredKey],
    *,
    channel: PartnerChannel,
    verifier: LogVerifier,
    wake_ups: WakeUps,
    lists: ListWatch,
) -> Parts:
    """Every stage over one surroundings, wired to the others."""
    opener, sealer = _envelopes(settings, around, catalogue, trust)
    throttling = throttling_of(settings, around, catalogue)
    engines = Engines(CatalogueKnowledge(catalogue), around.keys)
    judge = Judge(engines)
    live_gate = live_gate_of(settings, around, catalogue, trust)
    lodging = Lodging(around, engines, sealer, limit=settings.message_limit, require_live=live_gate.require)
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
    dispatcher = _dispatcher(settings, around, catalogue, sealer, channel, live_gate)
    runner = Runner(
        around,
        examine=_worker(settings, around, Work.EXAMINE, examiner.serve),
        deliver=_worker(settings, around, Work.DELIVER, dispatcher.serve),
        auditing=auditing,
        wake_ups=wake_ups,
        pauses=_pauses(settings),
        worker=settings.worker,
        catalogue=catalogue.digest,
        lists=lists,
    )
    access = _access(settings, around, catalogue, trust)
    return Parts(
        around=around,
        opener=opener,
        receiver=_receiver(around, catalogue, opener, sealer, throttling),
        lodging=lodging,
        checking=Checking(engines, judge, lodging),
        operating=Operating(around),
        auditing=auditing,
        runner=runner,
        by_hand=ByHand(around, engines, opener, sealer),
        feeds=Feeds(around, kept=settings.feed, page_limit=settings.page_limit),
        http=_http_trust(settings, around, catalogue, trust, throttling),
        access=access,
        partners=partner_service(settings, around, catalogue, sealer, live_gate.require),
        upkeep=upkeep(settings, around, trust, access, lambda: len(lists.faults)),
        live_gate=live_gate,
    )


def _receiver(
    around: Surroundings, catalogue: Catalogue, opener: Opener, sealer: Sealer, throttling: Throttling
) -> Receiver:
    return Receiver(
        around,
        opener,
        sealer,
        lambda partner: _switched_off(catalogue, partner),
        volumes=Volumes(catalogue.agreements),
        throttling=throttling,
    )


def _dispatcher(
    settings: Settings,
    around: Surroundings,
    catalogue: Catalogue,
    sealer: Sealer,
    channel: PartnerChannel,
    live_gate: LiveGate,
) -> Dispatcher:
    return Dispatcher(
        around,
        sealer=sealer,
        channel=channel,
        route=lambda partner: _route(settings, catalogue.profile(partner)),
        lease_seconds=settings.lease_seconds,
        retry_after_cap=settings.retry_after_cap,
        pace=pace_of(catalogue),
        hold=lambda partner: None if live_gate.admits(partner) else live_gate.rules.pause,
    )


def channel_of(
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


def _http_trust(
    settings: Settings,
    around: Surroundings,
    catalogue: Catalogue,
    trust: TrustStore[RegisteredKey],
    throttling: Throttling,
) -> HttpTrust:
    return HttpTrust(
        around,
        lookup_key=trust.lookup,
        switched_off=lambda partner: _switched_off(catalogue, partner),
        unsigned_allowed=any(not profile.security.signs_http for profile in catalogue.partners.values()),
        limits=_http_limits(settings),
        throttling=throttling,
    )


def _access(
    settings: Settings, around: Surroundings, catalogue: Catalogue, trust: TrustStore[RegisteredKey]
) -> PartnerAccess:
    profiles = {profile.partner_code: profile for profile in catalogue.partners.values()}
    listed = tuple(all_partner_certificates(settings, catalogue))
    return PartnerAccess(around, profiles=profiles, trust=trust, certificates=listed)


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
        form_of=lambda partner: _form(catalogue, partner),
        limits=limits,
    )
    sealer = Sealer(
        home=around.home,
        keys=around.keys,
        encryption_key=trust.encryption_key,
        lookup_key=trust.lookup,
        form_of=lambda partner: _form(catalogue, partner),
        log_origin=settings.log_origin,
        limits=limits,
    )
    return opener, sealer


def _form(catalogue: Catalogue, partner: PartnerCode) -> EnvelopeForm:
    """The form of envelope agreed with a partner; a stranger's message is refused for other reasons."""
    profile = catalogue.partners.get(partner)
    return EnvelopeForm.JOSE if profile is None else EnvelopeForm(profile.security.envelope)


def _pauses(settings: Settings) -> Pauses:
    return Pauses(
        examine=settings.examine_seconds,
        dispatch=settings.dispatch_seconds,
        checkpoint=settings.checkpoint_seconds,
        lists=settings.key_watch_seconds,
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


def _has_role(catalogue: Catalogue, partner: PartnerCode, role: PartnerRole) -> bool:
    profile = catalogue.partners.get(partner)
    return profile is not None and role in profile.roles


def _route(settings: Settings, profile: PartnerProfile) -> Route:
    delivery = profile.delivery
    return Route(
        endpoint=settings.endpoint_of(profile.code, profile.channel.endpoint),
        first_pause=delivery.retry_first,
        longest_pause=delivery.retry_longest,
        give_up_after=delivery.give_up_after,
        blocks=delivery.dead_letter is DeadLetterPolicy.BLOCK,
        collects=delivery.collects,
        switched_off=profile.security.switched_off,
    )
