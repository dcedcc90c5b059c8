"""SIGKILL at every named gate of the stages, in a real process with a real partner on HTTP; then a second life.

After it: every message in one final state, each accepted one in the feed exactly once, to the partner the same bytes
under one id only, no receipt without stored evidence, repeated receipts equal byte for byte, and the log verifies.
The gates of the mailbox have their own story (`test_mailbox_kill_points`).
"""

from __future__ import annotations

import base64
import json
import multiprocessing
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import Outside, build_gateway
from gateway.pipeline.facade import Gateway
from gateway.ports import Gate
from gateway.settings import Settings
from tests.acceptance import kill_driver
from tests.world.partner import NOTE, Partner, note
from tests.world.server import serving
from tests.world.setting import MovableClock, prepared

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([kill_driver.__name__])
INLINE_LIMIT = 2000
ACCEPTED, REFUSED, ANSWER, LODGED, WITHHELD = "small large", "broken", "answer", "l-1 l-2", "l-3"


@dataclass(frozen=True, kw_only=True)
class Story:
    """What happens in one test, over several lives of the process."""

    settings: Settings
    partner: Partner
    plan: Path
    answers: Path

    def live(self, kill_at: str = "") -> int:
        """One life; gives the exit code, negative for a signal."""
        plan = json.loads(self.plan.read_text())
        plan["settings"]["kill_at"] = kill_at
        self.plan.write_text(json.dumps(plan))
        said = self.plan.with_name("said")
        life = PROCESSES.Process(target=kill_driver.live, args=(self.plan, said))
        life.start()
        life.join(timeout=60)
        if life.exitcode not in (0, -signal.SIGKILL):
            life.kill()
            pytest.fail(f"the process ended with {life.exitcode}:\n{said.read_text()}")
        return life.exitcode

    def told(self, member: str) -> list[dict[str, Any]]:
        """What the other sides were told, in all lives, by its kind."""
        lines = self.answers.read_text().splitlines() if self.answers.exists() else []
        return [line for line in map(json.loads, lines) if member in line]


def a_story(folder: Path, partner: Partner, endpoint: str) -> Story:
    """A prepared gateway, and a plan with everything that can happen to a message."""
    settings = prepared(
        folder, partner, body_inline_limit=INLINE_LIMIT, partner_endpoints={"xx": endpoint}, cache_dir=folder / "cache"
    )
    lines = b"".join(b"<Line><No>%d</No><Goods>%s</Goods></Line>" % (n, b"g" * 60) for n in range(1, 60))
    messages = {
        "small": partner.seal(NOTE, "small"),
        "large": partner.seal(note("N-2", lines), "large"),
        "broken": partner.seal(b"<Note", "broken"),
        "answer": partner.acknowledge("l-1", "answer"),
    }
    lodgements = {
        "l-1": '{"number": "L-1", "secret": "hidden"}',
        "l-2": '{"number": "L-2"}',
        "l-3": '{"number": 3}',
    }
    plan = {
        "settings": {
            **settings.model_dump(mode="json", include={"root", "state_dir", "log_origin", "body_inline_limit"}),
            "cache_dir": str(folder / "cache"),
            "partner_endpoints": {"xx": endpoint},
        },
        "answers": str(folder / "answers"),
        "messages": [{"id": name, "sealed": base64.b64encode(data).decode()} for name, data in messages.items()],
        "lodgements": [{"id": name, "content": content} for name, content in lodgements.items()],
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    return Story(settings=settings, partner=partner, plan=folder / "plan.json", answers=folder / "answers")


def check_end(story: Story) -> None:
    """What must hold after the last life."""
    with build_gateway(story.settings, Outside(clock=MovableClock(), channel=story.partner)) as gateway:
        exchanges = {exchange.exchange.id: exchange.as_json() for exchange in gateway.exchanges()}
        by_message = {}
        for exchange_id in exchanges:
            [document] = [one for one in gateway.exchange(exchange_id).messages if not one.is_acknowledgement]
            by_message[document.message_id] = exchanges[exchange_id]["state"]
        assert by_message == {
            "small": "concluded",
            "large": "concluded",
            "broken": "refused",
            "l-1": "acknowledged",
            "l-2": "receipted",
            "l-3": "rejected",
        }
        feed = gateway.feeds.page("rms").entries
        assert Counter(gateway.exchange(entry.exchange_id).messages[0].message_id for entry in feed) == Counter(
            ["small", "large"]
        )
        check_receipts(story, gateway)
        check_partner(story)
        report = gateway.verify_audit()
        assert report.ok, report.as_json()
        assert gateway.dead_letters() == []


def check_receipts(story: Story, gateway: Gateway) -> None:
    """Every receipt that ever went out is stored, and a repeated one is the first one."""
    for line in story.told("received"):
        status = gateway.message_status(line["received"], "xx")
        assert status.receipt.decode() == line["receipt"]
    assert {line["received"] for line in story.told("received")} == {"small", "large", "broken", "answer"}
    assert {line.get("exchange") for line in story.told("lodged") if line["lodged"] == "l-1"} == {
        gateway.exchange(line["exchange"]).exchange.id for line in story.told("exchange") if line["lodged"] == "l-1"
    }


def check_partner(story: Story) -> None:
    """The partner holds each message once; `Partner.take` has refused other bytes under a known id."""
    documents = [one for one in story.partner.taken.values() if one.message_type == "reply"]
    assert sorted(one.message_id for one in documents) == ["l-1", "l-2"]
    assert all(b"hidden" not in one.payload for one in documents)
    for ref, outcome in (("small", "accepted"), ("large", "accepted"), ("broken", "refused")):
        assert [answer["outcome"] for answer in story.partner.answers_to(ref)] == [outcome]


@pytest.mark.parametrize("gate", [gate for gate in Gate if not gate.value.startswith("mailbox.")])
def test_killed_at_a_gate_nothing_is_lost_and_nothing_is_done_twice(gate: Gate, tmp_path: Path) -> None:
    partner = Partner()
    with serving(partner) as endpoint:
        story = a_story(tmp_path, partner, endpoint)
        assert story.live(gate.value) == -signal.SIGKILL
        assert story.live() == 0
    check_end(story)


def test_killed_again_and_again(tmp_path: Path) -> None:
    """Deaths at ever later passings of different gates, one life after the other."""
    partner = Partner()
    deaths = (
        "outbound.after-store:2",
        "inbound.inside-store:2",
        "examine.inside-store:2",
        "dispatch.after-send:2",
        "dispatch.inside-store:2",
        "examine.after-store",
        "dispatch.after-store:2",
    )
    with serving(partner) as endpoint:
        story = a_story(tmp_path, partner, endpoint)
        died = [story.live(death) for death in deaths]
        assert died.count(-signal.SIGKILL) >= 5
        assert story.live() == 0
    check_end(story)


def test_an_undisturbed_life_ends_the_same(tmp_path: Path) -> None:
    partner = Partner()
    with serving(partner) as endpoint:
        story = a_story(tmp_path, partner, endpoint)
        assert story.live() == 0
    assert Counter(partner.deliveries).most_common(1)[0][1] == 1
    check_end(story)
