"""Whether the parts of one agreement quote each other rightly: clauses, purposes, field sets, parties, dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.agreement.reading import AgreementFile
from gateway.findings import Fault


def reference_faults(source: AgreementFile) -> Iterator[Fault]:
    """Every part that is quoted and missing, said twice, or never used."""
    yield from _dates_and_parties(source)
    yield from _twice(source)
    yield from _unknown(source)
    yield from _unused(source)


def _fault(source: AgreementFile, row: str, code: str, message: str, remedy: str = "") -> Fault:
    return Fault(file=source.file, row=row, code=f"agreement.{code}", message=message, remedy=remedy)


def _dates_and_parties(source: AgreementFile) -> Iterator[Fault]:
    terms = source.terms
    if terms.in_force_to is not None and terms.in_force_to <= terms.in_force_from:
        yield _fault(source, "in_force_to", "dates", "it ends before it begins", "the end is the first day without it")
    codes = [party.code for party in terms.parties]
    if terms.partner not in codes or codes[0] == codes[1]:
        yield _fault(source, "parties", "parties", "the two parties are not the partner and one other administration")


def _twice(source: AgreementFile) -> Iterator[Fault]:
    terms = source.terms
    for clause, times in Counter(clause.id for clause in terms.clauses).items():
        if times > 1:
            yield _fault(source, source.row("clauses", clause), "duplicate-clause", f"clause {clause} stands twice")
    for (kind, way), times in Counter((one.type, one.direction) for one in terms.messages).items():
        if times > 1:
            text = f"message type {kind}, direction {way}, stands twice"
            yield _fault(source, source.row("messages", kind), "duplicate-message", text)


def _unknown(source: AgreementFile) -> Iterator[Fault]:
    terms = source.terms
    clauses = {clause.id for clause in terms.clauses}
    remedy = "write the clause under [[clauses]], or quote one that stands there"
    for row, clause in _quoted_clauses(source):
        if clause not in clauses:
            yield _fault(source, source.row(row, clause), "unknown-clause", f"no clause {clause}", remedy)
    for number, message in enumerate(terms.messages, 1):
        row = f"messages[{number}]"
        for purpose in message.purposes:
            if purpose not in terms.purposes:
                where = source.row(f"{row}.purposes", purpose)
                yield _fault(source, where, "unknown-purpose", f"no purpose {purpose} under [purposes]")
        if message.fields not in terms.fields:
            where = source.row(f"{row}.fields", message.fields)
            yield _fault(source, where, "unknown-fields", f"no field set [fields.{message.fields}]")


def _quoted_clauses(source: AgreementFile) -> Iterator[tuple[str, str]]:
    for number, message in enumerate(source.terms.messages, 1):
        yield f"messages[{number}].clause", message.clause
    for name, fields in source.terms.fields.items():
        for number, grant in enumerate(fields.allow, 1):
            yield f"fields.{name}.allow[{number}].clause", grant.clause
        for number, denial in enumerate(fields.deny, 1):
            yield f"fields.{name}.deny[{number}].clause", denial.clause


def _unused(source: AgreementFile) -> Iterator[Fault]:
    """A field set that no message uses is a grant that someone believes in and nobody applies."""
    used = {message.fields for message in source.terms.messages}
    for name in source.terms.fields:
        if name not in used:
            yield _fault(source, f"fields.{name}", "unused-fields", f"no message uses the field set {name}")
