"""Judging one file of many: what every worker process does, and what it hands back."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from gateway.catalogue import load_judging
from gateway.cli.advice import WIDTH, advice, counted
from gateway.errors import DataFolderError
from gateway.findings import Finding, Layer, Severity, problem_document
from gateway.formats.limits import DEFAULT_LIMITS
from gateway.formats.lines import with_lines
from gateway.formats.locations import located
from gateway.formats.naming import format_named
from gateway.validation.response import ResponseForm, read_response_form, reference_of, response_of
from gateway.validation.verdict import Verdict, verdict

RESPONSES = "wco_schemas/responses"
_INVALID = 422
_VALID = 200


class Shape(StrEnum):
    """How a verdict is told."""

    ADVICE = "advice"
    TABLE = "table"
    JSON = "json"
    RESPONSE = "res"
    PROBLEM = "problem"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is asked of every file; workers get it once.

    Attributes:
        root: folder of the data folders.
        cache: folder of derived structures.
        format_name: judge as this format instead of recognising it.
        shape: what is written of each verdict.
        as_json: write a response in its JSON form.
        colour: colours for a terminal.
    """

    root: Path
    cache: Path | None
    format_name: str | None = None
    shape: Shape = Shape.ADVICE
    as_json: bool = False
    colour: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a worker hands back of one file.

    Attributes:
        file: as it was named.
        valid: whether no finding is an error.
        codes: how often each (severity, code) was found.
        text: the verdict in the shape that was asked for.
        rows: severity, code, place, line, what to do; for tables only.
    """

    file: Path
    valid: bool
    codes: dict[tuple[str, str], int]
    text: str
    rows: tuple[tuple[str, ...], ...] = ()


class FileJudge:
    """Judges files with everything loaded once.

    Args:
        task: see `Task`.

    Raises:
        DataFolderError: the data folders hold a fault.
        UnknownFormat: the format that is asked for is not known.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._known = load_judging(task.root, cache=task.cache)
        wanted = task.format_name
        self._format_name = format_named(self._known.formats, wanted).name if wanted is not None else None

    def judge(self, file: Path) -> Judged:
        """The verdict on one file; whatever is wrong with the file is a finding."""
        data, judged = self._read(file)
        findings = located(judged.findings, judged.found.structure if judged.found is not None else None)
        if judged.found is not None and findings:
            findings = with_lines(self._known.formats, judged.found, data, findings)
        wanted = self._task.shape is Shape.TABLE
        return Judged(
            file=file,
            valid=judged.valid,
            codes=dict(Counter((finding.severity.value, finding.code) for finding in findings)),
            text=self._text(file, data, judged, findings),
            rows=tuple(_row(file, finding) for finding in findings) if wanted else (),
        )

    def _read(self, file: Path) -> tuple[bytes, Verdict]:
        """No more than the limit is read, so that a huge file costs nothing."""
        try:
            with file.open("rb") as opened:
                data = opened.read(DEFAULT_LIMITS.bytes + 1)
        except OSError as error:
            return b"", _unreadable(error)
        return data, verdict(self._known.formats, data, self._format_name, rules=self._known.rules)

    def _text(self, file: Path, data: bytes, judged: Verdict, findings: tuple[Finding, ...]) -> str:
        shape = self._task.shape
        if shape is Shape.ADVICE:
            return _as_advice(file, judged, findings, colour=self._task.colour)
        if shape is Shape.JSON:
            return _line(_as_json(file, judged, findings))
        if shape is Shape.PROBLEM:
            return _line(_as_problem(judged, findings))
        if shape is Shape.RESPONSE:
            return self._as_response(data, findings)
        return ""

    @cached_property
    def _response_form(self) -> ResponseForm:
        files = sorted((self._task.root / RESPONSES).glob("*.response.toml"))
        if not files:
            raise DataFolderError("no form of a response is there", path=RESPONSES, code="response.form")
        return read_response_form(files[-1].read_text(encoding="utf-8"), str(files[-1].relative_to(self._task.root)))

    def _as_response(self, data: bytes, findings: tuple[Finding, ...]) -> str:
        form = self._response_form
        found = self._known.formats.get(form.format_name)
        tree = response_of(form, found, findings, reference_of(data))
        return (found.to_json(tree) if self._task.as_json else found.to_xml(tree)).decode().rstrip("\n")


def _unreadable(error: OSError) -> Verdict:
    finding = Finding(
        severity=Severity.ERROR,
        code="parse.file-unreadable",
        layer=Layer.PARSE,
        message=f"the file cannot be read: {error.strerror or type(error).__name__}",
        expected="a file that this user may read",
        remedy="check that it is there and who may read it",
    )
    return Verdict(valid=False, format="", profile="", findings=(finding,), tree=None, syntax="")


def shown(file: Path) -> str:
    """A file's name as text, also one that is not in the encoding of the system."""
    return os.fsencode(file).decode("utf-8", "backslashreplace")


def _line(document: Any) -> str:
    return orjson.dumps(document).decode()


def _as_json(file: Path, judged: Verdict, findings: tuple[Finding, ...]) -> dict[str, Any]:
    return {
        "file": shown(file),
        "valid": judged.valid,
        "format": judged.format,
        "profile": judged.profile,
        "findings": [finding.as_json() for finding in findings],
    }


def _as_problem(judged: Verdict, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The problem document of a refusal (RFC 9457); of a valid message one that says so, with its warnings."""
    if not judged.valid:
        return problem_document(
            "content.refused",
            _INVALID,
            "the message is not valid",
            remedy="mend what the findings name and send it anew",
            findings=findings,
        )
    warned = {"findings": [finding.as_json() for finding in findings]} if findings else {}
    return {"type": "about:blank", "title": "OK", "status": _VALID, "detail": "the message is valid", **warned}


def _as_advice(file: Path, judged: Verdict, findings: tuple[Finding, ...], *, colour: bool) -> str:
    known = f" as {judged.format}" if judged.format else ""
    profile = f", profile {judged.profile}" if judged.profile not in ("", judged.format) else ""
    count = counted(findings)
    head = f"{shown(file)}: {'valid' if judged.valid else 'NOT valid'}{known}{profile}{f' ({count})' if count else ''}"
    structure = judged.found.structure if judged.found is not None else None
    told = advice(findings, structure, colour=colour, width=WIDTH if colour else None)
    return f"{head}\n{told}\n" if told else head


def _row(file: Path, finding: Finding) -> tuple[str, ...]:
    return (
        shown(file),
        str(finding.line or ""),
        finding.severity.value,
        finding.code,
        finding.path,
        finding.message,
        finding.remedy,
    )


def total(codes: Iterable[dict[tuple[str, str], int]]) -> dict[tuple[str, str], tuple[int, int]]:
    """How often, and in how many files, each (severity, code) was found; errors first, then the commonest."""
    found: Counter[tuple[str, str]] = Counter()
    files: Counter[tuple[str, str]] = Counter()
    for each in codes:
        found.update(each)
        files.update(each.keys())
    order = {severity.value: rank for rank, severity in enumerate(Severity)}
    return {key: (found[key], files[key]) for key in sorted(found, key=lambda key: (order[key[0]], -found[key], key))}
