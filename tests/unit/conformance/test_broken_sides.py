"""Sides with one planted defect each: the checks for it fail, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.catalogue import Catalogue
from gateway.client.side import Side
from gateway.conformance.check import Outcome
from gateway.conformance.kit import ALL, GROUPS, checks_of, chosen, run_checks
from gateway.conformance.samples import samples_of
from gateway.conformance.target import Target, Terms
from tests.unit.conformance import broken
from tests.unit.conformance.broken import Defect, defective
from tests.unit.conformance.conftest import LIMIT, PATIENCE, served

CONTROLS = frozenset({"CK-01", "CK-04", "CK-09", "CK-11", "CK-30", "CK-45"})
"""Run against every broken side, so that a defect is not found by everything."""

NOT_HERE = frozenset(one.id for name in ("Access", "Signed XML", "Mailbox") for one in checks_of(GROUPS[name]))
"""Groups that ask for TLS, tokens, signed XML or a mailbox."""

DEFECTS: dict[str, tuple[Defect, set[str]]] = {
    "requests are not verified": (
        Defect(overlooks="http-signatures"),
        {"CK-11", "CK-12", "CK-13", "CK-14", "CK-15", "CK-16", "CK-17", "CK-18", "CK-19", "CK-20", "CK-21"},
    ),
    "nonces are forgotten": (Defect(overlooks="nonces"), {"CK-18"}),
    "every copy is a new message": (Defect(overlooks="identity"), {"CK-04", "CK-05", "CK-06"}),
    "inner signatures are believed": (
        Defect(overlooks="inner-signatures"),
        {"CK-32", "CK-33", "CK-34", "CK-37", "CK-38", "CK-39", "CK-40", "CK-42", "CK-43", "CK-44"},
    ),
    "answers are not signed": (Defect(overlooks="answer-signatures"), {"CK-02", "CK-03"}),
    "refusals are not signed": (Defect(overlooks="refusal-signatures"), {"CK-03"}),
    "answers are bound to another request": (Defect(overlooks="binding"), {"CK-02", "CK-03"}),
    "the status tells one party of another": (Defect(overlooks="whose-status"), {"CK-10"}),
    "content is not judged": (
        Defect(overlooks="content"),
        {"CK-60", "CK-61", "CK-62", "CK-63", "CK-64", "CK-66", "CK-67", "CK-68", "CK-69", "CK-70"},
    ),
    "refusals are faults": (
        Defect(change=broken.answers_500),
        {"CK-05", "CK-09", "CK-11", "CK-23", "CK-30", "CK-45", "CK-51", "CK-84"},
    ),
    "refusals are web pages": (
        Defect(change=broken.no_problem_documents),
        {"CK-09", "CK-11", "CK-30", "CK-45", "CK-80", "CK-81"},
    ),
    "refusals quote the request": (Defect(change=broken.echoing), {"CK-83"}),
    "codes change": (Defect(change=broken.unstable_codes), {"CK-33", "CK-81"}),
    "receipts are changed": (Defect(change=broken.wrong_receipts), {"CK-01", "CK-04", "CK-06", "CK-08"}),
    "there are no receipts": (Defect(change=broken.no_receipts), {"CK-01", "CK-04", "CK-06", "CK-08"}),
    "the text tells what failed": (Defect(change=broken.oracle), {"CK-33"}),
    "everything is taken": (
        Defect(change=broken.accepts_everything),
        {"CK-05", "CK-09", "CK-11", "CK-18", "CK-23", "CK-30", "CK-36", "CK-45", "CK-51"},
    ),
    "there is no limit": (Defect(limit=100 * LIMIT), {"CK-51", "CK-52"}),
    "slow bodies are waited for": (Defect(seconds=60.0), {"CK-55"}),
}


@contextmanager
def target_of(catalogue: Catalogue, sides: tuple[Side, Side], defect: Defect) -> Iterator[Target]:
    samples = samples_of(catalogue, "xx", "out", datetime.now(UTC))
    terms = Terms(message_limit=LIMIT, patience=2 * PATIENCE, settle=2.0)
    with served(lambda url: defective(catalogue, sides[1], defect, url, LIMIT, PATIENCE)) as url:
        yield Target(sides[0], url, samples, terms)


def failed(target: Target, only: frozenset[str]) -> dict[str, str]:
    results = run_checks(target, chosen(only), lambda _: None)
    return {one.id: one.says for one in results if one.outcome is Outcome.FAILED}


def test_the_simulated_partner_passes_every_check_that_applies(catalogue: Catalogue, sides: tuple[Side, Side]) -> None:
    with target_of(catalogue, sides, Defect()) as target:
        results = list(run_checks(target, ALL, lambda _: None))
    assert not {one.id: one.says for one in results if one.outcome is Outcome.FAILED}
    skipped = {one.id for one in results if one.outcome is Outcome.NOT_APPLICABLE}
    assert skipped == {"CK-65"} | NOT_HERE


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_found_by_its_checks_alone(
    name: str, catalogue: Catalogue, sides: tuple[Side, Side]
) -> None:
    defect, found_by = DEFECTS[name]
    with target_of(catalogue, sides, defect) as target:
        found = failed(target, CONTROLS | found_by)
    assert set(found) == found_by, found


def test_a_dead_endpoint_fails_and_is_no_fault_of_the_kit(
    tmp_path: Path, catalogue: Catalogue, sides: tuple[Side, Side]
) -> None:
    del tmp_path
    with target_of(catalogue, sides, Defect()) as target:
        pass
    assert "delivery.no-answer" in failed(target, frozenset({"CK-01"}))["CK-01"]
