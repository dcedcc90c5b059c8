from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.authorisation.assertions import KIND
from gateway.authorisation.refusals import TokenRefused
from gateway.authorisation.signed_claims import check_times, id_claim

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def judge(issued: int, end: int, at: datetime = NOW) -> str:
    """The code, empty when the times are in order."""
    minute = timedelta(seconds=60)
    claims = {"iat": issued, "exp": end}
    try:
        check_times(claims, at, longest=timedelta(seconds=300), early=minute, late=minute, kind=KIND)
    except TokenRefused as refused:
        return refused.stable_code
    return ""


@pytest.mark.parametrize(
    ("issued", "end", "code"),
    [
        (EPOCH, EPOCH + 300, ""),
        (EPOCH, EPOCH + 301, "assertion.too-long"),
        (EPOCH + 60, EPOCH + 300, ""),
        (EPOCH + 61, EPOCH + 300, "assertion.not-yet-valid"),
        (EPOCH + 60, EPOCH + 301, "assertion.too-long"),
        (EPOCH - 300, EPOCH, ""),
        (EPOCH - 301, EPOCH, "assertion.too-long"),
        (EPOCH - 100, EPOCH - 59, ""),
        (EPOCH - 100, EPOCH - 60, "assertion.expired"),
        (EPOCH, EPOCH, "assertion.claims-refused"),
    ],
)
def test_the_edges_of_time(issued: int, end: int, code: str) -> None:
    assert judge(issued, end) == code


def test_fractions_of_our_clock_do_not_move_an_edge_outwards() -> None:
    assert judge(EPOCH - 100, EPOCH - 60, NOW - timedelta(microseconds=1)) == ""
    assert judge(EPOCH, EPOCH + 300, NOW - timedelta(microseconds=1)) == "assertion.too-long"


@pytest.mark.parametrize("value", ["a", "A" * 128, "!~{}"])
def test_ids(value: str) -> None:
    assert id_claim({"jti": value}, "jti", KIND) == value


@pytest.mark.parametrize("value", ["", "a b", "A" * 129, "é", "\x7f", "\n", 1, None, ["a"]])
def test_no_ids(value: object) -> None:
    with pytest.raises(TokenRefused):
        id_claim({"jti": value}, "jti", KIND)
