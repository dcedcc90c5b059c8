"""Where the messages of a run come from."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.catalogue import Catalogue, load_catalogue
from gateway.conformance.samples import Sample, read_samples, samples_of
from gateway.errors import NotFound
from tests.world.partner import NOTE

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TABLE = {"agreement": "a", "type": "t", "format": "f-1", "purpose": "RISK", "file": "note.xml"}


@pytest.fixture(scope="module")
def real(project_root: Path, derived: Path) -> Catalogue:
    """The data folders of the project."""
    return load_catalogue(project_root, cache=derived)


@pytest.mark.parametrize("way", ["in", "out"])
def test_every_partner_has_a_message_of_each_way(real: Catalogue, way: Any) -> None:
    for partner, profile in real.partners.items():
        found = samples_of(real, partner, way, datetime.now(UTC))
        chosen = real.formats.get(found.good.format_name)
        assert chosen.read(found.good.content).tree is not None, profile.name
        assert found.good.content_type == f"application/{chosen.head.syntax}"


def test_a_message_that_only_the_rules_refuse_is_found(real: Catalogue) -> None:
    found = [samples_of(real, partner, "in", datetime.now(UTC)).rule_breaking for partner in real.partners]
    assert any(found)


def test_an_agreement_that_is_over_gives_the_expired_message(catalogue: Catalogue) -> None:
    found = samples_of(catalogue, "xx", "in", NOW)
    assert (found.good.agreement, found.good.message_type) == ("aa-xx-notes", "note")
    assert found.expired is not None
    assert (found.expired.agreement, found.expired.message_type) == ("aa-xx-old", "old-note")
    assert found.expired.content == found.good.content


@pytest.mark.parametrize(("partner", "at"), [("yy", NOW), ("xx", datetime(2019, 1, 1, tzinfo=UTC))])
def test_without_an_agreement_in_force_there_is_none(catalogue: Catalogue, partner: str, at: datetime) -> None:
    with pytest.raises(NotFound) as nothing:
        samples_of(catalogue, partner, "in", at)
    assert nothing.value.stable_code == "conformance.no-sample"


def test_a_side_names_its_own(tmp_path: Path) -> None:
    (tmp_path / "note.xml").write_bytes(NOTE)
    found = read_samples({"good": TABLE, "expired": TABLE | {"agreement": "b"}}, tmp_path)
    assert found.good == Sample(
        agreement="a",
        message_type="t",
        format_name="f-1",
        purpose="RISK",
        content_type="application/xml",
        content=NOTE,
    )
    assert found.good.is_xml
    assert (found.expired and found.expired.agreement, found.rule_breaking) == ("b", None)


@pytest.mark.parametrize(
    "document",
    [{}, {"expired": TABLE}, {"good": {"file": "note.xml"}}, {"good": TABLE | {"file": "gone"}}, {"good": 7}],
)
def test_samples_that_are_not_named_in_full_are_refused(tmp_path: Path, document: dict[str, Any]) -> None:
    (tmp_path / "note.xml").write_bytes(NOTE)
    with pytest.raises(NotFound) as refused:
        read_samples(document, tmp_path)
    assert refused.value.stable_code == "conformance.no-sample"
