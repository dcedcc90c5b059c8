"""``sarhad demo``: a gateway and its partners on this machine, real HTTP between them, and a table of what happened."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.bootstrap import home_of
from gateway.cli.output import EXIT_NO, say, table
from gateway.cli.places import cache_folder, catalogue_of, data_root
from gateway.errors import DataFolderError
from gateway.simulator.story import partners_of, scenes_of
from gateway.simulator.telling import Teller, Told
from gateway.simulator.traffic import AFTER, BEFORE, WHILE, Rotated, Traffic, lanes_of
from gateway.simulator.world import World

MOST_LINES = 60
"""Most lines of the account that the demo prints."""


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("demo", epilog="Example: sarhad demo --no-serve --seed 7")(demo)


def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Keep running at the end, or exit.")] = True,  # noqa: FBT002
    seed: Annotated[int, typer.Option("--seed", min=1, help="The same seed tells the same story.")] = 1,
    state: Annotated[Path | None, typer.Option("--state", help="Folder for keys, databases and logs.")] = None,
) -> None:
    """Exchange messages with simulated partners, good and bad, both ways, and show what became of each."""
    signal.signal(signal.SIGTERM, _stop)
    root = data_root()
    catalogue = catalogue_of(root)
    partners = partners_of(catalogue)
    if not partners:
        raise DataFolderError("no partner has an agreement in force", remedy="see `sarhad agreement list`")
    home = home_of(catalogue)
    folder = state or Path(tempfile.mkdtemp(prefix="sarhad-demo-"))
    started = time.monotonic()
    say(f"starting the gateway of {home} and the simulated partner{'s' * (len(partners) > 1)} {', '.join(partners)}")
    settings = {
        "dispatch_seconds": "0.2",
        "examine_seconds": "0.2",
        "key_watch_seconds": "0.5",
        "key_lead_days": "0",  # nobody watches a demo for a week
    }
    cache = cache_folder(root)
    with World(root, folder, home=home, partners=partners, seed=seed, settings=settings, cache=cache) as world:
        teller = Teller(world, catalogue, seed)
        scenes = [scene for partner in partners for scene in scenes_of(catalogue, home, partner)]

        def progress(line: str) -> None:
            say(f"  {time.monotonic() - started:5.1f} s  {line}")

        told = teller.play(scenes, progress)
        rotated = Traffic(world, catalogue, seed).rotate_under(lanes_of(scenes), partners, progress)
        good = _show(world, teller, told, rotated)
        if serve:
            _keep_running(world)
    if state is None:
        shutil.rmtree(folder, ignore_errors=True)
    if not good:
        raise typer.Exit(EXIT_NO)


def _stop(_signal: int, _frame: object) -> None:
    """End as after Ctrl-C, so that no process of the small world is left behind."""
    raise KeyboardInterrupt


def _show(world: World, teller: Teller, told: list[Told], rotated: Rotated) -> bool:
    say()
    _show_table(told)
    _show_account(teller, told)
    _show_rotation(rotated)
    feed_good = _show_feed(world)
    log = world.verify_log()
    say(f"log: {log['size']} entries, {'verified' if log['ok'] else 'NOT sound'}: {len(log['problems'])} problems")
    unexpected = [one for one in told if not one.as_expected]
    for one in unexpected:
        say(f"NOT as expected: {one.scene.message_type}, {one.scene.title}: {one.status} {one.state} {one.why}")
    say(f"{len(told)} messages, {len(told) - len(unexpected)} ended as they should")
    return not unexpected and feed_good and bool(log["ok"]) and rotated.good


def _show_table(told: list[Told]) -> None:
    rows = [
        (
            str(number),
            f"{one.scene.partner} {one.scene.direction}",
            f"{one.scene.message_type}: {one.scene.title}",
            one.formats or one.scene.lodged or one.scene.format,
            one.clause,
            str(one.withheld or ""),
            one.losses,
            f"{one.state} ({one.status})",
            ("same receipt again" if one.same_receipt else "") or one.why,
        )
        for number, one in enumerate(told, 1)
    ]
    columns = ("", "way", "message", "format", "clause", "withheld", "losses", "end", "why")
    table("What became of each message", columns, rows)


def _show_rotation(rotated: Rotated) -> None:
    counted = (BEFORE, WHILE, AFTER, "old key", "new key", "lost", "refused")
    rows = [
        (f"{partner} {direction}", *(str(count[name]) for name in counted))
        for partner, direction, count in rotated.lanes()
    ]
    say()
    columns = ("way", BEFORE, WHILE, AFTER, "signed: old key", "signed: new key", "lost", "refused")
    table("Keys of both sides changed while messages went both ways", columns, rows)
    lost, refused = (sum(getattr(one, name) for one in rotated.passed) for name in ("lost", "refused"))
    say(f"keys changed under {len(rotated.passed)} messages: {lost or 'none'} lost, {refused or 'none'} refused")


def _show_account(teller: Teller, told: list[Told]) -> None:
    best = next((one for one in told if one.scene.lodged and one.exchange_id and one.as_expected), None)
    if best is None:
        return
    account: dict[str, Any] = (teller.exchange(best.exchange_id)["report"] or {}).get("account") or {}
    lines = account.get("source", [])
    rows = [
        (line["path"], line["fate"], line.get("loss") or "", line.get("to") or "", line.get("row") or "",
         line.get("reason") or "", str(line.get("count", "")))
        for line in sorted(lines, key=lambda line: (line["fate"] == "mapped", line["path"]))[:MOST_LINES]
    ]  # fmt: skip
    say()
    title = f"The account of {best.scene.lodged} to {best.scene.format} ({len(lines)} lines, {len(rows)} shown)"
    table(title, ("source leaf", "fate", "loss", "to", "row", "reason", "count"), rows)
    fates = account.get("counts", {}).get("fates", {})
    counts = ", ".join(f"{fate} {count}" for fate, count in sorted(fates.items()) if count)
    say(f"source leaves by fate: {counts}")


def _show_feed(world: World) -> bool:
    entries: list[dict[str, Any]] = []
    while True:
        after = entries[-1]["position"] if entries else 0
        page = world.get(f"/internal/v1/feeds/rms?after={after}&limit=500")["entries"]
        if not page:
            break
        entries += page
    kinds = Counter(entry["type"] for entry in entries)
    accepted = len(world.get("/internal/v1/exchanges?direction=inbound&state=concluded&limit=500")["exchanges"])
    listed = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    say(f"feed of the risk management system: {len(entries)} entries ({listed}), accepted messages: {accepted}")
    return len(entries) == accepted


def _keep_running(world: World) -> None:
    say()
    say(f"partner port {world.gateway_url}, internal port {world.internal_url} (for example /internal/v1/exchanges)")
    say("Ctrl-C ends it")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        say("stopping")
