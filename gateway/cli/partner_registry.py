"""``sarhad partner sign``: the registrar signs the rows of a partner's list, on a machine that needs no gateway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.adapters.durability import Durability
from gateway.adapters.partner_lists import CERTIFICATE_LISTS, KEY_LISTS
from gateway.adapters.registrar_desk import RegistrarDesk
from gateway.adapters.registrar_files import read_registrar_key
from gateway.cli.output import complain, examples, say

OVERLAP_DAYS = 37.0
"""The greatest age of a message, and `key_overlap_days` of the settings."""
AHEAD = timedelta(days=1)
"""How long a signed list may take to the gateway, where nothing else is said."""


class Kind(StrEnum):
    """Which list it is."""

    KEYS = "keys"
    CERTIFICATES = "certificates"


def register(partner: typer.Typer) -> None:
    """Add this command to the family ``partner``."""
    lines = (
        "sarhad partner sign their-keys.json --partner xx --kind keys --key registrar.pem -o signed.json",
        "sarhad partner sign new-keys.json --partner xx --kind keys --key registrar.pem --known in-force.json",
        "sarhad partner sign their-certificates.json --partner xx --kind certificates --key registrar.pem",
    )
    partner.command("sign", epilog=examples(*lines))(sign)


def sign(
    *,
    handed_over: Annotated[
        Path, typer.Argument(metavar="LIST", help="As the partner handed it over.", exists=True, dir_okay=False)
    ],
    partner: Annotated[str, typer.Option("--partner", metavar="CODE", help="Whose list it is.")],
    kind: Annotated[Kind, typer.Option("--kind", help="Which list it is.")],
    key: Annotated[
        Path, typer.Option("--key", metavar="FILE", help="The registrar's private key.", exists=True, dir_okay=False)
    ],
    passphrase_file: Annotated[
        Path | None, typer.Option("--passphrase-file", metavar="FILE", help="Of that key; none for a key without one.")
    ] = None,
    known: Annotated[
        list[Path] | None,
        typer.Option("--known", metavar="FILE", help="Key list in force, which this one carries on.", exists=True),
    ] = None,
    in_force: Annotated[
        datetime | None,
        typer.Option(
            "--in-force",
            metavar="TIME",
            help="With --known: when changes come into force, in UTC; a day from now if left out.",
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"],
        ),
    ] = None,
    overlap_days: Annotated[
        float, typer.Option("--overlap-days", metavar="N", min=0, help="How long a key left out is taken after that.")
    ] = OVERLAP_DAYS,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Else standard output.")] = None,
) -> None:
    """Sign each row of a partner's list, so that gateways count it.

    Compare the thumbprints with the partner before, by another way than the list came. Rows with a fault are refused.
    The list in force is `partner-keys/CODE.json` of the gateway's state; import the signed one before its changes come
    into force.
    """
    desk = RegistrarDesk(read_registrar_key(key, passphrase_file), partner)
    content = handed_over.read_bytes()
    if kind is Kind.KEYS and known:
        at = datetime.now(UTC) + AHEAD if in_force is None else in_force.replace(tzinfo=UTC)
        in_use = [(file.name, file.read_bytes()) for file in known]
        signed = desk.sign_renewed(content, in_use, at=at, overlap=timedelta(days=overlap_days))
        complain(f"changes come into force at {at:%Y-%m-%dT%H:%M:%SZ}: import the list before")
    elif known:
        raise typer.BadParameter("a certificate list replaces the one in force", param_hint="--known")
    else:
        signed = desk.sign(KEY_LISTS if kind is Kind.KEYS else CERTIFICATE_LISTS, content)
    if output is None:
        say(signed.decode("utf-8").rstrip("\n"))
    else:
        Durability().write_file(output, signed, mode=0o644)
