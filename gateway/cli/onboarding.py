"""``sarhad partner new`` begins with a partner; ``sarhad partner live`` ends the tests with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gateway.adapters.durability import Durability
from gateway.adapters.transport import tls_folder
from gateway.bootstrap import own_key_list, set_up
from gateway.bootstrap.live_gate import read_liveness
from gateway.catalogue import load_catalogue
from gateway.catalogue.folders import PARTNERS
from gateway.cli.new_partner import NewPartner, handed_over, partner_files
from gateway.cli.output import EXIT_USAGE, complain, examples, say
from gateway.cli.state import Operator, SettingsFile, open_gateway, operator_name, settings_from
from gateway.conformance.kit import IDS
from gateway.errors import DataFolderError
from gateway.identifiers import PartnerCode
from gateway.partner.profile import read_profile
from gateway.settings import Settings

Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner.")]


def register(partner: typer.Typer) -> None:
    """Add these commands to the family ``sarhad partner``."""
    lines = (
        'sarhad partner new xx --name "Customs of Examplia" --endpoint https://gateway.customs.example',
        'sarhad partner new xx --name "Customs of Examplia" --way pull',
    )
    partner.command("new", epilog=examples(*lines))(new)
    endings = (
        "sarhad partner live xx --report xx-report.jws",
        'sarhad partner live xx --override "A. Person" --reason "agreed at the meeting of 3 March"',
        'sarhad partner live xx --stop --reason "their keys are being replaced"',
    )
    partner.command("live", epilog=examples(*endings))(live)


def new(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Short code, lower case; name of the folder.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the administration.")],
    endpoint: Annotated[
        str, typer.Option("--endpoint", metavar="URL", help="Base URL of its gateway, where it has one already.")
    ] = "",
    envelope: Annotated[
        Literal["jose", "xmldsig", "xades"], typer.Option("--envelope", help="Form of sealed messages.")
    ] = "jose",
    way: Annotated[
        Literal["push", "pull"], typer.Option("--way", help="Whether we deliver, or it collects its messages.")
    ] = "push",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="Folder of what is handed over; hand-over-CODE if none."),
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Begin with a new partner: its folder, a request for its keys, what it is handed, and a checklist.

    Every protection is on in the profile. What is there already is not written over.
    """
    chosen = settings_from(settings)
    wanted = NewPartner(code=code, name=name, endpoint=endpoint.rstrip("/"), envelope=envelope, way=way)
    files = partner_files(wanted)
    _require_sound(wanted, files["profile.toml"])
    folder = chosen.root / PARTNERS / code
    handed = output if output is not None else Path(f"hand-over-{code}")
    for place in (folder, handed):
        if place.exists():
            raise DataFolderError(
                "this is there already, and is not written over",
                path=str(place),
                remedy="take another code, or edit what is there",
                code="partner.exists",
            )
    _write(folder, files)
    (folder / "certificates").mkdir(exist_ok=True)
    _write(handed, _handed_over(chosen, wanted))
    say(f"{folder}: profile, README and CHECKLIST.md, which says what comes next")
    say(f"{handed}: give this to the partner, by a way that both sides trust")


def _require_sound(wanted: NewPartner, profile: str) -> None:
    if not wanted.name.isprintable():
        raise DataFolderError("a name has no line breaks or control characters", path="--name", code="partner.value")
    read, faults = read_profile(profile, code=wanted.code, file="profile.toml")
    if read is None:
        told = "; ".join(f"{fault.row}: {fault.message}" for fault in faults)
        raise DataFolderError(f"such a partner cannot be: {told}", path=wanted.code, code="partner.value")


def _handed_over(chosen: Settings, wanted: NewPartner) -> dict[str, str]:
    """Our public lists and the page that asks for theirs."""
    set_up(chosen)
    keys = own_key_list(chosen).decode("utf-8")
    certificates = tls_folder(chosen, Durability()).public_list().decode("utf-8")
    return handed_over(wanted, keys=keys, certificates=certificates)


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def live(
    partner: Partner,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Signed report of a run that passed.", exists=True),
    ] = None,
    override: Annotated[
        str, typer.Option("--override", metavar="NAME", help="Who answers for going live without a report.")
    ] = "",
    stop: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--stop", help="Take the partner back.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes into the log.")] = "",
    operator: Operator = None,
    settings: SettingsFile = None,
) -> None:
    """Let a partner go live, or take it back.

    It takes the signed report of a whole run that passed, signed by us or by the partner, not older than the setting
    live_report_days. Without one a named person answers for it. Either leaves an entry in the log; a running gateway
    follows at once.
    """
    if (report is not None) + bool(override) + stop != 1:
        complain("give one of --report, --override and --stop")
        raise typer.Exit(EXIT_USAGE)
    if (override or stop) and not reason.strip():
        complain("give --reason: it goes into the log")
        raise typer.Exit(EXIT_USAGE)
    chosen = settings_from(settings)
    load_catalogue(chosen.root, cache=chosen.cache).profile(partner)  # an unknown code goes nowhere
    code = PartnerCode(partner)
    with open_gateway(settings) as gateway:
        gate = gateway.live_gate
        if stop:
            gate.recall(code, operator=operator_name(operator), reason=reason)
            say(f"{partner} is not live any more")
        elif report is not None:
            signed = report.read_bytes().strip()
            gate.admit(code, signed, expected=IDS, operator=operator_name(operator), reason=reason)
            say(f"{partner} is live")
        else:
            gate.override(code, operator=override, reason=reason)
            say(f"{partner} is live without a report; {override} answers for it")
        if not gate.rules.enforced:
            say("the gate is not enforced here: see the setting live_gate")


def liveness_line(partner: str, settings: Path | None) -> str:
    """Whether a partner is live, in a line for ``sarhad partner show``."""
    chosen = settings_from(settings)
    enforced = "" if chosen.gate_enforced else "; not enforced here (setting live_gate, or the port is on loopback)"
    found = read_liveness(chosen, load_catalogue(chosen.root, cache=chosen.cache), PartnerCode(partner))
    if found is None:
        return f"no{enforced}"
    ground = f"report {found.report[:16]}" if found.report else "without a report"
    return f"since {found.since:%Y-%m-%dT%H:%M:%SZ} by {found.operator}, {ground}{enforced}"
