"""The one exception tree.

Everything that can go wrong inside the gateway, and everything that a partner can send, ends in a subclass of
`GatewayError`. Each class has a stable ``code`` that users, tests and logs quote, and says whether trying again can
help. The text of an error tells what was expected and what to do; it never carries a value of a message.

    GatewayError
    ├── DataFolderError        the four data folders or the settings are at fault: nothing starts
    ├── Refusal                what was sent is refused, and nothing of it is kept but a log entry (HTTP 4xx)
    │   ├── MalformedMessage   bytes that are not a message: not well-formed, DOCTYPE, too deep, duplicate keys
    │   ├── MessageTooLarge
    │   ├── UnknownFormat
    │   ├── EnvelopeRefused    signature, encryption, key or signed metadata
    │   ├── UnknownPartner
    │   ├── TooManyRequests    a rate, a volume or a number at once is exceeded (HTTP 429): wait, then send it again
    │   ├── ReplayRefused      the same identity with other bytes
    │   ├── NotPermitted       no agreement in force allows it
    │   └── ContentRefused     opened and read, but schema, rules, agreement or conversion say no (carries findings)
    ├── InvalidTransition      a state change that the state table does not hold
    ├── NotFound
    └── TemporaryFailure       store, log or channel cannot answer now; a retry can help (HTTP 503)
        ├── Busy               as many requests as are served at once are under way
        └── DeliveryFailed
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from gateway.findings import Finding


class GatewayError(Exception):
    """Root of the tree.

    Args:
        message: what happened and what was expected, in one sentence, without any value of a message.
        path: where, in the project's path language, or a file and row for data folders.
        line: line of the document, 1-based, where a parser refuses one.
        remedy: what the reader can do about it.
        findings: the single faults, when there are several.
        code: a narrower stable code than the class's own.
    """

    code: ClassVar[str] = "gateway.error"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        line: int | None = None,
        remedy: str = "",
        findings: Sequence[Finding] = (),
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.remedy = remedy
        self.findings = tuple(findings)
        self.stable_code = code or self.code


class DataFolderError(GatewayError):
    """The data folders or settings hold a fault; the gateway does not start."""

    code = "data.invalid"


class Refusal(GatewayError):
    """What was sent is refused; only a log entry is kept."""

    code = "refused"


class MalformedMessage(Refusal):
    """The bytes are not a message that may be read: not well-formed, DOCTYPE, too deep, duplicate keys."""

    code = "message.malformed"


class MessageTooLarge(Refusal):
    """More bytes than the named limit allows."""

    code = "message.too-large"


class UnknownFormat(Refusal):
    """No known format recognises this document."""

    code = "message.unknown-format"


class EnvelopeRefused(Refusal):
    """The sealed envelope does not open: signature, encryption, key or signed metadata.

    Decryption and inner signature share one text and one code (no oracle); what exactly failed goes to the log only.
    """

    code = "envelope.refused"


class UnknownPartner(Refusal):
    """No partner with this code or key is registered."""

    code = "partner.unknown"


class ReplayRefused(Refusal):
    """A message id was used before with other bytes."""

    code = "message.replayed"


class TooManyRequests(Refusal):
    """A rate, a volume or a number at once is exceeded; nothing was kept, and the same request may be sent again.

    Args:
        message: which limit.
        retry_after: seconds until it is worth trying.
        more: as for every error.
    """

    code = "http.too-many-requests"
    retryable = True

    def __init__(self, message: str, *, retry_after: float = 1.0, **more: Any) -> None:
        super().__init__(message, **more)
        self.retry_after = retry_after


class NotPermitted(Refusal):
    """No agreement in force permits this exchange."""

    code = "agreement.not-permitted"


class ContentRefused(Refusal):
    """The message was read, but its content is refused; ``findings`` say why."""

    code = "content.refused"


class InvalidTransition(GatewayError):
    """A change of state that the state table does not hold."""

    code = "state.invalid-transition"


class NotFound(GatewayError):
    """No such thing, or not visible to the one who asks."""

    code = "not-found"


class TemporaryFailure(GatewayError):
    """Store, log or channel cannot answer now; the same call may succeed later."""

    code = "temporary"
    retryable = True


class Busy(TemporaryFailure):
    """As many requests as are served at once are under way."""

    code = "http.busy"
    retry_after: ClassVar[float] = 1.0


class DeliveryFailed(TemporaryFailure):
    """The partner could not be reached or answered that it cannot take the message now."""

    code = "delivery.failed"
