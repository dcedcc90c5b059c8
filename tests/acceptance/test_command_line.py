"""The command line as its user types it: what it prints, how it ends, and never a traceback."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest

from gateway.adapters.partner_channel import HttpLink
from gateway.cli.main import run
from gateway.client.client import GatewayClient
from gateway.client.side import make_side_keys, read_side
from tests.world.partner import NOTE
from tests.world.setting import DATA


def sarhad(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    variables = {"SARHAD_ROOT": str(root), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
    command = [sys.executable, "-m", "gateway", *words]
    done = subprocess.run(command, cwd=root, env=variables, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


def in_this_process(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> tuple[int, str]:
    """How a command ends, and all that it says; for those that need no process of their own."""
    with pytest.raises(SystemExit) as ended:
        run(words)
    said = "".join(capsys.readouterr())
    assert "Traceback" not in said
    return int(ended.value.code or 0), said


def lines_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def formats(project_root: Path) -> list[str]:
    return [line["format"] for line in lines_of(sarhad(project_root, "formats", "--json"))]


def test_generated_messages_are_valid_and_survive_both_syntaxes(
    project_root: Path, formats: list[str], tmp_path: Path
) -> None:
    """One of the formats as typed; test_formats.py takes all of them."""
    formats = formats[:1]
    for name in formats:
        made = sarhad(project_root, "formats", name, "--generate", "2", "--seed", "5", "-o", str(tmp_path / name))
        assert made.returncode == 0, made.stderr
    judged = sarhad(project_root, "validate", *(str(tmp_path / name) for name in formats), "--json")
    assert judged.returncode == 0, judged.stdout
    told = [(line["valid"], line["format"]) for line in lines_of(judged)]
    assert told == [(True, name) for name in formats for _ in range(2)]
    message = next((tmp_path / formats[0]).iterdir())
    other = tmp_path / "other.json"
    assert sarhad(project_root, "convert", str(message), "--to", "json", "-o", str(other)).returncode == 0
    back = tmp_path / "back.xml"
    assert sarhad(project_root, "convert", str(other), "--to", "xml", "-o", str(back)).returncode == 0
    again = tmp_path / "again.json"
    assert sarhad(project_root, "convert", str(back), "--to", "json", "-o", str(again)).returncode == 0
    assert other.read_bytes() == again.read_bytes()


def test_what_is_broken_is_told_with_line_and_advice_and_ends_with_1(project_root: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.xml"
    broken.write_text("<a>\n<b></a>\n", encoding="utf-8")
    told = sarhad(project_root, "validate", str(broken))
    assert told.returncode == 1
    assert "line 2" in told.stdout
    assert "What to do" in told.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("no-such-command",), 2),
        (("validate", "no/such/file.xml"), 2),
        (("validate",), 2),
        (("formats", "no-such-format"), 2),
        (("convert", "README.md", "--to", "json"), 2),
        (("agreement", "show", "no-such-agreement"), 2),
        (("check", "no/such/folder"), 2),
        (("check",), 0),
        (("--version",), 0),
        (("mapping", "coverage"), 0),
        (("mapping", "check"), 0),
        (("agreement", "list"), 0),
        (("agreement", "test"), 0),
        (("partner", "list"), 0),
        (("codelist", "show", "incoterms"), 0),
    ],
)
def test_how_commands_end(
    project_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    code: int,
) -> None:
    """In this process: so many of their own would cost more than the commands."""
    monkeypatch.setenv("SARHAD_ROOT", str(project_root))
    monkeypatch.chdir(project_root)
    ended, said = in_this_process(capsys, words)
    assert ended == code, said
    assert said


def test_a_conversion_comes_with_an_account_of_every_leaf(
    project_root: Path, formats: list[str], tmp_path: Path
) -> None:
    [coverage, *_] = lines_of(sarhad(project_root, "mapping", "coverage", "--json"))
    name = coverage["format"]
    assert name in formats
    sarhad(project_root, "formats", name, "--generate", "1", "--seed", "5", "-o", str(tmp_path))
    message = next(tmp_path.iterdir())
    report = tmp_path / "report.json"
    done = sarhad(project_root, "convert", str(message), "--to", "dec-3.6", "--report", str(report), "--json")
    assert done.returncode == 0, done.stderr
    account = json.loads(report.read_text(encoding="utf-8"))
    assert set(account) == {"from", "to", "source", "target", "counts"}
    assert {"path", "fate", "loss", "to", "row", "reason", "count"} <= set(account["source"][0])
    assert all(line["fate"] != "unmapped" for line in account["source"])


@pytest.mark.parametrize("words", [("exchange", "list"), ("audit", "verify"), ("feed", "pull", "rms")])
def test_a_state_without_a_gateway_is_told(
    project_root: Path,
    derived: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    monkeypatch.setenv("SARHAD_ROOT", str(project_root))
    monkeypatch.setenv("SARHAD_STATE_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("SARHAD_CACHE_DIR", str(derived))
    ended, said = in_this_process(capsys, words)
    assert ended == 2, said
    assert "what to do" in said


def test_data_folders_that_are_missing_are_told(tmp_path: Path, project_root: Path) -> None:
    shutil.copytree(project_root / "agreements", tmp_path / "agreements")
    done = sarhad(project_root, "check", str(tmp_path), "--json")
    assert done.returncode in {1, 2}
    assert done.stdout + done.stderr


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """`sarhad run` over the made-up data folders: its two addresses, and the variables of its state."""
    variables = {
        "SARHAD_ROOT": str(DATA),
        "SARHAD_STATE_DIR": str(folder / "state"),
        "SARHAD_PARTNER_PORT": "0",
        "SARHAD_INTERNAL_PORT": "0",
        "PATH": "/usr/bin:/bin",
    }
    command = [sys.executable, "-m", "gateway"]
    with (folder / "their-keys.json").open("wb") as file:
        file.write(make_side_keys(folder / "side", "xx"))
    taken_in = [*command, "partner", "keys", "xx", "--import", file.name]
    subprocess.run(taken_in, cwd=folder, env=variables, check=True, capture_output=True)
    ours = subprocess.run([*command, "partner", "keys"], cwd=folder, env=variables, check=True, capture_output=True)
    (folder / "gateway-keys.json").write_bytes(ours.stdout)
    with (folder / "log").open("w+", encoding="utf-8") as log:
        running = subprocess.Popen([*command, "run"], cwd=folder, env=variables, stdout=PIPE, stderr=log, text=True)
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            partner_port, internal_port = re.findall(r"http://[0-9.:]+", line)
            yield partner_port, internal_port, variables
            running.send_signal(signal.SIGTERM)
            assert running.wait(timeout=30) == 0
            assert running.stdout.read() == ""
        finally:
            running.kill()
            running.communicate()
        log.seek(0)
        assert all(isinstance(json.loads(line), dict) for line in log)


def test_a_partner_exchanges_with_a_gateway_that_serves(tmp_path: Path) -> None:
    with (
        closing(HttpLink(timeout=30.0, answer_limit=1 << 20)) as link,
        served(tmp_path) as (partner_port, internal_port, variables),
    ):

        def typed(*words: str) -> list[dict[str, Any]]:
            command = [sys.executable, "-m", "gateway", *words]
            done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return lines_of(done)

        side = read_side(tmp_path / "side", code="xx", home="aa", gateway_keys=tmp_path / "gateway-keys.json")
        client = GatewayClient(side, partner_port, link)
        sealed = client.seal(
            NOTE,
            message_id="2026-0001",
            agreement="aa-xx-notes",
            message_type="note",
            format_name="xx-note-1.0",
            purpose="RISK",
        )
        handed = client.hand_in(sealed)
        assert handed.status == 202
        assert handed.receipt is not None
        assert client.hand_in(sealed).receipt_bytes == handed.receipt_bytes
        lodged = link.request(
            "POST",
            f"{internal_port}/internal/v1/lodgements?partner=xx&type=reply",
            content=b'{"number": "N-9"}',
            headers={"Content-Type": "application/json"},
        )
        assert lodged.status in {200, 201, 202}, lodged.body
        assert [line["direction"] for line in typed("exchange", "list", "--json")] == ["inbound", "outbound"]
        assert [line["exchange"] for line in typed("feed", "pull", "rms")] == [handed.receipt.exchange_id]
        [report] = typed("audit", "verify", "--json")
        assert report["ok"]
        assert report["size"] > int(handed.receipt.log_index)


def is_loading(process_id: int) -> bool:
    """Whether a process has come so far as to load a library of the program's own (``maps`` of proc(5)).

    Before that, Python itself is starting and answers an interrupt in its own way, whatever the program does.
    """
    return "lxml" in Path(f"/proc/{process_id}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="asks proc(5) when the program loads")
@pytest.mark.parametrize("later", [0.0, 0.3, 1.2])
def test_ctrl_c_ends_without_a_traceback(project_root: Path, tmp_path: Path, later: float) -> None:
    long = ["formats", "dec-3.6", "--generate", "1000000", "-o", str(tmp_path / "instances")]
    command = [sys.executable, "-m", "gateway", *long]
    running = subprocess.Popen(
        command, cwd=project_root, stdout=PIPE, stderr=PIPE, text=True, env={"PATH": "/usr/bin:/bin"}
    )
    while not is_loading(running.pid):
        time.sleep(0.01)
    time.sleep(later)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert "Traceback" not in out + err
    # A shell shows 130 for both: CPython ends by the signal itself when it came inside an exec() of loading code.
    assert running.returncode in {130, -signal.SIGINT}


def test_the_how_to_pages_type_commands_that_exist(project_root: Path) -> None:
    typed = {
        words
        for page in (project_root / "docs" / "howto").glob("*.md")
        for words in re.findall(r"^ *sarhad ([a-z]+(?: [a-z]+)?)", page.read_text(encoding="utf-8"), re.MULTILINE)
    }
    reference = (project_root / "docs" / "reference" / "command_line.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^## sarhad (.+)$", reference, re.MULTILINE))
    assert typed
    known |= {words.rpartition(" ")[0] for words in known if words.count(" ") > 1}  # as `partner keys` alone
    assert not {words for words in typed if words not in known and words.split()[0] not in known}
