"""The verdict on a partner's message: accepted or refused, with every finding, and without any effect."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import ContentRefused, NotPermitted
from gateway.exchange.model import Exchange, Outcome, Report
from gateway.findings import Finding
from gateway.identifiers import AgreementId, ExchangeId, PartnerCode
from gateway.pipeline.engines import Engines, findings_of, require_valid
from gateway.pipeline.stages import ConvertedMessage, OpenedMessage, PermittedMessage, ReleasedMessage


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Question:
    """What a verdict is asked about.

    Attributes:
        format_name: as the sender states it; empty to recognise the document (dry runs only).
        agreement: as the sender states it; empty to look for the one that permits (dry runs only).
        at: time of receipt.
    """

    payload: bytes
    exchange_id: ExchangeId
    partner: PartnerCode
    message_type: str
    purpose: str
    agreement: str
    format_name: str
    at: datetime

    @classmethod
    def of(cls, opened: OpenedMessage, exchange: Exchange) -> Question:
        """About a message that was opened and stored."""
        return cls(
            payload=opened.payload,
            exchange_id=exchange.id,
            partner=exchange.partner,
            message_type=exchange.message_type,
            purpose=opened.metadata.purpose,
            agreement=exchange.agreement,
            format_name=opened.metadata.format_name,
            at=opened.at,
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Verdict:
    """What examining a message comes to.

    Attributes:
        findings: all of them, errors and warnings; they go to the partner and into the report.
        released: what consumers get; None for a refusal.
    """

    outcome: Outcome
    findings: tuple[Finding, ...]
    report: Report
    released: ReleasedMessage | None = None


class Judge:
    """Judges partners' messages.

    Args:
        engines: read, permit, convert and release.
    """

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def judge(self, question: Question) -> Verdict:
        """What is to be said of a message."""
        so_far = [Report(exchange_id=question.exchange_id, catalogue=self._engines.catalogue_digest)]
        try:
            permitted = self._permit(question, so_far)
            context = self._engines.context(
                reference=question.exchange_id,
                sender=question.partner,
                partner=question.partner,
                at=question.at,
                agreement=permitted.permission.agreement_id,
            )
            converted = self._engines.to_canonical(permitted, context)
            released = self._engines.release(converted)
        except (ContentRefused, NotPermitted) as refusal:
            findings = findings_of(refusal)
            return Verdict(outcome=Outcome.REFUSED, findings=findings, report=_with(so_far[-1], findings))
        return self._accept(permitted, converted, released, so_far[-1])

    def _permit(self, question: Question, so_far: list[Report]) -> PermittedMessage:
        """Read and ask the agreement; ``so_far`` gets the report as it grows."""
        grades = self._engines.grades(question.partner, question.agreement, question.at)
        read = self._engines.read(question.payload, question.format_name or None, *grades, sender=question.partner)
        so_far.append(dataclasses.replace(so_far[-1], source_format=read.format_name))
        permitted = self._engines.permit(
            require_valid(read),
            partner=question.partner,
            direction="in",
            message_type=question.message_type,
            purpose=question.purpose,
            agreement=AgreementId(question.agreement) if question.agreement else None,
            at=question.at,
        )
        permission = permitted.permission
        so_far.append(dataclasses.replace(so_far[-1], clause=permission.clause, agreement_version=permission.agreement))
        return permitted

    def _accept(
        self, permitted: PermittedMessage, converted: ConvertedMessage, released: ReleasedMessage, report: Report
    ) -> Verdict:
        findings = (*permitted.read.findings, *converted.findings, *released.findings)
        report = dataclasses.replace(
            report,
            target_format=converted.format_name,
            withheld=released.withheld,
            account=self._engines.account(converted, released),
        )
        return Verdict(outcome=Outcome.ACCEPTED, findings=findings, report=_with(report, findings), released=released)


def _with(report: Report, findings: tuple[Finding, ...]) -> Report:
    return dataclasses.replace(report, findings=tuple(finding.as_json() for finding in findings))
