"""The Protocols of the machine and the world beyond it: clock, randomness, keys, kill gates, the way to a partner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.audit.notes import NoteKey, NoteSigner
from gateway.audit.stored import LogReport
from gateway.identifiers import AgreementId, MessageId, PartnerCode
from gateway.ports.records import ChannelAnswer
from gateway.security.keys import Decrypter, RegisteredKey, Signer


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
    MAILBOX_BEFORE_STORE = "mailbox.before-store"
    MAILBOX_INSIDE_STORE = "mailbox.inside-store"
    MAILBOX_AFTER_STORE = "mailbox.after-store"
    ANSWER_BEFORE_STORE = "answer.before-store"
    ANSWER_INSIDE_STORE = "answer.inside-store"
    ANSWER_AFTER_STORE = "answer.after-store"


class Gates(Protocol):
    """Told at every gate; the production one does nothing."""

    def reach(self, gate: Gate) -> None:
        """The stage has come to this gate."""


class KeyRing(Protocol):
    """Our own private keys, behind what can be done with them."""

    @property
    def decrypters(self) -> Sequence[Decrypter]:
        """Our decryption keys, retiring ones included."""

    @property
    def published(self) -> Sequence[RegisteredKey]:
        """Our public keys with their states, those for access tokens included."""

    @property
    def log_key(self) -> NoteKey:
        """Public key of the log."""

    @property
    def log_signer(self) -> NoteSigner:
        """Signs checkpoints."""

    def signer(self, at: datetime) -> Signer:
        """The key that signs messages and receipts now."""

    def http_signer(self, at: datetime) -> Signer:
        """The key that signs HTTP requests and answers now."""

    def token_signer(self, at: datetime) -> Signer:
        """The key that signs access tokens now."""

    def token_key(self, kid: str) -> RegisteredKey | None:
        """One of our keys for access tokens, by id; retiring ones included."""

    def release_secret(self, agreement: AgreementId) -> bytes:
        """The secret with which one agreement's released values are hashed."""


class ListWatch(Protocol):
    """Looks after the lists of keys, ours and the partners'."""

    def look(self) -> None:
        """Take up every list that has changed; one with a fault leaves what was in force as it is."""

    @property
    def faults(self) -> Sequence[str]:
        """Which lists could not be taken up, each with the stable code."""


class Verifier(Protocol):
    """Compares everything that is stored with the log."""

    def verify(self) -> LogReport:
        """All that does not agree."""


class PartnerChannel(Protocol):
    """The way to a partner."""

    def deliver(self, partner: PartnerCode, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        """Post sealed bytes to ``{endpoint}/v1/messages`` under a stable idempotency key.

        Raises:
            DeliveryFailed: no answer came, or one that does not verify as the partner's where it has to be signed.
        """
