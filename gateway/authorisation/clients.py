"""The clients of the token endpoint: one for each partner administration, known from its profile and its key list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.authorisation.scopes import Scope
from gateway.authorisation.signed_claims import KeyLookup
from gateway.identifiers import PartnerCode


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OAuthClient:
    """One registered client; there is no registration over the network (bilateral onboarding).

    Attributes:
        client_id: code of the partner, ``iss`` and ``sub`` of its assertions.
        scopes: what it may ask for.
        lookup_key: the registered keys of this partner and of no other.
    """

    client_id: PartnerCode
    scopes: frozenset[Scope]
    lookup_key: KeyLookup


ClientLookup = Callable[[str], OAuthClient | None]
"""From a client id to the client; None for a partner that is not there, is suspended, or whose profile has no OAuth."""
