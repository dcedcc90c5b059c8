"""The partner's client and a gateway that serves: signed both ways, and what a partner with the switch off may do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.partner_channel import HttpAnswer, HttpLink
from gateway.bootstrap import import_partner_keys, own_key_list, set_up
from gateway.client.client import GatewayClient
from gateway.client.side import Side, make_side_keys, read_side
from gateway.errors import DeliveryFailed
from gateway.settings import Settings
from tests.world.log import entries_in
from tests.world.partner import NOTE
from tests.world.process import running
from tests.world.setting import data_with, settings_in


class Recording(HttpLink):
    """Can give the first answer again instead of the one that came."""

    def __init__(self) -> None:
        super().__init__(timeout=30.0, answer_limit=1 << 20)
        self.answers: list[HttpAnswer] = []
        self.replays = False

    def request(
        self, method: str, url: str, *, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        self.answers.append(super().request(method, url, content=content, headers=headers))
        return self.answers[0] if self.replays else self.answers[-1]


@contextmanager
def serving(folder: Path, http_signature: str) -> Iterator[tuple[str, Side, Settings]]:
    """A gateway process; the address of its partner port, the partner's side, the settings."""
    settings = settings_in(folder, root=data_with(folder, http_signature=http_signature))
    set_up(settings)
    import_partner_keys(settings, "xx", make_side_keys(folder / "side", "xx"))
    (folder / "gateway-keys.json").write_bytes(own_key_list(settings))
    side = read_side(folder / "side", code="xx", home="aa", gateway_keys=folder / "gateway-keys.json")
    with running(settings, folder / "log") as (port, _):
        yield f"http://127.0.0.1:{port}", side, settings


def handed_in(client: GatewayClient, message_id: str) -> int:
    sealed = client.seal(
        NOTE,
        message_id=message_id,
        agreement="aa-xx-notes",
        message_type="note",
        format_name="xx-note-1.0",
        purpose="RISK",
    )
    return client.hand_in(sealed).status


def logged(settings: Settings, tag: str) -> list[dict[str, Any]]:
    return [entry for entry in entries_in(settings) if entry["tag"] == tag]


def test_a_signed_exchange_and_an_answer_that_is_given_again(tmp_path: Path) -> None:
    with serving(tmp_path, "cgw-1") as (url, side, settings), closing(Recording()) as link:
        client = GatewayClient(side, url, link)
        assert handed_in(client, "m-1") == 202
        assert client.status("m-1")["message_id"] == "m-1"
        assert client.status("m-2")["title"] == "not-found"
        assert client.status("a/b ?%")["title"] in {"not-found", "http.404"}
        assert "aa-xx-notes" in {one["id"] for one in client.agreements()}
        assert client.check(NOTE, "note")["valid"] is True
        assert client.check(b"<Note", "note")["valid"] is False
        link.replays = True
        with pytest.raises(DeliveryFailed) as failed:
            handed_in(client, "m-3")
        assert failed.value.stable_code == "delivery.answer-signature-wrong"
        [received] = [entry for entry in logged(settings, "partner:message:received") if entry["message"] == "m-1"]
        assert received["off"] == "auth"


def test_a_client_that_does_not_sign_is_refused_where_the_switch_is_on(tmp_path: Path) -> None:
    with serving(tmp_path, "cgw-1") as (url, side, settings), closing(Recording()) as link:
        client = GatewayClient(side, url, link, signed=False)
        assert handed_in(client, "m-1") == 401
        assert client.status("m-1")["title"] == "http.signature-missing"
        assert [entry["codes"] for entry in logged(settings, "partner:request:refused")] == [
            "http.signature-missing",
            "http.signature-missing",
        ]


def test_with_the_switch_off_both_ways_are_taken_and_it_is_logged_with_each_message(tmp_path: Path) -> None:
    with serving(tmp_path, "none") as (url, side, settings), closing(Recording()) as link:
        plain, signing = GatewayClient(side, url, link, signed=False), GatewayClient(side, url, link)
        assert handed_in(plain, "m-1") == handed_in(signing, "m-2") == 202
        assert plain.status("m-1")["message_id"] == signing.status("m-1")["message_id"] == "m-1"
        assert plain.check(NOTE, "note")["valid"] is True
        received = logged(settings, "partner:message:received")
        assert [entry["off"] for entry in received] == ["auth http_signature"] * 2


@pytest.mark.parametrize(("switch", "off"), [("cgw-1", "auth"), ("none", "auth, http_signature")])
def test_what_is_off_is_shown(tmp_path: Path, switch: str, off: str) -> None:
    command = [sys.executable, "-m", "gateway", "partner", "show", "xx"]
    variables = {"SARHAD_ROOT": str(data_with(tmp_path, http_signature=switch)), "PATH": "/usr/bin:/bin"}
    shown = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=True)
    assert f"switched off: {off}\n" in shown.stdout


@pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in ("bash", "openssl", "curl", "basenc")), reason="needs openssl and curl"
)
def test_the_recipe_with_openssl_and_curl_is_understood(tmp_path: Path, project_root: Path) -> None:
    page = (project_root / "docs" / "howto" / "exchange-as-a-partner.md").read_text(encoding="utf-8")
    [recipe] = re.findall(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    with serving(tmp_path, "cgw-1") as (url, _side, _settings):
        (tmp_path / "keys").symlink_to(tmp_path / "side")
        (tmp_path / "manifest.xml").write_bytes(NOTE)
        typed = recipe.replace("http://127.0.0.1:8461", url).replace("type=manifest", "type=note")
        for _repeated in range(8):  # one number in 256 begins with a zero byte
            done = subprocess.run(["bash", "-euc", typed], cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["valid"] is True, done.stdout
