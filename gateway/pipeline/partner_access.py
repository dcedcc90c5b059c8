"""Client certificates and access tokens from the pipeline's side: whose a connection is, and what it may.

The registered certificates and the choices of the profiles are gathered here once; the doors ask. A partner whose
profile asks for less is let in with less, and that is logged with each of its messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from gateway.authorisation.access import AccessCheck
from gateway.authorisation.clients import OAuthClient
from gateway.authorisation.forms import TokenCall
from gateway.authorisation.realm import LONGEST, Realm
from gateway.authorisation.replay import StoredNonces
from gateway.authorisation.scopes import scopes_of
from gateway.authorisation.server import TokenAnswer, TokenEndpoint
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.partner.profile import PartnerProfile
from gateway.partner.trust import TrustStore
from gateway.pipeline.surroundings import Surroundings
from gateway.security.certificates import CertificatePins, ClientCertificate, PinnedCertificate
from gateway.security.keys import RegisteredKey
from gateway.security.pinlist import ListedCertificate


class PartnerAccess:
    """Knows the certificates of the partners and what each has to bring.

    Args:
        around: the ports.
        profiles: of all partners.
        trust: the registered keys of all partners.
        certificates: the registered certificates of all partners.

    Raises:
        DataFolderError: one certificate is registered for two, or we have no key for tokens that a profile asks for.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        profiles: Mapping[PartnerCode, PartnerProfile],
        trust: TrustStore[RegisteredKey],
        certificates: tuple[ListedCertificate, ...],
    ) -> None:
        self._around = around
        self._profiles = profiles
        self._trust = trust
        self._nonces = StoredNonces(around.store)
        self._forget_at = datetime.min.replace(tzinfo=UTC)
        self.certificates = certificates
        self._followers: list[Callable[[Sequence[ListedCertificate]], None]] = []
        self._pins = CertificatePins(listed.pin for listed in certificates)
        self.uses_tokens = any(profile.security.brings_token for profile in profiles.values())
        if self.uses_tokens:
            around.keys.token_signer(around.clock.now())

    def take_up(self, partner: PartnerCode, listed: Sequence[ListedCertificate]) -> None:
        """Put the certificates of one partner in the place of those that it had, in one step.

        Raises:
            DataFolderError: ``certificate.shared``; everything stays as it was.
        """
        certificates = (*(one for one in self.certificates if one.pin.owner != partner), *listed)
        self._pins = CertificatePins(one.pin for one in certificates)
        self.certificates = certificates
        for follow in self._followers:
            follow(listed)

    def follow(self, told: Callable[[Sequence[ListedCertificate]], None]) -> None:
        """Have somebody told of the certificates of a partner whenever they have changed."""
        self._followers.append(told)

    def now(self) -> datetime:
        """The present moment, by the clock of the gateway."""
        return self._around.clock.now()

    def caller(self, certificate: ClientCertificate) -> PinnedCertificate:
        """Whose certificate it is.

        Raises:
            CertificateRefused: it is not registered, or does not count now.
        """
        return self._pins.require(certificate, self.now())

    @property
    def all_show_certificates(self) -> bool:
        """Whether every partner's requests need a client certificate, as they do beyond loopback."""
        return all(profile.security.shows_certificate for profile in self._profiles.values())

    def shows_certificate(self, partner: PartnerCode) -> bool:
        """Whether requests of a partner need a client certificate; one that nobody knows is refused elsewhere."""
        profile = self._profiles.get(partner)
        return profile is not None and profile.security.shows_certificate

    def brings_token(self, partner: PartnerCode) -> bool:
        """Whether requests of a partner need an access token."""
        profile = self._profiles.get(partner)
        return profile is not None and profile.security.brings_token

    def client(self, client_id: str) -> OAuthClient | None:
        """A partner as a client of the token endpoint; None when its profile has no tokens."""
        partner = PartnerCode(client_id)
        if not self.brings_token(partner):
            return None
        return OAuthClient(
            client_id=partner,
            scopes=scopes_of(self._profiles[partner].roles),
            lookup_key=self._trust.lookup_of(partner),
        )

    def check_of(self, realm: Realm) -> AccessCheck:
        """The judge of access tokens of a realm."""
        return AccessCheck(
            realm=realm, clients=self.client, lookup_key=self._around.keys.token_key, home=self._around.home
        )

    def endpoint_of(self, realm: Realm) -> TokenEndpoint:
        """The token endpoint of a realm."""
        return TokenEndpoint(
            realm=realm,
            clients=self.client,
            nonces=self._nonces,
            signer=self._around.keys.token_signer,
            new_id=self._around.ids.new_id,
        )

    def answer(self, endpoint: TokenEndpoint, call: TokenCall) -> TokenAnswer:
        """One answer of a token endpoint; ids of assertions that are over are forgotten on the way.

        Raises:
            TemporaryFailure: the replay memory cannot answer.
        """
        if call.at >= self._forget_at:
            self._nonces.forget(before=call.at)
            self._forget_at = call.at + LONGEST
        return endpoint.answer(call)

    def check_port(self, *, on_loopback: bool, sees_certificates: bool) -> None:
        """Refuse to serve a port that could not keep what the profiles promise.

        Args:
            on_loopback: whether only this machine reaches the port.
            sees_certificates: whether the port ends TLS itself or has a trusted proxy.

        Raises:
            DataFolderError: ``settings.exposed`` or ``settings.no-certificates``.
        """
        asked = sorted(code for code, profile in self._profiles.items() if profile.security.shows_certificate)
        open_to = sorted(self._profiles.keys() - set(asked))
        if not on_loopback and open_to:
            raise DataFolderError(
                f"the port would be open to partners without a client certificate: {', '.join(open_to)}",
                path="partner_host",
                remedy="set auth in their profiles, or listen on loopback",
                code="settings.exposed",
            )
        if asked and not sees_certificates:
            raise DataFolderError(
                f"nobody could show the client certificate that is asked of: {', '.join(asked)}",
                path="tls",
                remedy="set tls to 1.3, or trusted_proxies to the address of the proxy that ends TLS",
                code="settings.no-certificates",
            )
