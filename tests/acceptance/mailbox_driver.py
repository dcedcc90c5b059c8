"""One life of a gateway process into whose mailbox a partner hands a receipt; it may die on the way."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from gateway.bootstrap import build_gateway
from gateway.identifiers import PartnerCode
from gateway.settings import load_settings


def live(plan_file: Path) -> None:
    """Hand in the receipts of a plan, in order; each that is taken is written down as the partner would be told."""
    for name in [name for name in os.environ if name.startswith("SARHAD_")]:
        del os.environ[name]
    plan = json.loads(plan_file.read_text())
    with build_gateway(load_settings(**plan["settings"])) as gateway:
        for entry_id, body in plan["receipts"]:
            taken = gateway.partners.mailbox.take_receipt(PartnerCode("xx"), entry_id, body.encode())
            with Path(plan["told"]).open("a", encoding="utf-8") as file:
                file.write(json.dumps(taken.as_json()) + "\n")
                file.flush()
                os.fsync(file.fileno())
    sys.exit(0)
