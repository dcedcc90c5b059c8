"""The types of a message as it gains knowledge: none can be skipped, because each is made from the one before.

Inbound:  ReceivedMessage -> OpenedMessage -> StoredMessage -> ReadMessage -> PermittedMessage -> ConvertedMessage
Outbound: ReceivedMessage -> ReadMessage -> PermittedMessage -> ReleasedMessage -> ConvertedMessage -> SealedMessage

Each type is constructed by one module only (a test reads the sources and holds this): `opening` opens, `inbound`
stores, `engines` reads, permits, releases and converts, `sealing` seals. A function that takes a `PermittedMessage`
can therefore be called only with a message that the agreement was asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.agreement.policy import Permission
from gateway.conversion.account import Account, WithheldLeaf
from gateway.exchange.model import Message
from gateway.findings import Finding
from gateway.formats.tree import Tree
from gateway.identifiers import PartnerCode
from gateway.security.metadata import MessageMetadata


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReceivedMessage:
    """Bytes that came in; nothing is known about them.

    Attributes:
        media_type: as stated by the transport, which proves nothing.
        at: time of receipt.
        proved: the partner that the transport proves; None where it does not.
    """

    content: bytes
    media_type: str
    at: datetime
    proved: PartnerCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class OpenedMessage:
    """Decrypted; signature, sender, recipient and time of the sender verified; not parsed.

    Attributes:
        payload: exactly the bytes that the sender signed; of signed XML the canonical document without its Signature.
        metadata: the signed metadata.
        jws: the signed bytes, kept as evidence: a compact JWS, or the signed XML as it came.
        digest: SHA-256 of ``jws``: with sender and message id the identity of the message.
        kid: the sender's signing key.
    """

    payload: bytes
    metadata: MessageMetadata
    jws: bytes
    digest: str
    kid: str
    sender: PartnerCode
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class StoredMessage:
    """Durable, with its log entry and our receipt.

    Attributes:
        receipt: the compact JWS that says so.
        repeated: it was stored before; nothing new happened.
    """

    message: Message
    receipt: bytes
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadMessage:
    """Parsed and judged against the schema of its format.

    Attributes:
        tree: None when it could not be read so far that there is a tree.
        findings: of parsing and schema; with an error among them the message goes no further.
        profile: the dialect in which it came, empty for the format's own.
    """

    format_name: str
    profile: str
    tree: Tree | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PermittedMessage:
    """Permitted by an agreement in force: the clause and the fields are in ``permission``."""

    read: ReadMessage
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ConvertedMessage:
    """In another format, with the account of every leaf.

    Attributes:
        source_format, format_name: from what to what.
        account: paths, rows and counts, never values; None where nothing was converted.
    """

    source_format: str
    format_name: str
    tree: Tree
    findings: tuple[Finding, ...]
    account: Account | None
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReleasedMessage:
    """Built anew from the fields that the agreement lists, in the canonical form.

    Attributes:
        withheld: general path, reason, clause and count of what stayed behind.
        leaves: the same leaf by leaf, for the account.
        findings: the same as warnings.
    """

    format_name: str
    tree: Tree
    withheld: tuple[dict[str, Any], ...]
    leaves: tuple[WithheldLeaf, ...]
    findings: tuple[Finding, ...]
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SealedMessage:
    """Signed and encrypted once; from here on only its bytes are stored and sent.

    Attributes:
        jwe: what goes to the partner, resent byte for byte.
        jws: the signed bytes inside, kept as evidence.
        digest: SHA-256 of ``jws``.
    """

    metadata: MessageMetadata
    jwe: bytes
    jws: bytes
    digest: str
