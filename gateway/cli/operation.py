"""Commands of the operator: ``run`` serves, ``dispatch`` looks after the lanes, ``bench`` measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.api.serving import serve
from gateway.bootstrap import build_gateway, set_up
from gateway.catalogue import load_catalogue
from gateway.cli.logs import log_to_stderr
from gateway.cli.output import Json, emit_json, examples, family, say, table
from gateway.cli.places import data_root
from gateway.cli.state import Operator, Reason, SettingsFile, open_gateway, operator_name, settings_from
from gateway.errors import NotFound
from gateway.pipeline.views import lane_json


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("run", epilog=examples("sarhad run --settings gateway.toml", "sarhad run --sandbox"))(run)
    dispatch = family("Dispatch: lanes, dead letters and the kill switch.")
    dispatch.command("list", epilog=examples("sarhad dispatch list"))(list_all)
    dispatch.command("redrive", epilog=examples('sarhad dispatch redrive ID --reason "the partner is back"'))(redrive)
    dispatch.command("stop", epilog=examples('sarhad dispatch stop xx --reason "asked by the partner"'))(stop)
    dispatch.command("start", epilog=examples('sarhad dispatch start xx --reason "asked by the partner"'))(start)
    app.add_typer(dispatch, name="dispatch")
    app.command("bench", epilog=examples("sarhad bench", "sarhad bench envelope"))(bench)


def run(
    sandbox: Annotated[  # noqa: FBT002 - a flag of the command line
        bool,
        typer.Option("--sandbox", help="Serve the sandbox beside it: keys, state, log and ports (+100) of its own."),
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Serve both ports and the dispatcher.

    It runs until SIGTERM or Ctrl-C. The first start makes the state folder, the keys and the database; later
    starts find them.
    """
    log_to_stderr()
    chosen = settings_from(settings, realm="sandbox") if sandbox else settings_from(settings)
    set_up(chosen)
    with build_gateway(chosen) as gateway:

        def tell(partner_port: str, internal_port: str) -> None:
            realm = " (sandbox)" if chosen.realm == "sandbox" else ""
            say(f"serving for {gateway.home}{realm}: partner port {partner_port}, internal port {internal_port}")

        serve(gateway, chosen, on_ready=tell)


def list_all(settings: SettingsFile = None, json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Show what is due and what waits for a person."""
    with open_gateway(settings) as gateway:
        lanes, letters = gateway.lanes(), gateway.dead_letters()
    if json_output:
        for lane in lanes:
            emit_json({"lane": lane.lane} | lane_json(lane))
        for letter in letters:
            emit_json({"dead_letter": letter.id} | letter.as_json())
        return
    rows = [
        (
            lane.lane,
            str(lane.due),
            str(lane.parked),
            "stopped" if lane.stopped else "blocked" if lane.blocked else "open",
            str(lane.failures),
            "" if lane.retry_at is None else f"{lane.retry_at:%Y-%m-%dT%H:%M:%SZ}",
        )
        for lane in lanes
    ]
    table("Lanes", ("lane", "due", "waits for a person", "is", "failures", "next try"), rows)
    found = [letter.as_json() for letter in letters]
    names = ("id", "kind", "lane", "exchange_id", "reason", "attempts", "at")
    table("Waits for a person", names, [[str(line[name] or "") for name in names] for line in found])


def redrive(
    letter: Annotated[str, typer.Argument(metavar="ID", help="Of `sarhad dispatch list`.")],
    reason: Reason,
    operator: Operator = None,
    settings: SettingsFile = None,
) -> None:
    """Make a dead letter due again.

    Also a quarantined message. The same message goes, with the same bytes.
    """
    with open_gateway(settings) as gateway:
        gateway.redrive(letter, operator=operator_name(operator), reason=reason)
    say(f"{letter} is due again")


def stop(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner.")],
    reason: Reason,
    operator: Operator = None,
    settings: SettingsFile = None,
) -> None:
    """Deliver nothing more to a partner: the kill switch."""
    _switch(settings, partner, stopped=True, operator=operator, reason=reason)


def start(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner.")],
    reason: Reason,
    operator: Operator = None,
    settings: SettingsFile = None,
) -> None:
    """Deliver to a partner again."""
    _switch(settings, partner, stopped=False, operator=operator, reason=reason)


def _switch(file: Path | None, partner: str, *, stopped: bool, operator: str | None, reason: str) -> None:
    settings = settings_from(file)
    load_catalogue(settings.root, cache=settings.cache).profile(partner)  # an unknown code stops nothing
    with open_gateway(file) as gateway:
        gateway.set_stopped(partner, stopped=stopped, operator=operator_name(operator), reason=reason)
    say(f"delivery to {partner} is {'stopped' if stopped else 'open'}")


def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Benchmarks; all without it.")] = None,
) -> None:
    """Run the benchmarks of the folder benchmarks."""
    root = data_root()
    if not (root / "benchmarks" / "__main__.py").is_file():
        raise NotFound("the folder benchmarks is not part of this installation", code="usage.no-benchmarks")
    command = [sys.executable, "-m", "benchmarks", *(names or ())]
    raise typer.Exit(subprocess.run(command, cwd=root, check=False).returncode)  # noqa: S603 - our own interpreter
