"""Signed reports of conformance runs: what was tested, by whom, when, with which kit, and what came of each check.

A report is a compact JWS of its own type over a JSON document, signed with the tester's signing key. It holds codes and
sentences of the kit, never a value of a message.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Annotated, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.security.compact import read_compact, sign_compact, verify_compact
from gateway.security.keys import RegisteredKey, Signer
from gateway.security.limits import EnvelopeLimits
from gateway.security.metadata import PartyText
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.suites import INTL_1, Suite

REPORT_TYPE = "conformance-report+jws"
REPORT_LIMITS = EnvelopeLimits(max_message_bytes=256 * 1024)
"""A report of a hundred checks takes about 30 KB."""
MOST_CHECKS = 500

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]
_UtcTime = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\z")]
_Line = Annotated[str, Field(max_length=400)]


class _Member(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class CheckLine(_Member):
    """What came of one check.

    Attributes:
        id: stable code of the check.
        title: what must hold.
        outcome: passed, failed, or not applicable to this target.
        says: what was seen.
    """

    id: Annotated[str, Field(pattern=r"^CK-[0-9]{2,3}\z")]
    title: _Line
    outcome: Literal["passed", "failed", "not-applicable"]
    says: _Line


class TestReport(_Member):
    """The report of one run.

    Attributes:
        tester: code of the party that ran the kit and signs the report.
        target: code of the party that was tested.
        endpoint: base URL that was tested.
        realm: realm that the target's answers named; empty where they named none.
        began, ended: UTC.
        program: name and version of the program that ran the kit.
        kit: digest of the list of checks.
        catalogue: digest of the data folders that the samples came from; empty where they were given as files.
        checks: in order.
    """

    __test__ = False  # its name is what the field calls it; it is no test case

    tester: PartyText
    target: PartyText
    endpoint: Annotated[str, Field(max_length=512)]
    realm: Annotated[str, Field(max_length=16)]
    began: _UtcTime
    ended: _UtcTime
    program: Annotated[str, Field(max_length=64)]
    kit: _Digest
    catalogue: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?\z")]
    checks: Annotated[list[CheckLine], Field(max_length=MOST_CHECKS)]

    @property
    def failed(self) -> tuple[str, ...]:
        """Codes of the checks that failed."""
        return tuple(one.id for one in self.checks if one.outcome == "failed")

    def missing(self, expected: Collection[str]) -> tuple[str, ...]:
        """Codes of expected checks that were not run."""
        return tuple(sorted(set(expected) - {one.id for one in self.checks}))

    @property
    def ended_at(self) -> datetime:
        """When the run ended."""
        return datetime.fromisoformat(self.ended)

    @property
    def passed(self) -> bool:
        """Whether no check failed, and at least one was run with effect."""
        return not self.failed and any(one.outcome == "passed" for one in self.checks)


def sign_report(report: TestReport, signer: Signer) -> bytes:
    """The report as a compact JWS, its content in canonical JSON (RFC 8785)."""
    return sign_compact(rfc8785.dumps(report.model_dump()), members={}, typ=REPORT_TYPE, signer=signer)


def verify_report(
    signed: bytes, lookup_key: Callable[[str], RegisteredKey | None], *, suite: Suite = INTL_1
) -> TestReport:
    """The report, after signature, form and signer were verified.

    Args:
        signed: the compact JWS.
        lookup_key: the registered keys of all parties whose reports count.
        suite: the suite whose signatures count.

    Raises:
        OpeningRefused: no report, by no registered key, one whose state at the end of the run refuses it, or one of
            another party than its tester.
    """
    limits = REPORT_LIMITS
    unverified = read_compact(
        signed, typ=REPORT_TYPE, algorithms=suite.signatures, required=(), optional=(), limits=limits
    )
    key = lookup_key(unverified.kid)
    if key is None or key.use != "sig":
        raise OpeningRefused(EnvelopeCode.UNKNOWN_KEY, detail="report by an unknown key", path="kid")
    payload = verify_compact(unverified, key.key, {}, limits)
    try:
        report = TestReport.model_validate_json(payload)
        ended = report.ended_at
    except (ValidationError, ValueError):
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail="not a report") from None
    if report.tester != key.owner:
        raise OpeningRefused(EnvelopeCode.WRONG_SENDER, detail="tester is not the owner of kid", path="tester")
    state = key.refusal_at(ended)
    if state is not None:
        raise OpeningRefused(EnvelopeCode(state), detail=f"key {key.kid}", path="kid")
    return report
