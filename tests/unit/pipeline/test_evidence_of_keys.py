"""Evidence is judged by the state that a key had when something was received, whatever became of the key since."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.bootstrap import Act, KeyKeeping, Outside, build_gateway
from gateway.catalogue import load_catalogue
from gateway.errors import EnvelopeRefused
from gateway.exchange.states import State
from gateway.pipeline.facade import Gateway
from gateway.security.dated_states import write_states
from gateway.security.lifecycle import KeyState, Lifecycle, StateChange
from tests.world.partner import LONG_AGO, NOTE
from tests.world.setting import World

ACT = Act(operator="officer", reason="rehearsal")
Change = Callable[[World], None]


def keeping(world: World) -> KeyKeeping:
    return KeyKeeping(world.settings, load_catalogue(world.settings.root, cache=world.settings.cache))


def newer_list(world: World, *later: tuple[KeyState, datetime]) -> bytes:
    """The partner's list with further states of its signing key."""
    document: dict[str, Any] = json.loads(world.partner.key_list())
    course = Lifecycle.active_from(LONG_AGO).with_course(*(StateChange(state, since) for state, since in later))
    [signing] = [key for key in document["keys"] if key["use"] == "sig"]
    signing.update(write_states(course))
    return json.dumps(document).encode()


def take_in(world: World, content: bytes) -> None:
    profile = load_catalogue(world.settings.root, cache=world.settings.cache).profile("xx")
    keeping(world).take_in(profile, content, ACT)


def retired_now(world: World) -> None:
    now = datetime.now(UTC)
    take_in(world, newer_list(world, (KeyState.RETIRING, now), (KeyState.RETIRED, now)))


def retired_since_long(world: World) -> None:
    take_in(world, newer_list(world, (KeyState.RETIRED, LONG_AGO + timedelta(days=1))))


def revoked_by_us(world: World) -> None:
    profile = load_catalogue(world.settings.root, cache=world.settings.cache).profile("xx")
    [kid] = [key["kid"] for key in json.loads(world.partner.key_list())["keys"] if key["use"] == "sig"]
    keeping(world).revoke_of(profile, kid, ACT)


def compromised_now(world: World) -> None:
    take_in(world, newer_list(world, (KeyState.COMPROMISED, datetime.now(UTC))))


def compromised_since_long(world: World) -> None:
    take_in(world, newer_list(world, (KeyState.COMPROMISED, LONG_AGO + timedelta(days=1))))


@contextmanager
def again(world: World) -> Iterator[Gateway]:
    """The gateway after its lists have changed."""
    with build_gateway(world.settings, Outside(clock=world.clock, channel=world.partner)) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (retired_now, "envelope.expired-key"),
        (retired_since_long, "envelope.expired-key"),
        (revoked_by_us, "envelope.compromised-key"),
        (compromised_now, "envelope.compromised-key"),
    ],
)
def test_what_was_received_before_still_verifies_and_what_comes_after_is_refused(
    world: World, change: Change, code: str
) -> None:
    exchange_id = world.gateway.receive(world.partner.seal(NOTE, "before"), "application/jose").exchange_id
    change(world)
    with again(world) as gateway:
        gateway.process_once()  # it verifies the stored bytes once more
        assert gateway.exchange(exchange_id).exchange.state is State.ACCEPTED
        with pytest.raises(EnvelopeRefused) as refused:
            gateway.receive(world.partner.seal(NOTE, "after"), "application/jose")
        assert refused.value.stable_code == code
        assert gateway.verify_audit().ok


def test_what_was_received_after_a_compromise_that_its_owner_dates_back_is_no_evidence(world: World) -> None:
    exchange_id = world.gateway.receive(world.partner.seal(NOTE, "before"), "application/jose").exchange_id
    compromised_since_long(world)
    with again(world) as gateway:
        gateway.process_once()
        assert gateway.exchange(exchange_id).exchange.state not in {State.ACCEPTED, State.CONCLUDED}


def test_after_a_rotation_of_ours_what_was_signed_with_the_old_key_is_still_opened_and_examined(world: World) -> None:
    early = world.partner.seal(NOTE, "early")
    world.partner.know(keeping_list(world))
    exchange_id = world.gateway.receive(early, "application/jose").exchange_id
    now = datetime.now(UTC)
    for use in ("sig", "enc"):
        keeping(world).rotate(use, now, ACT)
    world.clock.go(10)
    with again(world) as gateway:
        gateway.process_once()
        assert gateway.exchange(exchange_id).exchange.state is State.ACCEPTED
        late = gateway.receive(early, "application/jose")
        assert late.repeated, "sealed to the old key, and opened by it"


def keeping_list(world: World) -> bytes:
    return (world.settings.keys_dir / "public.json").read_bytes()
