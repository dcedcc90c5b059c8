"""The amended declaration: identity, changes, version, and what the whole message looks like afterwards (wco 10).

Which declaration an amendment means is said by its ID, the number that the office gave the declaration. A declaration
as it was lodged has no number yet. Then the number may be known otherwise (from the office's answer, or from an
amendment before), or the amendment may repeat the declaration's own FunctionalReferenceID, as real messages do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.case.anatomy import declaration_of, declared, tag_of, text_of
from gateway.case.applying import Applying
from gateway.case.differences import Difference
from gateway.case.request import NUMBER, REFERENCE, VERSION, Kind, Request, kind_of, read_request
from gateway.case.saying import about
from gateway.findings import Finding, has_errors
from gateway.formats.fit import fit
from gateway.formats.structure import Element, Structure
from gateway.formats.tree import Tree

OTHER = frozenset({"amend.other-declaration", "amend.number-unknown", "amend.not-a-declaration"})
"""Findings after which the content of the two messages is not compared: it is of two declarations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """What became of a declaration.

    Attributes:
        tree: the declaration afterwards, in the order of the schema; after a cancellation as it was. None where the
            message is refused.
        kind: amendment or cancellation; None where the message is neither.
        number: the declaration's number, as far as it is known now.
        reasons: ChangeReasonCodes that the message gives.
        differences: what changed; at each level data elements first.
        findings: an error among them refuses the whole message.
    """

    tree: Tree | None
    kind: Kind | None
    number: str = ""
    reasons: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()


def apply(structure: Structure, declaration: Tree, message: Tree, *, number: str = "") -> Amended:
    """Apply an amendment or a cancellation to the declaration that it names.

    All that is wrong comes at once; with an error nothing is applied. Whether the result is valid is for the validator.

    Args:
        structure: the format of the declaration.
        declaration: a valid message.
        message: the amendment, of this format or of one with the same names.
        number: the declaration's number where the declaration itself has none.

    Raises:
        NoDeclaration: one of them holds no declaration, or the format has none.
    """
    root = declaration_of(structure)
    message, misfits = shaped(structure, message)
    if has_errors(misfits):
        return Amended(tree=None, kind=None, findings=misfits)
    old = declared(structure, declaration)
    request = read_request(structure, declaration, message)
    known = text_of(root, old, NUMBER) or number or request.number
    findings = [*request.findings, *_identity(structure, declaration, request, number)]
    applying = Applying(structure, request)
    if not any(one.code in OTHER for one in findings):
        new = applying.to_declaration(root, old)
        findings += applying.findings
    if has_errors(findings):
        return Amended(tree=None, kind=request.kind, number=known, reasons=request.reasons, findings=tuple(findings))
    tree = declaration if request.kind == "cancellation" else _whole(structure, declaration, root, new)
    return Amended(
        tree=tree,
        kind=request.kind,
        number=known,
        reasons=request.reasons,
        differences=tuple(applying.differences),
        findings=tuple(findings),
    )


def _whole(structure: Structure, declaration: Tree, root: Element, new: Tree) -> Tree:
    """The message around the new content, in the order of the schema, its version counted up."""
    envelope = {**declaration[structure.root.key], root.key: counted_up(root, new)}
    ordered, _ = fit(structure, {structure.root.key: envelope}, as_tree=True)
    return ordered if ordered is not None else {structure.root.key: envelope}


def counted_up(root: Element, content: Tree) -> Tree:
    """The content with its VersionID one higher; as it is where there is none, or one that is no number."""
    version = tag_of(root, VERSION)
    text = text_of(root, content, VERSION)
    if version is None or not text.isascii() or not text.isdigit():
        return content
    leaf, higher = content[version.key], str(int(text) + 1).zfill(len(text))
    return {**content, version.key: {**leaf, "value": higher} if isinstance(leaf, dict) else higher}


def _identity(structure: Structure, declaration: Tree, request: Request, number: str) -> Iterator[Finding]:
    root, content = declaration_of(structure), declared(structure, declaration)
    if kind_of(structure, declaration) is not None:
        yield about(
            structure,
            "amend.not-a-declaration",
            root.key,
            "the message to be changed is itself an amendment or a cancellation",
            expected="the declaration that was lodged",
            remedy="put the declaration that was lodged first, and this message after it",
        )
    known = text_of(root, content, NUMBER) or number
    if known and request.number == known:
        return
    same = request.reference != "" and request.reference == text_of(root, content, REFERENCE)
    if not known and same:
        return
    if known:
        yield about(
            structure,
            "amend.other-declaration",
            f"{root.key}/ID",
            "the message names another declaration than the one that is to be changed",
            expected="the ID of the declaration",
            remedy="hand in the declaration that the message names",
        )
    else:
        yield about(
            structure,
            "amend.number-unknown",
            f"{root.key}/ID",
            "the declaration has no ID yet, so it cannot be told whether the message means it",
            expected="an ID in the declaration, its number given beside it, or the same FunctionalReferenceID",
            remedy="give the number that the office gave the declaration (sarhad amend --number)",
        )


def shaped(structure: Structure, message: Tree) -> tuple[Tree, tuple[Finding, ...]]:
    """The declaration of a message of a like format, in the shape of this one: lists where this one repeats.

    Raises:
        NoDeclaration: the message holds none.
    """
    root = declaration_of(structure)
    envelope = next(iter(message.values()))
    content = envelope.get(root.key) if isinstance(envelope, dict) else None
    held = {root.key: _in_shape(root, content)} if isinstance(content, dict) else {}
    tree, findings = fit(structure, {structure.root.key: held}, as_tree=True)
    return tree if tree is not None else {structure.root.key: held}, findings


def _in_shape(element: Element, value: Any) -> Any:
    if isinstance(value, list):
        listed = [_in_shape_once(element, one) for one in value]
        return listed if element.repeats or len(listed) != 1 else listed[0]
    one = _in_shape_once(element, value)
    return [one] if element.repeats else one


def _in_shape_once(element: Element, value: Any) -> Any:
    if element.is_leaf or not isinstance(value, dict):
        return value
    known = element.by_key
    return {key: _in_shape(known[key], one) if key in known else one for key, one in value.items()}
