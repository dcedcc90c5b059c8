"""What changes in the course of work, compared with what the log says of it.

The state of each exchange with the last decision logged for it, the time of its last change with its history, its place
in order of opening, the order of each feed, and the head of the log. Nothing here is committed to by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson
import sqlalchemy as sa

from gateway.adapters import tables
from gateway.audit.merkle import HASH_BYTES, CompactRange
from gateway.audit.stored import LogFault, LogReport


@dataclass(slots=True)
class _Told:
    """What the entries say, by exchange: the last decision, the entry that opened it; by feed entry: its entry."""

    decisions: dict[str, str] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)


def course_faults(connection: sa.Connection, report: LogReport) -> Iterator[LogFault]:
    """Every column that changes in the course of work and is not what the log says.

    Args:
        connection: a snapshot.
        report: of the entries in it.
    """
    told = _told(connection)
    yield from _head_faults(connection, report)
    yield from _exchange_faults(connection, told)
    yield from _feed_faults(connection, told)


def _told(connection: sa.Connection) -> _Told:
    told = _Told()
    for row in connection.execute(sa.select(tables.log_entry).order_by(tables.log_entry.c.leaf_index)):
        try:
            members = orjson.loads(row.entry)
            exchange = members["exchange"]
        except (ValueError, KeyError, TypeError):
            continue  # told by the verifier, or an entry about no exchange
        if "decision" in members:
            told.decisions[exchange] = members["decision"]
            told.opened.setdefault(exchange, row.leaf_index)
        for name in members:
            if name.startswith("row/feed_entry/"):
                told.published[name.split("/")[2]] = row.leaf_index
    return told


def _head_faults(connection: sa.Connection, report: LogReport) -> Iterator[LogFault]:
    heads = connection.execute(sa.select(tables.log_head)).all()
    if [head.id for head in heads] != [1]:
        yield _fault("log.head", "head", "id", "the log has not the one head that it should have")
    for head in heads:
        if head.size != report.size:
            yield _fault("log.head", "head", "size", "it counts another number of entries than there are")
        elif not _gives(head, report.root):
            yield _fault("log.head", "head", "compact_range", "its hashes do not give the root of the entries")


def _gives(head: sa.Row[tuple[object, ...]], root: bytes) -> bool:
    joined: bytes = head.compact_range
    hashes = [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]
    if len(joined) != HASH_BYTES * int(head.size).bit_count():
        return False
    return CompactRange(head.size, hashes).root() == root


def _exchange_faults(connection: sa.Connection, told: _Told) -> Iterator[LogFault]:
    history = tables.state_change
    newest = sa.select(history.c.exchange_id, sa.func.max(history.c.leaf_index).label("leaf")).group_by(
        history.c.exchange_id
    )
    last = newest.subquery()
    at_last = (
        sa.select(history.c.exchange_id, history.c.at)
        .join(last, sa.and_(last.c.exchange_id == history.c.exchange_id, last.c.leaf == history.c.leaf_index))
        .subquery()
    )
    exchanges = tables.exchange.c
    query = sa.select(exchanges.id, exchanges.state, exchanges.seq, exchanges.changed_at, at_last.c.at).outerjoin_from(
        tables.exchange, at_last, at_last.c.exchange_id == exchanges.id
    )
    for row in connection.execute(query):
        for column, found, logged in (
            ("state", row.state, told.decisions.get(row.id)),
            ("seq", row.seq, told.opened.get(row.id)),
            ("changed_at", row.changed_at, row.at),
        ):
            if logged is not None and found != logged:
                yield _fault("log.column-differs", f"exchange {row.id}", column, "it is not what the log says")


def _feed_faults(connection: sa.Connection, told: _Told) -> Iterator[LogFault]:
    """Positions are given without gaps in the order of the entries that accepted the messages."""
    entries = tables.feed_entry.c
    counted: dict[str, int] = {}
    before: dict[str, int] = {}
    query = sa.select(entries.feed, entries.position, entries.exchange_id).order_by(entries.feed, entries.position)
    for row in connection.execute(query):
        counted[row.feed] = counted.get(row.feed, 0) + 1
        name = f"{row.feed}.{row.exchange_id}"
        logged = told.published.get(name)
        if row.position != counted[row.feed] or (logged is not None and logged <= before.get(row.feed, -1)):
            yield _fault("log.column-differs", f"feed_entry {name}", "position", "it is not the next one in the log")
        before[row.feed] = max(logged or 0, before.get(row.feed, -1))
    for row in connection.execute(sa.select(tables.feed)):
        if row.last_position != counted.pop(row.name, 0):
            message = "it does not count the entries that there are"
            yield _fault("log.column-differs", f"feed {row.name}", "last_position", message)
    for name in counted:
        yield _fault("log.column-differs", f"feed {name}", "name", "there are entries of a feed that is not kept")


def _fault(code: str, place: str, column: str, message: str) -> LogFault:
    return LogFault(code=code, place=place, column=column, message=f"{place}: column {column}: {message}")
