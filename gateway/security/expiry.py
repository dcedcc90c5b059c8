"""When keys and certificates end, and how urgent that is.

A key ends on its last day or when its planned retirement begins. A key of ours without either is due for rotation at an
age that the operator sets: nothing stops then, but nobody should be surprised by how old it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.security.certificates import read_certificate
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import KeyState
from gateway.security.pinlist import ListedCertificate

WARNED_DAYS = (90, 30, 7, 1)
"""So many days before an end the operator is told, each time with more weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """One key or certificate and its end.

    Attributes:
        kind: ``key`` or ``certificate``.
        owner: code of the party.
        name: key id, or ``x5t#S256`` of the certificate.
        use: ``sig``, ``enc`` or ``tls``.
        state: where it stands.
        ends: when its use ends; None where no end is known.
    """

    kind: str
    owner: str
    name: str
    use: str
    state: KeyState
    ends: datetime | None

    def days_left(self, at: datetime) -> float | None:
        """Days from ``at`` to the end, negative when it is past; None where no end is known."""
        return None if self.ends is None else (self.ends - at) / timedelta(days=1)

    def warned_at(self, at: datetime) -> int | None:
        """The smallest of `WARNED_DAYS` that has been reached; None when there is time, or when it is out of use."""
        left = self.days_left(at)
        if left is None or self.state is not KeyState.ACTIVE:
            return None
        return min((days for days in WARNED_DAYS if left <= days), default=None)


def key_expiries(keys: Iterable[RegisteredKey], at: datetime, *, life: timedelta | None = None) -> tuple[Expiry, ...]:
    """The ends of keys.

    Args:
        keys: of any parties.
        at: now.
        life: age at which a key without an end is due for rotation; None for keys whose rotation is not our affair.
    """
    found = []
    for key in keys:
        ends, since = key.lifecycle.end_of_use(at), key.active_since(at)
        if ends is None and life is not None and since is not None:
            ends = since + life
        state = key.lifecycle.state_at(at)
        found.append(Expiry(kind="key", owner=key.owner, name=key.kid, use=key.use, state=state, ends=ends))
    return tuple(found)


def certificate_expiries(certificates: Iterable[ListedCertificate], at: datetime) -> tuple[Expiry, ...]:
    """The ends of registered certificates: their own, or that of their registration where it comes first."""
    found = []
    for listed in certificates:
        pin = listed.pin
        ends = [read_certificate(listed.der).not_after] if listed.der else []
        planned = pin.lifecycle.end_of_use(at)
        ends += [planned] if planned is not None else []
        state, end = pin.lifecycle.state_at(at), min(ends, default=None)
        found.append(Expiry(kind="certificate", owner=pin.owner, name=pin.thumbprint, use="tls", state=state, ends=end))
    return tuple(found)
