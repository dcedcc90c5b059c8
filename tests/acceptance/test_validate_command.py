"""`sarhad validate` as a user has it: a thousand files, an interruption, a broken sample, an answer to its sender."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from lxml import etree

from gateway.formats.format import load_format
from gateway.formats.generator import generate
from gateway.formats.parsing import XmlElement, parse_xml
from tests.conftest import ROOT, SAMPLES

SARHAD = (sys.executable, "-m", "gateway")
FILES = 1000
MANY = 40


@pytest.fixture(name="cache", scope="module")
def cache_fixture(derived: Path) -> Path:
    return derived


@pytest.fixture(name="thousand", scope="module")
def thousand_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated cargo reports; each tenth is cut in the middle, each twentieth misspells a tag."""
    folder = tmp_path_factory.mktemp("thousand")
    chosen = load_format(ROOT / "wco_schemas" / "wco" / "3.6" / "cri-3.6.format.toml")
    messages = [chosen.to_xml(generate(chosen.structure, seed=seed, richness=0.2)) for seed in range(4)]
    for number in range(FILES):
        data = messages[number % len(messages)]
        if number % 10 == 3:
            data = data[: len(data) // 2]
        elif number % 20 == 5:
            data = data.replace(b"FunctionCode", b"FunctonCode")
        (folder / f"{number:04}.xml").write_bytes(data)
    return folder


def command(cache: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    around = {**os.environ, "SARHAD_CACHE_DIR": str(cache), "SARHAD_ROOT": str(ROOT)}
    done = subprocess.run(
        [*SARHAD, "validate", *map(str, words)],
        cwd=ROOT,
        env=around,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


def test_a_thousand_files_with_progress_on_all_cores_and_a_summary(cache: Path, thousand: Path) -> None:
    done = command(cache, thousand, "--workers", "2")
    assert done.returncode == 1
    assert "500 of 1,000 files judged" in done.stderr
    assert "What was found" in done.stdout
    for code in ("parse.not-well-formed", "schema.unknown-element"):
        assert code in done.stdout
    assert done.stdout.rstrip().endswith("not valid")
    assert "1,000 files: " in done.stdout


def test_json_is_one_line_a_file_in_order_however_many_processes(cache: Path, thousand: Path) -> None:
    one, two = (command(cache, thousand, "--json", "--workers", count) for count in ("1", "2"))
    assert one.stdout == two.stdout
    assert (one.stderr, two.stderr) == ("", "")
    lines = [json.loads(line) for line in two.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == [f"{number:04}.xml" for number in range(FILES)]
    cut = [line for line in lines if line["findings"] and line["findings"][0]["code"] == "parse.not-well-formed"]
    assert len(cut) == FILES // 10


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_an_interruption_ends_cleanly_and_leaves_no_process(cache: Path, thousand: Path) -> None:
    around = {**os.environ, "SARHAD_CACHE_DIR": str(cache), "SARHAD_ROOT": str(ROOT)}
    running = subprocess.Popen(
        [*SARHAD, "validate", *[str(thousand)] * MANY, "--summary", "--workers", "2"],
        cwd=ROOT,
        env=around,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stderr is not None
    first = running.stderr.readline()
    assert "files judged" in first
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "interrupted: " in err
    assert "Traceback" not in out + err
    assert gone(running.pid)


def gone(group: int) -> bool:
    """Whether no process of a group is left, after a moment."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def first(document: XmlElement, name: str) -> XmlElement:
    """The first element of a local name."""
    return next(node for node in document.iter() if str(node.tag).endswith(f"}}{name}"))


@pytest.fixture(name="broken", scope="module")
def broken_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real declaration with three faults."""
    if not SAMPLES.is_dir():
        pytest.skip("the folder of real samples is not beside the project")
    source = max((SAMPLES / "wco-dms-3.6" / "declarations").glob("*.xml"), key=lambda file: file.stat().st_size)
    document = parse_xml(source.read_bytes())
    first(document, "TypeCode").text = "HUSHHUSH"
    function = first(document, "FunctionCode")
    above, item = function.getparent(), first(document, "GovernmentAgencyGoodsItem")
    assert above is not None
    above.remove(function)
    item.append(etree.Element(f"{{{etree.QName(item).namespace}}}Carrer"))
    file = tmp_path_factory.mktemp("broken") / "broken.xml"
    file.write_bytes(etree.tostring(document))
    return file


@pytest.mark.samples
def test_a_broken_sample_reads_like_advice(cache: Path, broken: Path) -> None:
    shown = command(cache, broken).stdout
    assert "NOT valid as dms-3.6 (3 errors" in shown
    assert "declaration: FunctionCode" in shown
    assert "What to do: add FunctionCode" in shown
    assert "It is too long." in shown
    assert "What belongs there: text of at most 3 characters" in shown
    assert "goods item 1: Carrer" in shown
    assert "HUSH" not in shown


@pytest.mark.samples
def test_its_sender_gets_a_response_that_the_schema_accepts(cache: Path, broken: Path, tmp_path: Path) -> None:
    file = tmp_path / "answer.xml"
    assert command(cache, broken, "--as", "res", "-o", file).returncode == 1
    res = load_format(ROOT / "wco_schemas" / "wco" / "3.6" / "res-3.6.format.toml", cache=cache)
    reading = res.read(file.read_bytes())
    assert reading.findings == ()
    assert reading.tree is not None
    [response] = reading.tree["MetaData"]["Response"]
    [line] = [json.loads(each) for each in command(cache, broken, "--json").stdout.splitlines()]
    errors = [finding for finding in line["findings"] if finding["severity"] == "error"]
    assert response["FunctionCode"] == "03"
    assert [error.get("Pointer", []) for error in response["Error"]] == [finding["pointers"] for finding in errors]
    assert response["Declaration"]
    assert b"HUSH" not in file.read_bytes()


@pytest.mark.samples
def test_each_place_of_a_finding_leads_to_its_node(cache: Path, broken: Path) -> None:
    [line] = [json.loads(each) for each in command(cache, broken, "--json").stdout.splitlines()]
    document = parse_xml(broken.read_bytes())
    for finding in line["findings"]:
        nodes = document.getroottree().xpath(finding["xpath"])
        assert isinstance(nodes, list)
        assert len(nodes) == (0 if finding["code"] == "schema.missing-element" else 1), finding["path"]
        assert finding["json_pointer"].startswith("/MetaData/Declaration/")
        assert finding["line"]
