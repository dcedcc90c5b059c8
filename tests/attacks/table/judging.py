"""The judge of the table: tries a row on the port, and compares everything that came of it with what the row states."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from gateway.security.envelope import open_sealed
from gateway.security.http_messages import HttpResponse
from tests.attacks.table.attacker import MARK, Attacker
from tests.attacks.table.forging import unb64
from tests.attacks.table.row import Attack, ByHand, Row
from tests.attacks.table.wire import Answer, Shot, fire
from tests.world.http import proved

_COUNTED = ("exchange", "message", "body", "receipt", "feed_entry")
_PATIENCE = 10.0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of one row; ``faults`` is empty where all was as stated."""

    row: Row
    status: int
    code: str
    logged: str
    faults: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The server and the attacker; `judge` tries a row.

    Attributes:
        attacker: what he holds.
        database: of the gateway under attack.
    """

    attacker: Attacker
    database: sa.Engine

    def judge(self, row: Row) -> Verdict:
        """Try an attack, and compare everything that came of it with what the row states."""
        if isinstance(row, ByHand):
            code = row.refuse(self.attacker)
            wrong = () if code == row.code else (f"code {code or 'none'}",)
            return Verdict(row=row, status=0, code=code, logged="", faults=wrong)
        assert isinstance(row, Attack)
        shot = row.shoot(self.attacker)
        assert self.attacker.world.gateway.settle(_PATIENCE)
        before, entries = self._counts(), self._log_size()
        answer = fire(shot, self.attacker.port)
        code = self.told(answer)
        logged = self._awaited(row, entries)
        faults = [*self._faults(row, shot, answer, code, logged), *self._kept(row, before)]
        return Verdict(
            row=row,
            status=answer.status,
            code=code,
            logged=", ".join(_said(entry) for entry in logged if _matches(row, entry)),
            faults=tuple(faults),
        )

    def told(self, answer: Answer) -> str:
        """The code of an answer: of its problem document, or of the first finding of a refusing acknowledgement."""
        if answer.status != 202:
            return answer.code
        findings = self._acknowledgement(answer).get("findings")
        return str(findings[0]["code"]) if findings else ""

    def outcome(self, answer: Answer) -> str:
        """What the acknowledgement in an answer says; empty where none is in it."""
        return str(self._acknowledgement(answer).get("outcome", ""))

    def _acknowledgement(self, answer: Answer) -> dict[str, Any]:
        sealed = answer.document.get("acknowledgement")
        if not sealed:
            return {}
        kid = orjson.loads(unb64(sealed.split(".")[0]))["kid"]
        [partner] = [party for party in self.attacker.parties.values() if party._decrypter.kid == kid]
        opened = open_sealed(
            sealed.encode(),
            decrypters=[partner._decrypter],
            lookup_key=partner._theirs.get,
            recipient=partner.code,
            at=datetime.now(UTC) + timedelta(seconds=1),
        )
        return dict(orjson.loads(opened.payload))

    def _faults(
        self, row: Attack, shot: Shot, answer: Answer, code: str, logged: list[dict[str, Any]]
    ) -> Iterator[str]:
        if answer.status != row.status:
            yield f"status {answer.status}"
        if code != row.code:
            yield f"code {code or 'none'}"
        if not any(_matches(row, entry) for entry in logged):
            yield f"logged {[_said(entry) for entry in logged]}"
        said = answer.content + b"".join(orjson.dumps(entry) for entry in logged)
        if MARK.encode() in said:
            yield "a value of the attacker is repeated"
        if answer.status >= 400 and answer.headers.only("signature") and shot.request is not None:
            response = HttpResponse(status=answer.status, headers=answer.headers, content=answer.content)
            proved(self.attacker.xx, response, shot.request)

    def _kept(self, row: Attack, before: dict[str, int]) -> Iterator[str]:
        after = self._counts()
        if after["feed_entry"] != before["feed_entry"]:
            yield "it reached a consumer"
        if (after != before) != row.stored:
            yield f"stored {'nothing' if row.stored else 'something'}"

    def _awaited(self, row: Attack, known: int) -> list[dict[str, Any]]:
        """The entries of the log that are new; some are written while the answer is on its way."""
        end = time.monotonic() + _PATIENCE
        while True:
            with self.database.connect() as connection:
                query = sa.text("SELECT entry FROM log_entry WHERE leaf_index >= :known ORDER BY leaf_index")
                found = [orjson.loads(entry) for entry in connection.execute(query, {"known": known}).scalars()]
            if any(_matches(row, entry) for entry in found) or time.monotonic() > end:
                return found
            time.sleep(0.01)

    def _log_size(self) -> int:
        with self.database.connect() as connection:
            return int(connection.execute(sa.text("SELECT count(*) FROM log_entry")).scalar_one())

    def _counts(self) -> dict[str, int]:
        with self.database.connect() as connection:
            return {
                table: int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
                for table in _COUNTED
            }


def _said(entry: dict[str, Any]) -> str:
    return f"{entry['tag']} {entry.get('codes', '')}".strip()


def _matches(row: Attack, entry: dict[str, Any]) -> bool:
    return entry["tag"] == row.tag and (row.logged or row.code) in entry.get("codes", "").split()
