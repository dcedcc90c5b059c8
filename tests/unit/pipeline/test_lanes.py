"""Pauses with full jitter, what a log line may say of an error, lanes that share the time."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.lanes import full_jitter, place_of

SECOND = timedelta(seconds=1)


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_pause_lies_between_nothing_and_its_bound(failures: int, fraction: float) -> None:
    pause = full_jitter(SECOND, 900 * SECOND, failures, fraction)
    assert timedelta() <= pause <= min(900 * SECOND, SECOND * 2 ** min(failures, 40))


@given(st.integers(0, 40))
def test_the_bound_doubles_with_each_failure_up_to_the_longest(failures: int) -> None:
    almost = full_jitter(SECOND, 900 * SECOND, failures, 0.999999)
    following = full_jitter(SECOND, 900 * SECOND, failures + 1, 0.999999)
    assert following >= almost
    if failures < 9:
        assert abs(following / almost - 2) < 0.001


def test_a_log_line_names_kind_and_place_of_an_error_but_never_its_text() -> None:
    try:
        int("CANARY")
    except ValueError as error:
        place = place_of(error)
    assert place["kind"] == "ValueError"
    assert place["where"].startswith("test_lanes.py:")
    assert "CANARY" not in str(place)
