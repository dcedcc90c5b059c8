"""Lodgements: what our own side hands in for a partner.

Read and judged -> permitted -> converted to the canonical form -> released by the agreement's list -> converted to the
partner's form and judged by its schema -> sealed ONCE -> stored, logged and put into the outbox in one transaction.
A lodgement that is refused is evidence too: it is stored and logged with the same care, and the lodger is told.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from gateway.errors import ContentRefused, MessageTooLarge, NotPermitted
from gateway.exchange.model import Report
from gateway.identifiers import AgreementId, ExchangeId, PartnerCode
from gateway.pipeline.engines import Engines, require_valid
from gateway.pipeline.lodgements import Lodged, Lodgement, LodgementBook, LodgementOrder
from gateway.pipeline.sealing import Sealer
from gateway.pipeline.stages import ConvertedMessage, PermittedMessage, ReceivedMessage, SealedMessage
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import AlreadyKept
from gateway.security.metadata import MessageMetadata


class Lodging:
    """Takes lodgements.

    Args:
        around: the ports.
        engines: judge, permit, convert and release.
        sealer: seals.
        limit: largest lodgement, in bytes.
        require_live: refuses where nothing may go to a partner yet.
    """

    def __init__(
        self,
        around: Surroundings,
        engines: Engines,
        sealer: Sealer,
        *,
        limit: int,
        require_live: Callable[[PartnerCode], None] = lambda _partner: None,
    ) -> None:
        self._around = around
        self._engines = engines
        self._sealer = sealer
        self._limit = limit
        self._require_live = require_live
        self._book = LodgementBook(around)

    def lodge(self, received: ReceivedMessage, order: LodgementOrder) -> Lodged:
        """Release a lodgement to a partner.

        Raises:
            LodgementRefused: its content is refused; carries findings. Kept and logged.
            LodgementWithheld: no agreement permits it. Kept and logged.
            ReplayRefused: the lodger's key was used before with other bytes.
            MessageTooLarge: more than the limit; nothing is kept.
        """
        if len(received.content) > self._limit:
            raise MessageTooLarge(f"a lodgement has at most {self._limit} bytes", remedy="split it")
        lodgement = self._book.begin(received, order)
        try:
            return self._book.repeated(lodgement) or self._release(lodgement)
        except AlreadyKept:  # another request with the same key was faster
            repeated = self._book.repeated(lodgement)
            if repeated is None:
                raise
            return repeated

    def preview(self, received: ReceivedMessage, order: LodgementOrder, message_type: str) -> Report:
        """Everything up to the sealing, without effect.

        Raises:
            ContentRefused, NotPermitted: why it would not be released.
        """
        order = dataclasses.replace(order, message_type=message_type)
        report, _ = self._prepare(self._book.begin(received, order), [])
        return report

    def _release(self, lodgement: Lodgement) -> Lodged:
        so_far: list[Report] = []
        try:
            report, converted = self._prepare(lodgement, so_far)
            self._require_live(lodgement.order.partner)
            sealed = self._seal(lodgement, converted)
        except (ContentRefused, NotPermitted) as refusal:
            raise self._book.keep_refused(lodgement, refusal, so_far[-1]) from None
        return self._book.keep_released(lodgement, sealed, report, self._sealer.kid(lodgement.received.at))

    def _prepare(self, lodgement: Lodgement, so_far: list[Report]) -> tuple[Report, ConvertedMessage]:
        """The stages in order; ``so_far`` gets the report as it grows, for a refusal on the way."""
        order, at = lodgement.order, lodgement.received.at
        so_far.append(Report(exchange_id=lodgement.exchange_id, catalogue=self._engines.catalogue_digest))
        grades = self._engines.grades(order.partner, order.agreement, at)
        read = self._engines.read(lodgement.received.content, order.format_name or None, *grades)
        so_far.append(dataclasses.replace(so_far[-1], source_format=read.format_name))
        permitted = self._engines.permit(
            require_valid(read),
            partner=order.partner,
            direction="out",
            message_type=order.message_type,
            purpose=order.purpose,
            agreement=AgreementId(order.agreement) if order.agreement else None,
            at=at,
        )
        permission = permitted.permission
        so_far.append(
            dataclasses.replace(
                so_far[-1],
                clause=permission.clause,
                agreement_version=permission.agreement,
                target_format=permission.format,
            )
        )
        report, converted = self._convert(lodgement, permitted, so_far[-1])
        findings = (*read.findings, *converted.findings)
        return dataclasses.replace(report, findings=tuple(finding.as_json() for finding in findings)), converted

    def _convert(
        self, lodgement: Lodgement, permitted: PermittedMessage, report: Report
    ) -> tuple[Report, ConvertedMessage]:
        context = self._engines.context(
            reference=ExchangeId(lodgement.exchange_id),
            sender=self._around.home,
            partner=lodgement.order.partner,
            at=lodgement.received.at,
            agreement=permitted.permission.agreement_id,
        )
        canonical = self._engines.to_canonical(permitted, context)
        released = self._engines.release(canonical)
        converted = self._engines.to_partner(released, context)
        account = self._engines.account(canonical, released, converted)
        return dataclasses.replace(report, withheld=released.withheld, account=account), converted

    def _seal(self, lodgement: Lodgement, converted: ConvertedMessage) -> SealedMessage:
        permission = converted.permission
        metadata = MessageMetadata(
            iss=self._around.home,
            aud=lodgement.order.partner,
            iat=int(lodgement.received.at.timestamp()),
            jti=lodgement.message_id,
            agreement=permission.agreement_id,
            type=permission.message_type,
            schema=converted.format_name,
            cty=self._engines.media_type(converted.format_name),
            purpose=permission.purpose,
        )
        return self._sealer.seal(self._engines.document(converted), metadata, lodgement.received.at)
