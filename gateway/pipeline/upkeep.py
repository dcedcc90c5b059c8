"""What the operator's monitoring asks: how long keys and certificates last, and what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.pipeline.surroundings import Surroundings
from gateway.security.expiry import Expiry, certificate_expiries, key_expiries
from gateway.security.jwks import jwk_set
from gateway.security.keys import RegisteredKey
from gateway.security.pinlist import ListedCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One reading of the gauges.

    Attributes:
        at: when it was taken.
        expiries: all keys and certificates, ours and the partners'.
        due: items of work that are due or postponed.
        dead_letters: what waits for a person.
        log_size: entries of the log.
        list_faults: changed lists that could not be taken up.
    """

    at: datetime
    expiries: tuple[Expiry, ...]
    due: int
    dead_letters: int
    log_size: int
    list_faults: int


class Upkeep:
    """Keys and certificates seen from outside.

    Args:
        around: the ports; our keys among them.
        partner_keys: the registered keys of all partners at the moment.
        certificates: registered certificates of all partners at the moment.
        own_certificates: ours.
        life: age at which a key of ours is due for rotation.
        list_faults: how many changed lists could not be taken up.
    """

    def __init__(
        self,
        around: Surroundings,
        *,
        partner_keys: Callable[[], Iterable[RegisteredKey]],
        certificates: Callable[[], tuple[ListedCertificate, ...]],
        own_certificates: tuple[ListedCertificate, ...],
        life: timedelta,
        list_faults: Callable[[], int],
    ) -> None:
        self._around = around
        self._partner_keys = partner_keys
        self._certificates = certificates
        self._own_certificates = own_certificates
        self._life = life
        self._list_faults = list_faults

    def jwk_set(self) -> bytes:
        """Our public keys as partners may see them now."""
        ders = [listed.der for listed in self._own_certificates if listed.der]
        return jwk_set(self._around.keys.published, self._around.clock.now(), ders)

    def expiries(self, at: datetime) -> tuple[Expiry, ...]:
        """The ends of all keys and certificates."""
        return (
            *key_expiries(self._around.keys.published, at, life=self._life),
            *key_expiries(self._partner_keys(), at),
            *certificate_expiries((*self._own_certificates, *self._certificates()), at),
        )

    def figures(self) -> Figures:
        """Read all gauges now."""
        at = self._around.clock.now()
        with self._around.store.reading() as look:
            due, parked, size = look.outbox.due(), len(look.outbox.parked()), look.log.size()
        return Figures(
            at=at,
            expiries=self.expiries(at),
            due=due,
            dead_letters=parked,
            log_size=size,
            list_faults=self._list_faults(),
        )
