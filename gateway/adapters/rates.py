"""Rates and standings in SQL: one row a name, changed by one statement, so that all processes count together."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.adapters import tables
from gateway.adapters.dialect import insert_or_nothing, insert_or_update
from gateway.adapters.tables import micros
from gateway.identifiers import PartnerCode
from gateway.ports.limits import PartnerStanding, Rate

rate, standing = tables.rate, tables.partner_standing


class SqlRates:
    """`gateway.ports.Rates` on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def take(self, kind: str, owner: str, allowed: Rate, *, at: datetime) -> timedelta | None:
        """Count one more, or say how long to wait.

        One statement, so that two requests cannot both take the last place.
        """
        taken = sa.type_coerce(rate.c.busy_until, sa.BigInteger)
        now, each = micros(at), allowed.each // timedelta(microseconds=1)
        counted = insert_or_update(
            self._connection,
            rate,
            {"kind": kind, "owner": owner, "busy_until": at + allowed.each},
            update={"busy_until": sa.case((taken > now, taken), else_=now) + each},
            where=taken <= now + each * (allowed.burst - 1),
        )
        return None if counted else self.wait(kind, owner, allowed, at=at)

    def wait(self, kind: str, owner: str, allowed: Rate, *, at: datetime) -> timedelta | None:
        """How long to wait before one more is allowed."""
        query = sa.select(rate.c.busy_until).where(rate.c.kind == kind, rate.c.owner == owner)
        busy = max(self._connection.execute(query).scalar() or at, at) + allowed.each
        wait = busy - at - allowed.each * allowed.burst
        return wait if wait > timedelta() else None

    def clear(self, kind: str, owner: str) -> None:
        """Begin counting anew."""
        self._connection.execute(sa.delete(rate).where(rate.c.kind == kind, rate.c.owner == owner))


class SqlStandings:
    """`gateway.ports.Standings` on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, partner: PartnerCode) -> PartnerStanding:
        """One partner."""
        row = self._connection.execute(sa.select(standing).where(standing.c.partner == partner)).one_or_none()
        return PartnerStanding(partner=partner) if row is None else _standing(row)

    def all(self) -> list[PartnerStanding]:
        """Every partner that was ever stopped or paused."""
        return [_standing(row) for row in self._connection.execute(sa.select(standing).order_by(standing.c.partner))]

    def keep(self, kept: PartnerStanding) -> None:
        """Write down how a partner stands."""
        values = {"stopped": kept.stopped, "paused_until": kept.paused_until, "changed_at": kept.changed_at}
        if not insert_or_nothing(self._connection, standing, {"partner": kept.partner} | values):
            self._connection.execute(sa.update(standing).where(standing.c.partner == kept.partner).values(**values))


def _standing(row: sa.Row[tuple[object, ...]]) -> PartnerStanding:
    return PartnerStanding(
        partner=PartnerCode(row.partner),
        stopped=row.stopped,
        paused_until=row.paused_until,
        changed_at=row.changed_at,
    )
