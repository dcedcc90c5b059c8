"""What passes through the ports: values that the pipeline and the adapters both know, and the conflicts of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.errors import TemporaryFailure
from gateway.exchange.model import (
    Acknowledgement,
    DeliveryAttempt,
    Exchange,
    FeedEntry,
    Message,
    Receipt,
    Report,
    Role,
)
from gateway.exchange.states import Event
from gateway.exchange.tags import Tag
from gateway.identifiers import PartnerCode


class StateConflict(TemporaryFailure):
    """Somebody else moved the exchange between our reading and our writing; nothing of this step is kept."""

    code = "state.conflict"


class AlreadyKept(TemporaryFailure):
    """A message with this identity was stored a moment ago by another request; reading again finds it."""

    code = "message.already-kept"


class LaneLost(TemporaryFailure):
    """The lease of a lane ran out and another worker has it; nothing of this step is kept."""

    code = "lane.lost"


class Work(StrEnum):
    """What is due in a lane."""

    EXAMINE = "examine"
    """Validate, permit, convert and answer a partner's message."""
    DELIVER = "deliver"
    """Hand stored sealed bytes to a partner."""


def lane_name(work: Work, partner: PartnerCode) -> str:
    """Name of the ordered queue of one kind of work for one partner."""
    return f"{work.value}/{partner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBody:
    """A body that is encrypted and, when it is large, already durable as a file; kept by a unit of work.

    Attributes:
        digest: SHA-256 of the content, hexadecimal; the log commits to it under a salt that dies with the body.
        record: what the body table holds, built by the adapter.
    """

    message_key: str
    role: Role
    digest: str
    record: Mapping[str, Any]


Noun = Exchange | Message | Receipt | Acknowledgement | Report | DeliveryAttempt | FeedEntry
"""What the log commits to, column by column; beside these it commits to each change of state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDraft:
    """What a log entry says, before the log gives it its index and salt.

    Attributes:
        rows: the values whose immutable columns the entry commits to. The store keeps none that was not committed to
            in the same unit of work before.
        bodies: the bodies it commits to; the same holds for them.
        change: an exchange as it stands (or as it is opened) and what happens to it: the entry commits to the line of
            its history that the state table gives. The store makes no change that was not committed to.
        codes: stable codes of what decided, for refusals.
        decision: the state that the exchange enters, or what was decided otherwise.
        reason: a person's reason, for what an operator does.
        facts: further facts of the closed list of `gateway.audit.entry`, never a value of a message.
    """

    tag: Tag
    partner: str = ""
    exchange_id: str = ""
    message_id: str = ""
    agreement: str = ""
    codes: Sequence[str] = ()
    decision: str = ""
    reason: str = ""
    rows: Sequence[Noun] = ()
    bodies: Sequence[PreparedBody] = ()
    change: tuple[Exchange, Event] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRecord:
    """One signed head of the log.

    Attributes:
        size: number of leaves it covers.
        root: root hash over them.
        text: the signed note, as text.
    """

    size: int
    root: bytes
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLeaf:
    """One stored log entry: its index, exact bytes and leaf hash."""

    index: int
    entry: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to work on a lane until ``until``; the fence grows with each lease and unmasks a late owner."""

    lane: str
    owner: str
    fence: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """One piece of due work.

    Attributes:
        seq: place in its lane.
        attempts: tries so far.
        added_at: when it became due first.
        parked_reason: stable code, for a dead letter.
    """

    lane: str
    seq: int
    work: Work
    message_key: str
    attempts: int
    added_at: datetime
    parked_reason: str = ""
    parked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """A lane as the operator sees it."""

    lane: str
    due: int
    parked: int
    stopped: bool
    blocked: bool
    failures: int
    retry_at: datetime | None
    oldest_due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAnswer:
    """What the other side answered to a delivery.

    Attributes:
        status: HTTP status.
        body: the answer, cut off at a limit.
        retry_after: seconds, where the other side asked for a pause.
    """

    status: int
    body: bytes
    retry_after: float | None = None
