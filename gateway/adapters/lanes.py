"""Lanes of due work in SQL: one row per partner and kind of work, leased with a fencing number.

A lane's items are served in order by one worker at a time. The lease is a row update in its own short transaction; what
a worker writes afterwards renews it under the same fence, so that a worker whose lease ran out can no longer commit.
On PostgreSQL the database's own clock counts, not each worker's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.adapters.dialect import insert_or_nothing
from gateway.adapters.tables import lane, work_item
from gateway.errors import NotFound
from gateway.identifiers import PartnerCode
from gateway.ports import LaneLost, LaneView, Lease, Work, WorkItem, lane_name

DUE = "due"
DONE = "done"
PARKED = "parked"
BLOCKING = "blocking"
_GIVEN_UP = (PARKED, BLOCKING)


class SqlOutbox:
    """`gateway.ports.Outbox` on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, work: Work, partner: PartnerCode, message_key: str, *, at: datetime) -> WorkItem:
        """Put work at the end of its lane, whose row is locked until the commit: commit order is lane order."""
        name = lane_name(work, partner)
        take = (
            sa.update(lane).where(lane.c.name == name).values(next_seq=lane.c.next_seq + 1).returning(lane.c.next_seq)
        )
        following = self._connection.execute(take).scalar_one_or_none()
        if following is None:
            self._open_lane(name, work)
            following = self._connection.execute(take).scalar_one()
        seq = following - 1
        self._connection.execute(
            sa.insert(work_item).values(
                lane=name,
                seq=seq,
                work=work.value,
                message_key=message_key,
                state=DUE,
                attempts=0,
                added_at=at,
                reason="",
                parked_at=None,
            )
        )
        return WorkItem(lane=name, seq=seq, work=work, message_key=message_key, attempts=0, added_at=at)

    def _open_lane(self, name: str, work: Work) -> None:
        values = {
            "name": name,
            "work": work.value,
            "next_seq": 1,
            "owner": "",
            "fence": 0,
            "failures": 0,
            "stopped": False,
        }
        insert_or_nothing(self._connection, lane, values)

    def has_due(self, work: Work) -> bool:
        """Whether any item of a kind is due; it may stand in a lane that rests."""
        query = sa.select(sa.exists().where(work_item.c.work == work.value, work_item.c.state == DUE))
        return bool(self._connection.execute(query).scalar_one())

    def claim(self, work: Work, owner: str, *, at: datetime, seconds: float) -> Lease | None:
        """Lease the free lane with due work that was served longest ago; a lease of one's own is taken back at once."""
        now = self._now(at)
        due = sa.exists().where(work_item.c.lane == lane.c.name, work_item.c.state == DUE)
        blocked = sa.exists().where(work_item.c.lane == lane.c.name, work_item.c.state == BLOCKING)
        free = sa.or_(lane.c.lease_until.is_(None), lane.c.lease_until < now, lane.c.owner == owner)
        rested = sa.or_(lane.c.retry_at.is_(None), lane.c.retry_at <= now)
        pick = (
            sa.select(lane.c.name)
            .where(lane.c.work == work.value, lane.c.stopped.is_(False), free, rested, due, ~blocked)
            .order_by(sa.nulls_first(lane.c.served_at.asc()), lane.c.name)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        name = self._connection.execute(pick).scalar_one_or_none()
        if name is None:
            return None
        until = now + timedelta(seconds=seconds)
        fence = self._connection.execute(
            sa.update(lane)
            .where(lane.c.name == name)
            .values(owner=owner, lease_until=until, fence=lane.c.fence + 1, served_at=now)
            .returning(lane.c.fence)
        ).scalar_one()
        return Lease(lane=name, owner=owner, fence=fence, until=until)

    def renew(self, lease: Lease, *, at: datetime, seconds: float) -> Lease:
        """Prolong a lease under its fence."""
        until = self._now(at) + timedelta(seconds=seconds)
        self._under_fence(lease, {"lease_until": until})
        return Lease(lane=lease.lane, owner=lease.owner, fence=lease.fence, until=until)

    def release(self, lease: Lease, *, at: datetime) -> None:
        """Give a lane back; one that was lost meanwhile is left alone."""
        now = self._now(at)
        mine = sa.and_(lane.c.name == lease.lane, lane.c.fence == lease.fence)
        self._connection.execute(sa.update(lane).where(mine).values(owner="", lease_until=None, served_at=now))

    def heads(self, lease: Lease, limit: int) -> list[WorkItem]:
        """The next due items of a leased lane, in order."""
        query = (
            sa.select(work_item)
            .where(work_item.c.lane == lease.lane, work_item.c.state == DUE)
            .order_by(work_item.c.seq)
            .limit(limit)
        )
        return [_item(row) for row in self._connection.execute(query)]

    def waiting(self, work: Work, partner: PartnerCode, limit: int) -> list[WorkItem]:
        """The next due items of a lane, in order; none behind a dead letter that blocks."""
        name = lane_name(work, partner)
        blocked = sa.exists().where(work_item.c.lane == name, work_item.c.state == BLOCKING)
        query = (
            sa.select(work_item)
            .where(work_item.c.lane == name, work_item.c.state == DUE, ~blocked)
            .order_by(work_item.c.seq)
            .limit(limit)
        )
        return [_item(row) for row in self._connection.execute(query)]

    def hold(self, work: Work, partner: PartnerCode) -> None:
        """Lock the row of the lane until the commit."""
        name = lane_name(work, partner)
        self._connection.execute(sa.select(lane.c.name).where(lane.c.name == name).with_for_update())

    def finish(self, item: WorkItem) -> None:
        """The work is done; the lane's count of failures begins anew."""
        self._change(item, {"state": DONE, "attempts": item.attempts + 1})
        self._connection.execute(sa.update(lane).where(lane.c.name == item.lane).values(failures=0, retry_at=None))

    def postpone(self, lease: Lease, item: WorkItem, *, until: datetime) -> None:
        """A try failed: the whole lane waits until then."""
        self._change(item, {"attempts": item.attempts + 1})
        self._under_fence(lease, {"retry_at": until, "failures": lane.c.failures + 1})

    def rest(self, lease: Lease, *, until: datetime) -> None:
        """The whole lane waits until then, without a failure."""
        self._under_fence(lease, {"retry_at": until})

    def park(self, item: WorkItem, *, reason: str, at: datetime, blocks: bool = False) -> None:
        """Give the item up; the lane goes on with the next one, or waits for a person."""
        state = BLOCKING if blocks else PARKED
        self._change(item, {"state": state, "attempts": item.attempts + 1, "reason": reason, "parked_at": at})
        self._connection.execute(sa.update(lane).where(lane.c.name == item.lane).values(failures=0, retry_at=None))

    def revive(self, message_key: str, work: Work, *, at: datetime) -> WorkItem:
        """Make a dead letter due again, in its old place, with a fresh count of attempts and the whole time again."""
        parked = sa.and_(
            work_item.c.message_key == message_key, work_item.c.work == work.value, work_item.c.state.in_(_GIVEN_UP)
        )
        revived = self._connection.execute(
            sa.update(work_item)
            .where(parked)
            .values(state=DUE, attempts=0, added_at=at, reason="", parked_at=None)
            .returning(*work_item.c)
        ).one_or_none()
        if revived is None:
            raise NotFound("there is no dead letter of this id", remedy="list the dead letters to see their ids")
        return _item(revived)

    def parked(self) -> list[WorkItem]:
        """All dead letters, the oldest first."""
        query = (
            sa.select(work_item)
            .where(work_item.c.state.in_(_GIVEN_UP))
            .order_by(work_item.c.parked_at, work_item.c.lane)
        )
        return [_item(row) for row in self._connection.execute(query)]

    def views(self) -> list[LaneView]:
        """All lanes with their counts."""
        due = sa.func.count(sa.case((work_item.c.state == DUE, 1)))
        parked = sa.func.count(sa.case((work_item.c.state.in_(_GIVEN_UP), 1)))
        blocking = sa.func.count(sa.case((work_item.c.state == BLOCKING, 1)))
        oldest = sa.func.min(sa.case((work_item.c.state == DUE, work_item.c.added_at)), type_=work_item.c.added_at.type)
        query = (
            sa.select(
                lane, due.label("due"), parked.label("parked"), blocking.label("blocking"), oldest.label("oldest_due")
            )
            .select_from(lane.outerjoin(work_item, work_item.c.lane == lane.c.name))
            .group_by(*lane.c)
            .order_by(lane.c.name)
        )
        return [
            LaneView(
                lane=row.name,
                due=row.due,
                parked=row.parked,
                stopped=row.stopped,
                blocked=row.blocking > 0,
                failures=row.failures,
                retry_at=row.retry_at,
                oldest_due=row.oldest_due,
            )
            for row in self._connection.execute(query)
        ]

    def set_stopped(self, work: Work, partner: PartnerCode, *, stopped: bool) -> None:
        """The kill switch of one lane, which is opened if it has never been used."""
        name = lane_name(work, partner)
        self._open_lane(name, work)
        self._connection.execute(sa.update(lane).where(lane.c.name == name).values(stopped=stopped))

    def due(self) -> int:
        """How much work is due in lanes that are not stopped."""
        blocked = sa.select(work_item.c.lane).where(work_item.c.state == BLOCKING)
        query = (
            sa.select(sa.func.count())
            .select_from(work_item.join(lane, lane.c.name == work_item.c.lane))
            .where(work_item.c.state == DUE, lane.c.stopped.is_(False), lane.c.name.not_in(blocked))
        )
        return self._connection.execute(query).scalar_one()

    def is_due(self, message_key: str, work: Work) -> bool:
        """Whether this work on a message is still to be done."""
        this = sa.and_(work_item.c.message_key == message_key, work_item.c.work == work.value)
        return bool(self._connection.execute(sa.select(sa.exists().where(this, work_item.c.state == DUE))).scalar_one())

    def is_stopped(self, lane_to_ask: str) -> bool:
        """Whether the kill switch of a lane is on; asked again before each delivery."""
        return bool(self._connection.execute(sa.select(lane.c.stopped).where(lane.c.name == lane_to_ask)).scalar())

    def failures(self, lease: Lease) -> int:
        """Failures in a row of a leased lane."""
        query = sa.select(lane.c.failures).where(lane.c.name == lease.lane)
        count: int = self._connection.execute(query).scalar_one()
        return count

    def _now(self, at: datetime) -> datetime:
        if self._connection.dialect.name != "postgresql":
            return at
        now: datetime = self._connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return now

    def _under_fence(self, lease: Lease, values: dict[str, Any]) -> None:
        mine = sa.and_(lane.c.name == lease.lane, lane.c.fence == lease.fence)
        if self._connection.execute(sa.update(lane).where(mine).values(values)).rowcount == 0:
            raise LaneLost(
                f"the lease of the lane {lease.lane} ran out and another worker has it",
                remedy="nothing to do: the other worker goes on; a longer lease_seconds makes this rarer",
            )

    def _change(self, item: WorkItem, values: dict[str, Any]) -> None:
        this = sa.and_(work_item.c.lane == item.lane, work_item.c.seq == item.seq, work_item.c.state == DUE)
        if self._connection.execute(sa.update(work_item).where(this).values(values)).rowcount == 0:
            raise LaneLost(f"this work of the lane {item.lane} is no longer due", remedy="nothing to do")


def _item(row: sa.Row[Any]) -> WorkItem:
    return WorkItem(
        lane=row.lane,
        seq=row.seq,
        work=Work(row.work),
        message_key=row.message_key,
        attempts=row.attempts,
        added_at=row.added_at,
        parked_reason=row.reason,
        parked_at=row.parked_at,
    )
