"""The kit as a list: codes, clauses, choice, and what a fault inside a check becomes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import pytest

from gateway.conformance.check import Check, CheckFailed, NotApplicable, Outcome
from gateway.conformance.kit import ALL, GROUPS, IDS, checks_of, chosen, kit_digest, run_checks
from gateway.conformance.target import Target
from gateway.errors import DeliveryFailed, GatewayError, NotFound

NOBODY = cast("Target", None)


def test_codes_are_given_once_and_in_order() -> None:
    assert len(IDS) == len(ALL) >= 40
    assert [one.id for one in ALL] == sorted(IDS, key=lambda each: int(each[3:]))
    assert all(re.fullmatch(r"CK-\d\d|CK-1\d\d", each) for each in IDS)
    assert all(checks_of(group) for group in GROUPS.values())


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.id)
def test_a_check_says_what_it_proves_and_its_clause_exists(one: Check[Target], project_root: Path) -> None:
    assert one.title
    assert one.proves.endswith(".")
    for clause in one.clause.split("; "):
        if clause.startswith("RFC "):
            assert re.fullmatch(r"RFC \d{4}( section [\d.]+)?(, item \d)?", clause)
            continue
        name, _, heading = clause.partition(", ")
        [page] = [
            *project_root.glob(f"docs/**/{name}"),
            *([project_root / name] if (project_root / name).is_file() else []),
            *project_root.glob(f"docs/{name}-*.md"),
        ][:1]
        assert re.search(rf"^#+ .*{re.escape(heading)}", page.read_text(encoding="utf-8"), re.MULTILINE), clause


def test_some_checks_are_chosen_in_their_order() -> None:
    assert [one.id for one in chosen(["CK-30", "CK-01"])] == ["CK-01", "CK-30"]
    assert chosen([]) == ALL
    with pytest.raises(NotFound) as unknown:
        chosen(["CK-01", "CK-00"])
    assert (unknown.value.stable_code, unknown.value.path) == ("conformance.unknown-check", "CK-00")
    assert re.fullmatch(r"[0-9a-f]{64}", kit_digest())


@pytest.mark.parametrize(
    ("raised", "outcome", "says"),
    [
        (None, Outcome.PASSED, "seen"),
        (CheckFailed("expected 401"), Outcome.FAILED, "expected 401"),
        (NotApplicable("no tokens"), Outcome.NOT_APPLICABLE, "no tokens"),
        (DeliveryFailed("gone", code="delivery.no-answer"), Outcome.FAILED, "delivery.no-answer"),
        (GatewayError("odd", code="key.none-active"), Outcome.FAILED, "key.none-active"),
    ],
)
def test_what_a_check_raises_becomes_its_outcome(raised: GatewayError | None, outcome: Outcome, says: str) -> None:
    def run(_target: Target) -> str:
        if raised is not None:
            raise raised
        return "seen"

    begun: list[str] = []
    one = Check(id="CK-01", title="t", proves="p.", clause="c", run=run)
    [result] = run_checks(NOBODY, [one], lambda each: begun.append(each.id))
    assert (result.outcome, begun) == (outcome, ["CK-01"])
    assert says in result.says
