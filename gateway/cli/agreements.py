"""``sarhad agreement``: what is agreed with whom, as a lawyer can read it, and tried out before it goes live."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.agreement.agreement import Agreement
from gateway.agreement.diff import changes
from gateway.agreement.policy import explain as explain_decision
from gateway.agreement.policy import purposes, standing
from gateway.agreement.terms import Direction
from gateway.catalogue import Catalogue
from gateway.cli.agreement_examples import register_under
from gateway.cli.agreement_text import how, show_agreement, show_explanation
from gateway.cli.output import EXIT_NO, EXIT_USAGE, Json, complain, emit_json, examples, family, say, table
from gateway.cli.places import catalogue_of, data_root

At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="Moment with its offset, 2026-03-01T08:00+05:00; now if left out."),
]
AgreementName = Annotated[
    str, typer.Argument(metavar="AGREEMENT[@VERSION]", help="The highest version if none is given.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    agreement = family("Agreements: what may be exchanged with whom, for what, until when.")
    agreement.command("list", epilog=examples("sarhad agreement list --json"))(list_all)
    agreement.command("show", epilog=examples("sarhad agreement show aa-xx-manifest"))(show)
    line = "sarhad agreement explain xx manifest --direction in --purpose RISK --at 2026-07-01T00:00+05:00"
    agreement.command("explain", epilog=examples(line))(explain)
    agreement.command("diff", epilog=examples("sarhad agreement diff aa-xx-manifest@1 aa-xx-manifest@2"))(diff)
    register_under(agreement)
    app.add_typer(agreement, name="agreement")


def list_all(at: At = None, json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """List all agreements, and how each stands.

    All versions, as they stand now or at a moment.
    """
    moment, catalogue = moment_of(at), _catalogue()
    found = sorted(catalogue.agreements, key=lambda one: (one.terms.partner, one.id, one.version))
    if json_output:
        for each in found:
            emit_json(summary_of(each, moment))
        return
    rows = [
        (
            each.label,
            each.terms.partner,
            each.terms.title,
            standing(each, moment),
            each.terms.in_force_from.isoformat(),
            "" if each.terms.in_force_to is None else each.terms.in_force_to.isoformat(),
            ", ".join(f"{one.message.type} {one.message.direction}" for one in each.permits),
        )
        for each in found
    ]
    table("", ("agreement", "partner", "title", "stands", "from", "until (exclusive)", "messages"), rows)


def show(name: AgreementName, json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Show one agreement whole.

    Parties, legal basis, validity, messages, released and withheld fields, retention.
    """
    found = find_agreement(_catalogue(), name)
    if json_output:
        emit_json(found.terms.model_dump(mode="json") | {"digest": found.digest, "file": found.file})
    else:
        show_agreement(found)


def explain(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner.")],
    message_type: Annotated[str, typer.Argument(metavar="TYPE", help="Message type, as the agreement names it.")],
    direction: Annotated[str, typer.Option("--direction", metavar="in|out", help="Seen from here.")],
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="CODE", help="Purpose code; the only one listed if left out.")
    ] = "",
    agreement: Annotated[
        str | None, typer.Option("--agreement", metavar="ID", help="The agreement that the message invokes.")
    ] = None,
    at: At = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Say whether a message would be permitted, and why.

    Also which fields would leave. Exit code 1 when it is refused.
    """
    moment, catalogue = moment_of(at), _catalogue()
    way = _direction(direction)
    if not purpose:
        listed = purposes(
            catalogue.agreements,
            partner=partner,
            direction=way,
            message_type=message_type,
            at=moment,
            agreement_id=agreement,
        )
        purpose = listed[0] if len(listed) == 1 else ""
    answer = explain_decision(
        catalogue.agreements,
        partner=partner,
        direction=way,
        message_type=message_type,
        purpose=purpose,
        at=moment,
        agreement_id=agreement,
    )
    show_explanation(answer, json_output=json_output)
    if answer.permission is None:
        raise typer.Exit(EXIT_NO)


def diff(old: AgreementName, new: AgreementName, json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Say what a new version changes.

    What it permits, releases, alters, withholds and forbids, in this order.
    """
    catalogue = _catalogue()
    found = changes(find_agreement(catalogue, old), find_agreement(catalogue, new))
    if json_output:
        for each in found:
            emit_json({name: getattr(each, name) for name in each.__slots__})
        return
    if not found:
        say("nothing changes")
        return
    rows = [(each.kind, each.message, each.what, how(each.was), how(each.now)) for each in found]
    table("", ("the new version", "message", "what", "was", "is now"), rows)


def find_agreement(catalogue: Catalogue, name: str) -> Agreement:
    """The agreement that a user names as ``id`` or ``id@version``.

    Raises:
        NotFound: there is none.
    """
    bare, _, version = name.partition("@")
    if version and not version.isdecimal():
        complain("an agreement is named id or id@version, such as aa-xx-manifest@2")
        raise typer.Exit(EXIT_USAGE)
    return catalogue.agreement(bare, int(version) if version else None)


def moment_of(text: str | None) -> datetime:
    """A moment that a user wrote; now when left out. One without an offset is refused: which clock would it be?"""
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() is None:
        complain("a moment is written with its offset: 2026-03-01T08:00+05:00")
        raise typer.Exit(EXIT_USAGE)
    return moment


def summary_of(agreement: Agreement, at: datetime) -> dict[str, object]:
    """One line of a listing as JSON."""
    return {
        "agreement": agreement.id,
        "version": agreement.version,
        "partner": agreement.terms.partner,
        "title": agreement.terms.title,
        "standing": standing(agreement, at),
        "begins": agreement.begins,
        "ends": agreement.ends,
        "digest": agreement.digest,
        "messages": [
            {"type": one.message.type, "direction": one.message.direction, "format": one.message.format}
            for one in agreement.permits
        ],
    }


def _direction(text: str) -> Direction:
    if text == "in":
        return "in"
    if text == "out":
        return "out"
    complain("the direction is in or out, seen from here")
    raise typer.Exit(EXIT_USAGE)


def _catalogue() -> Catalogue:
    root = data_root()
    return catalogue_of(root)
