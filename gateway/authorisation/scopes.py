"""Scopes: what an access token lets its holder do at the partner port."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from gateway.authorisation.refusals import OAuthCode, TokenRefused
from gateway.partner.profile import PartnerRole


class Scope(StrEnum):
    """One thing that may be done; each route of the partner port asks for one."""

    SEND = "messages:send"
    """Hand in sealed messages, acknowledgements among them."""
    STATUS = "messages:status"
    """Ask what became of an own message."""
    CHECK = "checks:run"
    """Have a message checked without effect."""
    MAILBOX = "mailbox:collect"
    """Collect messages and hand in receipts for them."""
    AGREEMENTS = "agreements:read"
    """Read the own agreements."""
    FORMATS = "formats:read"
    """Read schemas of formats."""
    LOG = "log:read"
    """Read own entries of the log; checkpoints and hash tiles are for anybody."""
    WITNESS = "log:witness"
    """Countersign checkpoints."""


_FOR_ALL = frozenset({Scope.SEND, Scope.STATUS, Scope.AGREEMENTS, Scope.FORMATS, Scope.LOG, Scope.WITNESS})
_FOR_ROLES = {PartnerRole.SENDS: frozenset({Scope.CHECK}), PartnerRole.RECEIVES: frozenset({Scope.MAILBOX})}


def scopes_of(roles: Iterable[PartnerRole]) -> frozenset[Scope]:
    """The scopes that a partner may ask for; one that only receives still sends acknowledgements."""
    return _FOR_ALL.union(*(_FOR_ROLES[role] for role in roles))


def read_scopes(text: str) -> frozenset[Scope]:
    """The scopes of a space-separated list (RFC 6749 section 3.3).

    Raises:
        TokenRefused: ``oauth.scope``: empty, not so separated, or one that does not exist.
    """
    try:
        return frozenset(Scope(name) for name in text.split(" "))
    except ValueError:
        raise TokenRefused(OAuthCode.SCOPE, detail="no such scope", path="scope") from None


def granted_scopes(asked: str | None, allowed: frozenset[Scope]) -> frozenset[Scope]:
    """The scopes of a new token: those asked for, or all allowed ones when none is named.

    A scope that the client may not have is refused, not left out: silently less is found out too late.

    Raises:
        TokenRefused: ``oauth.scope``.
    """
    if asked is None:
        return allowed
    scopes = read_scopes(asked)
    if not scopes <= allowed:
        raise TokenRefused(OAuthCode.SCOPE, detail="scope of others", path="scope")
    return scopes


def scope_text(scopes: Iterable[Scope]) -> str:
    """The scopes as the member ``scope`` has them, in order."""
    return " ".join(sorted(scope.value for scope in scopes))
