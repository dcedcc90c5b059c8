"""Lists that several loops share out: every entry has one loop, and every leaf a row in each of these loops."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.conversion.check.coverage import covered_by_path, leaf_paths, loop_leaves, paths_beside
from gateway.conversion.model import Loop, Row, Table, letters_of
from gateway.findings import Fault
from gateway.formats.paths import Path
from gateway.formats.structure import Structure


def split_lists(table: Table, national: Structure) -> Iterator[Fault]:
    """Entries of a national list, or leaves of them, that no loop or row takes on the way to WCO."""
    if "to-wco" not in table.ways:
        return
    by_list: dict[str, list[Loop]] = {}
    for loop in table.loops.values():
        by_list.setdefault(loop.national.general, []).append(loop)
    for general, loops in by_list.items():
        if not any(loop.only for loop in loops):
            continue
        if _leaves_entries(loops):
            yield Fault(
                file=loops[0].file or table.head_file,
                row=f"loops.{loops[0].name}",
                code="mapping.list-not-covered",
                message=f"only the first entry of {general} has a loop",
                remedy='add a loop with only = "others", with its rows or a drop',
            )
        if len(loops) > 1:
            yield from _leaves_without_row(table, national, general, loops)


def shared_classes(table: Table) -> Iterator[Fault]:
    """WCO classes that two loops fill although nothing tells their entries apart on the way back."""
    if "from-wco" not in table.ways:
        return
    read = {
        letter for row in table.rows if row.acts("from-wco") and row.verb != "drop" for letter in letters_of(row.wco)
    }
    by_class: dict[str, list[Loop]] = {}
    for loop in table.loops.values():
        if loop.name in read:
            by_class.setdefault(loop.wco.qualified, []).append(loop)
    for qualified, loops in by_class.items():
        whole = next((loop for loop in loops if not loop.only), None)
        if len(loops) < 2 or whole is None:
            continue
        other = next(loop for loop in loops if loop is not whole)
        yield Fault(
            file=other.file or table.head_file,
            row=f"loops.{other.name}",
            code="mapping.entries-taken-twice",
            message=f"on the way back the loops {whole.name} and {other.name} both take the entries of {qualified}",
            remedy="tell them apart by braces, or by a case under only whose WCO side can be decided",
        )


def _leaves_entries(loops: list[Loop]) -> bool:
    """Whether the first entry is taken and nothing says what becomes of the others."""
    return all(loop.only == "first" and loop.at_most != 1 for loop in loops)


def _leaves_without_row(table: Table, national: Structure, general: str, loops: list[Loop]) -> Iterator[Fault]:
    leaves = [
        leaf for leaf in leaf_paths(national) if leaf == general or leaf.startswith((f"{general}/", f"{general}@"))
    ]
    for loop in loops:
        homes = set(loop_leaves(loop, "national"))
        for other in table.loops.values():
            if _letter_at(other.national, general) == loop.name:
                homes |= set(loop_leaves(other, "national"))
        for row in table.rows:
            homes |= set(_covered(row, general, loop, national))
        for leaf in leaves:
            if leaf not in homes:
                yield Fault(
                    file=table.rows_file,
                    row=leaf,
                    code="mapping.leaf-without-row-in-a-loop",
                    message=f"{leaf} has no row for the entries of loop {loop.name}, and none drops it there",
                    remedy=f"give it a row with the letter {loop.name}, or a drop with the reason",
                )


def _covered(row: Row, general: str, loop: Loop, national: Structure) -> Iterator[str]:
    """Leaves that a row gives a home among the entries of one loop; a drop without a letter speaks for all."""
    if not (row.acts("to-wco") or row.way != "both"):
        return
    own = row.national
    for path in [*([own] if own is not None else []), *paths_beside(row, "national")]:
        letter = _letter_at(path, general)
        if letter is None or letter not in (loop.name, ""):
            continue
        yield from covered_by_path(path, national)
        if row.verb == "drop":
            yield from (leaf for leaf in leaf_paths(national) if leaf.startswith(f"{path.general}/"))


def _letter_at(path: Path, general: str) -> str | None:
    """The letter that a path has at a list; empty where it has none, None where it does not lead there."""
    names = "/".join(step.name for step in path.steps)
    if names == general or names.startswith(f"{general}/"):
        step = path.steps[general.count("/")]
        return step.loop.rpartition(".")[2] if step.loop else ""
    return "" if general.startswith(f"{names}/") else None
