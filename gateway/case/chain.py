"""The chain of a declaration: each message that changes it names the version that it changes and the one it makes.

A version is named by its digest: SHA-256 over its canonical JSON form (members sorted, no blanks, UTF-8), so that the
same declaration has one name whether it came as XML or as JSON. A cancellation ends the chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from gateway.case.amending import Amended, apply
from gateway.case.anatomy import declaration_of
from gateway.case.differences import Difference
from gateway.case.request import Kind
from gateway.case.saying import about
from gateway.errors import ContentRefused
from gateway.findings import Finding
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree


class ChainBroken(ContentRefused):
    """A record of a chain does not fit together, or does not lead to the declaration at hand."""

    code = "amend.chain-broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One message that changed a declaration.

    Attributes:
        kind: amendment or cancellation.
        message: digest of the message.
        before, after: digests of the version that it changes and of the one it makes; equal for a cancellation.
        reasons: ChangeReasonCodes.
        differences: what it changed; empty in a link that was read from a record without them.
    """

    kind: Kind
    message: str
    before: str
    after: str
    reasons: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()

    def as_json(self, *, values: bool = False) -> dict[str, Any]:
        """The link as a JSON object; with the content of the places only when it is asked for."""
        return {
            "kind": self.kind,
            "message": self.message,
            "before": self.before,
            "after": self.after,
            "reasons": list(self.reasons),
            "differences": [one.as_json(values=values) for one in self.differences],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a declaration stands after all messages so far.

    Attributes:
        tree: its present version.
        digest: of that version.
        number: its number, as far as it is known.
        links: of the chain, oldest first.
    """

    tree: Tree
    digest: str
    number: str = ""
    links: tuple[Link, ...] = ()

    @property
    def cancelled(self) -> bool:
        """Whether a cancellation has ended the chain."""
        return bool(self.links) and self.links[-1].kind == "cancellation"


def digest_of(message: Tree) -> str:
    """SHA-256 of a message's canonical JSON form, hexadecimal."""
    return hashlib.sha256(orjson.dumps(message, option=orjson.OPT_SORT_KEYS)).hexdigest()


def begin(declaration: Tree, *, number: str = "", links: Sequence[Link] = ()) -> Standing:
    """Take up a declaration, perhaps in the middle of its chain.

    Args:
        declaration: the present version.
        number: its number where it is known from elsewhere.
        links: of the chain so far.

    Raises:
        ChainBroken: the links do not follow one another, or do not lead to this declaration.
    """
    digest = digest_of(declaration)
    check_links(links)
    if links and links[-1].after != digest:
        raise ChainBroken(
            "the record of the chain ends with another version of the declaration than this one",
            remedy="hand in the declaration that the last message of the record made",
        )
    return Standing(tree=declaration, digest=digest, number=number, links=tuple(links))


def check_links(links: Iterable[Link]) -> None:
    """Check that each link changes the version that the one before it made, and that none follows a cancellation.

    Raises:
        ChainBroken: naming the first link that does not fit.
    """
    before: Link | None = None
    for at, link in enumerate(links, 1):
        if before is not None and (before.kind == "cancellation" or link.before != before.after):
            raise ChainBroken(
                f"link {at} of the record does not follow from the one before it",
                path=f"links[{at}]",
                remedy="take the record as it was written when the messages were applied",
            )
        before = link


def advance(structure: Structure, standing: Standing, message: Tree) -> tuple[Standing, Amended]:
    """Apply the next message of a chain.

    Args:
        structure: the format of the declaration.
        standing: where the declaration stands.
        message: amendment or cancellation.

    Returns:
        Where it stands afterwards, and what was applied; where the message is refused the standing is the same as
        before and the findings say why.

    Raises:
        NoDeclaration: the message holds no declaration.
    """
    name = digest_of(message)
    applied = apply(structure, standing.tree, message, number=standing.number)
    refused = _out_of_turn(structure, standing, name)
    if refused:
        applied = replace(applied, tree=None, differences=(), findings=refused)
    if applied.tree is None or applied.kind is None:
        return standing, applied
    after = digest_of(applied.tree)
    link = Link(
        kind=applied.kind,
        message=name,
        before=standing.digest,
        after=after,
        reasons=applied.reasons,
        differences=applied.differences,
    )
    links = (*standing.links, link)
    return Standing(tree=applied.tree, digest=after, number=applied.number, links=links), applied


def _out_of_turn(structure: Structure, standing: Standing, name: str) -> tuple[Finding, ...]:
    root = declaration_of(structure).key
    if standing.cancelled:
        return (
            about(
                structure,
                "amend.cancelled",
                root,
                "the declaration is cancelled, and nothing changes it any more",
                expected="no message after the cancellation",
                remedy="lodge a new declaration",
            ),
        )
    if any(link.message == name for link in standing.links):
        return (
            about(
                structure,
                "amend.repeated",
                root,
                "this very message was applied before",
                expected="each amendment once",
                remedy="leave the copy out",
            ),
        )
    return ()
