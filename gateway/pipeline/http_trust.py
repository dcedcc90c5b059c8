"""HTTP signatures from the pipeline's side: whose request it is, remembered once, and answers under our own key.

The partner is known by the key: a key id belongs to one partner (the trust store refuses a second), so the owner of the
key that signed is the one who asks. What the request says of itself (a query parameter, the sender of an envelope) is
compared with that afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from gateway.errors import GatewayError
from gateway.identifiers import PartnerCode
from gateway.pipeline.surroundings import Surroundings
from gateway.pipeline.throttling import Throttling
from gateway.security.http_fields import read_signature_fields
from gateway.security.http_messages import HttpRequest, HttpResponse
from gateway.security.http_profile import HttpSignatureLimits
from gateway.security.http_refusals import HttpCode, HttpMessageRefused
from gateway.security.http_signatures import check_content, new_nonce, sign_response, verify_request_head
from gateway.security.http_verification import SenderKeys, VerifiedSignature

NONCE_KIND = "http-signature"
"""Under which kind nonces of requests are remembered."""


class HttpTrust:
    """Judges signed requests and signs answers.

    Args:
        around: the ports.
        lookup_key: the registered keys of all partners, by id.
        switched_off: which protections a partner's profile turns off; a partner without a profile has none off.
        unsigned_allowed: whether any partner's profile turns signatures off.
        limits: how long a signature may be valid, and how far clocks may differ.
        throttling: counts the requests of a partner, and refuses those beyond its rate.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        lookup_key: SenderKeys,
        switched_off: Callable[[PartnerCode], tuple[str, ...]],
        unsigned_allowed: bool,
        limits: HttpSignatureLimits,
        throttling: Throttling,
    ) -> None:
        self._around = around
        self._lookup_key = lookup_key
        self._switched_off = switched_off
        self._unsigned_allowed = unsigned_allowed
        self._limits = limits
        self.throttling = throttling
        self._forget_at = datetime.min.replace(tzinfo=UTC)

    def verify_head(self, request: HttpRequest, proved: PartnerCode | None = None) -> VerifiedSignature | None:
        """Who signed a request, before its content has been read; None for an unsigned one, where that may be.

        Args:
            request: its head.
            proved: whose connection it came over, where that is proved: the keys of others are then as unknown as
                those of nobody, so that nobody can find out which keys others have.

        Raises:
            HttpMessageRefused: see `HttpCode`.
        """
        if not request.headers.all("signature") and not request.headers.all("signature-input"):
            if self._unsigned_allowed:
                return None
            encoded = bool(request.headers.all("content-encoding"))
            raise HttpMessageRefused(HttpCode.CONTENT_ENCODING if encoded else HttpCode.SIGNATURE_MISSING)
        sender = proved
        if sender is None:
            key = self._lookup_key(read_signature_fields(request.headers).keyid)
            sender = PartnerCode("" if key is None else key.owner)
        return verify_request_head(
            request,
            lookup_key=self._lookup_key,
            sender=sender,
            at=self._around.clock.now(),
            token_required=False,  # the token is judged by a step of its own, and covered where there is one
            limits=self._limits,
        )

    def finish(self, request: HttpRequest, content: bytes, verified: VerifiedSignature) -> None:
        """Compare the content with what was signed, and take the nonce: from here on the request is used up.

        Args:
            request: as its head was verified.
            content: its body, whole.
            verified: what `verify_head` returned.

        Raises:
            HttpMessageRefused: ``http.digest-mismatch``, ``http.component-missing`` or ``http.replayed``.
            TooManyRequests: beyond the partner's rate, or it is not served for a while; the nonce is not used up.
            NotPermitted: ``partner.stopped``.
        """
        check_content(request.headers, content, verified)
        at = self._around.clock.now()
        with self._around.store.writing() as work:
            if at >= self._forget_at:
                work.nonces.forget(before=at)
                self._forget_at = at + self._limits.validity
            until = verified.remember_until
            fresh = work.nonces.remember(NONCE_KIND, verified.signer, verified.nonce, expires_at=until)
            if fresh:
                self.throttling.enter(work, PartnerCode(verified.signer))
        if not fresh:
            raise HttpMessageRefused(HttpCode.REPLAYED, detail=f"key {verified.keyid}", path="nonce")

    def signature_required(self, partner: PartnerCode) -> bool:
        """Whether a partner's requests have to be signed; those of nobody that we know have to."""
        return "http_signature" not in self._switched_off(partner)

    def sign_answer(self, response: HttpResponse, request: HttpRequest) -> HttpResponse:
        """An answer under our key, bound to the request that it answers.

        Raises:
            DataFolderError: we have no active key for it.
        """
        at = self._around.clock.now()
        signer = self._around.keys.http_signer(at)
        return sign_response(response, request, signer, at=at, nonce=new_nonce(), limits=self._limits)

    def log_refusal(self, refusal: GatewayError, partner: str) -> None:
        """Leave a log entry of a request that was refused before it was looked into.

        Args:
            refusal: its code is kept.
            partner: who signed, where that was verified; else empty.
        """
        self.throttling.logged(refusal, partner)
