"""Playing the scenes of a story in a world, and telling what came of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gateway.catalogue import Catalogue
from gateway.errors import NotFound, TemporaryFailure
from gateway.simulator.damage import cut_off
from gateway.simulator.messages import lodgeable
from gateway.simulator.story import Scene
from gateway.simulator.world import World

SECONDS_TO_SETTLE = 90
PAGE = 500
NOT_PLAYED = "not played"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of one scene.

    Attributes:
        status: HTTP status of the answer.
        exchange_id: empty where the gateway kept none.
        formats: from which format to which it was carried.
        state: last state of the exchange, or ``refused at the door``, or ``not played`` where no message of our own
            form could be made up that the partner's form can carry.
        withheld: how many places were withheld.
        losses: the losses of the conversion, as words.
        why: the code that decided, where something was refused.
        as_expected: whether it ended as the scene says.
    """

    scene: Scene
    status: int
    exchange_id: str = ""
    state: str = ""
    formats: str = ""
    clause: str = ""
    withheld: int = 0
    losses: str = ""
    why: str = ""
    same_receipt: bool | None = None
    as_expected: bool = True


class Teller:
    """Plays scenes one after the other.

    Args:
        world: running.
        catalogue: the data folders that the world runs on.
        seed: first seed of generated messages.
    """

    def __init__(self, world: World, catalogue: Catalogue, seed: int) -> None:
        self._world = world
        self._catalogue = catalogue
        self._seed = seed

    def play(self, scenes: Iterable[Scene], progress: Callable[[str], None]) -> list[Told]:
        """Play the scenes, wait until nothing is due any more, and tell what came of each.

        Args:
            scenes: in order.
            progress: told a line as each scene begins.
        """
        played = []
        for number, scene in enumerate(scenes):
            progress(f"{scene.partner} {scene.direction:3} {scene.message_type}: {scene.title}")
            act = self._lodge if scene.direction == "out" else self._send
            played.append(act(scene, self._seed * 1000 + number if scene.seed is None else scene.seed))
        progress("waiting until every exchange has come to its end")
        self._settle()
        return [self._told(one) for one in played]

    def exchange(self, exchange_id: str) -> dict[str, Any]:
        """One exchange whole, as the internal port tells it."""
        found: dict[str, Any] = self._world.get(f"/internal/v1/exchanges/{exchange_id}")
        return found

    def _send(self, scene: Scene, seed: int) -> Told:
        query = f"type={scene.message_type}&seed={seed}&damage={scene.damage}"
        if scene.richness is not None:
            query += f"&richness={scene.richness}"
        sent = self._world.ask_partner(scene.partner, f"/simulator/send?{query}")
        return Told(
            scene=scene,
            status=sent["status"],
            exchange_id=sent["exchange_id"],
            why=sent["code"],
            same_receipt=sent["same_receipt"],
        )

    def _lodge(self, scene: Scene, seed: int) -> Told:
        try:
            message = lodgeable(self._catalogue, scene.partner, scene.lodged, scene.format, seed)
        except NotFound as nothing:
            return Told(scene=scene, status=0, state=NOT_PLAYED, why=nothing.stable_code)
        if scene.refused_by_partner:
            self._settle()
            self._world.ask_partner(scene.partner, "/simulator/refuse-next")
        chosen = self._catalogue.formats.get(scene.lodged)
        data = chosen.write(message)
        answer = self._world.lodge(
            cut_off(data) if scene.cut else data,
            scene.partner,
            scene.message_type,
            scene.purpose,
            f"application/{chosen.head.syntax}",
        )
        document = orjson.loads(answer.body)
        return Told(
            scene=scene,
            status=answer.status,
            exchange_id=document.get("exchange_id", ""),
            why=document.get("title", ""),
        )

    def _settle(self) -> None:
        until = time.monotonic() + SECONDS_TO_SETTLE
        while time.monotonic() < until:
            found = self._world.get(f"/internal/v1/exchanges?limit={PAGE}")["exchanges"]
            if all(exchange["final"] for exchange in found):
                return
            time.sleep(0.1)
        raise TemporaryFailure("the exchanges did not come to an end in time", code="demo.not-settled")

    def _told(self, played: Told) -> Told:
        scene = played.scene
        if played.state == NOT_PLAYED:
            return played
        if not played.exchange_id:
            state = "refused at the door"
            return replace(played, state=state, as_expected=played.status in scene.statuses and not scene.ends)
        view = self.exchange(played.exchange_id)
        report = view["report"] or {}
        ended_well = view["state"] in scene.ends and played.status in scene.statuses
        return replace(
            played,
            state=view["state"],
            formats=" > ".join(filter(None, (report.get("source_format"), report.get("target_format")))),
            clause=" ".join(filter(None, (report.get("agreement", ""), report.get("clause", "")))),
            withheld=sum(int(place.get("count", 1)) for place in report.get("withheld", ())),
            losses=_losses(report.get("account")),
            why=_reason(view, report) or played.why,
            as_expected=ended_well and played.same_receipt is not False,
        )


def _losses(account: dict[str, Any] | None) -> str:
    counts: dict[str, int] = {}
    for line in (account or {}).get("source", ()):
        loss = line.get("loss") or "none"
        if loss != "none":
            counts[loss] = counts.get(loss, 0) + int(line.get("count", 1))
    return ", ".join(f"{loss} {count}" for loss, count in sorted(counts.items()))


def _reason(view: dict[str, Any], report: dict[str, Any]) -> str:
    findings = [finding for finding in report.get("findings", ()) if finding.get("severity") == "error"]
    for answer in view.get("acknowledgements", ()):
        findings += [finding for finding in answer.get("findings", ()) if finding.get("severity") == "error"]
    if not findings:
        return ""
    first = findings[0]
    row = f" row {first['row']}" if first.get("row") else ""
    return f"{first['code']}{row}"
