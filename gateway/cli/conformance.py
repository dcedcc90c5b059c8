"""``sarhad partner test``: the conformance kit against a partner's side, or by a partner against ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.bootstrap import set_up
from gateway.catalogue import load_catalogue
from gateway.cli.output import EXIT_NO, Json, complain, emit_json, examples, say, table
from gateway.cli.places import catalogue_of, data_root
from gateway.cli.state import SettingsFile, open_gateway, settings_from
from gateway.conformance.check import Check, Outcome, Result
from gateway.conformance.kit import chosen, run_checks
from gateway.conformance.our_side import partner_as_target
from gateway.conformance.reporting import counts, report_of
from gateway.conformance.samples import samples_of
from gateway.conformance.side_file import read_testing_side
from gateway.conformance.target import Target, Terms
from gateway.errors import NotFound
from gateway.identifiers import PartnerCode
from gateway.security.keys import RegisteredKey
from gateway.security.test_reports import TestReport, sign_report, verify_report
from gateway.security.xml_form import EnvelopeForm

PATIENCE = 150.0
"""Seconds that the kit waits until the other side gives up a body that does not arrive; ours does after 120."""

_USAGE = "usage.conformance"


def register(partner: typer.Typer) -> None:
    """Add this command to the family ``sarhad partner``."""
    lines = (
        "sarhad partner test xx --endpoint https://test.customs.example -o xx-report.jws",
        "sarhad partner test --as side.toml --endpoint https://sandbox.gateway.example",
        "sarhad partner test xx --only CK-05 --only CK-18",
        "sarhad partner test --verify xx-report.jws",
    )
    partner.command("test", epilog=examples(*lines))(run_kit)


def run_kit(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Who is tested; not with --as.")] = "",
    endpoint: Annotated[
        str, typer.Option("--endpoint", metavar="URL", help="Base URL to test; the partner's own if not given.")
    ] = "",
    only: Annotated[list[str] | None, typer.Option("--only", metavar="CK", help="These checks; all if none.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="REPORT", help="File for the signed report.")
    ] = None,
    as_side: Annotated[
        Path | None,
        typer.Option(
            "--as", metavar="SIDE", help="TOML file of another side that tests, with keys of its own.", dir_okay=False
        ),
    ] = None,
    verify: Annotated[
        Path | None,
        typer.Option("--verify", metavar="REPORT", help="Verify and show a report instead.", exists=True),
    ] = None,
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", help="Longest wait for a body to be given up.", min=0.1)
    ] = PATIENCE,
    *,
    settings: SettingsFile = None,
    json_output: Json = False,
) -> None:
    """Run the conformance kit against a partner's side, or as a partner against ours.

    Each check sends real requests, some of them wrong on purpose, and tells what should have come back. The partner's
    test system is the place for it. Exit code 1 when a check fails. The report is signed with the tester's key.
    """
    if verify is not None:
        _show_verified(verify, partner, as_side, settings, json_output=json_output)
        return
    if as_side is not None:
        target, digest = _as_other(as_side, endpoint, patience)
    else:
        target, digest = _as_ourselves(partner, endpoint, patience, settings)
    _run(target, digest, only or [], output, json_output=json_output)


def _as_ourselves(partner: str, endpoint: str, patience: float, settings: Path | None) -> tuple[Target, str]:
    if not partner:
        raise NotFound("who is to be tested?", remedy="name the partner, or give --as", code=_USAGE)
    chosen_settings = settings_from(settings)
    set_up(chosen_settings)
    catalogue = load_catalogue(chosen_settings.root, cache=chosen_settings.cache)
    target = partner_as_target(chosen_settings, catalogue, partner, endpoint=endpoint, patience=patience)
    return target, catalogue.digest


def _as_other(file: Path, endpoint: str, patience: float) -> tuple[Target, str]:
    if not endpoint:
        raise NotFound("where is the side that is tested?", remedy="give --endpoint", code=_USAGE)
    testing = read_testing_side(file)
    samples, digest = testing.samples, ""
    if samples is None:
        catalogue = catalogue_of(data_root())
        samples, digest = samples_of(catalogue, testing.said.code, "in", datetime.now(UTC)), catalogue.digest
    terms = Terms(
        signed=testing.said.http_signature != "none",
        tokens=testing.said.auth == "mtls+oauth",
        form=EnvelopeForm(testing.said.envelope),
        collects=testing.said.way == "pull",
        message_limit=testing.said.message_limit,
        patience=patience,
    )
    return Target(testing.side, endpoint, samples, terms), digest


def _run(target: Target, digest: str, only: list[str], output: Path | None, *, json_output: bool) -> None:
    checks = chosen(only)
    target.wire(target.base_url).probe()  # or every check would wait for an endpoint that is not there
    began = datetime.now(UTC)
    numbers = {one.id: number for number, one in enumerate(checks, 1)}

    def begin(one: Check[Target]) -> None:
        complain(f"{numbers[one.id]:3} of {len(checks)}  {one.id}  {one.title}")

    results = list(run_checks(target, checks, begin))
    report = report_of(target, results, began=began, ended=datetime.now(UTC), catalogue=digest)
    if output is not None:
        output.write_bytes(sign_report(report, target.signer()) + b"\n")
        complain(f"signed report: {output}")
    _tell(report, results, json_output=json_output)
    if report.failed:
        raise typer.Exit(EXIT_NO)


def _tell(report: TestReport, results: list[Result], *, json_output: bool) -> None:
    if json_output:
        emit_json(report.model_dump(mode="json"))
        return
    title = f"{report.target} at {report.endpoint}, tested by {report.tester} on {report.ended}"
    table(title, ("check", "what must hold", "outcome", "seen"), [_row(one) for one in results])
    say(", ".join(f"{number} {outcome}" for outcome, number in counts(results).items()))


def _row(one: Result) -> tuple[str, str, str, str]:
    return one.id, one.title, one.outcome.value, one.says


def _show_verified(file: Path, partner: str, as_side: Path | None, settings: Path | None, *, json_output: bool) -> None:
    """Verify a report under the keys that this side knows, and show it."""
    signed = file.read_bytes().strip()
    report = verify_report(signed, _known_keys(partner, as_side, settings))
    results = [Result(id=one.id, title=one.title, outcome=Outcome(one.outcome), says=one.says) for one in report.checks]
    _tell(report, results, json_output=json_output)
    complain(f"the signature is that of {report.tester}")
    if not report.passed:
        raise typer.Exit(EXIT_NO)


def _known_keys(partner: str, as_side: Path | None, settings: Path | None) -> Callable[[str], RegisteredKey | None]:
    if as_side is not None:
        side = read_testing_side(as_side).side
        known = {key.kid: key for key in (*side.others, *side.own.registered)}
        return known.get
    chosen_settings = settings_from(settings)
    every = load_catalogue(chosen_settings.root, cache=chosen_settings.cache).partners
    with open_gateway(settings) as gateway:
        lookups = [gateway.live_gate.report_key(PartnerCode(each)) for each in ([partner] if partner else every)]
    return lambda kid: next((key for key in (lookup(kid) for lookup in lookups) if key is not None), None)
