"""``sarhad rules``: the business rules, what each asks, where it looks and how it weighs."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gateway.catalogue import Judging
from gateway.cli.output import Json, emit_json, examples, say, table
from gateway.cli.places import data_root, judging_of
from gateway.errors import NotFound
from gateway.formats.format import Format
from gateway.formats.suggestions import nearest
from gateway.validation.rule import Rule


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("rules", epilog=examples("sarhad rules", "sarhad rules rule.date", "sarhad rules --format dms-3.6"))(
        rules
    )


def rules(
    rule_id: Annotated[str | None, typer.Argument(metavar="ID", help="A rule; all are listed without it.")] = None,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="Only rules for this format, as it grades them.")
    ] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List the business rules, or tell one in full.

    A format, an agreement or a partner may grade a rule otherwise; a code list that is not complete gives warnings.
    """
    root = data_root()
    known = judging_of(root)
    found = known.formats.get(format_name) if format_name is not None else None
    chosen = [one for one in known.rules.rules if rule_id in {None, one.id} and _is_for(one, found)]
    if rule_id is not None and not chosen:
        raise NotFound(
            "no such rule",
            path=rule_id,
            remedy=nearest(rule_id, [one.id for one in known.rules.rules]),
            code="rule.unknown",
        )
    if json_output:
        for each in chosen:
            emit_json(_as_json(each, known, found))
    elif rule_id is not None:
        _tell(chosen[0], known)
    else:
        rows = [(each.id, _grade(each, known, found), each.text, each.source) for each in chosen]
        table("", ("rule", "severity", "what must hold", "source"), rows)


def _is_for(rule: Rule, found: Format | None) -> bool:
    return found is None or rule.is_for(found.name, found.head.wco_package)


def _grade(rule: Rule, known: Judging, found: Format | None) -> str:
    return known.rules.grade_of(rule, found) if found is not None else rule.severity.value


def _as_json(rule: Rule, known: Judging, found: Format | None) -> dict[str, Any]:
    return {
        "id": rule.id,
        "severity": _grade(rule, known, found),
        "source": rule.source,
        "text": rule.text,
        "remedy": rule.remedy,
        "kind": rule.kind,
        "at": list(rule.at),
        "packages": list(rule.packages),
        "formats": list(rule.formats),
        "file": rule.file,
    }


def _tell(rule: Rule, known: Judging) -> None:
    """One rule in full, with the formats that grade it otherwise."""
    say(f"{rule.id} ({rule.severity.value}, kind {rule.kind})")
    say(f"  must hold: {rule.text}")
    say(f"  if broken: {rule.remedy}")
    say(f"  source:    {rule.source}")
    say(f"  looks at:  {', '.join(rule.at)}")
    for condition in rule.when:
        wanted = condition.wanted if isinstance(condition.wanted, str) else f"one of {', '.join(condition.wanted)}"
        say(f"  when:      {'not: ' if condition.negated else ''}{condition.path} {wanted}")
    if rule.packages or rule.formats:
        say(f"  only for:  {', '.join((*rule.packages, *rule.formats))}")
    say(f"  file:      {rule.file}")
    for name in known.formats.names():
        graded = known.formats.get(name).head.rules.get(rule.id)
        if graded:
            say(f"  {name}: {graded}")
