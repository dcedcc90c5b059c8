from __future__ import annotations

import re

import pytest

from gateway.authorisation.refusals import AccessCode, AccessRefused, JwtFault, OAuthCode, TokenRefused

TOKEN_ERRORS = {
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "unsupported_grant_type",
    "invalid_target",  # RFC 8707 section 2
}


@pytest.mark.parametrize("code", [*OAuthCode, *JwtFault], ids=str)
def test_the_body_of_a_token_refusal_is_that_of_rfc_6749(code: OAuthCode | JwtFault) -> None:
    refused = TokenRefused(code, detail="internal words", path="exp")
    body = refused.body()
    assert body["error"] in TOKEN_ERRORS
    assert re.fullmatch(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+", body["error_description"])  # section 5.2
    assert "internal words" not in str(body)
    assert body["code"] == refused.stable_code
    assert refused.status == (401 if body["error"] == "invalid_client" else 400)
    assert refused.remedy


@pytest.mark.parametrize("code", [*AccessCode, *JwtFault], ids=str)
def test_the_challenge_of_a_refused_request_is_that_of_rfc_6750(code: AccessCode | JwtFault) -> None:
    refused = AccessRefused(code, detail="internal words")
    (challenge,) = refused.headers.values()
    assert re.fullmatch(r'Bearer realm="[a-z]+"(, [a-z_]+="[\x20-\x21\x23-\x5B\x5D-\x7E]+")*', challenge)
    assert "internal words" not in challenge
    assert refused.status in {400, 401, 403}
    assert refused.stable_code.startswith("token.")
    assert refused.remedy


def test_every_code_stands_once() -> None:
    codes = [TokenRefused(code).stable_code for code in (*OAuthCode, *JwtFault)]
    codes += [AccessRefused(code).stable_code for code in (*AccessCode, *JwtFault)]
    assert len(codes) == len(set(codes))
