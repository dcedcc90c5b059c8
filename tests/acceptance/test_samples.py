"""Real messages beside the project: read, judged, and the same message after XML -> JSON -> XML."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

from gateway.errors import GatewayError
from gateway.findings import Severity
from gateway.formats.format import load_format
from gateway.formats.library import FormatLibrary
from gateway.validation.verdict import verdict
from tests.proof.canonical import canonical

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "wco-dms-3.6"
PROFILE = ROOT / "wco_schemas" / "profiles" / "dms-3.6" / "dms-3.6.format.toml"

pytestmark = [
    pytest.mark.samples,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="no real messages at ../shared/samples"),
]

WITHOUT_NAMESPACE = 32
MESSAGES = {"declarations": 53, "cancellations": 2, "responses": 37}


def files(folder: str) -> list[Path]:
    return sorted((SAMPLES / folder).glob("*.xml"))


@pytest.fixture(name="library", scope="module")
def library_fixture() -> FormatLibrary:
    return FormatLibrary([load_format(PROFILE)])


@pytest.mark.parametrize("folder", MESSAGES)
def test_all_are_valid(library: FormatLibrary, folder: str) -> None:
    judged = [verdict(library, file.read_bytes()) for file in files(folder)]
    assert len(judged) == MESSAGES[folder]
    assert [one.findings for one in judged if not one.valid] == []
    assert {(one.format, one.profile) for one in judged} == {("dms-3.6", "dms-3.6")}


def test_responses_without_namespaces_are_accepted_with_a_warning(library: FormatLibrary) -> None:
    warned = [
        finding
        for file in files("responses")
        for finding in verdict(library, file.read_bytes()).findings
        if finding.code == "format.namespace-absent"
    ]
    assert len(warned) == WITHOUT_NAMESPACE
    assert {finding.severity for finding in warned} == {Severity.WARNING}


def test_what_is_not_well_formed_is_refused_with_line_and_reason(library: FormatLibrary) -> None:
    judged = [verdict(library, file.read_bytes()) for file in files("not-well-formed")]
    assert [(one.valid, one.findings[0].code, one.findings[0].line) for one in judged] == [
        (False, "parse.not-well-formed", 72),
        (False, "parse.not-well-formed", 52),
    ]
    assert all("comment" in one.findings[0].message for one in judged)


@pytest.mark.parametrize("folder", MESSAGES)
def test_xml_to_json_to_xml_is_the_same_message(library: FormatLibrary, folder: str) -> None:
    found = library.get("dms-3.6")
    for file in files(folder):
        data = file.read_bytes()
        tree = found.read(data).tree
        assert tree is not None
        again = found.read(found.to_json(tree))
        assert (again.tree, again.findings) == (tree, ())
        assert canonical(found.to_xml(again.tree or {})) == canonical(data, repaired_by=found), file.name


def test_the_published_json_schema_accepts_them(library: FormatLibrary) -> None:
    found = library.get("dms-3.6")
    schema = jsonschema_rs.Draft202012Validator(found.json_schema())
    for folder in MESSAGES:
        for file in files(folder):
            tree = found.read(file.read_bytes()).tree
            assert [error.instance_path for error in schema.iter_errors(tree)] == [], file.name


def test_amendment_results_keep_both_declarations(library: FormatLibrary) -> None:
    both = 0
    for file in files("responses"):
        tree = library.read(file.read_bytes())[1].tree
        assert tree is not None
        for response in tree["MetaData"]["Response"]:
            if "dec:Declaration" in response:
                both += 1
                assert "Declaration" in response
                assert response["dec:Declaration"]["FunctionCode"]
    assert both >= 5


def test_damaged_real_messages_end_in_findings(library: FormatLibrary) -> None:
    for file in files("declarations")[::9]:
        data = file.read_bytes()
        for at in range(0, len(data), max(1, len(data) // 40)):
            damaged = data[:at] + data[at + 3 :]
            try:
                judged = verdict(library, damaged)
            except GatewayError as error:
                pytest.fail(f"{file.name} at {at}: {error.stable_code}")
            assert judged.valid == (not any(one.severity is Severity.ERROR for one in judged.findings))
