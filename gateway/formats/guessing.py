"""What a document may have been meant as, when no format recognises it: an answer that teaches.

Only names of known formats and profiles are told, never a text of the document.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.errors import UnknownFormat
from gateway.formats.dialect import Dialect
from gateway.formats.format import Format
from gateway.formats.parsing import XmlElement, line_of
from gateway.formats.prepare import namespace_of
from gateway.formats.recognition import local_name
from gateway.formats.suggestions import listed

_NAME_CUTOFF = 0.8
_SPACE_CUTOFF = 0.5
_NEAREST_SPACES = 2


@dataclass(frozen=True, slots=True)
class KnownRoot:
    """How the documents of one format or profile begin.

    Attributes:
        owner: name of the format or profile.
        local: name of the document element.
        spaces: namespaces of which it has one; ``""`` is none.
        envelope: whether it is an envelope of the WCO Data Model.
    """

    owner: str
    local: str
    spaces: tuple[str, ...]
    envelope: bool = False


def known_roots(formats: Iterable[Format], dialects: Iterable[Dialect]) -> tuple[KnownRoot, ...]:
    """How documents of these formats and profiles begin, in XML."""
    roots = [
        KnownRoot(one.name, one.head.root, one.head.recognise_namespaces, envelope=bool(one.head.wco_package))
        for one in formats
        if one.structure.syntax == "xml"
    ]
    for dialect in dialects:
        roots += [
            KnownRoot(dialect.name, local, dialect.root_namespaces, envelope=dialect.enveloped)
            for local in dialect.roots
        ]
    return tuple(roots)


def resembles_envelope(node: XmlElement, roots: Sequence[KnownRoot]) -> bool:
    """Whether an element that begins no known document looks like a damaged beginning, not like a transport element."""
    local, space = local_name(node), namespace_of(str(node.tag))
    envelopes = [root for root in roots if root.envelope]
    return any(space and space in root.spaces for root in roots) or bool(_names_near(local, envelopes))


def unknown_xml(root: XmlElement, roots: Sequence[KnownRoot]) -> UnknownFormat:
    """The refusal of an XML document that nothing recognises, with the nearest guess."""
    local, space = local_name(root), namespace_of(str(root.tag))
    line = line_of(root)
    same = [one for one in roots if one.local == local]
    if same:
        fit = [one for one in same if space in one.spaces]
        if fit:
            return _refusal(
                f"the document begins like one of {_owners(fit)}, but says of itself another kind",
                f"look at what tells its kind, or name the format ({_owners(fit)})",
                line,
            )
        return _refusal(
            f"{local} is known, but not in {'this namespace' if space else 'no namespace'}",
            f"nearest: {_spaces_near(space, same)}",
            line,
        )
    near = _names_near(local, roots)
    if near:
        fit = [one for one in roots if one.local in near and space in one.spaces] if space else []
        of = f", as in {_owners(fit)}" if fit else ""
        return _refusal("the document element has a name that no format knows", f"did you mean {near[0]}{of}?", line)
    fit = [one for one in roots if space and space in one.spaces]
    if fit:
        names = listed(sorted({one.local for one in fit}))
        return _refusal(f"the document stands in a namespace of {_owners(fit)}", f"begin it with {names}", line)
    return _refusal(
        "no known format recognises this document",
        f"known document elements: {listed(sorted({one.local for one in roots}))}; or name the format",
        line,
    )


def unknown_json(value: object, roots: Sequence[str]) -> UnknownFormat:
    """The same for a JSON document.

    Args:
        value: the parsed document.
        roots: the single members that messages have.
    """
    if not isinstance(value, dict):
        return _refusal("a message in JSON is an object", f"begin it with {{ and one of {listed(sorted(roots))}", None)
    if len(value) == 1:
        near = difflib.get_close_matches(next(iter(value)), roots, n=1, cutoff=_NAME_CUTOFF)
        if near and near[0] not in value:
            return _refusal(
                "the message's one member has a name that no format knows", f"did you mean {near[0]}?", None
            )
        if near:
            return _refusal("the message says of itself no known kind", "look at WCOTypeName and TypeCode", None)
    names = listed(sorted(roots))
    return _refusal("no known format recognises this document", f"a message has a single member: one of {names}", None)


def _refusal(message: str, remedy: str, line: int | None) -> UnknownFormat:
    return UnknownFormat(message, remedy=remedy, line=line)


def _names_near(local: str, roots: Sequence[KnownRoot]) -> list[str]:
    """Known names like this one, the nearest first; case does not count."""
    names = {one.local.lower(): one.local for one in roots}
    return [names[found] for found in difflib.get_close_matches(local.lower(), names, n=3, cutoff=_NAME_CUTOFF)]


def _spaces_near(space: str, roots: Sequence[KnownRoot]) -> str:
    owners = {known: one.owner for one in reversed(roots) for known in one.spaces if known}
    near = difflib.get_close_matches(space, owners, n=_NEAREST_SPACES, cutoff=_SPACE_CUTOFF) or list(owners)
    return listed([f"{known} ({owners[known]})" for known in near[:_NEAREST_SPACES]])


def _owners(roots: Sequence[KnownRoot]) -> str:
    return listed(sorted({one.owner for one in roots}))
