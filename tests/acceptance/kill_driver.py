"""One life of a gateway process, for the kill tests: does what the plan says, serves until nothing is due, exits.

Each life is a process of its own, forked from one that has loaded the program already. Its plan is a JSON file:
settings, the lodgements to make and the messages to receive (base64), each under its own key. The lives of one story
share the plan; what an earlier life already did is repeated, as a partner or lodger who got no answer would. Answers
are appended to a file, one JSON line each, after each answer, as the wire would carry them.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path

from gateway.bootstrap import build_gateway
from gateway.errors import GatewayError
from gateway.settings import load_settings


def live(plan_file: Path, said: Path) -> None:
    """The life of a process: without settings of the machine, its standard output and errors in a file."""
    for name in [name for name in os.environ if name.startswith("SARHAD_")]:
        del os.environ[name]
    with said.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.exit(follow(plan_file))


def follow(plan_file: Path) -> int:
    """Do what a plan says; 0 when nothing is left to do."""
    plan = json.loads(plan_file.read_text())
    settings = load_settings(**plan["settings"])
    with build_gateway(settings) as gateway:
        for lodgement in plan["lodgements"]:
            try:
                lodged = gateway.lodge(lodgement["content"].encode(), "xx", "reply", message_id=lodgement["id"])
            except GatewayError as error:
                tell(plan, {"lodged": lodgement["id"], "refused": error.stable_code})
            else:
                tell(plan, {"lodged": lodgement["id"], "exchange": lodged.exchange_id})
        for message in plan["messages"]:
            answered = gateway.receive(base64.b64decode(message["sealed"]), "application/jose")
            tell(plan, {"received": message["id"], "receipt": answered.receipt.decode()})
        settled = gateway.settle(20)
        tell(plan, {"settled": settled})
        return 0 if settled else 1


def tell(plan: dict[str, str], line: dict[str, object]) -> None:
    """What the other side of a wire would have got by now."""
    with Path(plan["answers"]).open("a") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())
