"""The table of attacks, row by row, on one real server; and what the table itself has to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest

from tests.attacks.table import rows_xmldsig
from tests.attacks.table.judging import Stage, Verdict
from tests.attacks.table.row import Row
from tests.attacks.table.stage import standing
from tests.attacks.table.table import ROWS
from tests.attacks.table.telling import cells, summary
from tests.attacks.table.wire import fire
from tests.attacks.table.words import WORDS

FEWEST_ROWS = 200


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with standing(tmp_path_factory.mktemp("attacks")) as found:
        yield found


def test_the_request_that_all_rows_change_is_a_good_one(stage: Stage) -> None:
    attacker = stage.attacker
    forms = {
        "as the client sends it": attacker.message(),
        "signed by hand": attacker.drafted(attacker.draft()),
        "sealed by hand": attacker.envelope(),
        "signed as XML": rows_xmldsig.honest(attacker),
    }
    for form, shot in forms.items():
        answer = fire(shot, attacker.port)
        assert (answer.status, stage.told(answer), stage.outcome(answer)) == (202, "", "accepted"), form
    token = fire(attacker.assert_with(), attacker.port)
    assert (token.status, token.document["token_type"]) == (200, "Bearer")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_attack_is_refused_as_stated(stage: Stage, row: Row) -> None:
    verdict = stage.judge(row)
    assert not verdict.faults, verdict


def test_the_same_message_again_is_no_attack(stage: Stage) -> None:
    sealed = stage.attacker.sealed()
    first, second = (fire(stage.attacker.message(sealed), stage.attacker.port) for _ in range(2))
    assert (first.status, second.status) == (202, 202)
    assert orjson.loads(first.content)["receipt"] == orjson.loads(second.content)["receipt"]


def test_a_row_that_is_not_refused_as_stated_is_found(stage: Stage) -> None:
    row = next(row for row in ROWS if row.name == "token: no token")
    assert not stage.judge(row).faults
    assert stage.judge(replace(row, status=403)).faults == ("status 401",)
    faults = stage.judge(replace(row, code="token.expired")).faults
    assert [fault.split(" ")[0] for fault in faults] == ["code", "logged"]


def test_the_table_counts_what_came_of_it() -> None:
    rows = {row.name: row for row in ROWS}
    good = Verdict(
        row=rows["token: no token"], status=401, code="token.missing", logged="a:b:c token.missing", faults=()
    )
    bad = replace(good, status=500, code="internal", logged="", faults=("status 500", "code internal"))
    by_hand = Verdict(row=rows["large: one bit changed"], status=0, code="envelope.not-opened", logged="", faults=())
    assert cells(7, good) == (
        *("7", "token", "no token", "RFC 6750 s. 3", "401 token.missing", "401 token.missing", "a:b:c", "refused"),
    )
    assert cells(1, bad)[-2:] == ("-", "status 500; code internal")
    counts = "2 attacks: 2 refused as stated, 1 logged, 0 answers of 500; 1 outside the port, where no log is kept"
    assert summary([good, by_hand]) == (counts, 0)
    assert summary([good, bad])[0].startswith("2 attacks: 1 refused as stated, 1 logged, 1 answers of 500")
    assert summary([good, bad])[1] == summary([])[1] == 1


def test_the_names_are_unique() -> None:
    assert [name for name, count in Counter(row.name for row in ROWS).items() if count > 1] == []


def test_every_word_is_shown_by_a_row() -> None:
    shown = {word for row in ROWS for word in row.words}
    assert shown == set(WORDS)
    assert len(ROWS) >= FEWEST_ROWS


def test_no_row_expects_a_fault_of_ours() -> None:
    assert [row.name for row in ROWS if row.status >= 500 or not row.source] == []
