"""A format as a tree for people: what ``sarhad formats NAME`` prints."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.formats.dictionary import PathEntry
from gateway.formats.format import Format


def describe(found: Format, *, depth: int | None = None, text: str = "") -> str:
    """One line a place: name, cardinality, WCO id (``?`` when unverified), type, code list, packages; nested by indent.

    Args:
        found: the format.
        depth: levels below the document element to show, None for all; a class that is cut says how much it holds.
        text: show only the places whose name, WCO id or documentation holds it, each with its whole path.
    """
    head = f"{found.name}  {found.head.title}" if found.head.title else found.name
    entries = found.dictionary()
    if text:
        lines = list(_matching(entries, text))
        return "\n".join([head, *(lines or ["nothing of the kind"])])
    return "\n".join([head, found.structure.root.key, *_tree(entries, depth)])


def _tree(entries: tuple[PathEntry, ...], depth: int | None) -> Iterator[str]:
    for at, entry in enumerate(entries):
        level, name = _level(entry)
        if depth is not None and level > depth:
            continue
        notes = _notes(entry)
        if depth is not None and level == depth and entry.kind == "class":
            notes.append(f"({_inside(entries, at)} places inside)")
        yield "  ".join([f"{'  ' * level}{name} {entry.cardinality}", *notes])


def _matching(entries: tuple[PathEntry, ...], text: str) -> Iterator[str]:
    wanted = text.casefold()
    for entry in entries:
        name = entry.path.rpartition("@" if entry.kind == "attribute" else "/")[2]
        if wanted in name.casefold() or wanted in entry.text.casefold() or wanted == entry.wco_id.casefold():
            yield "  ".join([f"  {entry.path} {entry.cardinality}", *_notes(entry), entry.text]).rstrip()


def _level(entry: PathEntry) -> tuple[int, str]:
    below_root = entry.path.startswith("/")
    level = 1 if below_root else entry.path.count("/") + 1
    name = entry.path.rpartition("/")[2]
    if entry.kind == "attribute":
        return level + (0 if below_root else 1), f"@{name.rpartition('@')[2]}"
    return level, name


def _notes(entry: PathEntry) -> list[str]:
    notes = (
        f"{entry.wco_id}{'' if entry.verified else '?'}" if entry.wco_id else "",
        entry.type,
        f"list {entry.code_list}" if entry.code_list else "",
        f"[{entry.packages}]" if entry.packages else "",
    )
    return [note for note in notes if note]


def _inside(entries: tuple[PathEntry, ...], at: int) -> int:
    prefix = f"{entries[at].path}/"
    inside = 0
    for entry in entries[at + 1 :]:
        if not entry.path.startswith(prefix):
            break
        inside += 1
    return inside
