"""The part of a table that names nothing undeclared: what can still be checked beside the faults of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.conversion.arguments import PointerArgument
from gateway.conversion.conditions import Fits
from gateway.conversion.model import Case, CaseTerm, Loop, Row, Template, letters_of
from gateway.conversion.notation.mentions import argument_paths, condition_paths, conditions_in
from gateway.conversion.notation.rows import Unfolded
from gateway.formats.paths import Path


def declared_part(found: Unfolded) -> Unfolded:
    """Rows, loops and cases without those that name a letter, case, template or part that is not declared.

    One fault must not hide another: the checks that follow look names up and take for granted that they are there.
    """
    templates = found.templates
    loops, cases = dict(found.loops), dict(found.cases)
    while True:
        kept = {name: loop for name, loop in loops.items() if _loop_stands(loop, loops, cases, templates)}
        standing = {name: case for name, case in cases.items() if _case_stands(case, kept, templates)}
        if len(kept) == len(loops) and len(standing) == len(cases):
            break
        loops, cases = kept, standing
    rows = [row for row in found.rows if _row_stands(row, loops, cases, templates)]
    return Unfolded(rows=rows, loops=loops, cases=cases, templates=templates)


def _loop_stands(
    loop: Loop, loops: Mapping[str, Loop], cases: Mapping[str, Case], templates: Mapping[str, Template]
) -> bool:
    named = {link.of for link in (loop.key, loop.linked) if link is not None}
    only = (loop.only,) if isinstance(loop.only, CaseTerm) else ()
    paths = [loop.national, loop.wco, *([loop.without_parent] if loop.without_parent is not None else [])]
    return named <= loops.keys() and _known(only, cases) and _paths_stand(paths, loops, templates)


def _case_stands(case: Case, loops: Mapping[str, Loop], templates: Mapping[str, Template]) -> bool:
    paths = [*condition_paths(case.national), *condition_paths(case.wco)]
    conditions = [*conditions_in(case.national), *conditions_in(case.wco)]
    fitted = {one.template for one in conditions if isinstance(one, Fits)}
    return fitted <= templates.keys() and _paths_stand(paths, loops, templates)


def _row_stands(
    row: Row, loops: Mapping[str, Loop], cases: Mapping[str, Case], templates: Mapping[str, Template]
) -> bool:
    paths = [path for path in (row.national, row.wco) if path is not None]
    pointed = {row.argument.loop} if isinstance(row.argument, PointerArgument) else set()
    return (
        pointed <= loops.keys()
        and _known(row.case, cases)
        and _paths_stand([*paths, *argument_paths(row.argument)], loops, templates)
    )


def _known(terms: Iterable[CaseTerm], cases: Mapping[str, Case]) -> bool:
    return all(term.name in cases for term in terms)


def _paths_stand(paths: Iterable[Path], loops: Mapping[str, Loop], templates: Mapping[str, Template]) -> bool:
    return all(set(letters_of(path)) <= loops.keys() and _part_stands(path, templates) for path in paths)


def _part_stands(path: Path, templates: Mapping[str, Template]) -> bool:
    template = templates.get(path.template)
    return not path.template or (template is not None and path.part in {part.name for part in template.parts})
