"""Builds what limits each partner alone, from settings, profiles and agreements."""

from __future__ import annotations

from datetime import timedelta

from gateway.catalogue.model import Catalogue
from gateway.identifiers import PartnerCode
from gateway.pipeline.pacing import DeliveryPace
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.throttling import Throttling, ThrottlingLimits
from gateway.pipeline.volumes import Volumes
from gateway.ports import Rate
from gateway.settings import Settings

_MINUTE = timedelta(minutes=1)


def throttling_of(settings: Settings, around: Surroundings, catalogue: Catalogue) -> Throttling:
    """What refuses the requests of a partner beyond its limits."""
    limits = ThrottlingLimits(
        misbehaviour=Rate.over(settings.misbehaviour_limit, timedelta(seconds=settings.misbehaviour_window)),
        pause=timedelta(seconds=settings.misbehaviour_pause),
        failures=Rate.over(settings.failed_attempts, timedelta(seconds=settings.failed_window)),
        remembered=settings.failures_remembered,
        log_every=timedelta(seconds=settings.refusal_log_seconds),
    )
    return Throttling(around, rate_of=lambda partner: _rate(catalogue, partner), limits=limits)


def pace_of(catalogue: Catalogue) -> DeliveryPace:
    """The pace of our deliveries."""
    return DeliveryPace(lambda partner: _rate(catalogue, partner), Volumes(catalogue.agreements))


def _rate(catalogue: Catalogue, partner: PartnerCode) -> Rate:
    return Rate.over(catalogue.profile(partner).channel.rate_per_minute, _MINUTE)
