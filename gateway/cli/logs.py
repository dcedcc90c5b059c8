"""Logs of the command line: one JSON object a line on standard error, codes and places only."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Any

import orjson
import structlog


class StandardError:
    """Standard error as it is at each line; a line that cannot be written is lost, and the work goes on.

    Whoever reads it may have gone (``sarhad run 2>&1 | head``): that must not turn a refusal into a fault.
    """

    def write(self, text: str) -> None:
        """Write, if somebody reads."""
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Flush, if somebody reads."""
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()


def log_to_stderr() -> None:
    """Send structured logs to standard error, so that standard output stays what a command says."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _kind_of_exception,
            structlog.processors.JSONRenderer(serializer=_serialise),
        ],
        logger_factory=structlog.PrintLoggerFactory(StandardError()),  # type: ignore[arg-type]
    )


def _kind_of_exception(_logger: Any, _method: str, event: Any) -> Any:
    """Keep the class of an exception and nothing else: its text might quote a message."""
    error = event.pop("exc_info", None)
    if error:
        kind = sys.exc_info()[0] if error is True else type(error)
        event["exception"] = kind.__name__ if kind is not None else ""
    return event


def _serialise(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
