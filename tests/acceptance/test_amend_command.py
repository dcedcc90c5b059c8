"""``sarhad amend`` and ``sarhad amendment`` as their user types them, on made-up and on real messages."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from gateway.cli.main import run

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "wco-dms-3.6"
VECTORS = ROOT / "tests" / "vectors" / "amendments"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="no real messages at ../shared/samples")


def in_a_process(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gateway", *map(str, words)]
    variables = {"SARHAD_ROOT": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def sarhad(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The same command in this process: a process of its own costs more than the command."""
    command = list(map(str, words))
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with (
        mock.patch.dict(os.environ, {"SARHAD_ROOT": str(ROOT), "COLUMNS": "80"}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        run(command)
    for stream in (out, err):
        stream.seek(0)
    said, complained = out.read(), err.read()
    assert "Traceback" not in said + complained
    code = ended.value.code if isinstance(ended.value.code, int) else 0
    return subprocess.CompletedProcess(command, code, said, complained)


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
    written = in_a_process("amendment", before, after, "--reason", "32", "--reference", "A-1", "-o", amendment)
    assert written.returncode == 0, written.stdout + written.stderr
    done = in_a_process("amend", before, amendment, "-o", amended, "--report", chain, "--json")
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
    assert "What to do: send the change as an amendment (COR)" in done.stdout


def request_of(content: dict[str, Any], reference: str, pointer: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """An amendment where a pointer is given, else a cancellation."""
    change = {"ChangeReasonCode": "32", "Pointer": pointer} if pointer else {"ChangeReasonCode": "1"}
    itself = {"FunctionCode": "13", "FunctionalReferenceID": reference, "ID": "26XX000000000001",
              "TypeCode": "COR" if pointer else "INV"}  # fmt: skip
    declaration = {**itself, "Amendment": [change], **content}
    return {"MetaData": {"WCODataModelVersionCode": "3.6", "WCOTypeName": "DEC", "Declaration": declaration}}


def test_a_chain_of_two_amendments_and_a_cancellation_is_kept_and_then_closed(tmp_path: Path) -> None:
    place = [{"DocumentSectionCode": "42A", "SequenceNumeric": "1", "TagID": "228"}]
    messages = {
        "1.json": request_of({"GoodsItemQuantity": "4"}, "A-1", place),
        "2.json": request_of({"GoodsItemQuantity": "3"}, "A-2", place),
        "3.json": request_of({}, "A-3"),
        "4.json": request_of({"GoodsItemQuantity": "5"}, "A-4", place),
    }
    files = [tmp_path / name for name in messages]
    for file, message in zip(files, messages.values(), strict=True):
        file.write_text(json.dumps(message), encoding="utf-8")
    declaration, chain, amended = VECTORS / "declaration.json", tmp_path / "chain", tmp_path / "amended"
    done = sarhad("amend", declaration, *files[:3], "--report", chain, "-o", amended, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads(chain.read_text(encoding="utf-8"))
    links = record["links"]
    assert record["state"] == "cancelled"
    assert [one["kind"] for one in links] == ["amendment", "amendment", "cancellation"]
    assert links[0]["before"] == record["first"]
    assert [one["before"] for one in links[1:]] == [one["after"] for one in links[:2]]
    assert links[-1]["after"] == record["digest"]
    assert (content_of(amended)["VersionID"], content_of(amended)["GoodsItemQuantity"]) == ("3", "3")

    target = tmp_path / "late"
    late = sarhad("amend", amended, files[3], "--chain", chain, "-o", target)
    assert late.returncode == 1
    assert "amend.cancelled" in late.stdout
    assert "What to do: lodge a new declaration" in late.stdout
    assert not target.exists()


@pytest.mark.parametrize(
    ("item", "place", "wrong"),
    [
        ({"DocumentSectionCode": "99Z"}, "amendment 1, pointer 3: DocumentSectionCode", "The pointer leads nowhere."),
        ({"DocumentSectionCode": "68A", "SequenceNumeric": "9"}, "declaration: Amendment 1",
         "The pointer counts to a GovernmentAgencyGoodsItem beyond the next new one."),
    ],
)  # fmt: skip
def test_a_pointer_that_leads_nowhere_is_refused(tmp_path: Path, item: dict[str, str], place: str, wrong: str) -> None:
    nowhere = [{"DocumentSectionCode": "42A"}, {"DocumentSectionCode": "67A"}, item]
    file, target = tmp_path / "a.json", tmp_path / "out.json"
    file.write_text(json.dumps(request_of({"GoodsItemQuantity": "4"}, "A-1", nowhere)), encoding="utf-8")
    done = sarhad("amend", VECTORS / "declaration.json", file, "-o", target)
    assert done.returncode == 1
    assert not target.exists()
    for line in (f"error  {place}", wrong, "What to do: "):
        assert line in done.stdout


@needs_samples
def test_a_real_amendment_reads_the_same_in_both_orders_of_pointer_children_and_both_syntaxes(tmp_path: Path) -> None:
    folder = SAMPLES / "declarations"
    amendment = folder / "Step5_TT_EX009a_Amendment.xml"
    order = re.compile(r"(<SequenceNumeric>\d+</SequenceNumeric>)(\s*)(<DocumentSectionCode>\w+</DocumentSectionCode>)")
    turned, count = order.subn(r"\3\2\1", amendment.read_text(encoding="utf-8"))
    assert count == 6
    swapped = tmp_path / "swapped.xml"
    swapped.write_text(turned, encoding="utf-8")
    as_json = tmp_path / "amendment.json"
    assert sarhad("convert", amendment, "--to", "json", "-o", as_json).returncode == 0
    told = [json.loads(sarhad("amend", folder / "TT_EX009a.xml", one, "--json").stdout)
            for one in (amendment, swapped, as_json)]  # fmt: skip
    assert [one["done"] for one in told] == [True, True, True]
    assert len({one["digest"] for one in told}) == 1


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
