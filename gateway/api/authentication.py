"""Who a request comes from: the one place where requests of partners are authenticated, as an ordered list of steps.

Each step adds what it can prove before the body is read, and may finish when the body is there. A later step sees what
the earlier ones have proved and refuses what contradicts it. Routes ask three things, in this order:

    caller = Depends(caller_who(Scope.SEND))                     the steps, before a byte of the body is read
    data = await authentication.content(request, caller, ...)    the body, counted, timed, compared with what was signed
    authentication.permit(caller, sender)                        may it speak for the one it names?

What is refused here leaves an entry in the audit log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool

from gateway.api.admission import admission_of
from gateway.api.requests import BODY_PACE, read_body
from gateway.api.signed_answers import head_of
from gateway.authorisation.scopes import Scope
from gateway.authorisation.tokens import AccessToken
from gateway.errors import GatewayError, NotPermitted, Refusal
from gateway.identifiers import PartnerCode
from gateway.pipeline.http_trust import HttpTrust
from gateway.security.certificates import CertificateCode, CertificateRefused, PinnedCertificate
from gateway.security.http_messages import HttpRequest
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from gateway.security.http_verification import VerifiedSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, as far as it is proved.

    Attributes:
        partner: the partner that every proof belongs to; None when nothing was proved.
        certificate: of the connection; None without one.
        token: of the request; None where none is asked for.
        signature: of the request; None for an unsigned one.
        certificate_required: whether a partner's requests have to come with a registered certificate.
        signature_required: whether they have to be signed.
        needs: what the route does; None for the token endpoint, which asks for no token.
        connection: what the server says of connection and header lines, an ASGI scope.
    """

    partner: PartnerCode | None = None
    certificate: PinnedCertificate | None = None
    token: AccessToken | None = None
    signature: VerifiedSignature | None = None
    certificate_required: Callable[[PartnerCode], bool]
    signature_required: Callable[[PartnerCode], bool]
    needs: Scope | None
    connection: Mapping[str, Any] = field(repr=False)

    def speaks_for(self, sender: PartnerCode) -> bool:
        """Whether what is proved does not belong to somebody else."""
        return self.partner is None or self.partner == sender

    def require(self, sender: PartnerCode) -> None:
        """Refuse a request that speaks for a partner without the proofs that its profile asks for.

        Args:
            sender: whom the request names as its sender.

        Raises:
            NotPermitted: ``http.other-sender``: it is proved to come from another partner.
            CertificateRefused: ``certificate.missing``.
            HttpMessageRefused: ``http.signature-missing``.
        """
        if not self.speaks_for(sender):
            raise NotPermitted(
                "the request comes from another partner than the one it speaks for",
                code="http.other-sender",
                remedy="use certificate and key of the sender that the request names",
            )
        if self.certificate is None and self.certificate_required(sender):
            raise CertificateRefused(CertificateCode.MISSING)
        if self.signature is None and self.signature_required(sender):
            raise HttpMessageRefused(HttpCode.SIGNATURE_MISSING, path="signature")


class Step(Protocol):
    """One proof of who asks."""

    def begin(self, request: HttpRequest, caller: Caller) -> Caller:
        """Judge the head of a request, and add what it proves.

        Raises:
            Refusal: it is not acceptable, or contradicts what is proved already.
        """

    def finish(self, request: HttpRequest, content: bytes, caller: Caller) -> None:
        """Judge the request with its content.

        Raises:
            Refusal: it is not acceptable.
        """


@dataclass(frozen=True, slots=True)
class SignatureStep:
    """The signature of the request (RFC 9421, profile ``cgw-1``) by a key that one partner has registered."""

    trust: HttpTrust

    def begin(self, request: HttpRequest, caller: Caller) -> Caller:
        """Verify all but the content; an unsigned request proves nothing."""
        verified = self.trust.verify_head(request, caller.partner)
        if verified is None:
            return caller
        signer = PartnerCode(verified.signer)
        if not caller.speaks_for(signer):
            raise HttpMessageRefused(HttpCode.UNKNOWN_KEY, detail=f"key of another than {caller.partner}", path="keyid")
        return replace(caller, partner=signer, signature=verified)

    def finish(self, request: HttpRequest, content: bytes, caller: Caller) -> None:
        """Compare the content, take the nonce."""
        if caller.signature is not None:
            self.trust.finish(request, content, caller.signature)


class Authentication:
    """The steps in their order.

    Args:
        trust: judges signatures and keeps the log.
        steps: the proofs before the signature, in order; the signature comes last, for it covers what they look at.
        certificate_required: whether a partner's requests have to come with a registered certificate.
    """

    def __init__(
        self, trust: HttpTrust, steps: Sequence[Step], *, certificate_required: Callable[[PartnerCode], bool]
    ) -> None:
        self._trust = trust
        self._steps = (*steps, SignatureStep(trust))
        self._certificate_required = certificate_required

    def install(self, app: FastAPI) -> None:
        """Let the routes of an application that depend on `caller_who` get their caller from here."""
        app.state.authentication = self

    async def begin(self, request: Request, scope: Scope | None) -> Caller:
        """Who asks, before the body is read; what is refused is logged.

        Args:
            request: whose body has not been read.
            scope: what the route does; None for the token endpoint.
        """
        caller = await run_in_threadpool(self._begin, request, scope)
        admission = admission_of(request)
        if admission is not None:
            try:
                admission.enter(caller.partner)
            except Refusal as refusal:
                await run_in_threadpool(self._refused, refusal, caller, request)
                raise
        return caller

    async def content(self, request: Request, caller: Caller, limit: int, seconds: float) -> bytes:
        """The body, judged with the rest of the request; from here on the request cannot be sent again.

        Args:
            request: whose body has not been read.
            caller: from the dependency.
            limit: most bytes that are taken.
            seconds: longest time that it may take.

        Raises:
            Refusal: too large, too slow, encoded, not what was signed, or sent before.
        """
        admission = admission_of(request)
        pace = BODY_PACE if admission is None else admission.pace
        try:
            data = await read_body(request, limit, seconds, pace)
        except GatewayError as refusal:
            await run_in_threadpool(self._trust.log_refusal, refusal, caller.partner or "")
            raise
        await run_in_threadpool(self._finish, request, data, caller)
        return data

    def count(self, refusal: GatewayError, caller: Caller) -> None:
        """Count a refusal that is in the log already, of a request that was verified whole, against its partner."""
        if caller.partner is not None:
            self._trust.throttling.misbehaved(refusal, caller.partner)

    def permit(self, caller: Caller, sender: PartnerCode) -> None:
        """`Caller.require` with an entry in the log for what is refused; for a sender that the request only names."""
        try:
            caller.require(sender)
        except Refusal as refusal:
            self._trust.log_refusal(refusal, caller.partner or "")
            self.count(refusal, caller)
            raise

    def _begin(self, request: Request, scope: Scope | None) -> Caller:
        head = head_of(request)
        caller = Caller(
            certificate_required=self._certificate_required,
            signature_required=self._trust.signature_required,
            needs=scope,
            connection=request.scope,
        )
        try:
            for step in self._steps:
                caller = step.begin(head, caller)
                self._trust.throttling.admit(caller.partner)
        except Refusal as refusal:
            raise self._refused(refusal, caller, request) from None
        return caller

    def _finish(self, request: Request, content: bytes, caller: Caller) -> None:
        head = head_of(request)
        try:
            for step in self._steps:
                step.finish(head, content, caller)
            if caller.signature is None and caller.partner is not None:
                self._trust.throttling.enter_unsigned(caller.partner)
        except Refusal as refusal:
            raise self._refused(refusal, caller, request) from None

    def _refused(self, refusal: Refusal, caller: Caller, request: Request) -> Refusal:
        """Log and count a refused request; gives what is answered.

        A signed head can be sent again by whoever has seen it: before the whole request is verified only the
        certificate of the connection proves whose it is.
        """
        admission = admission_of(request)
        return self._trust.throttling.refused(
            refusal,
            partner=caller.partner,
            proved=caller.certificate is not None,
            address="" if admission is None else admission.address,
        )


def caller_who(scope: Scope | None) -> Callable[[Request], Awaitable[Caller]]:
    """The dependency of a route that is not public.

    Args:
        scope: what the route does; None for the token endpoint.
    """

    async def ask(request: Request) -> Caller:
        authentication: Authentication = request.app.state.authentication
        return await authentication.begin(request, scope)

    return ask
