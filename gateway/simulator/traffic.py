"""Messages both ways, one after the other, while the keys of both sides change: none may be lost, none refused.

The keys change the operators' way. Our list is rotated by the command and handed to each partner as a file; each
partner rotates its own and hands its list over, which the command imports. Nobody is restarted, nobody waits.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from gateway.catalogue import Catalogue
from gateway.errors import GatewayError
from gateway.simulator.messages import lodgeable
from gateway.simulator.story import Scene
from gateway.simulator.world import World

PAUSE_SECONDS = 0.5
"""Between two messages of one sender."""
SECONDS_AROUND = 2.0
"""How long messages go both ways before the first change, and after the last one."""
LEAD = timedelta(seconds=5)
"""How long new keys are published before their first use here; in earnest it is a week.

A list that is taken up later than that does no harm: whoever is refused for a key that is news to the other side tries
the same bytes again.
"""

BEFORE, WHILE, AFTER = "before", "while the keys changed", "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One message of the traffic.

    Attributes:
        at: when it was handed in.
        status: HTTP status of the answer; 0 where none came.
        exchange_id: empty where the gateway kept none.
        state, kid: how it ended, and the key that signed it.
    """

    scene: Scene
    at: datetime
    status: int
    exchange_id: str
    state: str = ""
    kid: str = ""

    @property
    def lost(self) -> bool:
        """Nobody holds it, or it did not come to the end that a good message has."""
        return not self.exchange_id or not self.state

    @property
    def refused(self) -> bool:
        """It was answered with a refusal, or ended in one."""
        return not self.lost and (self.status not in self.scene.statuses or self.state not in self.scene.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What came of the traffic.

    Attributes:
        began: when the first list changed.
        ended: when the last new key took over.
        new_kids: of all new keys.
        passed: every message.
    """

    began: datetime
    ended: datetime
    new_kids: frozenset[str]
    passed: tuple[Passed, ...]

    def phase(self, one: Passed) -> str:
        """When a message was handed in."""
        if one.at < self.began:
            return BEFORE
        return WHILE if one.at < self.ended else AFTER

    def lanes(self) -> list[tuple[str, str, Counter[str]]]:
        """For each partner and direction: messages by phase, by old and new key, lost and refused ones."""
        counts: dict[tuple[str, str], Counter[str]] = {}
        for one in self.passed:
            count = counts.setdefault((one.scene.partner, one.scene.direction), Counter())
            count[self.phase(one)] += 1
            count["new key" if one.kid in self.new_kids else "old key"] += 1
            count["lost"] += one.lost
            count["refused"] += one.refused
        return [(*lane, count) for lane, count in sorted(counts.items())]

    @property
    def good(self) -> bool:
        """Messages went both ways all the time, under old keys and new ones, and none was lost or refused."""
        needed = (BEFORE, WHILE, AFTER, "old key", "new key")
        lanes = self.lanes()
        both = {direction for _, direction, _ in lanes} == {"in", "out"}
        return both and all(
            all(count[name] for name in needed) and not count["lost"] and not count["refused"] for _, _, count in lanes
        )


class Traffic:
    """Senders of good messages, each a thread.

    Args:
        world: running.
        catalogue: the data folders that it runs on.
        seed: of the generated messages.
    """

    def __init__(self, world: World, catalogue: Catalogue, seed: int) -> None:
        self._world = world
        self._catalogue = catalogue
        self._seed = seed
        self._stop = threading.Event()
        self._passed: list[Passed] = []

    def rotate_under(self, scenes: list[Scene], partners: tuple[str, ...], progress: Callable[[str], None]) -> Rotated:
        """Change the keys of both sides while the scenes are played again and again.

        Args:
            scenes: good ones, one for each partner and direction.
            partners: codes of all partners.
            progress: told a line as each step begins.

        Raises:
            TemporaryFailure: a command failed.
        """
        with self._sending(scenes):
            time.sleep(SECONDS_AROUND)
            began = datetime.now(UTC)
            progress("new keys of ours, handed to every partner, while messages go both ways")
            first_uses = self._world.rotate_gateway_keys(LEAD)
            for partner in partners:
                self._world.hand_over_keys(partner)
            for partner in partners:
                progress(f"new keys of {partner}, imported from the list that it handed over")
                first_uses |= self._world.rotate_partner_keys(partner, LEAD)
            last = max(first_uses.values())
            time.sleep(max(0.0, (last - datetime.now(UTC)).total_seconds()) + SECONDS_AROUND)
        passed = tuple(self._ended(one) for one in self._passed)
        return Rotated(began=began, ended=last, new_kids=frozenset(first_uses), passed=passed)

    @contextmanager
    def _sending(self, scenes: list[Scene]) -> Iterator[None]:
        senders = [threading.Thread(target=self._send, args=(scene, self._maker(scene))) for scene in scenes]
        for sender in senders:
            sender.start()
        try:
            yield
        finally:
            self._stop.set()
            for sender in senders:
                sender.join()

    def _send(self, scene: Scene, hand_in: Callable[[], tuple[int, str]]) -> None:
        while not self._stop.wait(PAUSE_SECONDS):
            at = datetime.now(UTC)
            try:
                status, exchange_id = hand_in()
            except GatewayError:
                status, exchange_id = 0, ""
            self._passed.append(Passed(scene=scene, at=at, status=status, exchange_id=exchange_id))

    def _maker(self, scene: Scene) -> Callable[[], tuple[int, str]]:
        """What hands in one message of a scene; gives status and exchange id."""
        if scene.direction == "in":
            return lambda: self._from_partner(scene)
        chosen = self._catalogue.formats.get(scene.lodged)
        message = lodgeable(self._catalogue, scene.partner, scene.lodged, scene.format, self._seed)
        data, kind = chosen.write(message), f"application/{chosen.head.syntax}"
        return lambda: self._from_us(scene, data, kind)

    def _from_partner(self, scene: Scene) -> tuple[int, str]:
        query = f"type={scene.message_type}&seed={self._seed}&richness=0"
        sent = self._world.ask_partner(scene.partner, f"/simulator/send?{query}")
        return sent["status"], sent["exchange_id"]

    def _from_us(self, scene: Scene, data: bytes, kind: str) -> tuple[int, str]:
        answer = self._world.lodge(data, scene.partner, scene.message_type, scene.purpose, kind)
        return answer.status, orjson.loads(answer.body).get("exchange_id", "")

    def _ended(self, one: Passed) -> Passed:
        if not one.exchange_id:
            return one
        self._world.wait_until_final(one.exchange_id)
        view: dict[str, Any] = self._world.get(f"/internal/v1/exchanges/{one.exchange_id}")
        way = {"in": "inbound", "out": "outbound"}[one.scene.direction]
        [kid] = {message["kid"] for message in view["messages"] if _opens(message, way)}
        return Passed(
            scene=one.scene, at=one.at, status=one.status, exchange_id=one.exchange_id, state=view["state"], kid=kid
        )


def _opens(message: dict[str, Any], way: str) -> bool:
    """Whether a message is the one that the exchange is about, not the answer to it."""
    return bool(message["direction"] == way and not message["ref"])


def lanes_of(scenes: list[Scene]) -> list[Scene]:
    """Of the scenes of a story the first good one for each partner and direction."""
    chosen: dict[tuple[str, str], Scene] = {}
    for scene in scenes:
        if scene.ends in {("concluded",), ("acknowledged",)} and not scene.damage:
            chosen.setdefault((scene.partner, scene.direction), scene)
    return list(chosen.values())
