"""Which partners are live: the gate before messages, and how a partner goes through it.

A partner goes live with the signed report of a conformance run that passed, or by the word of a named person. Both
leave an entry in the log. The state is a signed note that every process of the gateway reads at each use, so that what
the operator does counts at once and survives a restart. Where the gate is not enforced everybody passes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta

from gateway.errors import NotPermitted
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode
from gateway.pipeline.live_note import Liveness, read_live_note, write_live_note
from gateway.pipeline.surroundings import Surroundings
from gateway.ports import LogDraft
from gateway.ports.live_notes import LiveNotes
from gateway.security.keys import RegisteredKey
from gateway.security.test_reports import TestReport, verify_report

NOT_LIVE = "partner.not-live"
"""Stable code of everything that waits or is refused because a partner is not live."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far in our future a report may end."""

LONGEST_NAME = 64


class ReportRefused(NotPermitted):
    """A report does not let a partner go live."""

    code = "conformance.report-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """What the settings say of the gate.

    Attributes:
        realm: ``live`` or ``sandbox``.
        enforced: whether only live partners are served.
        pause: between looks whether a partner that messages wait for has gone live.
        report_age: how old a report may be.
    """

    realm: str
    enforced: bool
    pause: timedelta
    report_age: timedelta


class LiveGate:
    """Knows which partners are live.

    Args:
        around: the ports.
        notes: where it is kept.
        rules: what the settings say.
        report_key: the registered keys of those whose reports count for a partner: its own and ours.
    """

    def __init__(
        self,
        around: Surroundings,
        notes: LiveNotes,
        rules: GateRules,
        report_key: Callable[[PartnerCode], Callable[[str], RegisteredKey | None]],
    ) -> None:
        self._around = around
        self._notes = notes
        self.report_key = report_key
        self._verified: dict[PartnerCode, tuple[bytes, Liveness | None]] = {}
        self.rules = rules

    def of(self, partner: PartnerCode) -> Liveness | None:
        """The liveness of a partner as it is now; None for one that is not live."""
        note = self._notes.read(partner)
        if note is None:
            return None
        known = self._verified.get(partner)
        if known is None or known[0] != note:
            known = (note, read_live_note(note, self._around.keys.log_key, partner))
            self._verified[partner] = known
        return known[1]

    def admits(self, partner: PartnerCode) -> bool:
        """Whether messages go to and fro with a partner."""
        return not self.rules.enforced or self.of(partner) is not None

    def require(self, partner: PartnerCode) -> None:
        """Refuse what belongs to a partner that is not live.

        Raises:
            NotPermitted: ``partner.not-live``.
        """
        if not self.admits(partner):
            raise NotPermitted(
                "this partner is not live yet: both sides are still being tested",
                code=NOT_LIVE,
                remedy="use the sandbox and /v1/checks; the operator lets a partner live once its test run has passed",
            )

    def admit(
        self, partner: PartnerCode, report: bytes, *, expected: Collection[str], operator: str, reason: str
    ) -> Liveness:
        """Let a partner go live with the report of a test run.

        Args:
            partner: its code.
            report: signed, by the partner or by us.
            expected: codes of the checks of a whole run.
            operator: who.
            reason: why now; both go into the log.

        Raises:
            ReportRefused: ``conformance.report-...``: of others, incomplete, failed, or too old.
            OpeningRefused: its signature does not verify.
        """
        read = verify_report(report, self.report_key(partner))
        self._judge(read, partner, expected)
        digest = hashlib.sha256(report).hexdigest()
        told = f"{reason}; report {digest} of {read.tester}".removeprefix("; ")
        return self._keep(Tag.OPERATOR_PARTNER_ADMITTED, partner, report, operator=operator, reason=told)

    def override(self, partner: PartnerCode, *, operator: str, reason: str) -> Liveness:
        """Let a partner go live without a report: a named person answers for it.

        Raises:
            NotPermitted: ``partner.override``: no name or no reason.
        """
        if not operator.strip() or not reason.strip():
            raise NotPermitted("who goes live without a report names a person and a reason", code="partner.override")
        return self._keep(Tag.OPERATOR_PARTNER_OVERRIDDEN, partner, b"", operator=operator, reason=reason)

    def recall(self, partner: PartnerCode, *, operator: str, reason: str) -> None:
        """Take a partner back: from now on nothing goes to and fro where the gate is enforced.

        Also one that is not live: where the log could not be written the first time, it is done again.
        """
        self._notes.remove(partner)  # first of all: whatever happens next, it is not live
        with self._around.store.writing() as work:
            self._log(work.log.append, Tag.OPERATOR_PARTNER_RECALLED, partner, operator=operator, reason=reason)

    def _judge(self, report: TestReport, partner: PartnerCode, expected: Collection[str]) -> None:
        """Refuse a report that does not show what it has to."""
        now = self._around.clock.now()
        faults = {
            "parties": {report.tester, report.target} != {partner, str(self._around.home)},
            "incomplete": bool(report.missing(expected)),
            "failed": not report.passed,
            "old": not now - self.rules.report_age <= report.ended_at <= now + CLOCK_SKEW,
        }
        texts = {
            "parties": "the report is not of a run between this partner and us",
            "incomplete": "the report is not of a whole run",
            "failed": f"checks failed: {', '.join(report.failed)}",
            "old": f"the report is older than {self.rules.report_age.days} days, or from the future",
        }
        for name, wrong in faults.items():
            if wrong:
                remedy = "run `sarhad partner test` anew, whole, or go live with --override"
                raise ReportRefused(texts[name], code=f"conformance.report-{name}", remedy=remedy)

    def _keep(self, tag: Tag, partner: PartnerCode, report: bytes, *, operator: str, reason: str) -> Liveness:
        """Log, then keep: where only the first is done the partner is not live, and the operator does it again."""
        keys, at = self._around.keys, self._around.clock.now()
        digest = hashlib.sha256(report).hexdigest() if report else ""
        liveness = Liveness(partner=partner, since=at, operator=_plain(operator), report=digest)
        with self._around.store.writing() as work:
            self._log(work.log.append, tag, partner, operator=liveness.operator, reason=reason)
        self._notes.keep(partner, write_live_note(liveness, keys.log_key, keys.log_signer), report)
        return liveness

    def _log(
        self, append: Callable[..., object], tag: Tag, partner: PartnerCode, *, operator: str, reason: str
    ) -> None:
        draft = LogDraft(tag=tag, partner=partner, reason=reason, facts={"actor": operator})
        append(draft, at=self._around.clock.now())


def _plain(name: str) -> str:
    """A name for a line of its own."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[:LONGEST_NAME]
