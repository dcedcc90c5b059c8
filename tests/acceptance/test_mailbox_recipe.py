"""The lines of the how-to page for the mailbox, typed by hand against a gateway that serves."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.bootstrap import Outside, build_gateway, import_partner_keys, own_key_list
from gateway.client.side import make_side_keys
from gateway.exchange.states import State
from tests.world.neighbours import two_partners
from tests.world.partner import Partner
from tests.world.process import running
from tests.world.setting import MovableClock, prepared

TOOLS = ("bash", "openssl", "curl", "basenc", "jq")


@pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}")
def test_the_mailbox_by_hand(tmp_path: Path, project_root: Path) -> None:
    page = (project_root / "docs" / "howto" / "exchange-as-a-partner.md").read_text(encoding="utf-8")
    [recipe] = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    settings = prepared(tmp_path, Partner(), root=two_partners(tmp_path), cache_dir=tmp_path / "cache")
    (settings.state_dir / "partner-keys" / "xx.json").unlink()
    import_partner_keys(settings, "xx", make_side_keys(tmp_path / "keys", "xx"))
    assert own_key_list(settings)
    with build_gateway(settings, Outside(clock=MovableClock())) as gateway:
        exchange_id = gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1").exchange_id
    with running(settings, tmp_path / "log") as (port, _):
        typed = recipe.replace("http://127.0.0.1:8461", f"http://127.0.0.1:{port}")
        done = subprocess.run(["bash", "-euc", typed], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["repeated"] is False, done.stdout
    assert (tmp_path / "message.jwe").read_bytes().count(b".") == 4
    with build_gateway(settings, Outside(clock=MovableClock())) as gateway:
        assert gateway.exchange(exchange_id).exchange.state is State.RECEIPTED
        assert gateway.verify_audit().ok
