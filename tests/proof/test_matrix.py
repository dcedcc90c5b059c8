"""A small matrix in each run of the tests; the whole one is ``make proof``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.catalogue import Judging
from gateway.findings import Finding, Layer, Severity
from gateway.validation.verdict import Verdict
from tests.proof.counts import count
from tests.proof.counts import table as counts_table
from tests.proof.damage import Damage, outcome
from tests.proof.json_damage import innermost
from tests.proof.matrix import Row, json_rows, table, xml_rows
from tests.proof.subjects import FOLDERS, generated, packages
from tests.proof.subjects import samples as real_messages
from tests.proof.xml_damage import last_open

VALID = {"declarations": 53, "cancellations": 2, "responses": 37}
LEAST_KINDS = 12
REAL = 4


@pytest.mark.parametrize("find", [xml_rows, json_rows], ids=["xml", "json"])
def test_every_damage_is_found_and_shown_where_it_is(
    judging: Judging, find: Callable[..., list[Row]], project_root: Path
) -> None:
    beside = project_root.parent / "shared" / "samples" / "wco-dms-3.6"
    real = real_messages(beside, judging, REAL) if beside.is_dir() else []
    rows = find(judging, [*real, *generated(judging, len(packages(judging)))], 1)
    failures = [f"{row.kind}: {failure}" for row in rows for failure in row.failures]
    assert len([row for row in rows if row.done]) > LEAST_KINDS
    assert sum(row.found for row in rows) == sum(row.done for row in rows), "\n".join(failures)
    assert sum(row.right for row in rows) >= 0.99 * sum(row.done for row in rows), "\n".join(failures)


@pytest.mark.samples
def test_real_messages_are_accepted_the_same_in_both_syntaxes(judging: Judging, samples: Path) -> None:
    counted = count(samples / "wco-dms-3.6", judging)
    assert {one.folder: one.valid for one in counted if one.folder in FOLDERS} == VALID
    assert {one.folder: one.round_trips for one in counted if one.folder in FOLDERS} == VALID
    assert {one.folder: one.same_verdicts for one in counted if one.folder in FOLDERS} == VALID
    broken = [one for one in counted if one.folder not in FOLDERS]
    assert [(one.files, one.valid, len(one.refusals)) for one in broken] == [(2, 0, 2)]
    told = counts_table(counted)
    assert "all that are sound       92     92            92            92" in told
    assert all(f"refused: {refusal}" in told for one in broken for refusal in one.refusals)
    assert all("line None" not in refusal for one in broken for refusal in one.refusals)


def told(path: str, severity: Severity = Severity.ERROR, line: int | None = 3) -> Verdict:
    finding = Finding(severity=severity, code="c", layer=Layer.SCHEMA, path=path, line=line, message="m")
    return Verdict(
        valid=severity is not Severity.ERROR, format="f", profile="", findings=(finding,), tree=None, syntax="xml"
    )


def test_the_matrix_can_fail() -> None:
    silent = Verdict(valid=True, format="f", profile="", findings=(), tree=None, syntax="xml")
    damage = Damage(data=b"", places=frozenset(["A[2]/B"]), lines=frozenset([3]))
    assert outcome(damage, silent, told("A[2]/B")).right
    assert not outcome(damage, silent, silent).found
    assert not outcome(damage, silent, told("A[2]/B", Severity.WARNING)).found
    assert not outcome(damage, silent, told("A[2]")).right
    assert not outcome(damage, silent, told("A/B")).right
    assert not outcome(damage, silent, told("A[2]/B", line=4)).right
    warned = Damage(data=b"", places=frozenset(["A"]), severity=Severity.WARNING)
    assert outcome(warned, silent, told("A", Severity.WARNING)).right
    assert not outcome(warned, told("A", Severity.WARNING), told("A", Severity.WARNING)).found
    row = Row("kind", messages=1, done=3, found=2, right=1)
    assert "66.67 %      33.33 %" in table("t", [row])
    assert "99.99 %" in table("t", [Row("kind", done=100_000, found=99_999, right=100_000)])


def test_the_truth_of_files_cut_short_comes_from_other_readers() -> None:
    assert last_open(b"<a>\n<b/><x:b>\n<c>t") == (["a", "b[2]", "c"], 3)
    assert innermost('{"a": {"b": [1, {"c": "} ] \\" "}, {"d": "cut') == "/a/b/2"
    assert innermost('{"a": {"b": [1], "c') == "/a"
