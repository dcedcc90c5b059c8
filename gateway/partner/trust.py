"""The trust store: which keys belong to which partner, and which of them count at a given time.

Keys are found by key id and partner only. A message, a header or a URL never brings a key in. The store works on any
value that has the members of `TrustedKey`, so it needs no cryptography of its own; the catalogue hands it keys that
have passed the key policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from gateway.errors import DataFolderError, EnvelopeRefused, UnknownPartner
from gateway.identifiers import PartnerCode


class TrustedKey(Protocol):
    """What the store asks of a key."""

    @property
    def kid(self) -> str:
        """Key id, unique over all partners and never reused."""

    @property
    def owner(self) -> str:
        """Code of the partner."""

    @property
    def use(self) -> str:
        """``sig`` or ``enc``."""

    def refusal_at(self, at: datetime) -> str | None:
        """The stable code that refuses to accept something made with the key at ``at``, or None."""

    def active_since(self, at: datetime) -> datetime | None:
        """Since when the key has been active, if it is active at ``at``."""


KeyT = TypeVar("KeyT", bound=TrustedKey)


class TrustStore(Generic[KeyT]):
    """The registered keys of all partners.

    Args:
        keys: each with its owner.

    Raises:
        DataFolderError: ``trust.kid-shared``: two keys have one id, so a signature could be credited to the wrong one.
    """

    def __init__(self, keys: Iterable[KeyT]) -> None:
        self._keys = _by_id(keys)

    def take_up(self, partner: PartnerCode, keys: Iterable[KeyT]) -> None:
        """Put all keys of one partner in the place of those that it had; readers see the old ones or the new ones.

        Args:
            partner: the owner of all of them.
            keys: its keys from now on.

        Raises:
            DataFolderError: ``trust.kid-shared``; everything stays as it was.
        """
        others = (key for key in self._keys.values() if key.owner != partner)
        self._keys = _by_id((*others, *keys))  # one assignment: whoever reads takes the whole mapping once

    def all_keys(self) -> tuple[KeyT, ...]:
        """All keys of all partners."""
        return tuple(self._keys.values())

    def lookup(self, kid: str) -> KeyT | None:
        """The key of that id, whoever owns it and whatever its state; None when there is none."""
        return self._keys.get(kid)

    def lookup_of(self, partner: PartnerCode) -> Callable[[str], KeyT | None]:
        """A lookup that knows the keys of one partner only, for a port where the partner is known already."""

        def lookup(kid: str) -> KeyT | None:
            key = self._keys.get(kid)
            return key if key is not None and key.owner == partner else None

        return lookup

    def keys_of(self, partner: PartnerCode) -> tuple[KeyT, ...]:
        """All keys of a partner, in order of id."""
        return tuple(key for kid, key in sorted(self._keys.items()) if key.owner == partner)

    def key_for(self, partner: PartnerCode, kid: str, at: datetime) -> KeyT:
        """A partner's key, when something made with it and recorded at ``at`` counts.

        Args:
            partner: the partner that is expected to have made it.
            kid: the key id.
            at: the recorded time of receipt; a sender's own time proves nothing.

        Raises:
            EnvelopeRefused: ``envelope.unknown-key`` or the code of the key's state.
        """
        key = self.lookup_of(partner)(kid)
        if key is None:
            raise EnvelopeRefused(
                "The key is not registered for this partner.",
                code="envelope.unknown-key",
                path="kid",
                remedy="Register the key, or use a registered one.",
            )
        code = key.refusal_at(at)
        if code is not None:
            raise EnvelopeRefused("The key did not count at that time.", code=code, path="kid")
        return key

    def encryption_key(self, partner: PartnerCode, at: datetime) -> KeyT:
        """The key to encrypt to: of the partner's active ones, the one that became active last.

        Raises:
            UnknownPartner: ``partner.no-encryption-key``.
        """
        active = [
            (since, key.kid, key)
            for key in self.keys_of(partner)
            if key.use == "enc" and (since := key.active_since(at)) is not None
        ]
        if not active:
            raise UnknownPartner(
                "The partner has no active encryption key.",
                code="partner.no-encryption-key",
                remedy="Ask the partner for a new encryption key and register it.",
            )
        return max(active, key=lambda found: found[:2])[2]


def _by_id(keys: Iterable[KeyT]) -> dict[str, KeyT]:
    """The keys by their ids; raises DataFolderError where two have one."""
    found: dict[str, KeyT] = {}
    for key in keys:
        if key.kid in found:
            raise DataFolderError(
                "Two registered keys have the same key id.",
                code="trust.kid-shared",
                path=key.kid,
                remedy="Give each key an id of its own; an id is never used again.",
            )
        found[key.kid] = key
    return found
