"""Business answers: writing ours, reading a partner's.

An acknowledgement is a JSON document of its own, sealed like any message, with the message type ``acknowledgement``
and the answered message's id in the signed metadata (``ref``):

    {"outcome": "refused", "message_id": "...", "at": "2026-01-01T00:00:00Z", "findings": [{"code": ..., ...}]}

It says accepted or refused and why, by codes and paths, and never carries a value of the message.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.errors import MalformedMessage
from gateway.exchange.model import ACKNOWLEDGEMENT_TYPE, Message, Outcome
from gateway.findings import Finding
from gateway.security.metadata import MessageMetadata

FORMAT_NAME = "acknowledgement-1"
MEDIA_TYPE = "application/json"
MOST_FINDINGS = 200
"""Most findings that an acknowledgement carries; ``more`` counts those beyond."""
MOST_BYTES = 1024 * 1024
"""Largest acknowledgement that is read."""

_Text = Annotated[str, Field(max_length=1000)]


class _Finding(BaseModel):
    """A finding as a partner writes it; what we do not know of it is not kept."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    code: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$")]
    severity: Literal["error", "warning", "info"] = "error"
    layer: _Text = ""
    path: _Text = ""
    pointer: _Text = ""
    line: int | None = None
    message: _Text = ""
    expected: _Text = ""
    remedy: _Text = ""
    row: _Text = ""


class _Document(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    outcome: Literal["accepted", "refused"]
    message_id: Annotated[str, Field(min_length=1, max_length=128)]
    findings: Annotated[list[_Finding], Field(max_length=MOST_FINDINGS)] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a partner's acknowledgement says."""

    outcome: Outcome
    message_id: str
    findings: tuple[dict[str, Any], ...]


def write_answer(message: Message, outcome: Outcome, findings: Sequence[Finding], at: datetime) -> bytes:
    """Our acknowledgement of a partner's message, UTF-8 JSON."""
    document = {
        "outcome": outcome.value,
        "message_id": message.message_id,
        "at": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "findings": [finding.as_json() for finding in findings[:MOST_FINDINGS]],
        "more": max(0, len(findings) - MOST_FINDINGS),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def answer_metadata(message: Message, *, home: str, message_id: str, at: datetime) -> MessageMetadata:
    """The signed metadata of our acknowledgement."""
    return MessageMetadata(
        iss=home,
        aud=message.partner,
        iat=int(at.timestamp()),
        jti=message_id,
        agreement=message.agreement,
        type=ACKNOWLEDGEMENT_TYPE,
        schema=FORMAT_NAME,
        cty=MEDIA_TYPE,
        purpose=message.purpose,
        ref=message.message_id,
    )


def read_answer(payload: bytes) -> Answer:
    """Read a partner's acknowledgement.

    Raises:
        MalformedMessage: it is none; the path names the first member at fault.
    """
    if len(payload) > MOST_BYTES:
        raise _malformed("", "shorter")
    try:
        document = _Document.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _malformed("/".join(str(part) for part in first["loc"]), "as the envelope reference says") from None
    return Answer(
        outcome=Outcome(document.outcome),
        message_id=document.message_id,
        findings=tuple(finding.model_dump() for finding in document.findings),
    )


def _malformed(path: str, expected: str) -> MalformedMessage:
    return MalformedMessage(
        "the acknowledgement is not a JSON document of the agreed form",
        path=path,
        remedy=f"send it {expected}",
        code="acknowledgement.malformed",
    )
