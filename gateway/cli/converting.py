"""``sarhad convert``: a message in another format or syntax, with the account of every leaf."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from gateway.agreement.policy import standing
from gateway.catalogue import Catalogue
from gateway.cli.output import EXIT_NO, EXIT_USAGE, Json, complain, emit_json, examples, show_findings
from gateway.cli.places import catalogue_of, data_root
from gateway.conversion.run import ConversionContext
from gateway.pipeline.translation import Translation, translate

NO_EXCHANGE = "0" * 32
"""What a conversion outside any exchange states as its exchange."""


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    lines = (
        "sarhad convert manifest.xml --to cri-3.6 --report account.json",
        "sarhad convert declaration.xml --to json",
    )
    app.command("convert", epilog=examples(*lines))(convert)


def convert(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The message.", exists=True, dir_okay=False)],
    to: Annotated[
        str, typer.Option("--to", metavar="FORMAT|json|xml", help="A format; or a syntax, for the same message in it.")
    ],
    source: Annotated[
        str | None, typer.Option("--from", metavar="FORMAT", help="The message's format, instead of recognising it.")
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--partner", metavar="CODE", help="Whose texts the mapping may use.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="File to write; standard output if not given.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="File for the account of the conversion.")
    ] = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Convert a message to another format or syntax.

    Nothing is stored, sent or released. Exit code 1: it cannot be converted, the findings say why;
    2: it cannot be read.
    """
    root = data_root()
    catalogue = catalogue_of(root)
    data = path.read_bytes()
    done = translate(catalogue, data, source, to, _context(catalogue, to, partner))
    if report is not None and done.account is not None:
        report.write_bytes(orjson.dumps(done.account.as_json(), option=orjson.OPT_INDENT_2) + b"\n")
    _tell(path, done, json_output=json_output)
    if done.data is None:
        raise typer.Exit(EXIT_NO if done.source else EXIT_USAGE)
    if output is not None:
        output.write_bytes(done.data)
    elif not json_output:
        sys.stdout.write(done.data.decode("utf-8").rstrip("\n") + "\n")


def _tell(path: Path, done: Translation, *, json_output: bool) -> None:
    if json_output:
        findings = [finding.as_json() for finding in done.findings]
        emit_json({"from": done.source, "to": done.target, "converted": done.data is not None, "findings": findings})
        return
    if done.data is None:
        complain(f"{path}: not converted")
    show_findings(done.findings, err=True)


def _context(catalogue: Catalogue, target: str, partner: str | None) -> ConversionContext:
    """What the mapping may ask of an exchange: of the one that agreements have for the target format.

    Args:
        catalogue: the data folders.
        target: the format that is asked for.
        partner: whose agreements count; None for those of everybody.

    Raises:
        UnknownPartner: no partner has this code.
    """
    now = datetime.now(UTC)
    texts = {} if partner is None else dict(catalogue.profile(partner).texts)
    uses = [
        (agreement, message)
        for agreement in catalogue.agreements
        for message in agreement.terms.messages
        if message.format == target and partner in (None, agreement.terms.partner)
    ]
    sender = agreement_id = ""
    if len({agreement.terms.partner for agreement, _ in uses}) == 1:
        agreement, message = next((use for use in uses if standing(use[0], now) == "in-force"), uses[0])
        terms = agreement.terms
        texts = dict(catalogue.profile(terms.partner).texts)
        agreement_id = agreement.id
        ours = next(party.code for party in terms.parties if party.code != terms.partner)
        sender = ours if message.direction == "out" else terms.partner
    return ConversionContext(
        reference=NO_EXCHANGE, sender=sender, received=now, agreement_id=agreement_id, partner=texts
    )
