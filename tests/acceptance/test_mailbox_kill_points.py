"""SIGKILL at each gate of the mailbox: what a partner was told is stored, and what is stored is told again.

The first receipt is taken, the process dies over the second. After the next life every message is delivered once, with
the receipt that the partner has signed, and the log verifies.
"""

from __future__ import annotations

import json
import multiprocessing
import signal
from pathlib import Path

import pytest

from gateway.bootstrap import Outside, build_gateway
from gateway.exchange.states import State
from gateway.identifiers import PartnerCode
from gateway.ports import Gate
from gateway.settings import Settings
from tests.acceptance import mailbox_driver
from tests.world.neighbours import two_partners
from tests.world.partner import Partner
from tests.world.setting import MovableClock, prepared

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([mailbox_driver.__name__])
XX = PartnerCode("xx")
MAILBOX_GATES = [gate for gate in Gate if gate.value.startswith("mailbox.")]


def live(plan: Path, kill_at: str = "") -> int | None:
    """One life; its exit code, negative for a signal."""
    document = json.loads(plan.read_text())
    document["settings"]["kill_at"] = kill_at
    plan.write_text(json.dumps(document))
    life = PROCESSES.Process(target=mailbox_driver.live, args=(plan,))
    life.start()
    life.join(timeout=60)
    return life.exitcode


def planned(folder: Path, settings: Settings, partner: Partner) -> Path:
    """Two messages that the partner has collected, and a plan to hand in its receipts."""
    with build_gateway(settings, Outside(clock=MovableClock(), channel=partner)) as gateway:
        mailbox = gateway.partners.mailbox
        for message_id in ("l-1", "l-2"):
            gateway.lodge(b'{"number": "L"}', "xx", "reply", message_id=message_id)
        waiting = [entry.message.key for entry in mailbox.waiting(XX, 10)]
        receipts = [(key, partner.take(mailbox.collect(XX, key)).body.decode()) for key in waiting]
    shown = settings.model_dump(mode="json", include={"root", "state_dir", "log_origin", "cache_dir"})
    plan = {"settings": shown, "receipts": receipts, "told": str(folder / "told")}
    (folder / "plan.json").write_text(json.dumps(plan))
    return folder / "plan.json"


@pytest.mark.parametrize("gate", MAILBOX_GATES)
def test_killed_at_a_gate_of_the_mailbox(gate: Gate, tmp_path: Path) -> None:
    partner = Partner()
    settings = prepared(tmp_path, partner, root=two_partners(tmp_path), cache_dir=tmp_path / "cache")
    plan = planned(tmp_path, settings, partner)
    assert live(plan, f"{gate.value}:2") == -signal.SIGKILL
    assert live(plan) == 0
    told = [json.loads(line) for line in (tmp_path / "told").read_text().splitlines()]
    assert [line["message_id"] for line in told] == ["l-1", "l-1", "l-2"]
    assert [line["repeated"] for line in told] == [False, True, gate is Gate.MAILBOX_AFTER_STORE]
    with build_gateway(settings, Outside(clock=MovableClock(), channel=partner)) as gateway:
        assert gateway.partners.mailbox.waiting(XX, 10) == ()
        views = [gateway.exchange(one.exchange.id) for one in gateway.exchanges()]
        assert [view.exchange.state for view in views] == [State.RECEIPTED, State.RECEIPTED]
        assert [[attempt.code for attempt in view.attempts] for view in views] == [["collected"]] * 2
        kept = [view.receipts[0].compact for view in views]
        assert kept == [partner.taken[name].receipt for name in ("l-1", "l-2")]
        assert gateway.verify_audit().ok
