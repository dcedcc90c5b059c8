"""The proofs that come before the signature: the client certificate of the connection, and the access token.

Both belong to the head of a request. A partner whose profile asks for less is not refused for bringing more, but what
it brings has to be right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.api.authentication import Caller
from gateway.api.client_certificates import ClientCertificates
from gateway.authorisation.access import AccessCheck
from gateway.identifiers import PartnerCode
from gateway.pipeline.partner_access import PartnerAccess
from gateway.security.certificates import CertificateCode, CertificateRefused
from gateway.security.http_messages import HttpRequest


@dataclass(frozen=True, slots=True)
class CertificateStep:
    """The client certificate, registered by one partner: from here on we know who calls."""

    access: PartnerAccess
    certificates: ClientCertificates

    def begin(self, request: HttpRequest, caller: Caller) -> Caller:  # noqa: ARG002 - the certificate stands beside it
        """Find the certificate and its owner; a request without one proves nothing.

        Raises:
            CertificateRefused: it is not registered, does not count now, or was not handed on by a proxy of ours; or
                there is none, and every partner has to show one.
        """
        certificate = self.certificates.of(caller.connection)
        if certificate is None:
            if self.access.all_show_certificates:  # or a caller without one could try names and keys of partners
                raise CertificateRefused(CertificateCode.MISSING)
            return caller
        pinned = self.access.caller(certificate)
        return replace(caller, partner=PartnerCode(pinned.owner), certificate=pinned)

    def finish(self, request: HttpRequest, content: bytes, caller: Caller) -> None:
        """Nothing of it is in the content."""


@dataclass(frozen=True, slots=True)
class TokenStep:
    """The access token, bound to the certificate, with the scope that the route needs."""

    access: PartnerAccess
    check: AccessCheck

    def begin(self, request: HttpRequest, caller: Caller) -> Caller:
        """Judge the token of a partner whose profile asks for one.

        Raises:
            AccessRefused: none, or one that does not let this partner in here.
        """
        pinned, needed = caller.certificate, caller.needs
        if pinned is None or needed is None or not self.access.brings_token(PartnerCode(pinned.owner)):
            return caller
        lines = request.headers.all("authorization")
        token = self.check.require(lines, needed, caller=pinned, at=self.access.now())
        return replace(caller, token=token)

    def finish(self, request: HttpRequest, content: bytes, caller: Caller) -> None:
        """Nothing of it is in the content."""
