"""Counts of the real messages: accepted, the same after XML -> JSON -> XML, one verdict in both syntaxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gateway.catalogue import Judging
from gateway.findings import Finding, Layer, Severity
from gateway.validation.verdict import Verdict, verdict
from tests.proof.canonical import canonical
from tests.proof.subjects import BROKEN, FOLDERS, PROFILE

_OF_THE_SYNTAX = "format."
"""What is said of a document's dress (namespaces that were put in, old names): its JSON form has none."""


@dataclass(slots=True)
class Count:
    """What became of the messages of one folder; ``refusals`` say of each refused one where and why."""

    folder: str
    files: int = 0
    valid: int = 0
    round_trips: int = 0
    same_verdicts: int = 0
    refusals: list[str] = field(default_factory=list)


def count(folder: Path, judging: Judging) -> list[Count]:
    """Judge all real messages, in the folders of valid ones and in that of broken ones.

    Args:
        folder: holds one folder for each kind.
        judging: formats and rules.
    """
    return [_count(folder / name, judging) for name in (*FOLDERS, BROKEN)]


def _count(folder: Path, judging: Judging) -> Count:
    counted = Count(folder.name)
    form = judging.formats.get(PROFILE)
    for file in sorted(folder.glob("*.xml")):
        data = file.read_bytes()
        of_xml = verdict(judging.formats, data, rules=judging.rules)
        counted.files += 1
        counted.valid += of_xml.valid and of_xml.format == PROFILE
        if not of_xml.valid:
            first = next(one for one in of_xml.findings if one.severity is Severity.ERROR)
            counted.refusals.append(f"{file.name}, line {first.line}: {first.message} ({first.code})")
        if of_xml.tree is None:
            continue
        as_json = form.to_json(of_xml.tree)
        of_json = verdict(judging.formats, as_json, PROFILE, rules=judging.rules)
        counted.same_verdicts += said(of_json) == said(of_xml)
        again = form.to_xml(of_json.tree) if of_json.tree is not None else b"<none/>"
        counted.round_trips += canonical(again) == canonical(data, repaired_by=form)
    return counted


def said(judged: Verdict) -> tuple[bool, frozenset[tuple[str, str, Severity]]]:
    """What a verdict says of the message, without what it says of the way it was written."""
    return judged.valid, frozenset((one.code, one.path, one.severity) for one in judged.findings if _counts(one))


def _counts(finding: Finding) -> bool:
    return finding.layer is not Layer.PARSE and not finding.code.startswith(_OF_THE_SYNTAX)


def table(counts: list[Count]) -> str:
    """The counts as text, with their sums over the folders of valid messages and the reason of each refusal."""
    sound = [one for one in counts if one.folder in FOLDERS]
    total = Count("all that are sound")
    for one in sound:
        total.files += one.files
        total.valid += one.valid
        total.round_trips += one.round_trips
        total.same_verdicts += one.same_verdicts
    broken = [one for one in counts if one.folder not in FOLDERS]
    lines = ["Real messages", f"  {'folder':20} {'files':>6} {'valid':>6} {'XML-JSON-XML':>13} {'same verdict':>13}"]
    lines += [
        f"  {one.folder:20} {one.files:6} {one.valid:6} {one.round_trips:13} {one.same_verdicts:13}"
        for one in (*sound, total, *broken)
    ]
    lines += [f"  refused: {refusal}" for one in counts for refusal in one.refusals]
    return "\n".join(lines)
