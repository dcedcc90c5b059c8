"""A row of the table of attacks: what is tried, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.attacks.table.wire import Shot

if TYPE_CHECKING:
    from tests.attacks.table.attacker import Attacker

REQUEST_REFUSED = "partner:request:refused"
MESSAGE_REFUSED = "partner:message:refused"
MESSAGE_REPLAYED = "partner:message:replayed"
MESSAGE_REJECTED = "gateway:message:rejected"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attack.

    Attributes:
        name: what the attacker does, in words; unique.
        kind: class of the attack.
        source: standard, CVE or name under which the attack is known.
        status: HTTP status of the answer; 0 where HTTP lets none come back.
        code: stable code that refuses it.
        tag: of the entry that it leaves in the audit log.
        words: of `tests.attacks.table.words` which this row shows.
    """

    name: str
    kind: str
    source: str
    status: int
    code: str
    tag: str = REQUEST_REFUSED
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attack(Row):
    """An attack on the port: bytes to it.

    Attributes:
        shoot: makes what is sent, after whatever has to happen before.
        logged: code in the log entry, where it is another than the answer's.
        stored: whether the message is kept as evidence, as it has to be once it was opened; it reaches no consumer.
    """

    shoot: Callable[[Attacker], Shot]
    logged: str = ""
    stored: bool = False


@dataclass(frozen=True, kw_only=True)
class ByHand(Row):
    """An attack on whoever holds the bytes: the opener of the large form, or the client that takes our answer.

    Attributes:
        refuse: makes the thing, has it judged, and returns the code that refuses it; empty when nothing did.
    """

    refuse: Callable[[Attacker], str]
    status: int = 0
    tag: str = ""
