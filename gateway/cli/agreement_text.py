"""An agreement, a decision and its examples as a page for people."""

from __future__ import annotations

from gateway.agreement.agreement import Agreement
from gateway.agreement.fieldset import FieldSet
from gateway.agreement.policy import Explanation
from gateway.agreement.terms import FieldTerms, MessageTerms
from gateway.cli.output import emit_json, say, table

_ONWARD = {"never": "never", "prior-consent": "only with prior consent"}


def show_agreement(agreement: Agreement) -> None:
    """The whole agreement: who, on what basis, until when, what, which fields, under which promises."""
    terms = agreement.terms
    say(f"{agreement.label}: {terms.title}")
    say(f"file {agreement.file}, digest {agreement.digest}")
    say(f"between {' and '.join(f'{party.name} ({party.code})' for party in terms.parties)}")
    signed = f", signed {terms.signed.isoformat()}" if terms.signed else ""
    say(f"status {terms.status}{signed}; in force {_span(agreement)}")
    say()
    rows = [(basis.ref, basis.date, basis.certainty, basis.source) for basis in terms.legal_basis]
    table("Legal basis", ("instrument", "date", "sure", "source"), rows)
    table("Purposes", ("purpose", "meaning"), list(terms.purposes.items()))
    table("Clauses", ("clause", "text", "rests on"), [(one.id, one.text, one.rests_on) for one in terms.clauses])
    table("Messages", _MESSAGE_COLUMNS, [_message_row(one) for one in terms.messages])
    for name, fields in terms.fields.items():
        _show_fields(name, fields)
    onward, service = terms.onward, terms.service
    say(f"passed on to another agency: {_ONWARD[onward.other_agency]}; abroad: {_ONWARD[onward.third_country]}")
    confirmed = "confirmed by the receiver" if terms.correction.receiver_confirms else "without confirmation"
    say(f"corrections within {terms.correction.within_hours} hours, {confirmed}")
    contact = f"; contact {service.contact}" if service.contact else ""
    hours = service.available_hours_per_day
    say(f"acknowledged within {service.acknowledge_within_minutes} minutes, {hours} hours a day{contact}")


_MESSAGE_COLUMNS = ("message", "way", "purposes", "format", "clause", "fields", "kept", "deadline", "read by")


def _message_row(message: MessageTerms) -> tuple[str, ...]:
    return (
        message.type,
        "to us" if message.direction == "in" else "from us",
        ", ".join(message.purposes),
        message.format,
        message.clause,
        message.fields,
        f"{message.retention_days} days",
        message.deadline,
        ", ".join(message.recipients),
    )


def _span(agreement: Agreement) -> str:
    terms = agreement.terms
    first = f"from {terms.in_force_from.isoformat()} 00:00 {terms.zone} ({agreement.begins:%Y-%m-%dT%H:%MZ})"
    if terms.in_force_to is None or agreement.ends is None:
        return f"{first}, until it is ended"
    last = f"{terms.in_force_to.isoformat()} 00:00 {terms.zone}"
    return f"{first} until {last}, exclusive ({agreement.ends:%Y-%m-%dT%H:%MZ})"


def _show_fields(name: str, fields: FieldTerms) -> None:
    released = [
        (
            path + (" and all below" if grant.whole else ""),
            how(grant.transform),
            "yes" if grant.personal else "",
            grant.clause,
            grant.says,
        )
        for grant in fields.allow
        for path in grant.paths
    ]
    table(f"Fields {name!r} of {fields.wco}: released", ("field", "how", "personal", "clause", "says"), released)
    denied = [(path, denial.clause, denial.why) for denial in fields.deny for path in denial.paths]
    if denied:
        table(f"Fields {name!r}: never released", ("field", "clause", "why"), denied)
    if fields.personal:
        say(f"personal data beside what the schema marks: {', '.join(fields.personal)}")
    say("everything else is withheld")
    say()


def how(transform: str) -> str:
    """What is done to a value, in words."""
    return f"as it is{transform.removeprefix('none')}" if transform.startswith("none") else transform


def show_explanation(answer: Explanation, *, json_output: bool) -> None:
    """A decision with its reasoning, and what would be released."""
    permission = answer.permission
    if json_output:
        emit_json(
            {
                "permitted": permission is not None,
                "code": answer.code,
                "reasoning": list(answer.lines),
                "agreement": "" if permission is None else permission.agreement,
                "digest": "" if permission is None else permission.agreement_digest,
                "clause": "" if permission is None else permission.clause,
                "purpose": "" if permission is None else permission.purpose,
                "format": "" if permission is None else permission.format,
                "retention_days": None if permission is None else permission.retention_days,
                "released": [] if permission is None else _released(permission.fields),
            }
        )
        return
    say("PERMITTED" if permission is not None else f"REFUSED: {answer.code}")
    for line in answer.lines:
        say(f"  - {line}")
    if permission is None:
        return
    say(f"travels as {permission.format}, is kept {permission.retention_days} days")
    rows = [(one["path"], how(one["transform"]), one["clause"]) for one in _released(permission.fields)]
    table(f"Released (paths of {permission.fields.wco}); everything else is withheld", ("field", "how", "clause"), rows)


def _released(fields: FieldSet) -> list[dict[str, str]]:
    return [
        {
            "path": f"{one.path}{' and all below' if one.whole else ''}",
            "transform": str(one.transform),
            "clause": one.clause,
        }
        for one in fields.allowed
        if one.whole or fields.releases(one.path)
    ]
