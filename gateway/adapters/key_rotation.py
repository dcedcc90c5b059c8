"""Rotation and revocation in the folder of our keys, so that a kill at any moment leaves a list that is whole.

The private half of a new key is durable before a list names it; the list is replaced in one step. Killed before that
step, nothing has changed but a private key that nobody uses, whose id is not given again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.adapters.key_files import KeyFolder
from gateway.errors import DataFolderError
from gateway.security.generation import TOKEN_ALGORITHM, token_key_id, use_of
from gateway.security.keys import PublicKey, RegisteredKey
from gateway.security.lifecycle import KeyState
from gateway.security.policy import KeyRefused
from gateway.security.rotation import (
    announced,
    brought_forward,
    refuse_second,
    revoked,
    rotated,
    services_by,
    services_of,
    waiting_for,
)

USES = ("sig", "enc", "token", "http")
"""What can be rotated: ``sig`` signs messages (and HTTP, unless it is RSA), ``http`` is whatever signs HTTP now."""

_SERVICES = {"sig": "messages", "enc": "open", "token": "messages", "http": "http"}

Announce = Callable[[str], None]
"""Told the key id when all is decided and nothing has taken effect: the place of the log entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationOrder:
    """What is to be rotated.

    Attributes:
        use: one of `USES`.
        at: now.
        first_use: when the new key takes over.
        overlap: how long from then on the old keys are still taken.
        algorithm: of the new key; empty for the one of the key that does the work now.
        sooner: let a key that is published already take over now, where there is one.
    """

    use: str
    at: datetime
    first_use: datetime
    overlap: timedelta
    algorithm: str = ""
    sooner: bool = False


class KeyRotation:
    """Changes the lists of a key folder.

    Args:
        folder: of our keys.
        party: our code.
        name: first part of the ids of our keys; empty for our code.
    """

    def __init__(self, folder: KeyFolder, party: str, name: str = "") -> None:
        self._folder = folder
        self._party = party
        self._name = name or party

    def rotate(self, order: RotationOrder, announce: Announce) -> RegisteredKey:
        """Make a new key and let it take over at its first use, or let one that waits take over sooner.

        Raises:
            KeyRefused: another rotation is under way, or no such key can be made.
            DataFolderError: a list holds a fault; nothing was changed.
        """
        if order.use not in USES:
            raise KeyRefused("No such use.", path=order.use, code="key.use", remedy=f"one of {', '.join(USES)}")
        file = self._folder.token if order.use == "token" else self._folder.public
        with self._folder.alone():
            listed = self._listed(file)
            waiting = waiting_for(listed, frozenset({_SERVICES[order.use]}), order.at) if order.sooner else None
            if waiting is not None:
                return self._bring_forward(file, listed, waiting, order, announce)
            made = self._make(order, listed)
            new = announced(made, self._party, at=order.at, first_use=order.first_use)
            changed = rotated(listed, new, at=order.at, overlap=order.overlap)
            announce(new.kid)
            self._folder.replace_list(file, changed)
        return new

    def revoke(self, kid: str, at: datetime, announce: Announce) -> bool:
        """Mark one of our keys as compromised from ``at`` on.

        Returns:
            Whether another key can do its work now.

        Raises:
            KeyRefused: no such key, or it was marked before.
            DataFolderError: a list holds a fault; nothing was changed.
        """
        with self._folder.alone():
            file = self._folder.public
            if any(key.kid == kid for key in self._listed(self._folder.token)):
                file = self._folder.token
            changed = revoked(self._listed(file), kid, at)
            announce(kid)
            self._folder.replace_list(file, changed)
        lost = next(services_of(key.key) for key in changed if key.kid == kid)
        left = (services_of(key.key) for key in changed if key.lifecycle.state_at(at) is KeyState.ACTIVE)
        return lost <= frozenset().union(*left)

    def _bring_forward(
        self,
        file: Path,
        listed: tuple[RegisteredKey, ...],
        waiting: RegisteredKey,
        order: RotationOrder,
        announce: Announce,
    ) -> RegisteredKey:
        first_use = min(order.first_use, waiting.lifecycle.changes[-1].since)
        changed = brought_forward(listed, waiting, at=order.at, first_use=first_use, overlap=order.overlap)
        announce(waiting.kid)
        self._folder.replace_list(file, changed)
        return next(key for key in changed if key.kid == waiting.kid)

    def _listed(self, file: Path) -> tuple[RegisteredKey, ...]:
        registered, for_tokens = self._folder.listed(self._party)
        found = for_tokens if file == self._folder.token else registered
        if not found:
            remedy = "run the set-up, or restore it"
            raise DataFolderError("a list of our keys is missing", path=str(file), remedy=remedy, code="key.missing")
        return found

    def _make(self, order: RotationOrder, listed: tuple[RegisteredKey, ...]) -> PublicKey:
        """A new key whose private half is durable; nothing is made where the list would not take it."""
        service = _SERVICES[order.use]
        algorithm, kind = order.algorithm, ""
        if not algorithm:
            algorithm, kind = _as_now(listed, service, order.at)
        if service not in services_by(algorithm):
            raise KeyRefused(
                "A key of this algorithm cannot do that work.",
                path="alg",
                code="key.algorithm",
                remedy="ES256 or Ed25519 sign both; PS256 messages only, PS512 HTTP only",
            )
        refuse_second(listed, services_by(algorithm), order.at)
        if order.use == "token":
            return self._folder.make_private(token_key_id(), TOKEN_ALGORITHM)
        kid = self._folder.new_id(self._name, use_of(algorithm), order.at, (key.kid for key in listed))
        return self._folder.make_private(kid, algorithm, kind)


def _as_now(listed: tuple[RegisteredKey, ...], service: str, at: datetime) -> tuple[str, str]:
    """Algorithm and kind of the key that does some work now, or did last."""
    serving = [key for key in listed if service in services_of(key.key)]
    serving.sort(key=lambda key: (key.active_since(at) is not None, key.lifecycle.changes[0].since))
    if not serving:
        raise KeyRefused("No key did that work before.", path="alg", code="key.algorithm", remedy="name an algorithm")
    newest = serving[-1].key
    return newest.alg, newest.jwk.get("crv", "") if newest.use == "enc" else ""
