"""Commands that let no request of one partner in, or let them in again: ``partner stop``, ``start``, ``stops``.

``dispatch stop`` is the other direction: what we deliver to a partner.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.catalogue import load_catalogue
from gateway.cli.output import Json, emit_json, examples, say, table
from gateway.cli.state import Operator, Reason, SettingsFile, open_gateway, operator_name, settings_from
from gateway.identifiers import PartnerCode
from gateway.ports import PartnerStanding

Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner.")]


def register(partner: typer.Typer) -> None:
    """Add these commands to ``partner``."""
    partner.command("stop", epilog=examples('sarhad partner stop xx --reason "its keys were stolen"'))(stop)
    partner.command("start", epilog=examples('sarhad partner start xx --reason "new keys are registered"'))(start)
    partner.command("stops", epilog=examples("sarhad partner stops"))(stops)


def stop(partner: Partner, reason: Reason, operator: Operator = None, settings: SettingsFile = None) -> None:
    """Serve no request of a partner any more.

    Each is answered 403 partner.stopped from the next one on, in every process on the database. What we deliver to it
    goes on; `sarhad dispatch stop` ends that.
    """
    _switch(settings, partner, stopped=True, operator=operator, reason=reason)


def start(partner: Partner, reason: Reason, operator: Operator = None, settings: SettingsFile = None) -> None:
    """Serve the requests of a partner again.

    Also those of one that is paused because it misbehaved. Running processes notice within five seconds.
    """
    _switch(settings, partner, stopped=False, operator=operator, reason=reason)


def stops(settings: SettingsFile = None, json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Show the partners whose requests are not served, or were not once."""
    with open_gateway(settings) as gateway:
        found = [_document(standing, datetime.now(UTC)) for standing in gateway.throttling.standings()]
    if json_output:
        for line in found:
            emit_json(line)
        return
    table(
        "Partners",
        ("partner", "is", "until", "since"),
        [[str(value or "") for value in line.values()] for line in found],
    )


def _switch(file: Path | None, partner: str, *, stopped: bool, operator: str | None, reason: str) -> None:
    settings = settings_from(file)
    load_catalogue(settings.root, cache=settings.cache).profile(partner)  # an unknown code stops nothing
    with open_gateway(file) as gateway:
        gateway.throttling.set_stopped(
            PartnerCode(partner), stopped=stopped, operator=operator_name(operator), reason=reason
        )
    say(f"requests of {partner} are {'refused' if stopped else 'served'}")


def _document(standing: PartnerStanding, now: datetime) -> dict[str, Any]:
    paused = standing.paused_until is not None and standing.paused_until > now
    return {
        "partner": standing.partner,
        "is": "stopped" if standing.stopped else "paused" if paused else "served",
        "until": _text(standing.paused_until) if paused else None,
        "since": _text(standing.changed_at),
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"
