"""A whole gateway on both databases: messages both ways with workers running, several receivers at once."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

from tests.world.partner import note
from tests.world.setting import world_in


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_messages_both_ways_with_workers_and_receivers_at_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    with world_in(tmp_path, database_url=url, inline_answer_seconds=0) as world:
        gateway, partner = world.gateway, world.partner
        gateway.start()
        sealed = [partner.seal(note(f"N-{number}"), f"m-{number}") for number in range(12)]
        sealed += sealed[::3]  # some come twice

        def send(part: list[bytes]) -> None:
            for data in part:
                gateway.receive(data, "application/jose")

        def lodge() -> None:
            for number in range(6):
                gateway.lodge(b'{"number": "L"}', "xx", "reply", message_id=f"l-{number}")

        threads = [threading.Thread(target=send, args=(sealed[at::3],)) for at in range(3)]
        threads.append(threading.Thread(target=lodge))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert gateway.settle(60)
        gateway.stop()
        states = Counter(one.exchange.state.value for one in gateway.exchanges())
        assert states == {"concluded": 12, "receipted": 6}
        assert [entry.position for entry in gateway.feeds.page("rms").entries] == list(range(1, 13))
        assert [one for one in partner.taken if one.startswith("l-")] == [f"l-{number}" for number in range(6)]
        gateway.checkpoint()
        assert gateway.verify_audit().ok
