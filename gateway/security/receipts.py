"""Receipts: who holds exactly which bytes, since when, and where that stands in the log.

A receipt says nothing about the content. It goes out only after the message is stored, fsynced and logged, and the
same message always gets the same receipt, byte for byte.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.security.keys import RegisteredKey, Signer
from gateway.security.metadata import MessageIdText, PartyText
from gateway.security.refusals import EnvelopeCode, OpeningRefused
from gateway.security.statements import sign_statement, verify_statement
from gateway.security.suites import INTL_1, Suite

RECEIPT_TYPE = "receipt+jws"

_HexDigest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}\z")]
_UtcTime = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z\z")]


class Receipt(BaseModel):
    """The statement of a holder that it has exactly these bytes.

    Attributes:
        holder: code of the party that holds the message and signs the receipt.
        sender: code of the party that sent it.
        message_id: the sender's message id (``jti``).
        jws_digest: SHA-256 of the compact JWS held, in the XML forms of the signed document, hexadecimal.
        exchange_id: the holder's id of the exchange.
        received: time of receipt, UTC.
        log_origin: name of the holder's log.
        log_index: index of the log entry that records the receipt, decimal.
        entry_hash: Merkle leaf hash of that entry, hexadecimal; the entry is salted, so it tells nothing else.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    holder: PartyText
    sender: PartyText
    message_id: MessageIdText
    jws_digest: _HexDigest
    exchange_id: Annotated[str, Field(pattern=r"^[!-~]{1,64}\z")]
    received: _UtcTime
    log_origin: Annotated[str, Field(pattern=r"^[!-~]{1,128}\z")]
    log_index: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,18})\z")]
    entry_hash: _HexDigest


def sign_receipt(receipt: Receipt, signer: Signer) -> bytes:
    """The receipt as a compact JWS of type ``receipt+jws``."""
    return sign_statement(receipt.model_dump(), RECEIPT_TYPE, signer)


def verify_receipt(statement: bytes, registered: RegisteredKey, *, suite: Suite = INTL_1) -> Receipt:
    """The receipt, after signature, form and signer were verified.

    Args:
        statement: the compact JWS.
        registered: the holder's key under its kid.
        suite: the suite agreed with the holder.

    Raises:
        OpeningRefused: no valid receipt, or not signed by the holder it names.
    """
    content = verify_statement(statement, RECEIPT_TYPE, registered, suite=suite)
    try:
        receipt = Receipt.model_validate(content)
    except ValidationError as error:
        place = str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
        raise OpeningRefused(EnvelopeCode.METADATA_REFUSED, detail="receipt member", path=place) from None
    if receipt.holder != registered.owner:
        raise OpeningRefused(EnvelopeCode.WRONG_SENDER, detail="holder is not the owner of kid", path="holder")
    return receipt
