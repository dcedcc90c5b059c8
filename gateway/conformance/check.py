"""What a check is: a stable code, a sentence, what it proves and by which clause, and a run against a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from gateway.errors import GatewayError

TargetT = TypeVar("TargetT")


class Outcome(StrEnum):
    """What came of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not-applicable"


class CheckFailed(GatewayError):
    """The target does not keep to the protocol; the text says what was expected and what was seen."""

    code = "conformance.failed"


class NotApplicable(GatewayError):
    """The check asks for something that this target's profile or agreement does not have."""

    code = "conformance.not-applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[TargetT]):
    """One named check.

    Attributes:
        id: stable code such as ``CK-07``, never given to another check.
        title: what must hold, in a few words.
        proves: why it matters: what goes wrong with a side that fails it.
        clause: where the protocol says so.
        run: does it; returns what was seen, raises `CheckFailed` or `NotApplicable`.
    """

    id: str
    title: str
    proves: str
    clause: str
    run: Callable[[TargetT], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one check.

    Attributes:
        says: what was seen, or what was expected instead, without any value of a message.
    """

    id: str
    title: str
    outcome: Outcome
    says: str

    def as_json(self) -> dict[str, Any]:
        """As a flat JSON object."""
        return {"id": self.id, "title": self.title, "outcome": self.outcome.value, "says": self.says}


def check(
    check_id: str, title: str, *, proves: str, clause: str
) -> Callable[[Callable[[TargetT], str]], Check[TargetT]]:
    """Make a check of a function.

    Args:
        check_id: its stable code.
        title: what must hold.
        proves: why it matters.
        clause: where the protocol says so.
    """

    def made(run: Callable[[TargetT], str]) -> Check[TargetT]:
        return Check(id=check_id, title=title, proves=proves, clause=clause, run=run)

    return made
