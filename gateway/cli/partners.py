"""``sarhad partner``: who is on the other side, by which profile, with which certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from gateway.adapters.durability import Durability
from gateway.adapters.transport import import_partner_certificates, partner_certificates, tls_folder
from gateway.bootstrap import set_up
from gateway.catalogue import Catalogue, load_catalogue
from gateway.cli import conformance, onboarding, partner_keys, partner_registry, partner_stop
from gateway.cli.output import Json, emit_json, examples, family, say, table
from gateway.cli.places import catalogue_of, data_root
from gateway.cli.state import SettingsFile, settings_from
from gateway.partner.profile import PartnerProfile
from gateway.security.certificates import read_certificate
from gateway.security.pinlist import ListedCertificate

Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="Code of the partner.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    partner = family("Partners: their profiles and keys.")
    partner.command("list", epilog=examples("sarhad partner list"))(list_all)
    partner.command("show", epilog=examples("sarhad partner show xx"))(show)
    partner_keys.register(partner)
    onboarding.register(partner)
    conformance.register(partner)
    partner_stop.register(partner)
    partner_registry.register(partner)
    lines = (
        "sarhad partner certificates > our-certificates.json",
        "sarhad partner certificates xx",
        "sarhad partner certificates xx --import their-certificates.json",
    )
    partner.command("certificates", epilog=examples(*lines))(certificates)
    app.add_typer(partner, name="partner")


def list_all(json_output: Json = False) -> None:  # noqa: FBT002 - a flag of the command line
    """List all partners."""
    catalogue = _catalogue()
    lines = [
        {
            "partner": code,
            "name": profile.name,
            "roles": sorted(profile.roles),
            "endpoint": profile.channel.endpoint,
            "agreements": sorted({one.label for one in catalogue.agreements_with(code)}),
        }
        for code, profile in sorted(catalogue.partners.items())
    ]
    _show("", ("partner", "name", "roles", "endpoint", "agreements"), lines, json_output=json_output)


def show(
    partner: Partner,
    settings: SettingsFile = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show one partner's profile."""
    catalogue = _catalogue()
    profile = catalogue.profile(partner)
    members = profile.model_dump(mode="json")
    if json_output:
        emit_json(members)
        return
    table(f"{profile.name} ({profile.code})", ("setting", "value"), [*_flat(members)])
    agreements = ", ".join(sorted(one.label for one in catalogue.agreements_with(partner)))
    say(f"agreements: {agreements or 'none'}")
    say(f"switched off: {', '.join(profile.security.switched_off) or 'nothing'}")
    say(f"live: {onboarding.liveness_line(partner, settings)}")


def certificates(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Ours are printed without it.")] = "",
    certificate_list: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE",
            help="Certificate list that the partner handed over by a trusted way.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    settings: SettingsFile = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show our TLS certificates or a partner's, or take in new ones.

    A connection is known by the SHA-256 of its certificate; compare it with the partner by another way.
    """
    chosen = settings_from(settings)
    set_up(chosen)
    if not partner:
        ours = tls_folder(chosen, Durability()).public_list()
        if json_output:
            emit_json(orjson.loads(ours))
        else:
            say(ours.decode("utf-8").rstrip("\n"))
        return
    profile = load_catalogue(chosen.root, cache=chosen.cache).profile(partner)
    if certificate_list is not None:
        import_partner_certificates(chosen, partner, certificate_list.read_bytes())
    _show_certificates(profile, partner_certificates(chosen, profile), json_output=json_output)


def _show_certificates(profile: PartnerProfile, found: tuple[ListedCertificate, ...], *, json_output: bool) -> None:
    lines = [
        {
            "x5t#S256": listed.pin.thumbprint,
            "state": listed.pin.lifecycle.changes[-1].state.value,
            "since": f"{listed.pin.lifecycle.changes[-1].since:%Y-%m-%dT%H:%M:%SZ}",
            "ends": f"{read_certificate(listed.der).not_after:%Y-%m-%dT%H:%M:%SZ}" if listed.der else "",
        }
        for listed in found
    ]
    _show(f"Certificates of {profile.name}", ("x5t#S256", "state", "since", "ends"), lines, json_output=json_output)


def _show(title: str, columns: tuple[str, ...], lines: Sequence[Mapping[str, Any]], *, json_output: bool) -> None:
    if json_output:
        for line in lines:
            emit_json(line)
        return
    table(title, columns, [[_text(line[column]) for column in columns] for line in lines])


def _flat(members: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in members.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", _text(value)))
    return rows


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _catalogue() -> Catalogue:
    root = data_root()
    return catalogue_of(root)
