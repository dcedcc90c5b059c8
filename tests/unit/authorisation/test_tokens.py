from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.authorisation.realm import Realm
from gateway.authorisation.scopes import Scope
from gateway.authorisation.tokens import new_token, sign_token, verify_token
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle

NOW = datetime(2026, 3, 1, 12, 0, 0, 750_000, tzinfo=UTC)
REALM = Realm(issuer="https://gateway.customs.example", audience="partner-api")
KEY = generate_key("aa", "ES256", NOW)
REGISTERED = RegisteredKey(KEY.public, "aa", Lifecycle.active_from(NOW - timedelta(days=1)))
TOKEN = new_token(REALM, PartnerCode("xx"), frozenset({Scope.SEND}), "A" * 43, "t-1", NOW)


def test_a_token_says_the_same_after_the_round() -> None:
    text = sign_token(TOKEN, REALM, FileSigner(KEY.private, KEY.public))
    read = verify_token(text, realm=REALM, lookup_key={KEY.public.kid: REGISTERED}.get, home="aa", at=NOW)
    assert read == TOKEN
    assert read.expires_at == datetime(2026, 3, 1, 12, 5, tzinfo=UTC)
    assert text.isascii()


def test_a_shorter_lifetime_of_the_realm_is_kept() -> None:
    realm = Realm(issuer=REALM.issuer, audience=REALM.audience, token_lifetime=timedelta(seconds=60))
    token = new_token(realm, PartnerCode("xx"), frozenset({Scope.SEND}), "A" * 43, "t-1", NOW)
    assert token.expires_at == datetime(2026, 3, 1, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("algorithm", ["Ed25519", "PS256"])
def test_tokens_are_signed_with_es256_only(algorithm: str) -> None:
    key = generate_key("aa", algorithm, NOW)
    with pytest.raises(DataFolderError) as fault:
        sign_token(TOKEN, REALM, FileSigner(key.private, key.public))
    assert fault.value.stable_code == "oauth.token-key"
