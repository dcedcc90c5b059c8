"""The gate on the partner port, and the label of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.api.partner_port import build_partner_port
from gateway.identifiers import PartnerCode
from tests.world.http import signed
from tests.world.log import entries
from tests.world.partner import NOTE
from tests.world.setting import World, world_in

BASE = "https://gateway.example"
SEALED = {"content-type": "application/jose"}
PLAIN = {"content-type": "application/xml"}


@pytest.fixture
def gated(tmp_path: Path) -> Iterator[World]:
    with world_in(tmp_path, live_gate="on") as made:
        yield made


def ask(
    call: Callable[..., Any], world: World, path: str, body: bytes, kind: dict[str, str], method: str = "POST"
) -> Any:
    request = signed(world.partner, method, BASE + path, body, kind)
    port = build_partner_port(world.gateway, public_base=BASE, message_limit=4096)
    return call(port, method, path, [body], dict(request.headers.lines))


def test_messages_wait_for_going_live_and_checks_do_not(call: Callable[..., Any], gated: World) -> None:
    sealed = gated.partner.seal(NOTE, "m-1")
    refused = ask(call, gated, "/v1/messages", sealed, SEALED)
    assert (refused.status, refused.json["title"]) == (403, "partner.not-live")
    entry = entries(gated)[-1]
    assert (entry["tag"], entry["codes"], entry["partner"]) == ("partner:message:refused", "partner.not-live", "xx")
    checked = ask(call, gated, "/v1/checks?from=xx&type=note", NOTE, PLAIN)
    assert (checked.status, checked.json["valid"]) == (200, True)
    mailbox = ask(call, gated, "/v1/mailbox?from=xx", b"", {}, method="GET")
    assert (mailbox.status, mailbox.json["title"]) == (403, "partner.not-live")
    gated.gateway.live_gate.override(PartnerCode("xx"), operator="A. Person", reason="x")
    assert ask(call, gated, "/v1/messages", sealed, SEALED).status == 202


def test_only_a_sandbox_names_its_realm(call: Callable[..., Any], tmp_path: Path, gated: World) -> None:
    live = ask(call, gated, "/v1/checks?from=xx&type=note", NOTE, PLAIN)
    assert "sarhad-realm" not in live.headers
    with world_in(tmp_path / "other", realm="sandbox") as sandbox:
        labelled = ask(call, sandbox, "/v1/checks?from=xx&type=note", NOTE, PLAIN)
        refused = ask(call, sandbox, "/v1/messages", b"x", SEALED)
    assert labelled.headers["sarhad-realm"] == "sandbox"
    assert (refused.status, refused.headers["sarhad-realm"]) == (400, "sandbox")
