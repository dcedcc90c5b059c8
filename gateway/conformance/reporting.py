"""From the results of a run to a report that can be signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import metadata

from gateway.conformance.check import Outcome, Result
from gateway.conformance.kit import kit_digest
from gateway.conformance.target import Target
from gateway.security.test_reports import CheckLine, TestReport

LONGEST_SENTENCE = 400


def report_of(
    target: Target, results: Sequence[Result], *, began: datetime, ended: datetime, catalogue: str = ""
) -> TestReport:
    """The report of one run.

    Args:
        target: what was tested.
        results: what came of each check, in order.
        began: when the run began.
        ended: when it ended.
        catalogue: digest of the data folders that the samples came from.
    """
    return TestReport(
        tester=target.side.code,
        target=target.side.home,
        endpoint=target.base_url,
        realm=target.realm,
        began=f"{began:%Y-%m-%dT%H:%M:%SZ}",
        ended=f"{ended:%Y-%m-%dT%H:%M:%SZ}",
        program=f"sarhad {metadata.version('sarhad')}",
        kit=kit_digest(),
        catalogue=catalogue,
        checks=[
            CheckLine(id=one.id, title=one.title, outcome=one.outcome.value, says=one.says[:LONGEST_SENTENCE])
            for one in results
        ],
    )


def counts(results: Sequence[Result]) -> dict[str, int]:
    """How many checks came out how."""
    return {outcome.value: sum(one.outcome is outcome for one in results) for outcome in Outcome}
