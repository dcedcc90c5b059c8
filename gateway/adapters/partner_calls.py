"""Our calls to partners, put together from settings and profiles: connections, signatures and tokens for each partner.

A partner has connections of its own, whose TLS context knows its registered certificates and no others: no partner can
answer in the name of another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from gateway.adapters.access_tokens import PartnerTokens, TokenTerms
from gateway.adapters.list_watch import Stamp, stamp_of
from gateway.adapters.outbound_addresses import OutboundAddresses
from gateway.adapters.partner_channel import (
    HttpLink,
    HttpPartnerChannel,
    OutboundRules,
    PartnerSignatures,
    SignedLink,
)
from gateway.adapters.partner_registry import PartnerRegistry, RegistryManipulated
from gateway.adapters.transport import call_context
from gateway.authorisation.realm import TOKEN_PATH
from gateway.errors import DataFolderError, DeliveryFailed
from gateway.identifiers import PartnerCode
from gateway.partner.profile import PartnerProfile
from gateway.ports import KeyRing
from gateway.security.http_profile import HttpSignatureLimits
from gateway.security.http_signatures import new_nonce
from gateway.security.http_verification import SenderKeys
from gateway.settings import Settings

ProfileOf = Callable[[PartnerCode], PartnerProfile]


def build_channel(
    settings: Settings,
    *,
    home: PartnerCode,
    keys: KeyRing,
    now: Callable[[], datetime],
    profile_of: ProfileOf,
    lookup_of: Callable[[PartnerCode], SenderKeys],
    limits: HttpSignatureLimits,
) -> HttpPartnerChannel:
    """The way to all partners.

    Args:
        settings: time and size limits, and our certificate.
        home: our code.
        keys: our private keys.
        now: the clock.
        profile_of: the profile of a partner.
        lookup_of: the registered keys of a partner.
        limits: how long a signature may be valid, and how far clocks may differ.
    """
    links = PartnerLinks(settings, profile_of)
    signatures = PartnerSignatures(
        signed_over=lambda link: SignedLink(link=link, signer=keys.http_signer, now=now, limits=limits),
        lookup_of=lookup_of,
        required=lambda partner: profile_of(partner).security.signs_http,
    )
    tokens = PartnerTokens(
        lambda partner: _terms_in(settings, profile_of(partner)),
        client_id=home,
        signer=keys.signer,
        now=now,
        new_id=new_nonce,
    )
    return HttpPartnerChannel(links.of, signatures, tokens, links.close)


def _terms_in(settings: Settings, profile: PartnerProfile) -> TokenTerms | None:
    """Where a partner gives us tokens in our realm: a sandbox never asks the partner's live token server."""
    terms = terms_of(profile)
    if terms is None or settings.realm == "live":
        return terms
    base = settings.endpoint_of(profile.code, profile.channel.endpoint)
    return TokenTerms(endpoint=base + TOKEN_PATH, issuer=base)


def terms_of(profile: PartnerProfile) -> TokenTerms | None:
    """Where a partner gives us tokens, by its profile; None where it asks for none."""
    channel = profile.channel
    if not channel.token_endpoint:
        return None
    return TokenTerms(endpoint=channel.token_endpoint, issuer=channel.token_issuer or channel.endpoint)


class PartnerLinks:
    """The connections to each partner, made when they are first needed, and anew when its certificates have changed.

    Args:
        settings: time and size limits, our certificate, addresses that win over the profiles.
        profile_of: the profile of a partner.
    """

    def __init__(self, settings: Settings, profile_of: ProfileOf) -> None:
        self._settings = settings
        self._profile_of = profile_of
        self._registry = PartnerRegistry(settings)
        addresses = OutboundAddresses(settings.outbound_networks)
        self._rules = OutboundRules(addresses=addresses, call_seconds=settings.call_seconds)
        self._lock = threading.Lock()
        self._made: dict[PartnerCode, HttpLink] = {}
        self._stamps: dict[PartnerCode, Stamp] = {}
        self._replaced: list[HttpLink] = []

    def of(self, partner: PartnerCode) -> HttpLink:
        """The connections to a partner.

        Raises:
            DeliveryFailed: ``delivery.tls``: its certificate list or our own files of TLS hold a fault;
                ``delivery.suspended``: its lists are not as the registrar signed them.
        """
        stamp = stamp_of(self._registry.files(self._profile_of(partner)))
        with self._lock:
            if partner in self._made and self._stamps[partner] != stamp:
                self._replaced.append(self._made.pop(partner))  # a call may be under way on it
            if partner not in self._made:
                self._stamps[partner] = stamp
                try:
                    self._made[partner] = self._make(self._profile_of(partner))
                except DataFolderError as fault:
                    code = "delivery.suspended" if isinstance(fault, RegistryManipulated) else "delivery.tls"
                    raise DeliveryFailed(fault.message, path=fault.path, remedy=fault.remedy, code=code) from None
            return self._made[partner]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for link in (*self._made.values(), *self._replaced):
                link.close()
            self._made.clear()
            self._replaced.clear()

    def _make(self, profile: PartnerProfile) -> HttpLink:
        settings = self._settings
        endpoint = settings.endpoint_of(profile.code, profile.channel.endpoint)
        https = endpoint.startswith("https:")
        registered = self._registry.certificates(profile)  # also asked where no TLS needs them
        trust = call_context(settings, registered) if https else None
        return HttpLink(
            timeout=settings.channel_timeout, answer_limit=settings.answer_limit, trust=trust, rules=self._rules
        )
