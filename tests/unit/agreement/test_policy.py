"""Policy: default deny, by the moment of release, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.agreement import Agreement
from gateway.agreement.policy import decide, explain, purposes, standing
from gateway.errors import NotPermitted

IN_FORCE = datetime(2026, 3, 1, tzinfo=UTC)
END = datetime(2026, 6, 30, 18, 30, tzinfo=UTC)
"""00:00 of 1 July at +05:30."""

ASKED: dict[str, Any] = {"partner": "xx", "direction": "out", "message_type": "goods", "purpose": "RISK"}


@pytest.fixture(scope="module")
def agreement(compiling: Callable[..., Any], text: str) -> Agreement:
    made, faults = compiling(text[text.index("[[fields.goods-out.allow]]") :])
    assert not faults
    assert isinstance(made, Agreement)
    return made


def changed(agreement: Agreement, **terms: Any) -> Agreement:
    return replace(agreement, terms=agreement.terms.model_copy(update=terms))


def code(agreements: list[Agreement], at: datetime = IN_FORCE, **asked: Any) -> str:
    return explain(agreements, **(ASKED | asked), at=at).code


def test_a_permission_names_version_clause_and_fields(agreement: Agreement) -> None:
    permission = decide([agreement], **ASKED, at=IN_FORCE)
    assert permission.agreement == "aa-xx-goods@1"
    assert permission.agreement_digest == agreement.digest
    assert (permission.clause, permission.format, permission.retention_days) == ("A1", "xx-goods-1.0", 365)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (END - timedelta(seconds=1), "in-force"),
        (END, "expired"),
        (END + timedelta(seconds=1), "expired"),
        (datetime(2023, 12, 31, 18, 29, 59, tzinfo=UTC), "not-yet"),
        (datetime(2023, 12, 31, 18, 30, tzinfo=UTC), "in-force"),
    ],
)
def test_it_ends_at_midnight_in_the_partners_zone(agreement: Agreement, at: datetime, expected: str) -> None:
    assert standing(agreement, at) == expected


def test_each_refusal_has_its_own_code(agreement: Agreement) -> None:
    assert code([agreement]) == "agreement.permitted"
    assert code([agreement], END) == "agreement.expired"
    assert code([agreement], datetime(2020, 1, 1, tzinfo=UTC)) == "agreement.not-yet"
    assert code([agreement], partner="yy") == "agreement.unknown"
    assert code([agreement], agreement_id="other") == "agreement.unknown"
    assert code([agreement], message_type="other") == "agreement.type-not-listed"
    assert code([agreement], direction="in") == "agreement.type-not-listed"
    assert code([agreement], purpose="VALUE") == "agreement.purpose-not-listed"
    assert code([agreement], purpose="") == "agreement.purpose-not-listed"
    assert code([changed(agreement, status="suspended")]) == "agreement.suspended"
    assert code([changed(agreement, status="draft")]) == "agreement.draft"
    assert code([agreement], END, message_type="other") == "agreement.none-in-force"
    assert code([agreement], IN_FORCE.replace(tzinfo=None)) == "agreement.time-without-zone"
    assert code([agreement, changed(agreement, id="aa-xx-second")]) == "agreement.ambiguous"


def test_naming_the_agreement_settles_which_one(agreement: Agreement) -> None:
    both = [agreement, changed(agreement, id="aa-xx-second")]
    assert decide(both, **ASKED, at=IN_FORCE, agreement_id="aa-xx-second").agreement_id == "aa-xx-second"


def test_an_old_version_does_not_speak_for_the_new_one(agreement: Agreement) -> None:
    old = changed(agreement, in_force_to=date(2025, 1, 1))
    new = replace(changed(agreement, version=2, in_force_from=date(2025, 1, 1)), permits=())
    assert code([old, new]) == "agreement.type-not-listed"


def test_a_refusal_says_why_and_what_to_do_without_quoting(agreement: Agreement) -> None:
    with pytest.raises(NotPermitted) as refused:
        decide([agreement], **(ASKED | {"purpose": "canary-purpose"}), at=IN_FORCE)
    assert refused.value.stable_code == "agreement.purpose-not-listed"
    assert refused.value.remedy
    assert "canary" not in str(refused.value)


def test_the_explanation_walks_through_every_version(agreement: Agreement) -> None:
    old = changed(agreement, version=1, in_force_to=date(2025, 1, 1))
    new = changed(agreement, version=2, in_force_from=date(2025, 1, 1))
    lines = explain([old, new], **ASKED, at=IN_FORCE).lines
    assert lines[0].startswith("aa-xx-goods@1 is expired (from 2023-12-31T18:30:00Z until 2024-12-31T18:30:00Z)")
    assert lines[-1] == "permitted under aa-xx-goods@2, clause A1, purpose RISK"


def test_purposes_are_those_in_force(agreement: Agreement) -> None:
    asked = {key: value for key, value in ASKED.items() if key != "purpose"}
    assert purposes([agreement], **asked, at=IN_FORCE) == ("RISK",)
    assert purposes([agreement], **asked, at=END) == ()


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2050, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["RISK", "VALUE", ""]),
    st.sampled_from(["in", "out"]),
    st.sampled_from(["active", "draft", "suspended", "expired"]),
)
def test_nothing_is_permitted_but_what_is_listed_and_in_force(
    agreement: Agreement, moment: datetime, purpose: str, direction: str, status: str
) -> None:
    at = moment.replace(tzinfo=UTC)
    answer = explain(
        [changed(agreement, status=status)], **(ASKED | {"purpose": purpose, "direction": direction}), at=at
    )
    listed = purpose == "RISK" and direction == "out" and status == "active"
    in_force = agreement.begins <= at < END
    assert (answer.permission is not None) is (listed and in_force)
