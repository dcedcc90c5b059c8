"""What monitoring is told of keys, certificates and waiting work."""

from __future__ import annotations

import json
from collections import Counter

from tests.world.partner import answer
from tests.world.setting import World


def test_our_keys_and_the_partners_are_measured(world: World) -> None:
    figures = world.gateway.upkeep.figures()
    owners = Counter((one.owner, one.use) for one in figures.expiries)
    assert owners == {("aa", "sig"): 2, ("aa", "enc"): 1, ("xx", "sig"): 1, ("xx", "enc"): 1}
    ours = [one for one in figures.expiries if one.owner == "aa"]
    assert {round(one.days_left(figures.at) or 0) for one in ours} == {730}
    assert {one.days_left(figures.at) for one in figures.expiries if one.owner == "xx"} == {None}


def test_what_waits_is_counted(world: World) -> None:
    world.partner.mood.append(answer(422))
    world.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1")
    assert world.gateway.upkeep.figures().due == 1
    world.gateway.dispatch_once()
    figures = world.gateway.upkeep.figures()
    assert (figures.due, figures.dead_letters, figures.list_faults) == (0, 1, 0)
    assert figures.log_size > 0


def test_the_published_keys_are_ours_and_public(world: World) -> None:
    keys = json.loads(world.gateway.upkeep.jwk_set())["keys"]
    assert sorted(key["use"] for key in keys) == ["enc", "sig", "sig"]
    assert not [key for key in keys if "d" in key]
