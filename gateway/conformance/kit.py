"""The kit as a whole: all checks in order, and a run over a target."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from types import ModuleType

from gateway.conformance import (
    access_checks,
    answer_checks,
    content_checks,
    envelope_checks,
    http_checks,
    mailbox_checks,
    receipt_checks,
    transport_checks,
    xml_checks,
)
from gateway.conformance.check import Check, CheckFailed, NotApplicable, Outcome, Result
from gateway.conformance.target import Target
from gateway.errors import DeliveryFailed, GatewayError, NotFound

GROUPS: Mapping[str, ModuleType] = {
    "Receipts and identity": receipt_checks,
    "HTTP": http_checks,
    "Sealed messages": envelope_checks,
    "Sizes and transport": transport_checks,
    "Content": content_checks,
    "Answers": answer_checks,
    "Access": access_checks,
    "Signed XML": xml_checks,
    "Mailbox": mailbox_checks,
}
"""The rooms of the kit, in the order in which they are run and told."""


def checks_of(group: ModuleType) -> tuple[Check[Target], ...]:
    """The checks of one group, by code."""
    found = [member for member in vars(group).values() if isinstance(member, Check)]
    return tuple(sorted(found, key=lambda one: int(one.id.removeprefix("CK-"))))


ALL: tuple[Check[Target], ...] = tuple(one for group in GROUPS.values() for one in checks_of(group))
"""All checks in order."""

IDS = frozenset(one.id for one in ALL)
"""Their codes: what a whole report holds."""


def kit_digest() -> str:
    """SHA-256 over codes, titles and clauses, hexadecimal: which kit a report was made with."""
    lines = "".join(f"{one.id}\t{one.title}\t{one.proves}\t{one.clause}\n" for one in ALL)
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def chosen(only: Collection[str]) -> tuple[Check[Target], ...]:
    """Some checks in order; all when none is named.

    Raises:
        NotFound: ``conformance.unknown-check``.
    """
    if not set(only) <= IDS:
        raise NotFound(
            "there is no check of this code",
            path=", ".join(sorted(set(only) - IDS)),
            remedy="see docs/reference/conformance.md",
            code="conformance.unknown-check",
        )
    return tuple(one for one in ALL if not only or one.id in only)


def run_checks(
    target: Target, checks: Collection[Check[Target]], on_begin: Callable[[Check[Target]], None]
) -> Iterator[Result]:
    """Run checks one after the other.

    Args:
        target: what is tested.
        checks: in order.
        on_begin: told each check as it begins.
    """
    for one in checks:
        on_begin(one)
        outcome, says = _run(one, target)
        yield Result(id=one.id, title=one.title, outcome=outcome, says=says)


def _run(one: Check[Target], target: Target) -> tuple[Outcome, str]:
    try:
        return Outcome.PASSED, one.run(target)
    except NotApplicable as reason:
        return Outcome.NOT_APPLICABLE, reason.message
    except CheckFailed as fault:
        return Outcome.FAILED, fault.message
    except DeliveryFailed as fault:
        return Outcome.FAILED, f"{fault.message} ({fault.stable_code}): the rest of the check could not be done"
    except GatewayError as fault:
        return Outcome.FAILED, f"the kit could not do this check: {fault.stable_code}"
