"""The business rules of the data folders as one book, checked against formats, code lists and schemes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.catalogue.folders import MAPPINGS, SCHEMAS, DataFolders, FaultList, fault_of
from gateway.codes.codelists import CodeList
from gateway.codes.identifier_schemes import IdentifierScheme
from gateway.errors import DataFolderError
from gateway.findings import Fault
from gateway.formats.format import Format
from gateway.formats.rule_grades import Grade
from gateway.validation.rule import Rule, Surroundings
from gateway.validation.rule_files import read_rules
from gateway.validation.rulebook import RuleBook

_PLACES = ((SCHEMAS, "rules/**/*.toml"), (MAPPINGS, "*/rules/*.toml"))


def load_rules(
    folders: DataFolders,
    formats: Mapping[str, Format],
    lists: Mapping[str, CodeList],
    schemes: Mapping[str, IdentifierScheme],
    faults: FaultList,
) -> RuleBook:
    """All rules of ``wco_schemas/rules`` and of the countries; none where there are no such files.

    Args:
        folders: the data folders.
        formats: all formats.
        lists: all code lists, by name.
        schemes: identifier schemes, by name.
        faults: takes what is wrong with the files.
    """
    rules: dict[str, Rule] = {}
    for folder, pattern in _PLACES:
        for path in folders.find(folder, pattern):
            file = folders.name(path)
            try:
                read, found = read_rules(folders.text(path), file)
            except DataFolderError as problem:
                faults.take([fault_of(problem, folders, file)])
                continue
            faults.take(found)
            for rule in read:
                if rule.id in rules:
                    faults.add(file, rule.id, "rule.duplicate", f"the rule stands in {rules[rule.id].file} too")
                elif folder == MAPPINGS and not rule.formats:
                    faults.add(file, rule.id, "rule.no-formats", "a country's rule names its formats")
                else:
                    rules[rule.id] = rule
    structures = tuple(one.structure for one in formats.values() if one.head.wco_package)
    return RuleBook(tuple(rules.values()), Surroundings(code_lists=lists, schemes=schemes, structures=structures))


def rule_faults(
    book: RuleBook,
    formats: Mapping[str, Format],
    lists: Mapping[str, CodeList],
    schemes: Mapping[str, IdentifierScheme],
) -> Iterator[Fault]:
    """What the rules name and the data folders do not have: formats, packages, lists, schemes, places.

    Args:
        book: all rules.
        formats: all formats.
        lists: all code lists, by name.
        schemes: identifier schemes, by name.
    """
    packages = {one.head.wco_package for one in formats.values()} - {""}
    for rule in book.rules:
        yield from _unknown(rule, "formats", rule.formats, formats)
        yield from _unknown(rule, "packages", rule.packages, packages)
        options = rule.options
        for key, known in (("list", lists), ("digits", lists), ("scheme", schemes)):
            yield from _unknown(rule, key, tuple(filter(None, (getattr(options, key, ""),))), known)
    yield from _placeless(book, formats)


def _unknown(rule: Rule, key: str, names: tuple[str, ...], known: object) -> Iterator[Fault]:
    for name in names:
        if name not in known:  # type: ignore[operator] # mappings and sets alike
            yield _fault(rule, "unknown-name", f"{key}: nothing is called {name!r}")


def _placeless(book: RuleBook, formats: Mapping[str, Format]) -> Iterator[Fault]:
    """Rules that look nowhere in any format: a misspelt place would otherwise switch a rule off in silence."""
    matched: set[str] = set()
    idle = book.rules
    for one in formats.values():
        plan = book.everywhere(idle).plan(one)  # a rule that one format puts to use is not looked for in the next
        matched |= plan.matched
        idle = tuple(rule for rule in idle if rule.id not in plan.used)
    for rule in idle:
        if rule.id not in matched:
            yield _fault(rule, "no-place", "at: no format that it is for has any of these places")
        else:
            yield _fault(rule, "no-use", "no place that it looks at has what its other keys name")


def _fault(rule: Rule, code: str, message: str) -> Fault:
    return Fault(file=rule.file, row=rule.id, code=f"rule.{code}", message=message)


def grade_faults(grades: Mapping[str, Grade], book: RuleBook, file: str) -> Iterator[Fault]:
    """Rules that a ``[rules]`` table names and nobody knows.

    Args:
        grades: what the table says.
        book: all rules.
        file: where the table stands.
    """
    known = {rule.id for rule in book.rules}
    for rule_id in grades:
        if rule_id not in known:
            message = f"no rule is called {rule_id!r}"
            yield Fault(file=file, row="rules", code="rule.unknown", message=message, remedy="see `sarhad rules`")
