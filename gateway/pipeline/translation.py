"""Translating a message outside any exchange: another syntax, the canonical form, another national form.

The same readers, mappings and judges as in an exchange, without permission and release: for officers and developers who
want to see what a message becomes. Nothing is stored and nothing leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.catalogue.formats import is_canonical
from gateway.catalogue.model import Catalogue
from gateway.conversion.account import Account, SourceLine, TargetLine, chain
from gateway.conversion.mapping import Conversion
from gateway.conversion.model import Direction
from gateway.conversion.run import ConversionContext
from gateway.errors import NotFound
from gateway.findings import Finding, Layer, Severity, has_errors
from gateway.formats.format import Format
from gateway.formats.renaming import Renamed, canonical_name, canonical_names, rename
from gateway.formats.tree import Tree, general_path, leaves
from gateway.validation.verdict import Verdict, verdict

SYNTAXES = ("json", "xml")
"""Targets that name a syntax: the same message, written the other way."""

CANONICAL = "canonical"
"""The target that names whatever canonical format the message belongs to."""

_EMPTY = "an empty element says nothing"
_FIXED = "the format fixes this value"


@dataclass(frozen=True, slots=True)
class Translation:
    """What a translation gave.

    Attributes:
        data: the document, None when an error stands among the findings.
        source: format of the message, empty when it could not be read at all.
        target: format of the document.
        findings: of reading, conversion and the target's schema.
        account: what became of every leaf, None where the message could not be read.
    """

    data: bytes | None
    source: str
    target: str
    findings: tuple[Finding, ...]
    account: Account | None


@dataclass(frozen=True, slots=True)
class _Step:
    """A message on its way, with what was said of it so far."""

    form: Format
    tree: Tree
    findings: tuple[Finding, ...] = ()
    account: Account | None = field(default=None)

    def then(self, form: Format, tree: Tree, findings: Sequence[Finding], account: Account) -> _Step:
        """The message after one more conversion."""
        whole = account if self.account is None else chain(self.account, account)
        return _Step(form, tree, (*self.findings, *findings), whole)


def translate(
    catalogue: Catalogue, data: bytes, source: str | None, target: str, context: ConversionContext
) -> Translation:
    """Translate a message.

    Args:
        catalogue: the data folders.
        data: the message.
        source: its format, None to recognise it.
        target: a format, `CANONICAL`, or one of `SYNTAXES`.
        context: what the mappings may ask of an exchange.

    Raises:
        UnknownFormat: no format has the name given as source or target.
        NotFound: no mappings lead from the one to the other.
        GatewayError: the message has no such syntax.
    """
    wanted = None if target in (*SYNTAXES, CANONICAL) else catalogue.formats.get(target)
    judged = verdict(catalogue.formats, data, source, rules=catalogue.rules)
    if judged.tree is None or not judged.valid:
        return Translation(None, judged.format, target, judged.findings, None)
    form = catalogue.formats.get(judged.format)
    if target == CANONICAL:
        wanted = _canonical_for(catalogue, form, judged.tree)
    if wanted is None or wanted.name == form.name:
        return _same(form, judged, judged.tree, target)
    step = _to_canonical(catalogue, _Step(form, judged.tree, judged.findings), wanted, context)
    if not has_errors(step.findings) and step.form.name != wanted.name:
        step = _from_canonical(catalogue, step, wanted, context)
    findings = step.findings if has_errors(step.findings) else (*step.findings, *wanted.judge(step.tree))
    written = None if has_errors(findings) else wanted.write(step.tree)
    return Translation(written, form.name, wanted.name, findings, step.account)


def _canonical_for(catalogue: Catalogue, form: Format, tree: Tree) -> Format:
    """The canonical format of one message: of a profile's several by what the message is."""
    name = canonical_name(form.head, tree)
    return catalogue.formats.get(name) if name else catalogue.canonical_of(form.name)


def _same(form: Format, judged: Verdict, tree: Tree, target: str) -> Translation:
    """The same message in another syntax: every leaf goes to its own place."""
    syntax = target if target in SYNTAXES else form.structure.syntax
    written = form.to_json(tree) if syntax == "json" else form.to_xml(tree)
    counted = Counter(general_path(path) for path, _ in leaves(tree))
    return Translation(written, form.name, form.name, judged.findings, _plain_account(form.name, form.name, counted))


def _to_canonical(catalogue: Catalogue, step: _Step, wanted: Format, context: ConversionContext) -> _Step:
    """The message in the canonical form that the wanted format belongs to."""
    if wanted.name in canonical_names(step.form.head):
        return _renamed(catalogue, step, wanted)
    canonical = catalogue.canonical_of(wanted.name)
    if step.form.name == canonical.name:
        return step
    if canonical.name in canonical_names(step.form.head):
        return _renamed(catalogue, step, canonical)
    if is_canonical(step.form):
        raise _no_way(step.form.name, wanted.name)
    mapping = catalogue.mapping(step.form.name, "to-wco")
    if mapping.wco != canonical.name:
        raise _no_way(step.form.name, wanted.name)
    return _converted(step, canonical, mapping.to_wco(step.tree, context))


def _from_canonical(catalogue: Catalogue, step: _Step, wanted: Format, context: ConversionContext) -> _Step:
    way: Direction = "from-wco"
    if wanted.head.canonical:
        raise _no_way(step.form.name, wanted.name)
    return _converted(step, wanted, catalogue.mapping(wanted.name, way).from_wco(step.tree, context))


def _converted(step: _Step, form: Format, converted: Conversion) -> _Step:
    return step.then(form, converted.tree, converted.findings, converted.account)


def _renamed(catalogue: Catalogue, step: _Step, canonical: Format) -> _Step:
    """A message of an input profile under the canonical names, with what the canonical format fixes."""
    renamed = rename(step.tree, canonical.structure.root)
    content = renamed.tree[canonical.structure.root.key]
    fixed = {path: text for path, text in canonical.head.defaults.items() if "/" not in path}
    for path, text in fixed.items():
        content[path] = text
    usual = _canonical_for(catalogue, step.form, step.tree).name
    findings = tuple(
        Finding(
            severity=Severity.ERROR,
            code="convert.no-home",
            layer=Layer.CONVERSION,
            path=place,
            message=f"{canonical.name} has no such place",
            remedy=f"convert it to {usual}" if usual != canonical.name else f"leave it in {step.form.name}",
        )
        for place in renamed.homeless
    )
    account = _account_of_renaming(step, canonical, renamed, frozenset(fixed))
    return step.then(canonical, renamed.tree, findings, account)


def _account_of_renaming(step: _Step, canonical: Format, renamed: Renamed, fixed: frozenset[str]) -> Account:
    carried = {path: count for path, count in renamed.carried.items() if path not in fixed}
    plain = _plain_account(step.form.name, canonical.name, carried)
    implied = [
        SourceLine(path=path, fate="implied", reason=reason, number=count)
        for reason, counts in (
            (_EMPTY, renamed.empty),
            (_FIXED, {path: renamed.carried[path] for path in fixed if path in renamed.carried}),
        )
        for path, count in counts.items()
    ]
    lost = Counter(general_path(path) for path, _ in leaves(step.tree) if _below(path, renamed.homeless))
    unmapped = [SourceLine(path=path, fate="unmapped", number=count) for path, count in lost.items()]
    defaults = [TargetLine(path=path, origin="default") for path in sorted(fixed)]
    return Account(
        source_format=plain.source_format,
        target_format=plain.target_format,
        source=(*plain.source, *implied, *unmapped),
        target=(*plain.target, *defaults),
    )


def _below(path: str, places: Sequence[str]) -> bool:
    return any(path == place or path.startswith((f"{place}/", f"{place}@", f"{place}[")) for place in places)


def _plain_account(source: str, target: str, counts: dict[str, int]) -> Account:
    """Every leaf at its own place."""
    return Account(
        source_format=source,
        target_format=target,
        source=tuple(SourceLine(path=path, fate="mapped", to=(path,), number=count) for path, count in counts.items()),
        target=tuple(TargetLine(path=path, origin="row", number=count) for path, count in counts.items()),
    )


def _no_way(source: str, target: str) -> NotFound:
    return NotFound(
        f"no mappings lead from {source} to {target}",
        remedy="see `sarhad mapping coverage` for what each mapping carries and which way",
        code="convert.no-way",
    )
