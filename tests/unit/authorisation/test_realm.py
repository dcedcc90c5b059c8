from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.authorisation.realm import Realm
from gateway.errors import DataFolderError

NAMES: dict[str, Any] = {"issuer": "https://gateway.customs.example", "audience": "https://gateway.customs.example/v1"}


def test_a_realm_names_its_token_endpoint() -> None:
    realm = Realm(**NAMES)
    assert realm.token_endpoint == "https://gateway.customs.example/oauth2/token"
    assert realm.token_lifetime == realm.assertion_lifetime == timedelta(seconds=300)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8461", "http://localhost:8461", "http://[::1]:8461"])
def test_plain_http_on_this_machine(issuer: str) -> None:
    assert Realm(issuer=issuer, audience="x").issuer == issuer


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"issuer": "http://gateway.customs.example"}, "issuer"),
        ({"issuer": "https://gateway.customs.example/"}, "issuer"),
        ({"issuer": "https://gateway.customs.example?a=b"}, "issuer"),
        ({"issuer": "https://gateway.customs.example#a"}, "issuer"),
        ({"issuer": "https://u:p@gateway.customs.example"}, "issuer"),
        ({"issuer": "gateway.customs.example"}, "issuer"),
        ({"issuer": "https://"}, "issuer"),
        ({"issuer": "https://["}, "issuer"),
        ({"issuer": ""}, "issuer"),
        ({"audience": ""}, "audience"),
        ({"audience": "a\nb"}, "audience"),
        ({"audience": NAMES["issuer"]}, "audience"),
        ({"token_lifetime": timedelta(0)}, "token_lifetime"),
        ({"token_lifetime": timedelta(seconds=301)}, "token_lifetime"),
        ({"assertion_lifetime": timedelta(days=10)}, "assertion_lifetime"),
        ({"clock_skew": timedelta(seconds=-1)}, "clock_skew"),
        ({"clock_skew": timedelta(hours=1)}, "clock_skew"),
    ],
    ids=str,
)
def test_an_unsafe_realm_is_refused(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(DataFolderError) as fault:
        Realm(**{**NAMES, **changes})
    assert (fault.value.stable_code, fault.value.path) == ("oauth.realm", path)
