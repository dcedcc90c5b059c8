"""A whole mailbox on both databases: many hands at once deliver each message once, in order."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gateway.errors import InvalidTransition
from gateway.exchange.states import State
from gateway.identifiers import PartnerCode
from tests.world.log import tags
from tests.world.neighbours import neighbours_in

XX = PartnerCode("xx")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_receipts_handed_in_at_once_while_the_dispatcher_looks(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    with neighbours_in(tmp_path, database_url=url, dispatch_seconds=0.05) as both:
        gateway, partner = both.gateway, both.world.partner
        mailbox = gateway.partners.mailbox
        for number in range(4):
            gateway.lodge(b'{"number": "L"}', "xx", "reply", message_id=f"l-{number}")
        waiting = [entry.message.key for entry in mailbox.waiting(XX, 10)]
        receipts = {key: partner.take(mailbox.collect(XX, key)).body for key in waiting}
        taken: list[str] = []

        def hand_in() -> None:
            for key in waiting:
                while True:
                    try:
                        answer = mailbox.take_receipt(XX, key, receipts[key])
                    except InvalidTransition:  # another thread is at an older one
                        continue
                    if not answer.repeated:
                        taken.append(answer.message.message_id)
                    break

        gateway.start()
        threads = [threading.Thread(target=hand_in) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert gateway.settle(30)
        gateway.stop()
        assert taken == [f"l-{number}" for number in range(4)]
        assert {one.exchange.state for one in gateway.exchanges()} == {State.RECEIPTED}
        assert tags(both.world).count("partner:receipt:received") == 4
        assert partner.deliveries == []
        gateway.checkpoint()
        assert gateway.verify_audit().ok
