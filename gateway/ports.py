"""The Protocols towards the outside: what the pipeline asks for and the adapters provide.

One unit of work is one database transaction. It hands out one small store per concern, so that state, body, lane and
log entry of a step are written together or not at all.

**Order inside a writing unit of work**: lanes first, then the log, then exchanges and feeds. The rows of lanes and the
head of the log are locked until the commit; with one order everywhere no two steps can deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from gateway.audit.notes import NoteKey, NoteSigner
from gateway.audit.stored import LogReport
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
    StateChange,
)
from gateway.exchange.states import Direction, Event, State
from gateway.exchange.tags import Tag
from gateway.identifiers import AgreementId, ExchangeId, MessageId, PartnerCode
from gateway.security.keys import Decrypter, Signer


class StateConflict(TemporaryFailure):
    """Somebody else moved the exchange between our reading and our writing; nothing of this step is kept."""

    code = "state.conflict"


class AlreadyKept(TemporaryFailure):
    """A message with this identity was stored a moment ago by another request; reading again finds it."""

    code = "message.already-kept"


class LaneLost(TemporaryFailure):
    """The lease of a lane ran out and another worker has it; nothing of this step is kept."""

    code = "lane.lost"


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class IdSource(Protocol):
    """Where identifiers and jitter come from."""

    def new_id(self) -> str:
        """A fresh id: 32 hexadecimal digits of 128 random bits."""

    def fraction(self) -> float:
        """A random number from 0 up to, but not including, 1: the jitter of a retry."""


class Gate(StrEnum):
    """Named points of the stages, before and after each durable step, where an acceptance test kills the process."""

    INBOUND_BEFORE_BODIES = "inbound.before-bodies"
    INBOUND_BEFORE_STORE = "inbound.before-store"
    INBOUND_INSIDE_STORE = "inbound.inside-store"
    INBOUND_AFTER_STORE = "inbound.after-store"
    EXAMINE_BEFORE_STORE = "examine.before-store"
    EXAMINE_INSIDE_STORE = "examine.inside-store"
    EXAMINE_AFTER_STORE = "examine.after-store"
    OUTBOUND_BEFORE_STORE = "outbound.before-store"
    OUTBOUND_INSIDE_STORE = "outbound.inside-store"
    OUTBOUND_AFTER_STORE = "outbound.after-store"
    DISPATCH_AFTER_CLAIM = "dispatch.after-claim"
    DISPATCH_BEFORE_SEND = "dispatch.before-send"
    DISPATCH_AFTER_SEND = "dispatch.after-send"
    DISPATCH_INSIDE_STORE = "dispatch.inside-store"
    DISPATCH_AFTER_STORE = "dispatch.after-store"
    ANSWER_BEFORE_STORE = "answer.before-store"
    ANSWER_INSIDE_STORE = "answer.inside-store"
    ANSWER_AFTER_STORE = "answer.after-store"


class Gates(Protocol):
    """Told at every gate; the production one does nothing."""

    def reach(self, gate: Gate) -> None:
        """The stage has come to this gate."""


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


Noun = Exchange | Message | Receipt | Acknowledgement | Report
"""What the log commits to, column by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDraft:
    """What a log entry says, before the log gives it its index and salt.

    Attributes:
        rows: the values whose immutable columns the entry commits to. The store keeps none that was not committed to
            in the same unit of work before.
        bodies: the bodies it commits to; the same holds for them.
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

    def finish(self, item: WorkItem) -> None:
        """The work is done."""

    def postpone(self, lease: Lease, item: WorkItem, *, until: datetime) -> None:
        """A try failed: the whole lane waits until then, which keeps the order."""

    def park(self, item: WorkItem, *, reason: str, at: datetime, blocks: bool = False) -> None:
        """Give the item up: a dead letter; when it blocks, the lane waits for a person, which keeps the order."""

    def revive(self, message_key: str, work: Work) -> WorkItem:
        """Make a dead letter due again, in its old place; raises `NotFound`."""

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


class Store(Protocol):
    """The database."""

    def writing(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that is durable when its block ends, and undone when the block raises.

        Raises:
            TemporaryFailure: the database cannot answer now.
        """

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A read-only snapshot; writers are not held up by it."""


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


class KeyRing(Protocol):
    """Our own private keys, behind what can be done with them."""

    @property
    def decrypters(self) -> Sequence[Decrypter]:
        """Our decryption keys, retiring ones included."""

    @property
    def log_key(self) -> NoteKey:
        """Public key of the log."""

    @property
    def log_signer(self) -> NoteSigner:
        """Signs checkpoints."""

    def signer(self, at: datetime) -> Signer:
        """The key that signs messages and receipts now."""

    def release_secret(self, agreement: AgreementId) -> bytes:
        """The secret with which one agreement's released values are hashed."""


class Verifier(Protocol):
    """Compares everything that is stored with the log."""

    def verify(self) -> LogReport:
        """All that does not agree."""


class PartnerChannel(Protocol):
    """The way to a partner."""

    def deliver(self, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        """Post sealed bytes to ``{endpoint}/v1/messages`` under a stable idempotency key.

        Raises:
            DeliveryFailed: no answer came.
        """
