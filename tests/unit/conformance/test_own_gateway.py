"""The kit against our own gateway in this process, over HTTP and over TLS: every check that applies passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from gateway.adapters.access_tokens import AccessTokens
from gateway.catalogue import Catalogue
from gateway.conformance.check import Outcome
from gateway.conformance.kit import ALL, GROUPS, checks_of, chosen, run_checks
from gateway.conformance.target import Target
from tests.unit.conformance.conftest import UnderTest, gateway_under_test
from tests.world.setting import data_with

ACCESS = frozenset(one.id for one in checks_of(GROUPS["Access"]))
NOT_HERE = {one.id for name in ("Access", "Signed XML", "Mailbox") for one in checks_of(GROUPS[name])}


class MadeUp:
    """Tokens that nobody has given."""

    def authorization(self) -> str:
        return "Bearer made.up.token"


def secured(folder: Path, derived: Path, auth: str) -> Iterator[UnderTest]:
    """A gateway over TLS, whose partner's profile asks for this; it is a sandbox."""
    root = data_with(folder)
    profile = root / "partners" / "xx" / "profile.toml"
    text = profile.read_text(encoding="utf-8").replace("[delivery]", '[delivery]\nway = "pull"')
    profile.write_text(text.replace('auth = "none"', f'auth = "{auth}"'), encoding="utf-8")
    assert f'auth = "{auth}"' in profile.read_text(encoding="utf-8")
    with gateway_under_test(folder, cache_dir=derived, root=root, tls="1.3", realm="sandbox") as found:
        yield found


@pytest.fixture(params=["mtls+oauth"])
def over_tls(request: pytest.FixtureRequest, tmp_path: Path, derived: Path) -> Iterator[UnderTest]:
    yield from secured(tmp_path, derived, request.param)


def failed_of(target: Target, only: frozenset[str]) -> dict[str, str]:
    results = list(run_checks(target, chosen(only), lambda _: None))
    assert not [one for one in results if one.outcome is Outcome.NOT_APPLICABLE]
    return {one.id: one.says for one in results if one.outcome is Outcome.FAILED}


def test_certificates_and_tokens_are_asked_for(over_tls: UnderTest, catalogue: Catalogue) -> None:
    over_tls.gateway.lodge(b'{"number": "L-1"}', "xx", "reply", message_id="l-1")
    target = over_tls.target(catalogue, tokens=True, collects=True)
    assert failed_of(target, ACCESS | {"CK-01", "CK-02", "CK-18", "CK-121", "CK-124", "CK-127"}) == {}
    assert target.realm == "sandbox"


@pytest.mark.parametrize("over_tls", ["mtls"], indirect=True)
def test_a_side_that_looks_at_no_token_is_found(over_tls: UnderTest, catalogue: Catalogue) -> None:
    target = over_tls.target(catalogue, tokens=True)
    target.tokens = cast("AccessTokens", MadeUp())
    assert set(failed_of(target, frozenset({"CK-01", "CK-90", "CK-91", "CK-97"}))) == {"CK-90", "CK-91"}


def test_every_check_that_applies_passes(tested: UnderTest, catalogue: Catalogue) -> None:
    results = list(run_checks(tested.target(catalogue), ALL, lambda _: None))
    failed = {one.id: one.says for one in results if one.outcome is Outcome.FAILED}
    assert not failed
    skipped = {one.id for one in results if one.outcome is Outcome.NOT_APPLICABLE}
    assert skipped == {"CK-65"} | NOT_HERE
    assert len(results) == len(ALL)
