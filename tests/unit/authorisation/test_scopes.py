from __future__ import annotations

import re

import pytest

from gateway.authorisation.refusals import TokenRefused
from gateway.authorisation.scopes import Scope, granted_scopes, read_scopes, scope_text, scopes_of
from gateway.partner.profile import PartnerRole


def test_a_scope_is_a_scope_token() -> None:
    # RFC 6749 section 3.3
    assert all(re.fullmatch(r"[\x21\x23-\x5B\x5D-\x7E]+", scope.value) for scope in Scope)


def test_scopes_follow_the_roles() -> None:
    sends, receives = scopes_of([PartnerRole.SENDS]), scopes_of([PartnerRole.RECEIVES])
    assert sends - receives == {Scope.CHECK}
    assert receives - sends == {Scope.MAILBOX}
    assert Scope.SEND in receives, "a partner that only receives sends acknowledgements"
    assert scopes_of(PartnerRole) == sends | receives == frozenset(Scope)


def test_a_list_is_read_and_written() -> None:
    assert read_scopes("messages:status messages:send") == {Scope.SEND, Scope.STATUS}
    assert scope_text(read_scopes("messages:status messages:send")) == "messages:send messages:status"


@pytest.mark.parametrize("text", ["", " ", "a", "messages:send\tmessages:status", "messages:send "])
def test_other_lists(text: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        read_scopes(text)
    assert refused.value.stable_code == "oauth.scope"


def test_what_is_granted() -> None:
    allowed = frozenset({Scope.SEND, Scope.STATUS})
    assert granted_scopes(None, allowed) == allowed
    assert granted_scopes("messages:send", allowed) == {Scope.SEND}
    with pytest.raises(TokenRefused):
        granted_scopes("messages:send log:read", allowed)
