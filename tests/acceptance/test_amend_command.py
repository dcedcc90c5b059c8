"""``sarhad amend`` and ``sarhad amendment`` as their user types them, on made-up and on real messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "wco-dms-3.6"
VECTORS = ROOT / "tests" / "vectors" / "amendments"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no real messages at ../shared/samples")


def sarhad(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", *map(str, words)]
    variables = {"SARHAD_ROOT": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture(name="versions", scope="module")
def versions_fixture(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A declaration as it is, and as it should be."""
    folder = tmp_path_factory.mktemp("versions")
    before = json.loads((VECTORS / "declaration.json").read_text(encoding="utf-8"))
    after = json.loads(json.dumps(before))
    after["MetaData"]["Declaration"]["GoodsShipment"]["GovernmentAgencyGoodsItem"][1]["Commodity"] = {
        "Description": "black tea",
        "GoodsMeasure": [{"GrossMassMeasure": "20.000"}],
    }
    files = folder / "before.json", folder / "after.json"
    for file, message in zip(files, (before, after), strict=True):
        file.write_text(json.dumps(message), encoding="utf-8")
    return files


def content_of(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))["MetaData"]["Declaration"]


def test_an_amendment_is_written_applied_and_the_chain_goes_on(versions: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = versions
    amendment, amended, chain = tmp_path / "a.json", tmp_path / "amended.json", tmp_path / "chain.json"
    written = sarhad("amendment", before, after, "--reason", "32", "--reference", "A-1", "-o", amendment)
    assert written.returncode == 0, written.stdout + written.stderr
    done = sarhad("amend", before, amendment, "-o", amended, "--report", chain, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert (told["done"], told["state"], told["format"]) == (True, "amended", "dec-3.6")
    assert [one["path"] for one in told["steps"][0]["differences"]] == [
        "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[2]/Commodity/Description"
    ]
    assert "black tea" not in done.stdout + chain.read_text(encoding="utf-8")
    assert content_of(amended) == {**content_of(after), "VersionID": "2"}

    again = sarhad("amend", amended, amendment, "--chain", chain, "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["findings"][0]["code"] == "amend.repeated"
    other = sarhad("amend", before, amendment, "--chain", chain)
    assert other.returncode == 1
    assert "amend.chain-broken" in other.stderr


def test_what_changes_is_shown_and_its_content_only_when_asked_for(versions: tuple[Path, Path], tmp_path: Path) -> None:
    before, after = versions
    amendment = tmp_path / "a.json"
    sarhad("amendment", before, after, "--reason", "32", "--reference", "A-1", "-o", amendment)
    plain = sarhad("amend", before, amendment)
    assert "goods item 2, commodity: Description" in plain.stdout
    assert "black tea" not in plain.stdout
    assert "black tea" in sarhad("amend", before, amendment, "--values").stdout


def test_xml_in_xml_out(versions: tuple[Path, Path], tmp_path: Path) -> None:
    files = []
    for file in versions:
        target = tmp_path / f"{file.stem}.xml"
        assert sarhad("convert", file, "--to", "xml", "-o", target).returncode == 0
        files.append(target)
    amendment, amended = tmp_path / "a.xml", tmp_path / "amended.xml"
    written = sarhad("amendment", *files, "--reason", "32", "--reference", "A-1", "-o", amendment)
    assert written.returncode == 0, written.stderr
    assert sarhad("validate", amendment).returncode == 0
    assert sarhad("amend", files[0], amendment, "-o", amended).returncode == 0
    assert b"<?xml" in amended.read_bytes()
    assert sarhad("validate", amended).returncode == 0


@pytest.mark.parametrize("words", [(), (VECTORS / "declaration.json",), ("no/such/file.xml", "no/such/other.xml")])
def test_wrong_usage_ends_with_2(words: tuple[str, ...]) -> None:
    assert sarhad("amend", *words).returncode == 2


def test_a_refused_amendment_writes_nothing_and_gives_advice(versions: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    done = sarhad("amend", versions[0], versions[1], "-o", target)
    assert done.returncode == 1
    assert not target.exists()
    assert "amend.kind" in done.stdout
    assert "Send" in done.stdout


@needs_samples
def test_a_real_amendment_of_a_real_declaration(tmp_path: Path) -> None:
    target = tmp_path / "amended.xml"
    folder = SAMPLES / "declarations"
    words = (folder / "TT_EX009a.xml", folder / "Step5_TT_EX009a_Amendment.xml", "-o", target, "--json")
    done = sarhad("amend", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    [step] = json.loads(done.stdout)["steps"]
    assert step["differences"] == [
        {
            "kind": "changed",
            "path": "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/AdditionalDocument[1]/LPCOExemptionCode",
            "pointer": "42A.67A.68A.$1.02A.$1.360",
            "reason": "25",
        }
    ]
    judged = sarhad("validate", target, "--json")
    assert judged.returncode == 0
    assert json.loads(judged.stdout)["profile"] == "dms-3.6"


@needs_samples
def test_real_cancellations_end_the_chain() -> None:
    declaration = SAMPLES / "declarations" / "TT_EX001a.xml"
    cancelled = SAMPLES / "declarations" / "Step1_TT_EX052a.xml"
    cancellation = SAMPLES / "cancellations" / "Step3_Cancellation.xml"
    unknown = sarhad("amend", declaration, cancellation, "--json")
    assert unknown.returncode == 1
    assert [one["code"] for one in json.loads(unknown.stdout)["findings"]] == ["amend.number-unknown"]
    by_reference = sarhad("amend", cancelled, cancellation, "--json")
    assert json.loads(by_reference.stdout)["state"] == "cancelled"
    number = "25GB53T2CGAY90LAA1"
    done = sarhad("amend", declaration, cancellation, "--number", number, "--json")
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["state"] == "cancelled"
    twice = sarhad("amend", declaration, cancellation, cancellation, "--number", number, "--json")
    assert twice.returncode == 1
    assert [one["code"] for one in json.loads(twice.stdout)["findings"]] == ["amend.cancelled"]
