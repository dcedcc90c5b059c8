"""Where our calls to partners go, by realm."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.adapters.access_tokens import TokenTerms
from gateway.adapters.partner_calls import _terms_in
from gateway.partner.profile import PartnerProfile
from tests.world.setting import settings_in

TEST_SYSTEM = "https://test.example"


@pytest.mark.parametrize(
    ("realm", "terms"),
    [
        ("live", TokenTerms(endpoint="https://tokens.example/oauth2/token", issuer="https://tokens.example")),
        ("sandbox", TokenTerms(endpoint=f"{TEST_SYSTEM}/oauth2/token", issuer=TEST_SYSTEM)),
    ],
)
def test_a_sandbox_never_asks_the_live_token_server(tmp_path: Path, realm: str, terms: TokenTerms) -> None:
    profile = PartnerProfile.model_validate(
        {
            "code": "xx",
            "name": "Examplia",
            "roles": ["receives"],
            "channel": {
                "endpoint": "https://live.example",
                "token_endpoint": "https://tokens.example/oauth2/token",
                "token_issuer": "https://tokens.example",
            },
        }
    )
    settings = settings_in(tmp_path, realm=realm, sandbox_endpoints={"xx": TEST_SYSTEM})
    assert _terms_in(settings, profile) == terms
    plain = profile.model_copy(update={"channel": profile.channel.model_copy(update={"token_endpoint": ""})})
    assert _terms_in(settings, plain) is None
