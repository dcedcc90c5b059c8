"""The nouns of an exchange, as frozen values that are built with named arguments only.

Times are aware datetimes in UTC. Columns marked *mutable* are the only ones that the store ever changes; everything
else is committed to by the log, so that a change by hand is found (`gateway.audit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from gateway.exchange.states import Direction, Event, State
from gateway.identifiers import AgreementId, ExchangeId, MessageId, PartnerCode

ACKNOWLEDGEMENT_TYPE = "acknowledgement"
"""Message type, in the signed metadata, of a business answer; every other type is a document of an agreement."""


class Role(StrEnum):
    """Why a body is kept."""

    SIGNED = "signed"
    """The inner JWS, as it came or as we made it: the evidence."""
    SEALED = "sealed"
    """The JWE that goes to the partner; resent byte for byte."""
    LODGED = "lodged"
    """What our own side handed in."""
    FEED = "feed"
    """What consumers read: WCO JSON of the fields that the agreement lists."""


class Outcome(StrEnum):
    """The business answer to a message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One business conversation with one partner, from the first byte to a final state.

    Attributes:
        id: 32 hexadecimal digits.
        message_type: the type by which the agreement names the document.
        agreement: the agreement named by the sender (inbound) or found (outbound); empty where none was.
        state: *mutable*, by the state table only.
        changed_at: *mutable*, time of the last change of state.
    """

    id: ExchangeId
    direction: Direction
    partner: PartnerCode
    message_type: str
    agreement: AgreementId
    opened_at: datetime
    state: State
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One document that goes one way inside an exchange.

    Attributes:
        key: our own id of it, 32 hexadecimal digits; bodies, receipts and attempts refer to it.
        exchange_id: empty for a partner's acknowledgement of a message that we do not know.
        message_id: the sender's id (JWS ``jti``), unique per direction and partner.
        message_type: ``acknowledgement`` or a document type of the agreement.
        purpose: the agreement's purpose that the message serves.
        format_name: the format as stated in the signed metadata.
        ref: id of the message that this one answers; empty for a document.
        kid: id of the key that signed it; empty where nothing was signed.
        digest: SHA-256 of the signed bytes (the JWS with its signature), hexadecimal; of the lodged bytes where
            nothing was signed.
        size: length in bytes of what ``digest`` covers.
        issued_at: the sender's own time of signing.
        stored_at: our time of storing it.
    """

    key: str
    exchange_id: ExchangeId
    direction: Direction
    partner: PartnerCode
    message_id: MessageId
    message_type: str
    agreement: AgreementId
    purpose: str
    format_name: str
    media_type: str
    ref: str
    kid: str
    digest: str
    size: int
    issued_at: datetime
    stored_at: datetime

    @property
    def is_acknowledgement(self) -> bool:
        """Whether it is a business answer rather than a document."""
        return self.message_type == ACKNOWLEDGEMENT_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The signed statement that one side holds exactly these bytes.

    Attributes:
        message_key: the message it is for; ours for a partner's receipt, the partner's for one that we issued.
        direction: OUTBOUND for a receipt that we issued, INBOUND for one that a partner gave us.
        compact: the compact JWS, byte for byte as it went or came.
        leaf_index: leaf of the issuer's log that it names.
    """

    message_key: str
    direction: Direction
    compact: bytes
    leaf_index: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A business answer: accepted or refused, with findings that never carry a value.

    Attributes:
        exchange_id: the exchange that it answers.
        message_key: the message that carries it.
        direction: OUTBOUND when it is ours.
        findings: as JSON objects (`gateway.findings.Finding.as_json`).
    """

    exchange_id: ExchangeId
    message_key: str
    direction: Direction
    outcome: Outcome
    findings: tuple[dict[str, Any], ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAttempt:
    """One try to hand a message to the partner.

    Attributes:
        number: 1-based, over the life of the message.
        status: HTTP status, 0 where no answer came.
        code: ``delivered``, ``collected`` by the partner itself, or the stable code of what went wrong.
    """

    message_key: str
    number: int
    at: datetime
    status: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """One applied row of the state table, with the log entry that tells of it."""

    exchange_id: ExchangeId
    event: Event
    before: State | None
    after: State
    at: datetime
    leaf_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What examining or lodging found: paths, codes and counts, never values.

    Attributes:
        source_format, target_format: published format names; empty where it never came so far.
        clause: the agreement's clause that decided.
        agreement_version: which version of the agreement decided.
        withheld: general paths that were not released, each with its reason.
        account: the account of the conversions (``gateway.conversion``), as JSON.
        findings: as JSON objects.
        catalogue: digest of the data folders in force.
    """

    exchange_id: ExchangeId
    source_format: str = ""
    target_format: str = ""
    clause: str = ""
    agreement_version: str = ""
    withheld: tuple[dict[str, Any], ...] = ()
    account: dict[str, Any] | None = None
    findings: tuple[dict[str, Any], ...] = ()
    catalogue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One accepted message in a feed.

    Attributes:
        position: 1-based, without gaps, in commit order.
        message_key: of the message whose body holds the document.
        document: the WCO message as JSON text, only with the fields that the agreement lists.
    """

    feed: str
    position: int
    exchange_id: ExchangeId
    message_key: str
    partner: PartnerCode
    message_type: str
    agreement: AgreementId
    format: str
    at: datetime
    document: bytes
