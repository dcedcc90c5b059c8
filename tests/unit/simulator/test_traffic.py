"""Counting of messages that went while keys changed: what is lost or refused is seen, and what never went, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.simulator.story import Scene
from gateway.simulator.traffic import AFTER, BEFORE, WHILE, Passed, Rotated, lanes_of

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
ENDED = BEGAN + timedelta(seconds=10)
IN = Scene(
    title="good",
    partner="xx",
    direction="in",
    message_type="note",
    format="xx-note-1.0",
    agreement="aa-xx-notes",
    purpose="RISK",
    ends=("concluded",),
)
OUT = replace(IN, direction="out", message_type="reply", ends=("acknowledged",), lodged="aa-reply-1.0")


def passed(scene: Scene, seconds: float, kid: str) -> Passed:
    at = BEGAN + timedelta(seconds=seconds)
    return Passed(scene=scene, at=at, status=202, exchange_id="e", state=scene.ends[0], kid=kid)


def all_well() -> list[Passed]:
    lane = ((-1, "old"), (5, "old"), (9, "new"), (11, "new"))
    return [passed(scene, seconds, kid) for scene in (IN, OUT) for seconds, kid in lane]


def rotated(messages: list[Passed]) -> Rotated:
    return Rotated(began=BEGAN, ended=ENDED, new_kids=frozenset({"new"}), passed=tuple(messages))


def test_messages_are_counted_by_phase_and_key() -> None:
    found = rotated(all_well())
    assert found.good
    [(partner, direction, count), _] = found.lanes()
    assert (partner, direction) == ("xx", "in")
    assert [count[name] for name in (BEFORE, WHILE, AFTER, "old key", "new key")] == [1, 2, 1, 2, 2]


@pytest.mark.parametrize(
    ("changed", "lost", "refused"),
    [
        ({"exchange_id": "", "status": 0, "state": ""}, 1, 0),
        ({"exchange_id": "", "status": 401, "state": ""}, 1, 0),
        ({"state": "refused"}, 0, 1),
        ({"status": 400}, 0, 1),
    ],
)
def test_one_message_that_does_not_end_well_is_seen(changed: dict[str, object], lost: int, refused: int) -> None:
    messages = all_well()
    messages[1] = replace(messages[1], **changed)  # type: ignore[arg-type]
    found = rotated(messages)
    [(_, _, count), _] = found.lanes()
    assert (count["lost"], count["refused"]) == (lost, refused)
    assert not found.good


@pytest.mark.parametrize("left_out", [0, 3])
def test_a_phase_without_messages_proves_nothing(left_out: int) -> None:
    messages = all_well()
    del messages[left_out]
    assert not rotated(messages).good


def test_one_way_alone_or_one_key_alone_proves_nothing() -> None:
    assert not rotated(all_well()[:4]).good
    assert not rotated([replace(one, kid="old") for one in all_well()]).good


def test_the_first_good_scene_of_each_way_goes_on() -> None:
    bad = replace(IN, damage="doctype", ends=("refused",))
    other = replace(IN, message_type="other")
    assert lanes_of([bad, IN, other, OUT, replace(OUT, cut=True, ends=("rejected",))]) == [IN, OUT]
