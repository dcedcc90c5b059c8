"""What the facade gives to doors: frozen values that know their JSON form."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from gateway.audit.stored import LogReport
from gateway.exchange.model import (
    Acknowledgement,
    DeliveryAttempt,
    Exchange,
    FeedEntry,
    Message,
    Receipt,
    Report,
    StateChange,
)
from gateway.exchange.states import is_terminal
from gateway.findings import Finding
from gateway.ports import LaneView


def time_text(at: datetime) -> str:
    """A time in UTC as ISO 8601 with Z and milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptAnswer:
    """The answer to a delivery: we hold exactly these bytes.

    Attributes:
        receipt: compact JWS.
        repeated: the message was received before; the receipt is the first one.
        acknowledgement: our sealed acknowledgement, when it is ready in time; it is delivered in any case.
    """

    message_id: str
    exchange_id: str
    partner: str
    receipt: bytes
    repeated: bool
    acknowledgement: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        """Body of the 202 answer."""
        return {
            "message_id": self.message_id,
            "exchange_id": self.exchange_id,
            "receipt": self.receipt.decode("ascii"),
            "acknowledgement": self.acknowledgement.decode("ascii") if self.acknowledgement else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStatus:
    """What a partner may know of a message that it sent."""

    message_id: str
    exchange_id: str
    state: str
    outcome: str | None
    receipt: bytes
    acknowledgement: bytes | None

    def as_json(self) -> dict[str, Any]:
        """As a flat JSON object."""
        return {
            "message_id": self.message_id,
            "exchange_id": self.exchange_id,
            "state": self.state,
            "outcome": self.outcome,
            "receipt": self.receipt.decode("ascii"),
            "acknowledgement": self.acknowledgement.decode("ascii") if self.acknowledgement else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """A dry run: what we would say of a document, without any effect.

    Attributes:
        valid: it would be accepted.
        agreement: the version that would permit it, ``name@version``; empty where none does.
    """

    valid: bool
    format: str
    message_type: str
    agreement: str
    clause: str
    findings: tuple[Finding, ...]
    withheld: tuple[dict[str, Any], ...] = ()
    account: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "valid": self.valid,
            "format": self.format,
            "message_type": self.message_type,
            "agreement": self.agreement,
            "clause": self.clause,
            "findings": [finding.as_json() for finding in self.findings],
            "withheld": list(self.withheld),
            "account": self.account,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LodgementAnswer:
    """The answer to a released lodgement."""

    exchange_id: str
    message_id: str
    repeated: bool
    report: Report

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        head = {"exchange_id": self.exchange_id, "message_id": self.message_id, "repeated": self.repeated}
        return head | report_json(self.report)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeSummary:
    """One line of a listing."""

    exchange: Exchange

    def as_json(self) -> dict[str, Any]:
        """As a flat JSON object."""
        exchange = self.exchange
        return {
            "id": exchange.id,
            "direction": exchange.direction.value,
            "partner": exchange.partner,
            "message_type": exchange.message_type,
            "agreement": exchange.agreement,
            "state": exchange.state.value,
            "final": is_terminal(exchange.direction, exchange.state),
            "opened_at": time_text(exchange.opened_at),
            "changed_at": time_text(exchange.changed_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeView:
    """Everything about one exchange but the bodies."""

    exchange: Exchange
    messages: tuple[Message, ...]
    receipts: tuple[Receipt, ...]
    acknowledgements: tuple[Acknowledgement, ...]
    changes: tuple[StateChange, ...]
    attempts: tuple[DeliveryAttempt, ...]
    report: Report | None

    def as_json(self) -> dict[str, Any]:
        """As JSON; receipts as compact JWS."""
        return ExchangeSummary(exchange=self.exchange).as_json() | {
            "messages": [_plain(message) for message in self.messages],
            "receipts": [_plain(receipt) | {"compact": receipt.compact.decode("ascii")} for receipt in self.receipts],
            "acknowledgements": [_plain(answer) for answer in self.acknowledgements],
            "changes": [_plain(change) for change in self.changes],
            "attempts": [_plain(attempt) for attempt in self.attempts],
            "report": report_json(self.report) if self.report else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """A page of a feed.

    Attributes:
        next_after: what to ask for next.
        last_position: newest position of the feed now.
    """

    feed: str
    entries: tuple[FeedEntry, ...]
    next_after: int
    last_position: int

    def as_json(self) -> dict[str, Any]:
        """As JSON, each entry in the shape of a CloudEvent 1.0."""
        return {
            "feed": self.feed,
            "entries": [feed_entry_json(entry) for entry in self.entries],
            "next_after": self.next_after,
            "last_position": self.last_position,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What a verification of the log found."""

    report: LogReport

    @property
    def ok(self) -> bool:
        """Whether everything agrees."""
        return self.report.sound

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "ok": self.ok,
            "size": self.report.size,
            "root": self.report.root.hex(),
            "checkpointed": self.report.checkpointed,
            "problems": [fault.as_json() for fault in self.report.faults],
        }


def feed_entry_json(entry: FeedEntry) -> dict[str, Any]:
    """A feed entry in the shape of a CloudEvent 1.0; ``data`` is the message as JSON."""
    return {
        "specversion": "1.0",
        "id": f"{entry.feed}/{entry.position}",
        "source": f"/feeds/{entry.feed}",
        "type": f"sarhad.{entry.message_type}.accepted",
        "time": time_text(entry.at),
        "datacontenttype": "application/json",
        "position": entry.position,
        "exchange": entry.exchange_id,
        "partner": entry.partner,
        "agreement": entry.agreement,
        "format": entry.format,
        "data": orjson.loads(entry.document),
    }


def report_json(report: Report) -> dict[str, Any]:
    """A report as JSON."""
    return {
        "source_format": report.source_format,
        "target_format": report.target_format,
        "agreement": report.agreement_version,
        "clause": report.clause,
        "withheld": list(report.withheld),
        "account": report.account,
        "findings": list(report.findings),
        "catalogue": report.catalogue,
    }


def lane_json(lane: LaneView) -> dict[str, Any]:
    """A lane as JSON."""
    return _plain(lane)


def _plain(value: Any) -> dict[str, Any]:
    """A flat frozen value as JSON: times as text, enumerations as their values, bytes left out."""
    members: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        member = getattr(value, field.name)
        if isinstance(member, datetime):
            members[field.name] = time_text(member)
        elif isinstance(member, bytes):
            continue
        elif hasattr(member, "value"):
            members[field.name] = member.value
        else:
            members[field.name] = list(member) if isinstance(member, tuple) else member
    return members
