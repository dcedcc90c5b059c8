"""Dry runs: the stages of a message without any effect, for a partner or an officer who wants to know beforehand."""

from __future__ import annotations

from gateway.errors import ContentRefused, NotPermitted
from gateway.exchange.model import Outcome, Report
from gateway.exchange.states import Direction
from gateway.findings import Finding
from gateway.identifiers import ExchangeId
from gateway.pipeline.engines import Engines, findings_of
from gateway.pipeline.judging import Judge, Question
from gateway.pipeline.lodgements import LodgementOrder
from gateway.pipeline.outbound import Lodging
from gateway.pipeline.stages import ReceivedMessage
from gateway.pipeline.views import CheckReport

NO_EXCHANGE = ExchangeId("0" * 32)
"""What a dry run states as its exchange."""


class Checking:
    """Judges documents without effect.

    Args:
        engines: name the message type of a format.
        judge: for what a partner would send.
        lodging: for what would be lodged.
    """

    def __init__(self, engines: Engines, judge: Judge, lodging: Lodging) -> None:
        self._engines = engines
        self._judge = judge
        self._lodging = lodging

    def check(self, received: ReceivedMessage, order: LodgementOrder, direction: Direction) -> CheckReport:
        """What we would say of a document, in full.

        Args:
            received: the document, unsealed.
            order: partner, and what else is known; what is empty is looked for.
            direction: INBOUND for what the partner would send.
        """
        inbound = direction is Direction.INBOUND
        message_type = order.message_type or self._engines.type_of(
            received.content, order.partner, "in" if inbound else "out", received.at
        )
        if direction is Direction.INBOUND:
            return self._check_inbound(received, order, message_type)
        findings: tuple[Finding, ...] = ()
        try:
            report = self._lodging.preview(received, order, message_type)
        except (ContentRefused, NotPermitted) as refusal:
            report, findings = Report(exchange_id=NO_EXCHANGE), findings_of(refusal)
        return _report(report, message_type, findings, valid=not findings)

    def _check_inbound(self, received: ReceivedMessage, order: LodgementOrder, message_type: str) -> CheckReport:
        verdict = self._judge.judge(
            Question(
                payload=received.content,
                exchange_id=NO_EXCHANGE,
                partner=order.partner,
                message_type=message_type,
                purpose=order.purpose,
                agreement=order.agreement,
                format_name=order.format_name,
                at=received.at,
            )
        )
        valid = verdict.outcome is Outcome.ACCEPTED
        return _report(verdict.report, message_type, verdict.findings, valid=valid)


def _report(report: Report, message_type: str, findings: tuple[Finding, ...], *, valid: bool) -> CheckReport:
    return CheckReport(
        valid=valid,
        format=report.source_format,
        message_type=message_type,
        agreement=report.agreement_version,
        clause=report.clause,
        findings=findings,
        withheld=report.withheld,
        account=report.account,
    )
