"""The holes of Authlib's token endpoint, each closed: a test for each, named by the hole."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws, jwt

from gateway.adapters.bodies import BodyVault
from gateway.adapters.database import Database
from gateway.adapters.durability import Durability
from gateway.adapters.store import SqlStore
from gateway.authorisation.refusals import AccessRefused
from gateway.authorisation.replay import StoredNonces
from gateway.authorisation.server import MEMORY_KIND
from gateway.security.bodies import LocalWrappingKey
from tests.attacks.oauth.parties import (
    EPOCH,
    NOW,
    REALM,
    MemoryNonces,
    Stage,
    as_json,
    assert_refused,
    assertion_claims,
    caller_of,
    header_of,
    key_of,
    sign,
    token_claims,
    unb64,
)


def issued(stage: Stage, **form: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Body of the answer, header and claims of the token."""
    key = key_of("xx")
    answer = stage.ask(sign(header_of(key), assertion_claims(), key), **form)
    assert answer.status == 200, answer.body
    token = jwt.decode(str(answer.body["access_token"]), key_of("aa").public.jose, algorithms=["ES256"])
    return dict(answer.body), dict(token.header), token.claims


def test_hole_audience_list_with_another_server(stage: Stage) -> None:
    for other in ("https://other.example", REALM.token_endpoint, ""):
        assert_refused(stage.ask_with(aud=[REALM.issuer, other]), "assertion.audience")
    assert stage.ask_with(aud=REALM.issuer).status == 200


def test_hole_expiry_far_in_the_future(stage: Stage) -> None:
    assert_refused(stage.ask_with(exp=EPOCH + 86400), "assertion.too-long")
    assert_refused(stage.ask_with(iat=None), "assertion.claims-refused")
    assert stage.ask_with(exp=EPOCH + 300).status == 200


def test_hole_expiry_the_memory_holds_an_id_as_long_as_it_could_be_replayed(stage: Stage) -> None:
    assert stage.ask_with(exp=EPOCH + 300).status == 200
    nonces = stage.nonces
    assert isinstance(nonces, MemoryNonces)
    assert nonces.kept == {(MEMORY_KIND, "xx", "j-1"): NOW + timedelta(seconds=360)}
    key = key_of("xx")
    text = sign(header_of(key), assertion_claims(exp=EPOCH + 300), key)
    for seconds, code in [(1, "assertion.replayed"), (359, "assertion.replayed"), (360, "assertion.expired")]:
        at = NOW + timedelta(seconds=seconds)
        nonces.forget(before=at)
        assert_refused(stage.ask(text, at=at), code)


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519", "PS256"])
def test_hole_default_algorithms(stage: Stage, algorithm: str) -> None:
    key = key_of("xx", algorithm, 3)
    stage.register(key, "xx")
    text = sign(header_of(key), assertion_claims(), key)
    assert stage.ask(text).status == 200
    for other in {"ES256", "Ed25519", "PS256", "RS256", "EdDSA"} - {algorithm}:
        confused = sign(header_of(key, alg=other), assertion_claims(jti="j-2"), key)
        assert_refused(stage.ask(confused), "assertion.algorithm-refused")


def test_hole_lifetime_of_ten_days(stage: Stage) -> None:
    body, _, claims = issued(stage)
    assert body["expires_in"] == 300
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iat"] == EPOCH
    token = str(body["access_token"])
    assert stage.use(token, at=NOW + timedelta(seconds=299))
    with pytest.raises(AccessRefused) as refused:
        stage.use(token, at=NOW + timedelta(seconds=300))
    assert refused.value.stable_code == "token.expired"


def test_hole_generator_signs_rs256(stage: Stage) -> None:
    _, header, _ = issued(stage)
    assert header == {"alg": "ES256", "kid": key_of("aa").public.kid, "typ": "at+jwt"}


def test_hole_no_confirmation(stage: Stage) -> None:
    _, _, claims = issued(stage)
    assert claims["cnf"] == {"x5t#S256": caller_of("xx").thumbprint}


def test_hole_audience_of_the_token_is_the_client_itself(stage: Stage) -> None:
    _, _, claims = issued(stage)
    assert claims["aud"] == REALM.audience
    assert (claims["iss"], claims["sub"], claims["client_id"], claims["jti"]) == (REALM.issuer, "xx", "xx", "t-1")


def test_hole_duplicate_form_fields_collapse(stage: Stage) -> None:
    key = key_of("xx")
    good, bad = (sign(header_of(key), assertion_claims(jti=jti), key) for jti in ("j-1", "j-2"))
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    body = f"grant_type=client_credentials&client_assertion_type={kind}&client_assertion={good}&client_assertion={bad}"
    assert_refused(stage.post(body.encode()), "oauth.parameter-repeated", "invalid_request", 400)


def test_hole_resource_side_default_algorithms_and_type(stage: Stage) -> None:
    for header in ({"alg": "RS256"}, {"typ": "JWT"}, {"typ": None}):
        with pytest.raises(AccessRefused):
            stage.use(stage.token_with(header=header))


def test_hole_no_refresh_token_and_nothing_else_in_the_answer(stage: Stage) -> None:
    body, _, _ = issued(stage)
    assert body.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert body["token_type"] == "Bearer"
    assert body["scope"] == "checks:run messages:send messages:status"


def test_hole_the_library_writes_the_token_to_its_debug_log(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        body, _, _ = issued(stage)
        stage.ask("a.b.c")
    assert str(body["access_token"]) not in caplog.text
    assert "a.b.c" not in caplog.text


# Replayed jti


def test_replayed_jti(stage: Stage) -> None:
    assert stage.ask_with().status == 200
    assert_refused(stage.ask_with(), "assertion.replayed")
    assert_refused(stage.ask_with(exp=EPOCH + 61), "assertion.replayed")
    assert stage.ask_with(jti="j-2").status == 200


def test_the_same_jti_of_two_clients_is_no_replay(stage: Stage) -> None:
    assert stage.ask_with().status == 200
    key = key_of("yy")
    assert stage.ask(sign(header_of(key), assertion_claims("yy"), key), caller="yy").status == 200


def test_a_jti_is_spent_even_when_the_scope_is_refused(stage: Stage) -> None:
    key = key_of("xx")
    text = sign(header_of(key), assertion_claims(), key)
    assert_refused(stage.ask(text, scope="admin"), "oauth.scope", "invalid_scope", 400)
    assert_refused(stage.ask(text), "assertion.replayed")


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[list[StoredNonces]]:
    """The replay memory as two processes have it: two pools of connections to one database file."""
    durability = Durability()
    opened = [Database(f"sqlite:///{tmp_path / 'g.sqlite'}", durability, busy_seconds=20) for _ in range(2)]
    opened[0].migrate()
    vault = BodyVault(tmp_path, LocalWrappingKey("test", b"w" * 32), durability, inline_limit=1024)
    yield [StoredNonces(SqlStore(database, vault)) for database in opened]
    for database in opened:
        database.close()


def test_hole_jti_memory_is_atomic_over_all_workers(databases: list[StoredNonces]) -> None:
    stages = [Stage(nonces=nonces) for nonces in databases]
    key = key_of("xx")
    text = sign(header_of(key), assertion_claims(), key)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: stages[number % 2].ask(text), range(20)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 19
    assert {answer.body.get("code") for answer in answers} == {None, "assertion.replayed"}
    assert databases[0].forget(before=NOW) == 0
    assert databases[1].forget(before=NOW + timedelta(seconds=121)) == 1


# Whatever is sent, the answer has its form


@given(body=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_body_is_answered(body: bytes) -> None:
    answer = Stage().post(body)
    assert answer.refusal is not None
    assert answer.status in {400, 401}


@given(data=st.data())
def test_any_damage_to_an_assertion_is_refused(data: st.DataObject) -> None:
    stage, key = Stage(), key_of("xx")
    text = sign(header_of(key), assertion_claims(), key)
    place = data.draw(st.integers(0, len(text) - 1))
    damaged = text[:place] + data.draw(st.characters().filter(lambda other: other != text[place])) + text[place + 1 :]
    assert_refused_somehow(stage, damaged)


def assert_refused_somehow(stage: Stage, assertion: str) -> None:
    answer = stage.ask(assertion.encode("utf-8", "replace").decode())
    assert answer.refusal is not None
    assert answer.status == 401


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([REALM.issuer, "xx", EPOCH]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(["iss", "sub", "aud", "iat", "exp", "nbf", "jti"]), value=json_values)
def test_any_value_of_a_claim_is_judged(name: str, value: Any) -> None:
    stage, key = Stage(), key_of("xx")
    claims = {**assertion_claims(), name: value}
    answer = stage.ask(sign(header_of(key), claims, key))
    assert answer.status in {200, 401}
    if name in {"iss", "sub", "aud"}:
        assert (answer.status == 200) == (value == assertion_claims()[name])


@given(name=st.sampled_from(["iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "cnf"]), value=json_values)
def test_any_value_of_a_tokens_claim_is_judged(name: str, value: Any) -> None:
    stage = Stage()
    text = stage.token_with(**{name: value})
    refused = None
    try:
        stage.use(text)
    except AccessRefused as caught:
        refused = caught
    untouched = as_json({"": value}) == as_json({"": token_claims()[name]})
    assert refused is not None or untouched or name in {"iat", "exp", "jti"}
    assert refused is None or refused.status == 401


def test_a_token_is_a_plain_jws_that_others_can_verify(stage: Stage) -> None:
    body, _, _ = issued(stage)
    text = str(body["access_token"])
    assert jws.deserialize_compact(text, key_of("aa").public.jose, algorithms=["ES256"]).payload
    assert len(unb64(text.split(".")[2])) == 64
