"""What every stage needs of the outside, handed in once by `gateway.bootstrap`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.identifiers import PartnerCode
from gateway.ports import Bodies, Clock, Gates, IdSource, KeyRing, Store, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The ports that the stages share.

    Attributes:
        home: our own code.
        log_origin: name of our log, as receipts state it.
        wake: told after a commit that added work of a kind, so that its worker need not wait.
    """

    home: PartnerCode
    log_origin: str
    store: Store
    bodies: Bodies
    keys: KeyRing
    clock: Clock
    ids: IdSource
    gates: Gates
    wake: Callable[[Work], None]


def off_facts(switched_off: Sequence[str]) -> dict[str, str]:
    """What a log entry says of the protections that a partner's profile turns off; nothing where all are on."""
    return {"off": " ".join(switched_off)} if switched_off else {}
