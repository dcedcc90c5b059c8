"""Sealing and opening one file by hand, outside any exchange: to try keys, or to look into what a partner sent.

Nothing is stored and nothing is delivered. What is sealed is held to the agreement all the same: it has to be
permitted, valid in the partner's form, and free of whatever the agreement withholds.
"""

from __future__ import annotations

from gateway.errors import ContentRefused, NotPermitted
from gateway.identifiers import AgreementId, ExchangeId
from gateway.pipeline.engines import Engines, require_valid
from gateway.pipeline.lodgements import LodgementOrder
from gateway.pipeline.opening import Opener
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.stages import OpenedMessage, PermittedMessage, ReceivedMessage, SealedMessage
from gateway.pipeline.surroundings import Surroundings
from gateway.security.metadata import MessageMetadata


class ByHand:
    """Seals and opens files.

    Args:
        around: our code, the clock and fresh ids.
        engines: judge and permit.
        opener: opens.
        sealer: seals.
    """

    def __init__(self, around: Surroundings, engines: Engines, opener: Opener, sealer: Sealer) -> None:
        self._around = around
        self._engines = engines
        self._opener = opener
        self._sealer = sealer

    def seal(self, received: ReceivedMessage, order: LodgementOrder) -> SealedMessage:
        """Sign and encrypt a document that stands in the partner's form already.

        Raises:
            NotPermitted: no agreement permits it, or it holds what the agreement withholds.
            ContentRefused: it is not valid, or not in the form that the agreement names.
            UnknownPartner: the partner has no active encryption key.
        """
        grades = self._engines.grades(order.partner, order.agreement, received.at)
        read = require_valid(self._engines.read(received.content, order.format_name or None, *grades))
        permitted = self._engines.permit(
            read,
            partner=order.partner,
            direction="out",
            message_type=order.message_type,
            purpose=order.purpose,
            agreement=AgreementId(order.agreement) if order.agreement else None,
            at=received.at,
        )
        permission = permitted.permission
        if read.format_name != permission.format:
            raise ContentRefused(
                "the document stands in another format than the agreement names",
                remedy=f"convert it to {permission.format}, or lodge it and let the gateway convert and release it",
                code="agreement.format-not-agreed",
            )
        self._require_releasable(permitted, received, order)
        metadata = MessageMetadata(
            iss=self._around.home,
            aud=order.partner,
            iat=int(received.at.timestamp()),
            jti=order.message_id or self._around.ids.new_id(),
            agreement=permission.agreement_id,
            type=permission.message_type,
            schema=permission.format,
            cty=self._engines.media_type(permission.format),
            purpose=permission.purpose,
        )
        return self._sealer.seal(received.content, metadata, received.at)

    def open(self, received: ReceivedMessage) -> OpenedMessage:
        """Decrypt and verify a sealed message that is addressed to us.

        Raises:
            EnvelopeRefused: key, signature, recipient, time or form of the envelope.
            UnknownPartner: the key's owner is no partner that sends.
        """
        return self._opener.open(received)

    def _require_releasable(
        self, permitted: PermittedMessage, received: ReceivedMessage, order: LodgementOrder
    ) -> None:
        context = self._engines.context(
            reference=ExchangeId("0" * 32),
            sender=self._around.home,
            partner=order.partner,
            at=received.at,
            agreement=permitted.permission.agreement_id,
        )
        released = self._engines.release(self._engines.to_canonical(permitted, context))
        if released.withheld:
            raise NotPermitted(
                "the document holds fields that the agreement withholds",
                remedy="lodge it instead: the gateway then leaves out what is not released",
                findings=released.findings,
                code="agreement.withheld",
            )
