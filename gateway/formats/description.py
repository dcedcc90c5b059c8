"""A format as a tree for people: what ``sarhad formats NAME`` prints and reference pages show."""

from __future__ import annotations

from gateway.formats.dictionary import PathEntry
from gateway.formats.format import Format


def describe(found: Format) -> str:
    """One line a place: name, cardinality, WCO id (``?`` when unverified), type, code list; indented as nested."""
    head = f"{found.name}  {found.head.title}" if found.head.title else found.name
    return "\n".join([head, found.structure.root.key, *(_line(entry) for entry in found.dictionary())])


def _line(entry: PathEntry) -> str:
    below_root = entry.path.startswith("/")
    depth = 1 if below_root else entry.path.count("/") + 1
    name = entry.path.rpartition("/")[2]
    if entry.kind == "attribute":
        name = f"@{name.rpartition('@')[2]}"
        depth += 0 if below_root else 1
    notes = (
        f"{entry.wco_id}{'' if entry.verified else '?'}" if entry.wco_id else "",
        entry.type,
        f"list {entry.code_list}" if entry.code_list else "",
    )
    return "  ".join([f"{'  ' * depth}{name} {entry.cardinality}", *(note for note in notes if note)])
