"""A declaration and the messages that change it: each read and judged, applied in order, the result judged again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.case.amending import Amended
from gateway.case.chain import Link, Standing, advance, begin
from gateway.case.request import AMENDMENT_TYPE
from gateway.case.writing import amendment_of
from gateway.catalogue import Judging
from gateway.errors import ContentRefused, GatewayError
from gateway.findings import Finding, Severity, has_errors
from gateway.formats.format import Format
from gateway.formats.tree import Tree
from gateway.validation.verdict import Verdict, verdict

_TYPE_PLACE = "Declaration/TypeCode"


@dataclass(frozen=True, slots=True)
class Document:
    """One message as it lies in a file.

    Attributes:
        name: of the file, for people.
        data: its bytes.
    """

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a declaration.

    Attributes:
        format: of the declaration; None where it could not be read.
        syntax: in which it came and is written again.
        standing: where it stands after the last message that was applied; None where it was refused itself.
        steps: the messages that were tried, with what each did; the last one is at fault where ``done`` is False.
        done: whether every message was applied and every version is valid.
        refused: name of the document at fault, empty where none is.
        findings: of the document at fault, or warnings about what was made.
    """

    format: Format | None
    syntax: str
    standing: Standing | None
    steps: tuple[tuple[str, Amended], ...]
    done: bool
    refused: str
    findings: tuple[Finding, ...]

    def written(self) -> bytes:
        """The declaration as it stands, in the syntax in which it came.

        Raises:
            ContentRefused: there is none.
        """
        if self.format is None or self.standing is None:
            raise ContentRefused("no declaration was read", findings=self.findings)
        return _written(self.format, self.standing.tree, self.syntax)


def amend(
    known: Judging,
    original: Document,
    messages: Sequence[Document],
    *,
    format_name: str | None = None,
    number: str = "",
    links: Sequence[Link] = (),
) -> Outcome:
    """Apply amendments and a cancellation to a declaration, in the order in which they are given.

    It ends at the first message that cannot be applied; what was made before it stands.

    Args:
        known: formats and rules.
        original: the declaration, or the version that the last of ``links`` made.
        messages: what changes it, oldest first.
        format_name: of the declaration, instead of recognising it.
        number: the declaration's number where it has no ID.
        links: its chain so far.

    Raises:
        UnknownFormat: ``format_name`` is not known.
        ChainBroken: the links do not lead to this declaration.
        NoDeclaration: one of the messages is no declaration.
    """
    judged = verdict(known.formats, original.data, format_name, rules=known.rules)
    if judged.found is None or judged.tree is None or not judged.valid:
        return Outcome(judged.found, judged.syntax, None, (), False, original.name, judged.findings)  # noqa: FBT003
    standing = begin(judged.tree, number=number, links=links)
    steps: list[tuple[str, Amended]] = []
    warnings: list[Finding] = []
    for message in messages:
        following, applied, findings = _step(known, judged.found, standing, message)
        if applied is not None:
            steps.append((message.name, applied))
        if has_errors(findings):
            return Outcome(judged.found, judged.syntax, standing, tuple(steps), False, message.name, findings)  # noqa: FBT003
        warnings += findings
        standing = following
    return Outcome(judged.found, judged.syntax, standing, tuple(steps), True, "", tuple(warnings))  # noqa: FBT003


def _step(
    known: Judging, found: Format, standing: Standing, message: Document
) -> tuple[Standing, Amended | None, tuple[Finding, ...]]:
    judged = verdict(known.formats, message.data, rules=known.rules)
    if judged.tree is None or not judged.valid:
        return standing, None, judged.findings
    following, applied = advance(found.structure, standing, judged.tree)
    if applied.tree is None:
        return standing, applied, applied.findings
    return following, applied, (*applied.findings, *_new_findings(known, found, standing.tree, applied.tree))


def _new_findings(known: Judging, found: Format, before: Tree, after: Tree) -> tuple[Finding, ...]:
    """What is said of the version that was made, and was not said of the one before; errors in any case."""
    if after == before:
        return ()
    findings = found.judge(after)
    if not has_errors(findings):
        findings = (*findings, *known.rules.check(found, after))
    said = {(one.code, one.path) for one in known.rules.check(found, before)}
    return tuple(one for one in findings if one.severity is Severity.ERROR or (one.code, one.path) not in said)


def amendment_between(
    known: Judging,
    before: Document,
    after: Document,
    *,
    reference: str,
    reason: str,
    number: str = "",
    statement: str = "",
) -> bytes:
    """Write the amendment that turns one version of a declaration into another, in the syntax of the first.

    It is written in the format's own amendment form where there is one with its names, else in the format itself.

    Raises:
        ContentRefused: one of them is not valid, or they have not one format.
        CannotExpress: no amendment can say the change.
        NoDeclaration: they are no declarations.
    """
    old, new = _valid(known, before), _valid(known, after)
    if old[0].name != new[0].name:
        raise ContentRefused(
            "the two versions have different formats", remedy="convert one of them first: sarhad convert --to FORMAT"
        )
    found, judged = old
    assert judged.tree is not None
    assert new[1].tree is not None
    tree = amendment_of(
        found.structure,
        judged.tree,
        new[1].tree,
        reference=reference,
        reason=reason,
        number=number,
        statement=statement,
    )
    form = _amendment_form(known, found)
    findings = form.judge(tree)
    if has_errors(findings):
        raise ContentRefused("the amendment would not be valid", findings=findings)
    return _written(form, tree, judged.syntax)


def _valid(known: Judging, document: Document) -> tuple[Format, Verdict]:
    judged = verdict(known.formats, document.data, rules=known.rules)
    if judged.found is None or not judged.valid:
        raise ContentRefused("this document is not valid", path=document.name, findings=judged.findings)
    return judged.found, judged


def _amendment_form(known: Judging, found: Format) -> Format:
    """The form in which amendments of a format are written: one that is part of it, or the format itself."""
    for name in known.formats.names():
        form = known.formats.get(name)
        kinds = form.head.recognise_leaves.get(_TYPE_PLACE, ())
        if form.head.canonical == found.name and AMENDMENT_TYPE in kinds:
            return form
    return found


def _written(found: Format, tree: Tree, syntax: str) -> bytes:
    try:
        return found.to_json(tree) if syntax == "json" else found.to_xml(tree)
    except GatewayError as unfit:
        raise ContentRefused(unfit.message, path=unfit.path, findings=unfit.findings) from unfit
