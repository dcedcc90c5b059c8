"""Commands about what was exchanged: ``exchange list|show`` and ``feed pull``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, TypeVar

import typer

from gateway.cli.output import EXIT_USAGE, Json, complain, emit_json, examples, family, say, table
from gateway.cli.state import SettingsFile, open_gateway, settings_from
from gateway.exchange.states import Direction, State
from gateway.pipeline.views import ExchangeSummary, ExchangeView, feed_entry_json

Choice = TypeVar("Choice", bound=StrEnum)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    exchange = family("Exchanges: what was sent and received, and what became of it.")
    exchange.command("list", epilog=examples("sarhad exchange list --direction outbound --state undelivered"))(list_all)
    exchange.command("show", epilog=examples("sarhad exchange show 0f6c2f0e5d3c4b7c8a1f2e3d4c5b6a79 --json"))(show)
    app.add_typer(exchange, name="exchange")
    feed = family("Feeds: accepted messages as the risk system reads them.")
    feed.command("pull", epilog=examples("sarhad feed pull rms --after 120 --limit 50"))(pull)
    app.add_typer(feed, name="feed")


def list_all(
    direction: Annotated[
        str | None, typer.Option("--direction", metavar="inbound|outbound", help="Only these.")
    ] = None,
    partner: Annotated[
        str | None, typer.Option("--partner", metavar="CODE", help="Only exchanges with this partner.")
    ] = None,
    state: Annotated[
        str | None, typer.Option("--state", metavar="STATE", help="Only exchanges that stand there.")
    ] = None,
    after: Annotated[str, typer.Option("--after", metavar="ID", help="Go on after this exchange.")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Most lines.")] = 100,
    settings: SettingsFile = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """List exchanges in order of opening."""
    way = None if direction is None else _chosen(Direction, direction)
    stands = None if state is None else _chosen(State, state)
    with open_gateway(settings) as gateway:
        found: list[ExchangeSummary] = []
        while page := gateway.exchanges(
            direction=way, partner=partner, state=stands, after=after, limit=limit - len(found)
        ):
            found += page
            after = page[-1].exchange.id
    lines = [one.as_json() for one in found]
    if json_output:
        for line in lines:
            emit_json(line)
        return
    names = ("id", "direction", "partner", "message_type", "agreement", "state", "opened_at", "changed_at")
    table("", [name.replace("_", " ") for name in names], [[str(line[name]) for name in names] for line in lines])
    if len(lines) == limit:
        say(f"there may be more: --after {lines[-1]['id']}")


def show(
    exchange_id: Annotated[str, typer.Argument(metavar="ID", help="Of `sarhad exchange list`.")],
    settings: SettingsFile = None,
    json_output: Json = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Show one exchange whole.

    Messages, receipts, changes of state, delivery attempts, what was withheld and lost.
    """
    with open_gateway(settings) as gateway:
        found = gateway.exchange(exchange_id)
    if json_output:
        emit_json(found.as_json())
    else:
        _show(found)


def _show(found: ExchangeView) -> None:
    whole = found.as_json()
    say(f"exchange {whole['id']}: {whole['direction']}, partner {whole['partner']}, {whole['message_type']}")
    say(f"agreement {whole['agreement'] or 'none'}; state {whole['state']} since {whole['changed_at']}")
    _table(
        "Messages", whole["messages"], ("message_id", "direction", "message_type", "format_name", "size", "stored_at")
    )
    _table("Receipts", whole["receipts"], ("message_key", "direction", "leaf_index", "at"))
    _table("Acknowledgements", whole["acknowledgements"], ("direction", "outcome", "at"))
    _table("Changes of state", whole["changes"], tuple(whole["changes"][0]) if whole["changes"] else ())
    _table("Attempts of delivery", whole["attempts"], tuple(whole["attempts"][0]) if whole["attempts"] else ())
    report = whole["report"]
    if report is None:
        return
    say(f"{report['source_format']} > {report['target_format']}, clause {report['clause'] or 'none'}")
    _table("Withheld", report["withheld"], ("path", "reason", "clause", "count"))
    _table("Findings", report["findings"], ("severity", "code", "path", "message"))
    if report["account"]:
        counts = report["account"]["counts"]
        say(f"source leaves by fate: {_counted(counts['fates'])}; by loss: {_counted(counts['losses'])}")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "none"


def _table(title: str, lines: list[dict[str, Any]], names: tuple[str, ...]) -> None:
    if lines:
        rows = [["" if line.get(name) is None else str(line[name]) for name in names] for line in lines]
        table(title, [name.replace("_", " ") for name in names], rows)


def pull(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The feed.")],
    after: Annotated[int, typer.Option("--after", min=0, metavar="N", help="Only entries after this position.")] = 0,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Most entries.")] = 500,
    settings: SettingsFile = None,
) -> None:
    """Print entries of a feed, one JSON document a line.

    In order; nothing is acknowledged.
    """
    chosen = settings_from(settings)
    with open_gateway(settings) as gateway:
        known = sorted({chosen.feed, *gateway.feeds.names()})
        if name not in known:
            complain(f"no such feed; there are: {', '.join(known)}")
            raise typer.Exit(EXIT_USAGE)
        while limit and (entries := gateway.feeds.page(name, after=after, limit=limit).entries):
            for entry in entries:
                emit_json(feed_entry_json(entry))
            after, limit = entries[-1].position, limit - len(entries)


def _chosen(kind: type[Choice], text: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        complain(f"{text!r} is none of {', '.join(one.value for one in kind)}")
        raise typer.Exit(EXIT_USAGE) from None
