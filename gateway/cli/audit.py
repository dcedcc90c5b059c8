"""``sarhad audit``: does everything that is stored agree with the log, and a signed head of it."""

from __future__ import annotations

import typer

from gateway.bootstrap import verify_audit
from gateway.cli.logs import log_to_stderr
from gateway.cli.output import EXIT_NO, Json, emit_json, examples, family, say, table
from gateway.cli.state import SettingsFile, open_gateway, settings_from


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    audit = family("Audit: verify the log, sign checkpoints.")
    audit.command("verify", epilog=examples("sarhad audit verify --json"))(verify)
    audit.command("checkpoint", epilog=examples("sarhad audit checkpoint"))(checkpoint)
    audit.command("key", epilog=examples("sarhad audit key > gateway-log.vkey"))(key)
    app.add_typer(audit, name="audit")


def verify(settings: SettingsFile = None, json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Compare everything that is stored with the log.

    Every entry, checkpoint, body and immutable column; each that differs is named, and the exit code is 1.
    """
    log_to_stderr()
    found = verify_audit(settings_from(settings))
    if json_output:
        emit_json(found.as_json())
    else:
        report = found.report
        if report.faults:
            table("", ("place", "column", "code", "what is wrong"), [_row(fault.as_json()) for fault in report.faults])
        verdict = "everything agrees" if found.ok else f"{len(report.faults)} places do NOT agree with the log"
        say(f"{report.size} entries, {report.checkpointed} of them under a signed checkpoint: {verdict}")
    if not found.ok:
        raise typer.Exit(EXIT_NO)


def _row(fault: dict[str, str]) -> tuple[str, ...]:
    return (fault["place"], fault["column"], fault["code"], fault["message"])


def checkpoint(settings: SettingsFile = None) -> None:
    """Sign the head of the log and print the note."""
    with open_gateway(settings) as gateway:
        say(gateway.checkpoint().rstrip("\n"))


def key(settings: SettingsFile = None) -> None:
    """Print the public key of the log, which partners verify checkpoints with."""
    with open_gateway(settings) as gateway:
        say(gateway.partners.log.vkey)
