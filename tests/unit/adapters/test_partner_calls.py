"""Where our calls to partners go, by realm."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.adapters.access_tokens import TokenTerms
from gateway.adapters.partner_calls import PartnerLinks, _terms_in
from gateway.adapters.partner_registry import import_signed_keys
from gateway.errors import DeliveryFailed
from gateway.identifiers import PartnerCode
from gateway.partner.profile import PartnerProfile
from tests.world.partner import Partner
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


def test_a_suspended_partner_is_not_called_until_its_list_is_mended(tmp_path: Path) -> None:
    """Also over plain HTTP, where no certificate of its list is needed."""
    profile = PartnerProfile.model_validate(
        {"code": "xx", "name": "Examplia", "roles": ["receives"], "channel": {"endpoint": "http://127.0.0.1:9"}}
    )
    settings = settings_in(tmp_path)
    import_signed_keys(settings, "xx", Partner().key_list())
    file = settings.state_dir / "partner-keys" / "xx.json"
    good, xx = file.read_bytes(), PartnerCode("xx")
    links = PartnerLinks(settings, lambda _partner: profile)
    link = links.of(xx)
    assert links.of(xx) is link
    file.write_bytes(Partner().key_list())
    with pytest.raises(DeliveryFailed) as failed:
        links.of(xx)
    assert (failed.value.stable_code, failed.value.retryable) == ("delivery.suspended", True)
    file.write_bytes(good)
    assert links.of(xx) is not link
    links.close()
