"""``sarhad partner keys``: our keys and the partners', how they stand, how they are changed.

Without a further word it shows or imports lists, as it always did: ``keys``, ``keys xx``, ``keys xx --import FILE``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from typer.core import TyperGroup

from gateway.bootstrap import Act, KeyKeeping, digest_of, ensure_set_up, own_key_list, partner_keys, require_lead
from gateway.catalogue import load_catalogue
from gateway.cli.output import Json, complain, emit_json, examples, say, table
from gateway.cli.state import Operator, Reason, SettingsFile, operator_name, settings_from
from gateway.errors import DataFolderError
from gateway.security.expiry import Expiry, key_expiries
from gateway.security.keys import RegisteredKey
from gateway.security.lifecycle import Lifecycle
from gateway.settings import Settings

ROTATED_BY_DEFAULT = ("sig", "enc")

_PLAIN = "show"


class _ListsWithoutAWord(TyperGroup):
    """A group whose arguments go to one of its commands when they do not begin with the name of any."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Split the words into the command and its arguments."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_PLAIN, *args]
        return super().parse_args(ctx, args)


def register(partner: typer.Typer) -> None:
    """Add these commands to the family ``partner``."""
    keys = typer.Typer(
        cls=_ListsWithoutAWord,
        help="Keys, ours and the partners': show and import lists, rotate, revoke.",
        add_completion=False,
        rich_markup_mode=None,
        epilog=examples("sarhad partner keys xx --import their-keys.json"),
    )
    lines = (
        "sarhad partner keys > our-keys.json           our own public keys, to hand to partners",
        "sarhad partner keys xx                        what we know of xx",
        "sarhad partner keys xx --import their-keys.json",
    )
    keys.command(_PLAIN, epilog=examples(*lines))(show)
    keys.command("list", epilog=examples("sarhad partner keys list --all"))(list_all)
    rotations = (
        "sarhad partner keys rotate                    sig and enc, first used after the days that are set",
        "sarhad partner keys rotate --use sig --days 14",
        'sarhad partner keys rotate --use sig --now --reason "the machine was stolen"',
    )
    keys.command("rotate", epilog=examples(*rotations))(rotate)
    line = 'sarhad partner keys revoke xx-sig-202601-1 --partner xx --reason "told by telephone and letter"'
    keys.command("revoke", epilog=examples(line))(revoke)
    partner.add_typer(keys, name="keys")


def show(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Ours are printed without it.")] = "",
    key_list: Annotated[
        Path | None,
        typer.Option(
            "--import",
            metavar="FILE",
            help="Key list that the partner handed over by a trusted way.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    operator: Operator = None,
    settings: SettingsFile = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show our public keys or a partner's, or take in new ones; this is what `keys` alone does.

    Compare the fingerprints with the partner by another way (telephone, letter) before anything is exchanged. Keys that
    a newer list leaves out are kept for the evidence that they signed; no list takes back what has come to pass.
    """
    chosen = settings_from(settings)
    ensure_set_up(chosen)
    if not partner:
        ours = own_key_list(chosen)
        if json_output:
            emit_json(orjson.loads(ours))
        else:
            say(ours.decode("utf-8").rstrip("\n"))
        return
    catalogue = load_catalogue(chosen.root, cache=chosen.cache)
    profile = catalogue.profile(partner)
    if key_list is not None:
        content = key_list.read_bytes()
        act = Act(operator=operator_name(operator), reason=f"SHA-256 {digest_of(content)}")
        KeyKeeping(chosen, catalogue).take_in(profile, content, act)
    _show(f"Keys of {profile.name}", partner_keys(chosen, profile), None, json_output=json_output)


def list_all(
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="Ours are listed without it.")] = "",
    everybody: Annotated[bool, typer.Option("--all", help="Ours and those of all partners.")] = False,  # noqa: FBT002
    settings: SettingsFile = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List keys with their dated states, and warn of those that end within 90, 30, 7 or 1 days."""
    chosen = _ready(settings)
    keeping = _keeping(chosen)
    life = timedelta(days=chosen.key_life_days)
    if everybody:
        _show("Our keys", keeping.ours(), life, json_output=json_output)
        _show("Keys of partners", keeping.all_partners(), None, json_output=json_output)
        for fault in keeping.suspended():
            complain(f"warning: {fault.path}: {fault.message}")
    elif partner:
        profile = load_catalogue(chosen.root, cache=chosen.cache).profile(partner)
        _show(f"Keys of {profile.name}", partner_keys(chosen, profile), None, json_output=json_output)
    else:
        _show("Our keys", keeping.ours(), life, json_output=json_output)


def rotate(
    *,
    use: Annotated[
        list[str] | None,
        typer.Option("--use", metavar="sig|enc|token|http", help="Which key, once or more often; else sig and enc."),
    ] = None,
    first_use: Annotated[
        str, typer.Option("--first-use", metavar="TIME", help="When the new key takes over: a day or a time, in UTC.")
    ] = "",
    days: Annotated[
        float | None, typer.Option("--days", metavar="N", min=0, help="The same, in days from now.")
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="As soon as all processes know it; a key that waits takes over.")
    ] = False,
    algorithm: Annotated[
        str, typer.Option("--alg", metavar="ALG", help="Algorithm of the new key; else that of the old one.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes into the log.")] = "rotation",
    operator: Operator = None,
    settings: SettingsFile = None,
    json_output: Json = False,
) -> None:
    """Make new keys of ours that take over on a day, and let the old ones retire.

    Hand our key list to all partners afterwards. Old signing keys verify, and old decryption keys open, until nothing
    that was made with them can still be under way. A running gateway changes over by itself.
    """
    chosen = _ready(settings)
    keeping = _keeping(chosen)
    act = Act(operator=operator_name(operator), reason=reason)
    at = datetime.now(UTC)
    uses = tuple(dict.fromkeys(use or ROTATED_BY_DEFAULT))
    when = _first_use(chosen, keeping, at, first_use, days, now=now)
    made = [
        keeping.rotate(one, keeping.soonest(at) if one == "token" else when, act, algorithm=algorithm, sooner=now)
        for one in uses
    ]
    _show("New keys", made, None, json_output=json_output)
    if not json_output and set(uses) != {"token"}:
        say("hand the new list to every partner: sarhad partner keys > our-keys.json")


def revoke(
    kid: Annotated[str, typer.Argument(metavar="KID", help="Id of the key.")],
    reason: Reason,
    partner: Annotated[str, typer.Option("--partner", metavar="CODE", help="Whose key it is; ours without it.")] = "",
    operator: Operator = None,
    settings: SettingsFile = None,
) -> None:
    """Mark a key as compromised: what comes with it from now on is refused; what was received before stays evidence."""
    chosen = _ready(settings)
    keeping = _keeping(chosen)
    act = Act(operator=operator_name(operator), reason=reason)
    if partner:
        profile = load_catalogue(chosen.root, cache=chosen.cache).profile(partner)
        keeping.revoke_of(profile, kid, act)
        say(f"{kid} of {partner} is marked as compromised")
        return
    others = keeping.revoke(kid, act)
    say(f"{kid} is marked as compromised; tell every partner, and hand the new list over")
    if not others:
        complain("no other key can do its work now: make one with `sarhad partner keys rotate --now`")


def _ready(file: Path | None) -> Settings:
    """The settings of a gateway that is set up, made so where it was not."""
    chosen = settings_from(file)
    ensure_set_up(chosen)
    return chosen


def _keeping(chosen: Settings) -> KeyKeeping:
    return KeyKeeping(chosen, load_catalogue(chosen.root, cache=chosen.cache))


def _first_use(
    chosen: Settings, keeping: KeyKeeping, at: datetime, text: str, days: float | None, *, now: bool
) -> datetime:
    """When a new key takes over; never before every process of ours has it."""
    if sum((bool(text), days is not None, now)) > 1:
        raise typer.BadParameter("--first-use, --days and --now exclude each other")
    soonest = keeping.soonest(at)
    if now:
        return soonest
    lead = timedelta(days=chosen.key_lead_days if days is None else days)
    wanted = _time(text) if text else at + lead
    require_lead(chosen, at, wanted)
    return max(wanted, soonest)


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise DataFolderError(
            "the first use is neither a day nor a time",
            path="first-use",
            code="usage.time",
            remedy="write 2026-01-31 or 2026-01-31T08:00:00Z",
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Line:
    key: RegisteredKey
    expiry: Expiry
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """One key, flat; ``state`` is that of now, ``states`` the whole course."""
        key, changes = self.key, self.key.lifecycle.changes
        left = self.expiry.days_left(self.at)
        past = key.lifecycle.until(self.at) or changes[:1]
        return {
            "kid": key.kid,
            "owner": key.owner,
            "use": key.use,
            "alg": key.key.alg,
            "state": self.expiry.state.value,
            "since": f"{past[-1].since:%Y-%m-%dT%H:%M:%SZ}",
            "states": [[change.state.value, f"{change.since:%Y-%m-%dT%H:%M:%SZ}"] for change in changes],
            "ends": "" if self.expiry.ends is None else f"{self.expiry.ends:%Y-%m-%dT%H:%M:%SZ}",
            "days_left": None if left is None else round(left, 1),
            "warning_days": self.expiry.warned_at(self.at),
            "thumbprint": key.key.thumbprint,
        }


def _show(title: str, keys: Iterable[RegisteredKey], life: timedelta | None, *, json_output: bool) -> None:
    at, keys = datetime.now(UTC), tuple(keys)
    lines = [_Line(key, expiry, at) for key, expiry in zip(keys, key_expiries(keys, at, life=life), strict=True)]
    if json_output:
        for line in lines:
            emit_json(line.as_json())
        return
    columns: dict[str, Callable[[_Line], str]] = {
        "kid": lambda line: line.key.kid,
        "owner": lambda line: line.key.owner,
        "use": lambda line: line.key.use,
        "alg": lambda line: line.key.key.alg,
        "state": lambda line: line.expiry.state.value,
        "course": lambda line: _course(line.key.lifecycle),
        "thumbprint": lambda line: line.key.key.thumbprint,
    }
    table(title, tuple(columns), [[cell(line) for cell in columns.values()] for line in lines])
    for line in lines:
        reached, left = line.expiry.warned_at(at), line.expiry.days_left(at)
        if reached is not None and left is not None:
            ended = "has ended" if left < 0 else f"ends in {left:.0f} days"
            complain(f"warning ({reached} days): {line.key.kid} of {line.key.owner} {ended}")


def _course(lifecycle: Lifecycle) -> str:
    steps = [f"{change.state.value} {change.since:%Y-%m-%d %H:%M}" for change in lifecycle.changes]
    if lifecycle.not_after is not None:
        steps.append(f"last day {lifecycle.not_after:%Y-%m-%d %H:%M}")
    return ", ".join(steps)
