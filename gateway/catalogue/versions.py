"""Versions of one agreement: at any moment at most one is in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from gateway.agreement.agreement import first_moment
from gateway.agreement.reading import AgreementFile
from gateway.findings import Fault

_NEVER = datetime.max.replace(tzinfo=UTC)
_DECLARED = frozenset({"active", "suspended"})
"""A suspended version still holds the place of its agreement; drafts and ended ones do not."""


def version_faults(files: Iterable[AgreementFile]) -> Iterator[Fault]:
    """Two versions in force at once, and two files of one version."""
    seen: dict[str, list[AgreementFile]] = {}
    for one in sorted(files, key=lambda file: (file.terms.id, file.terms.version)):
        for other in seen.setdefault(one.terms.id, []):
            if one.terms.version == other.terms.version:
                yield _fault(one, "version", "agreement.duplicate-version", f"{other.file} is the same version")
            elif _in_force_together(one, other):
                said = f"version {one.terms.version} is in force while {other.file} still is"
                yield _fault(one, "in_force_from", "agreement.two-versions-in-force", said)
        seen[one.terms.id].append(one)


def _in_force_together(one: AgreementFile, other: AgreementFile) -> bool:
    if {one.terms.status, other.terms.status} - _DECLARED:
        return False
    (begins, ends), (other_begins, other_ends) = _span(one), _span(other)
    return begins < other_ends and other_begins < ends


def _span(file: AgreementFile) -> tuple[datetime, datetime]:
    terms = file.terms
    ends = _NEVER if terms.in_force_to is None else first_moment(terms.in_force_to, terms.zone)
    return first_moment(terms.in_force_from, terms.zone), ends


def _fault(file: AgreementFile, row: str, code: str, message: str) -> Fault:
    remedy = "end the older version (in_force_to) on the day on which the newer one begins"
    return Fault(file=file.file, row=row, code=code, message=message, remedy=remedy)
