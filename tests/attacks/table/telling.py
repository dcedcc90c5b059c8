"""The table of attacks as text: a line for each row, and the count of all."""

from __future__ import annotations

from collections.abc import Sequence

from tests.attacks.table.judging import Verdict
from tests.attacks.table.row import ByHand

COLUMNS = ("#", "class", "attack", "known as", "expected", "got", "logged", "verdict")


def cells(number: int, verdict: Verdict) -> tuple[str, ...]:
    """A row of the table."""
    row = verdict.row
    expected = f"{row.status or '-'} {row.code}".strip()
    got = f"{verdict.status or '-'} {verdict.code}".strip()
    # the tag of the entry, with its codes where they are not the one that the answer says
    logged = verdict.logged.removesuffix(f" {verdict.code}") or "-"
    state = "; ".join(verdict.faults) or "refused"
    return str(number), row.kind, row.name.partition(": ")[2], row.source, expected, got, logged, state


def summary(verdicts: Sequence[Verdict]) -> tuple[str, int]:
    """The last line, and the exit code: 0 when there were rows and all was as stated."""
    refused = sum(not verdict.faults for verdict in verdicts)
    logged = sum(bool(verdict.logged) for verdict in verdicts)
    ours = sum(verdict.status >= 500 for verdict in verdicts)
    by_hand = sum(isinstance(verdict.row, ByHand) for verdict in verdicts)
    text = (
        f"{len(verdicts)} attacks: {refused} refused as stated, {logged} logged, {ours} answers of 500; "
        f"{by_hand} outside the port, where no log is kept"
    )
    return text, 0 if verdicts and refused == len(verdicts) else 1
