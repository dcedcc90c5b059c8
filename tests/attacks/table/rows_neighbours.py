"""One partner after what belongs to another: messages, mailbox, log entries, agreements, formats (OWASP API1:2023)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.attacks.table.attacker import MESSAGES, XML, Attacker
from tests.attacks.table.row import MESSAGE_REFUSED, Attack
from tests.attacks.table.wire import Shot
from tests.world.partner import NOTE

Shoot = Callable[[Attacker], Shot]
OTHER = "http.other-sender"
CONFUSED = "RFC 9421 s. 7.1.1, confused deputy"
OBJECT = "OWASP API1:2023, CWE-639"


def neighbour(name: str, source: str, shoot: Shoot, status: int, code: str, **more: Any) -> Attack:
    return Attack(
        name=f"neighbour: {name}", kind="neighbour", source=source, shoot=shoot, status=status, code=code, **more
    )


def asked(path: str, content: bytes | None = None) -> Shoot:
    """A request of ``yy``, good in all its proofs, that names ``xx``."""

    def shoot(attacker: Attacker) -> Shot:
        kind = {"content-type": "application/json"} if content is not None else {}
        method = "GET" if content is None else "POST"
        return attacker.send(method, path, content or b"", kind, by="yy", certificate="yy")

    return shoot


def message(attacker: Attacker) -> Shot:
    """A message that is there, but was sent by somebody else."""
    name = attacker.fresh()
    attacker.handed_in(attacker.sealed(NOTE, name))
    return asked(f"{MESSAGES}/{name}?from=xx")(attacker)


def check(attacker: Attacker) -> Shot:
    return attacker.send("POST", "/v1/checks?from=xx&type=note", NOTE, XML, by="yy", certificate="yy")


def told(name: str, path: str, content: bytes | None = None) -> Attack:
    return neighbour(name, OBJECT, asked(path, content), 403, OTHER)


ROWS = [
    neighbour(
        "a message handed in for another",
        CONFUSED,
        lambda attacker: attacker.message(by="yy", certificate="yy"),
        403,
        OTHER,
        tag=MESSAGE_REFUSED,
    ),
    neighbour("a look at the message of another", OBJECT, message, 404, "not-found", logged=OTHER),
    neighbour("a check in the name of another", OBJECT, check, 403, OTHER),
    told("a look into the mailbox of another", "/v1/mailbox?from=xx"),
    told("a message out of the mailbox of another", "/v1/mailbox/m-1?from=xx"),
    told("a receipt for the message of another", "/v1/mailbox/m-1/receipt?from=xx", b'{"receipt": "a.b.c"}'),
    told("the log entries about the message of another", "/v1/log/entries?from=xx&message=m-1"),
    told("a log entry of another", "/v1/log/entries/3?from=xx"),
    told("the agreements of another", "/v1/agreements?from=xx"),
    told("a format of another", "/v1/formats/xx-note-1.0?from=xx"),
]
