"""Translating outside any exchange: every way that leads somewhere, an account of every leaf, and no other way."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.catalogue import Catalogue, load_catalogue
from gateway.conversion.run import ConversionContext
from gateway.errors import GatewayError, NotFound, UnknownFormat
from gateway.formats.tree import leaves
from gateway.pipeline.translation import Translation, translate
from tests.world.partner import NOTE
from tests.world.setting import DATA

CONTEXT = ConversionContext(reference="0" * 32, sender="aa", received=datetime(2026, 1, 1, tzinfo=UTC))
OWN = b'{"number": "N-9", "kind": "K", "remark": "apples", "lines": [{"no": "1", "goods": "g"}]}'


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(DATA)


def go(catalogue: Catalogue, data: bytes, to: str, source: str | None = None) -> Translation:
    return translate(catalogue, data, source, to, CONTEXT)


def written(done: Translation) -> bytes:
    assert done.data is not None, done.findings
    return done.data


def test_json_and_back_is_the_same_message(catalogue: Catalogue) -> None:
    other = written(go(catalogue, NOTE, "json"))
    back = written(go(catalogue, other, "xml"))
    form = catalogue.formats.get("xx-note-1.0")
    assert form.read(back).tree == form.read(NOTE).tree
    assert written(go(catalogue, back, "json")) == other


def test_another_syntax_keeps_every_leaf_at_its_place(catalogue: Catalogue) -> None:
    done = go(catalogue, NOTE, "json")
    assert done.account is not None
    assert all(line.fate == "mapped" and line.to == (line.path,) for line in done.account.source)
    tree = catalogue.formats.get("xx-note-1.0").read(NOTE).tree
    assert tree is not None
    assert sum(line.number for line in done.account.source) == len(list(leaves(tree)))


def test_a_format_written_in_json_has_no_xml(catalogue: Catalogue) -> None:
    with pytest.raises(GatewayError, match="JSON"):
        go(catalogue, OWN, "xml", "aa-note-1.0")
    assert go(catalogue, OWN, "json", "aa-note-1.0").data


def test_to_the_canonical_form_and_back(catalogue: Catalogue) -> None:
    there = go(catalogue, NOTE, "note-1.0")
    back = go(catalogue, written(there), "xx-note-1.0")
    assert (there.source, there.target, back.source, back.target) == (
        "xx-note-1.0",
        "note-1.0",
        "note-1.0",
        "xx-note-1.0",
    )
    form = catalogue.formats.get("xx-note-1.0")
    assert form.read(written(back)).tree == form.read(NOTE).tree


def test_from_one_national_form_to_another_with_one_account_over_both_steps(catalogue: Catalogue) -> None:
    done = go(catalogue, OWN, "xx-note-1.0", "aa-note-1.0")
    assert catalogue.formats.get("xx-note-1.0").read(written(done)).tree
    assert done.account is not None
    account = done.account.as_json()
    assert (account["from"], account["to"]) == ("aa-note-1.0", "xx-note-1.0")
    fates = Counter(line["fate"] for line in account["source"])
    assert fates == {"mapped": 5}
    assert {line["path"] for line in account["target"]} == {"Number", "Kind", "Remark", "Line/No", "Line/Goods"}


def test_a_target_of_its_own_format_is_the_same_message(catalogue: Catalogue) -> None:
    done = go(catalogue, NOTE, "xx-note-1.0")
    assert done.source == done.target == "xx-note-1.0"
    assert b"apricots" in written(done)


def test_what_the_schema_refuses_is_not_converted(catalogue: Catalogue) -> None:
    done = go(catalogue, b'<Note xmlns="urn:world:xx:note:1"><Kind>K</Kind></Note>', "note-1.0")
    assert (done.data, done.account, done.source) == (None, None, "xx-note-1.0")
    assert done.findings
    unread = go(catalogue, b"<Note>", "note-1.0")
    assert (unread.data, unread.source) == (None, "")


def test_what_the_mapping_refuses_names_the_row_and_keeps_the_account(catalogue: Catalogue) -> None:
    done = go(
        catalogue, OWN.replace(b"apples", b"a remark of more than twenty characters"), "xx-note-1.0", "aa-note-1.0"
    )
    assert done.data is None
    assert [finding.row for finding in done.findings] == ["xn3"]
    assert done.account is not None


@pytest.mark.parametrize(
    ("to", "source", "kind"),
    [
        ("no-such-format", None, UnknownFormat),
        ("note-1.0", "no-such-format", UnknownFormat),
        ("aa-note-1.0", None, NotFound),
    ],
)
def test_ways_that_lead_nowhere(catalogue: Catalogue, to: str, source: str | None, kind: type[GatewayError]) -> None:
    with pytest.raises(kind):
        go(catalogue, NOTE, to, source)


@pytest.fixture(scope="module")
def project(project_root: Path) -> Catalogue:
    """The project's own data folders, for their input profile."""
    return load_catalogue(project_root, cache=project_root / ".sarhad" / "cache")


def test_real_declarations_become_canonical_with_no_leaf_lost(project: Catalogue, samples: Path) -> None:
    files = sorted((samples / "wco-dms-3.6" / "declarations").glob("*.xml"))[:12]
    assert files
    for file in files:
        done = go(project, file.read_bytes(), "dec-3.6")
        assert (done.source, done.target) == ("dms-3.6", "dec-3.6")
        assert done.data is not None, (file.name, done.findings[:3])
        assert done.account is not None
        assert {line.fate for line in done.account.source} <= {"mapped", "implied"}


def test_a_canonical_form_does_not_become_a_profile(project: Catalogue, samples: Path) -> None:
    file = next((samples / "wco-dms-3.6" / "declarations").glob("*.xml"))
    canonical = written(go(project, file.read_bytes(), "dec-3.6"))
    with pytest.raises(NotFound):
        go(project, canonical, "dms-3.6")
    with pytest.raises(NotFound):
        go(project, canonical, "cri-3.6")
