"""The Protocols of the store: one unit of work is one database transaction, with one small store for each concern.

State, body, lane and log entry of a step are written together or not at all.

**Order inside a writing unit of work**: lanes first, then the log, then exchanges and feeds. The rows of lanes and the
head of the log are locked until the commit; with one order everywhere no two steps can deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from gateway.exchange.model import (
    Acknowledgement,
    DeliveryAttempt,
    Exchange,
    FeedEntry,
    Message,
    Receipt,
    Report,
    Role,
    StateChange,
)
from gateway.exchange.states import Direction, Event, State
from gateway.identifiers import ExchangeId, MessageId, PartnerCode
from gateway.ports.limits import Rates, Standings
from gateway.ports.records import CheckpointRecord, LaneView, Lease, LogDraft, LogLeaf, PreparedBody, Work, WorkItem


class Bodies(Protocol):
    """Encrypted bodies, each under its own key."""

    def prepare(self, message_key: str, role: Role, content: bytes) -> PreparedBody:
        """Encrypt, and make a large one durable as a file; to be called before the unit of work begins."""


class BodyStore(Protocol):
    """Bodies inside a unit of work."""

    def keep(self, body: PreparedBody) -> None:
        """Write the row of a prepared body."""

    def read(self, message_key: str, role: Role) -> bytes:
        """The content of a body.

        Raises:
            NotFound: when no such body is kept (any more).
        """


class ExchangeStore(Protocol):
    """Exchanges with their messages, receipts, answers and history."""

    def open(self, exchange: Exchange, event: Event, *, leaf_index: int) -> None:
        """Keep a new exchange and the first line of its history.

        Raises:
            InvalidTransition: the state table does not open an exchange so.
        """

    def keep_message(self, message: Message) -> None:
        """Keep a message.

        Raises:
            AlreadyKept: when a message with this direction, partner and message id is there already.
        """

    def keep_receipt(self, receipt: Receipt) -> None:
        """Keep a receipt that we issued or were given."""

    def keep_acknowledgement(self, acknowledgement: Acknowledgement) -> None:
        """Keep a business answer."""

    def keep_attempt(self, attempt: DeliveryAttempt) -> None:
        """Keep one delivery attempt."""

    def keep_report(self, report: Report) -> None:
        """Keep what examining or lodging found."""

    def move(self, exchange: Exchange, event: Event, *, at: datetime, leaf_index: int) -> Exchange:
        """Apply the state table to an exchange as it was read, as compare-and-set.

        Raises:
            InvalidTransition: the table does not hold the change.
            StateConflict: the stored state is no longer the one that was read.
        """

    def exchange(self, exchange_id: ExchangeId) -> Exchange:
        """One exchange; raises `NotFound`."""

    def message(self, key: str) -> Message:
        """One message by our key; raises `NotFound`."""

    def find_message(self, direction: Direction, partner: PartnerCode, message_id: MessageId) -> Message | None:
        """The message of this identity, if it is kept."""

    def messages(self, exchange_id: ExchangeId) -> list[Message]:
        """The messages of an exchange in order of storing."""

    def receipt(self, message_key: str, direction: Direction) -> Receipt | None:
        """The receipt for a message, if there is one."""

    def acknowledgements(self, exchange_id: ExchangeId) -> list[Acknowledgement]:
        """The business answers of an exchange, both ways."""

    def changes(self, exchange_id: ExchangeId) -> list[StateChange]:
        """The history of an exchange."""

    def attempts(self, message_key: str) -> list[DeliveryAttempt]:
        """The delivery attempts of a message."""

    def report(self, exchange_id: ExchangeId) -> Report | None:
        """What examining or lodging found, if it came so far."""

    def select(
        self,
        *,
        direction: Direction | None = None,
        partner: PartnerCode | None = None,
        state: State | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[Exchange]:
        """Exchanges in order of opening, after the one named by ``after``."""


class Outbox(Protocol):
    """Lanes of due work, in the same transaction as the state that says so."""

    def add(self, work: Work, partner: PartnerCode, message_key: str, *, at: datetime) -> WorkItem:
        """Put work at the end of its lane."""

    def has_due(self, work: Work) -> bool:
        """Whether any lane has due work of a kind; a cheap look before claiming."""

    def claim(self, work: Work, owner: str, *, at: datetime, seconds: float) -> Lease | None:
        """Lease a free lane that has due work, the one that was served longest ago; None when there is none."""

    def renew(self, lease: Lease, *, at: datetime, seconds: float) -> Lease:
        """Prolong a lease; raises `LaneLost` when the fence has moved on."""

    def release(self, lease: Lease, *, at: datetime) -> None:
        """Give a lane back."""

    def heads(self, lease: Lease, limit: int) -> list[WorkItem]:
        """The next due items of a leased lane, in order."""

    def waiting(self, work: Work, partner: PartnerCode, limit: int) -> list[WorkItem]:
        """The next due items of a lane that nobody has to lease, in order; none behind a dead letter that blocks."""

    def hold(self, work: Work, partner: PartnerCode) -> None:
        """Keep every other step out of a lane until this unit of work ends; its first write."""

    def finish(self, item: WorkItem) -> None:
        """The work is done."""

    def postpone(self, lease: Lease, item: WorkItem, *, until: datetime) -> None:
        """A try failed: the whole lane waits until then, which keeps the order."""

    def rest(self, lease: Lease, *, until: datetime) -> None:
        """Nothing is to be done in a lane before then; no failure is counted."""

    def park(self, item: WorkItem, *, reason: str, at: datetime, blocks: bool = False) -> None:
        """Give the item up: a dead letter; when it blocks, the lane waits for a person, which keeps the order."""

    def revive(self, message_key: str, work: Work, *, at: datetime) -> WorkItem:
        """Make a dead letter due again from now on, in its old place; raises `NotFound`."""

    def parked(self) -> list[WorkItem]:
        """All dead letters."""

    def views(self) -> list[LaneView]:
        """All lanes."""

    def set_stopped(self, work: Work, partner: PartnerCode, *, stopped: bool) -> None:
        """The kill switch of one lane."""

    def is_due(self, message_key: str, work: Work) -> bool:
        """Whether this work on a message is still to be done."""

    def is_stopped(self, lane_to_ask: str) -> bool:
        """Whether the kill switch of a lane is on."""

    def failures(self, lease: Lease) -> int:
        """Failures in a row of a leased lane."""

    def due(self) -> int:
        """How much work is due in lanes that are not stopped."""


class AuditStore(Protocol):
    """The append-only log."""

    def append(self, draft: LogDraft, *, at: datetime) -> LogLeaf:
        """Write an entry; it is part of the log when the unit of work commits."""

    def size(self) -> int:
        """Number of leaves."""

    def root(self) -> bytes:
        """Root hash over all leaves."""

    def leaves(self, start: int = 0) -> Iterator[LogLeaf]:
        """The leaves from an index on, in order."""

    def leaf(self, index: int) -> LogLeaf | None:
        """The leaf at an index, if the log has come so far."""

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Hashes of one level of the tree's tiles, from a number on; fewer where the level ends."""

    def grow_tiles(self) -> None:
        """Keep the hashes of the upper levels for what the log has grown by."""

    def keep_checkpoint(self, checkpoint: CheckpointRecord) -> None:
        """Keep a signed head."""

    def checkpoints(self) -> list[CheckpointRecord]:
        """All signed heads, the oldest first."""

    def latest_checkpoint(self) -> CheckpointRecord | None:
        """The newest signed head."""


class Feed(Protocol):
    """Numbered streams of accepted messages."""

    def publish(self, entry: FeedEntry, body: PreparedBody) -> int:
        """Give the entry the next position and keep it; its ``position`` and ``document`` are ignored."""

    def read(self, feed: str, *, after: int, limit: int) -> list[FeedEntry]:
        """Entries after a position, in order."""

    def names(self) -> list[str]:
        """The feeds that have entries."""

    def last_position(self, feed: str) -> int:
        """The newest position of a feed; 0 without entries."""

    def acknowledge(self, feed: str, consumer: str, position: int, *, at: datetime) -> int:
        """Store how far a consumer has come; never goes back. Returns what is stored."""

    def acknowledged(self, feed: str, consumer: str) -> int:
        """How far a consumer has come; 0 at the beginning."""


class Nonces(Protocol):
    """Replay memory of one-time values, shared by all processes on one database."""

    def remember(self, kind: str, owner: str, value: str, *, expires_at: datetime) -> bool:
        """Keep a one-time value; False when it was there already, which is a replay."""

    def forget(self, *, before: datetime) -> int:
        """Drop values that expired before then; returns how many."""


class UnitOfWork(Protocol):
    """One transaction; the stores of it see each other's writes."""

    @property
    def exchanges(self) -> ExchangeStore:
        """Exchanges, messages, receipts, answers."""

    @property
    def outbox(self) -> Outbox:
        """Lanes of due work."""

    @property
    def log(self) -> AuditStore:
        """The audit log."""

    @property
    def feed(self) -> Feed:
        """Feeds for consumers."""

    @property
    def bodies(self) -> BodyStore:
        """Encrypted bodies."""

    @property
    def nonces(self) -> Nonces:
        """Replay memory of one-time values."""

    @property
    def rates(self) -> Rates:
        """What happens, counted against rates."""

    @property
    def standings(self) -> Standings:
        """How partners stand."""


class Store(Protocol):
    """The database."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that is durable when its block ends, and undone when the block raises.

        Raises:
            TemporaryFailure: the database cannot answer now.
        """

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A read-only snapshot; writers are not held up by it."""
