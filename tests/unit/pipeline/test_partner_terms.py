"""Own agreements and formats: drafts stay at home, others' do not exist, and what is in force follows the dates."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.agreement.agreement import Agreement
from gateway.catalogue.loading import load_catalogue
from gateway.catalogue.model import Catalogue
from gateway.errors import NotFound
from gateway.identifiers import PartnerCode
from gateway.pipeline.partner_terms import PartnerTerms
from tests.world.neighbours import two_partners

XX, YY = PartnerCode("xx"), PartnerCode("yy")


@pytest.fixture(scope="module", name="catalogue")
def catalogue_fixture(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder: Path = tmp_path_factory.mktemp("terms")
    return load_catalogue(two_partners(folder), cache=folder / "cache")


def terms_of(catalogue: Catalogue, at: datetime, *, status: str = "") -> PartnerTerms:
    agreements: list[Agreement] = list(catalogue.agreements)
    if status:
        agreements = [_with_status(one, status) for one in agreements]
    return PartnerTerms(agreements, catalogue.formats.get, lambda: at)


def _with_status(agreement: Agreement, status: str) -> Agreement:
    terms = agreement.terms.model_copy(update={"status": status})
    return Agreement(terms=terms, file=agreement.file, digest=agreement.digest, permits=agreement.permits)


def in_force(terms: PartnerTerms) -> dict[str, bool]:
    return {view.agreement.id: view.in_force for view in terms.agreements(XX)}


@pytest.mark.parametrize(
    ("at", "old", "new"),
    [
        (datetime(2019, 6, 1, tzinfo=UTC), False, False),
        (datetime(2020, 6, 1, tzinfo=UTC), True, False),
        (datetime(2020, 12, 31, 18, 59, 59, tzinfo=UTC), True, False),
        (datetime(2020, 12, 31, 19, tzinfo=UTC), False, False),  # 00:00 of the end date in the partner's zone
        (datetime(2024, 1, 1, tzinfo=UTC), False, True),
    ],
)
def test_what_is_in_force(catalogue: Catalogue, at: datetime, old: bool, new: bool) -> None:
    assert in_force(terms_of(catalogue, at)) == {"aa-xx-notes": new, "aa-xx-old": old}


def test_drafts_stay_at_home_and_suspended_ones_are_not_in_force(catalogue: Catalogue) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    assert terms_of(catalogue, at, status="draft").agreements(XX) == []
    assert in_force(terms_of(catalogue, at, status="suspended")) == {"aa-xx-notes": False, "aa-xx-old": False}
    with pytest.raises(NotFound):
        terms_of(catalogue, at, status="draft").format(XX, "xx-note-1.0")


def test_formats_of_others_and_of_ours_do_not_exist(catalogue: Catalogue) -> None:
    terms = terms_of(catalogue, datetime(2024, 1, 1, tzinfo=UTC))
    assert terms.format(XX, "xx-note-1.0").as_json()["format"] == "xx-note-1.0"
    said = set()
    for partner, name in ((XX, "yy-letter-1.0"), (XX, "aa-note-1.0"), (XX, "zz-1.0"), (YY, "xx-note-1.0"), (XX, "")):
        with pytest.raises(NotFound) as refused:
            terms.format(partner, name)
        said.add((refused.value.message, refused.value.remedy, refused.value.stable_code))
    assert len(said) == 1


def test_nothing_is_agreed_with_a_stranger(catalogue: Catalogue) -> None:
    assert terms_of(catalogue, datetime(2024, 1, 1, tzinfo=UTC)).agreements(PartnerCode("zz")) == []
