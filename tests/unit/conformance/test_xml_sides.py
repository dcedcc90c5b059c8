"""The kit and sides that sign XML: good ones of both forms pass, each bad way of verifying is found by its checks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import import_partner_keys, own_key_list, set_up
from gateway.catalogue import Catalogue, load_catalogue
from gateway.client.side import Side, make_side_keys
from gateway.conformance.check import Outcome
from gateway.conformance.kit import ALL, GROUPS, checks_of, chosen, run_checks
from gateway.conformance.our_side import partner_as_target
from gateway.conformance.samples import Sample, Samples, samples_of, signable
from gateway.conformance.target import Target, Terms
from gateway.security.xml_form import EnvelopeForm
from tests.unit.conformance.broken_xml import AnyForm, CommentsCutOut, Naive, careless
from tests.unit.conformance.conftest import LIMIT, gateway_under_test, served
from tests.world.partner import NOTE
from tests.world.setting import data_with, settings_in

XMLDSIG, XADES = EnvelopeForm.XMLDSIG, EnvelopeForm.XADES
XML = frozenset(one.id for one in checks_of(GROUPS["Signed XML"]))
JWS_ONLY = {"CK-39", "CK-40", "CK-42"}
NOT_HERE = {one.id for name in ("Access", "Mailbox") for one in checks_of(GROUPS[name])} | {"CK-65"}
CONTROLS = frozenset({"CK-01", "CK-04", "CK-30", "CK-32"})

WRAPPING = {"CK-102", "CK-103", "CK-104", "CK-105", "CK-107", "CK-108", "CK-110", "CK-112"}
DEFECTS: dict[str, tuple[Any, set[str]]] = {
    "the first signature that is found decides": (Naive(), WRAPPING),
    "digests are not compared": (Naive(digests=False), WRAPPING | {"CK-101"}),
    "metadata are assumed": (Naive(assumes=True), WRAPPING | {"CK-106"}),
    "a certificate in KeyInfo brings the key": (Naive(brought_key=True), WRAPPING | {"CK-111"}),
    "comments are cut out first": (CommentsCutOut(), {"CK-108", "CK-110"}),
    "messages choose their form": (AnyForm(), {"CK-109", "CK-110"}),
}


@contextmanager
def partner_at(catalogue: Catalogue, sides: tuple[Side, Side], form: EnvelopeForm, opens: Any) -> Iterator[Target]:
    samples = samples_of(catalogue, "xx", "out", datetime.now(UTC))
    terms = Terms(message_limit=LIMIT, patience=1.0, settle=2.0, form=form)
    with served(lambda url: careless(catalogue, sides[1], form, opens, url, LIMIT)) as url:
        yield Target(sides[0], url, samples, terms)


def outcomes(target: Target, only: frozenset[str] = frozenset()) -> dict[Outcome, dict[str, str]]:
    found: dict[Outcome, dict[str, str]] = {outcome: {} for outcome in Outcome}
    for one in run_checks(target, chosen(only), lambda _: None):
        found[one.outcome][one.id] = one.says
    return found


def test_a_partner_that_signs_xml_passes(catalogue: Catalogue, sides: tuple[Side, Side]) -> None:
    with partner_at(catalogue, sides, XMLDSIG, None) as target:
        found = outcomes(target)
    assert found[Outcome.FAILED] == {}
    assert set(found[Outcome.NOT_APPLICABLE]) == NOT_HERE | JWS_ONLY
    assert len(found[Outcome.PASSED]) == len(ALL) - len(NOT_HERE | JWS_ONLY)


def test_our_gateway_passes_when_the_partner_signs_xml(tmp_path: Path, derived: Path, catalogue: Catalogue) -> None:
    root = data_with(tmp_path, envelope="xades")
    with gateway_under_test(tmp_path, cache_dir=derived, root=root) as tested:
        found = outcomes(tested.target(catalogue, form=XADES))
    assert found[Outcome.FAILED] == {}
    assert set(found[Outcome.NOT_APPLICABLE]) == NOT_HERE | JWS_ONLY


@pytest.mark.parametrize("direction", ["ours", "theirs"])
def test_the_other_form_passes_its_checks_too(
    tmp_path: Path, derived: Path, catalogue: Catalogue, sides: tuple[Side, Side], direction: str
) -> None:
    only = XML | CONTROLS
    if direction == "theirs":
        with partner_at(catalogue, sides, XADES, None) as target:
            found = outcomes(target, only)
    else:
        root = data_with(tmp_path, envelope="xmldsig")
        with gateway_under_test(tmp_path, cache_dir=derived, root=root) as tested:
            found = outcomes(tested.target(catalogue, form=XMLDSIG), only)
    assert set(found[Outcome.PASSED]) == only, found


@pytest.mark.parametrize("name", DEFECTS)
def test_a_bad_way_of_verifying_is_found_by_its_checks_alone(
    name: str, catalogue: Catalogue, sides: tuple[Side, Side]
) -> None:
    opens, found_by = DEFECTS[name]
    with partner_at(catalogue, sides, XMLDSIG, opens) as target:
        found = outcomes(target, XML | CONTROLS)
    assert set(found[Outcome.FAILED]) == found_by, found


def test_every_check_of_signed_xml_is_needed() -> None:
    assert set().union(*(found_by for _, found_by in DEFECTS.values())) == XML


def test_a_side_of_another_form_than_the_profile_is_found(catalogue: Catalogue, sides: tuple[Side, Side]) -> None:
    with partner_at(catalogue, sides, XADES, None) as target:
        mistaken = Target(sides[0], target.base_url, target.samples, Terms(message_limit=LIMIT, form=XMLDSIG))
        found = outcomes(mistaken, frozenset({"CK-01", "CK-110"}))
    assert "envelope.wrong-form" in found[Outcome.FAILED]["CK-01"]
    assert set(found[Outcome.FAILED]) == {"CK-01", "CK-110"}


def test_our_side_tests_in_the_form_of_the_profile(tmp_path: Path, derived: Path) -> None:
    root = data_with(tmp_path, envelope="xades")
    settings = settings_in(tmp_path, root=root, cache_dir=derived)
    set_up(settings)
    import_partner_keys(settings, "xx", make_side_keys(tmp_path / "xx", "xx"))
    assert own_key_list(settings)
    target = partner_as_target(settings, load_catalogue(root, cache=derived), "xx", endpoint="http://127.0.0.1:1")
    assert (target.terms.form, target.terms.collects) == (XADES, False)


def test_samples_lose_what_signed_xml_may_not_hold() -> None:
    good = Sample(
        agreement="a",
        message_type="t",
        format_name="f-1",
        purpose="RISK",
        content_type="application/xml",
        content=b"<?xml-stylesheet href='x'?><!-- a -->" + NOTE.replace(b"apricots", b"apri<!-- b -->cots"),
    )
    found = signable(Samples(good=good))
    assert (found.good.content.count(b"<!--"), found.good.content.count(b"<?")) == (0, 1)
    assert b"apricots" in found.good.content
    assert found.rule_breaking is None
    plain = Samples(good=replace(good, content_type="application/json", content=b"{}"))
    assert signable(plain) == plain
