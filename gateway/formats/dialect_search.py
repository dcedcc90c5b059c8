"""Where in a document a message stands, and as what it is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import UnknownFormat
from gateway.formats.dialect import Dialect, Kind
from gateway.formats.dialect_doubts import doubts_of
from gateway.formats.format import Format
from gateway.formats.guessing import KnownRoot, resembles_envelope
from gateway.formats.parsing import XmlElement, line_of
from gateway.formats.recognition import (
    begins_xml,
    kind_of_json,
    kind_of_xml,
    score_json,
    score_xml,
)
from gateway.formats.suggestions import listed


@dataclass(frozen=True, slots=True)
class Found:
    """A message inside a document.

    Attributes:
        value: its document element, or its JSON value.
        depth: how many elements it is wrapped in.
        dialect: the dialect that it is written in, None for a format's own form.
        kind: its kind, None where the dialect knows none that fits.
    """

    value: Any
    depth: int
    dialect: Dialect | None = None
    kind: Kind | None = None


def dialect_at(dialects: Sequence[Dialect], node: XmlElement) -> Found | None:
    """The first dialect whose documents begin with this element; one that knows its kind goes before the others."""
    unsure = None
    for dialect in dialects:
        if begins_xml(dialect, node):
            kind = kind_of_xml(dialect, node)
            if kind is not None:
                return Found(node, 0, dialect, kind)
            unsure = unsure or Found(node, 0, dialect)
    return unsure


def inside_xml(
    root: XmlElement, formats: Sequence[Format], dialects: Sequence[Dialect], roots: Sequence[KnownRoot]
) -> Found | None:
    """The one message that transport elements are wrapped around; None where there is none.

    An element that looks like a damaged envelope is no transport element: what stands in it is not taken out, or a
    misspelt envelope would go unseen. Beside a message it counts as a second one, or it would be lost unseen.

    Args:
        root: document element that begins no message.
        formats: all.
        dialects: all.
        roots: how their documents begin.

    Raises:
        UnknownFormat: several messages stand in the document (``profile.several``).
    """
    unwrapping = [one for one in dialects if one.only_unwraps]
    plain = max((one.depth for one in unwrapping), default=0)
    deepest = max((one.depth for one in dialects), default=0)
    wrapped = _wrappable(formats, unwrapping)
    names = {one.head.root for one in wrapped} | {name for one in dialects if one.depth for name in one.roots}
    if resembles_envelope(root, roots):
        return None
    found: list[Found] = []
    doubts, doubtful = doubts_of(roots, dialects), list[XmlElement]()
    level, depth = [root], 0
    while level and depth < deepest and len(found) <= 1:
        depth += 1
        inner: list[XmlElement] = []
        for node in (child for parent in level for child in parent):
            if str(node.tag).rpartition("}")[2] in names:
                one = _message_at(node, depth, wrapped if depth <= plain else (), dialects, unwrapping)
                if one is not None:
                    found.append(one)
                    continue
            if doubts.xml(node):
                doubtful.append(node)
            if not resembles_envelope(node, roots):
                inner.append(node)
        level = inner
    around = [node for one in found for node in one.value.iterancestors()]
    return _single(found, [node for node in doubtful if node not in around])


def _message_at(
    node: XmlElement,
    depth: int,
    formats: Sequence[Format],
    dialects: Sequence[Dialect],
    unwrapping: Sequence[Dialect],
) -> Found | None:
    if any(score_xml(one.head, node) for one in formats):
        return Found(node, depth, unwrapping[0])
    one = dialect_at([dialect for dialect in dialects if dialect.depth >= depth], node)
    return Found(node, depth, one.dialect, one.kind) if one is not None else None


def inside_json(
    value: Any, formats: Sequence[Format], dialects: Sequence[Dialect], roots: Sequence[KnownRoot]
) -> Found | None:
    """The same for a JSON document: the one message in it, with its envelope or as a body alone, or None.

    Raises:
        UnknownFormat: several messages stand in the document (``profile.several``).
    """
    unwrapping = [one for one in dialects if one.only_unwraps]
    wrapped = _wrappable(formats, unwrapping)
    bare = [one for one in dialects if one.json and not one.enveloped]
    deepest = max((one.depth for one in (*unwrapping, *bare)), default=0)
    found: list[Found] = []
    doubts, doubtful = doubts_of(roots, dialects), list[Any]()
    level, depth = [value], 0
    while level and depth <= deepest and len(found) <= 1:
        inner: list[Any] = []
        for name, content, beside in _members(level):
            fits = depth > 0 or not beside  # beside a message that stands at the root, every member is one too many
            one = _message_in(name, content, depth, wrapped, unwrapping, bare) if fits else None
            if one is not None:
                found.append(one)
                continue
            inner.append(content)
            if any(doubts.like(name, list(entry)) for entry in _objects(content)):
                doubtful.append(content)
        level, depth = inner, depth + 1
    return _single(found, [content for content in doubtful if not _holds(content, found, deepest)])


def _objects(content: Any) -> list[dict[str, Any]]:
    entries = content if isinstance(content, list) else [content]
    return [entry for entry in entries if isinstance(entry, dict)]


def _holds(content: Any, found: Sequence[Found], levels: int) -> bool:
    """Whether the message found stands in this value: then it is a transport object, whatever its name."""
    inner = {id(value) for one in found for value in one.value.values()}
    level = [content]
    for _ in range(levels + 1):
        level = [value for _, value, _ in _members(level)]
        if any(id(value) in inner for value in level):
            return True
    return False


def _members(level: Sequence[Any]) -> Iterator[tuple[str, Any, int]]:
    """Name, value and number of neighbours of every member of these objects and of the objects in these lists."""
    for one in level:
        if isinstance(one, dict):
            yield from ((name, content, len(one) - 1) for name, content in one.items())
        elif isinstance(one, list):
            yield from _members([entry for entry in one if isinstance(entry, dict)])


def _message_in(
    name: str,
    content: Any,
    wraps: int,
    formats: Sequence[Format],
    unwrapping: Sequence[Dialect],
    bare: Sequence[Dialect],
) -> Found | None:
    alone = {name: content}
    for one in unwrapping:
        if 0 < wraps <= one.depth and any(score_json(known, alone) for known in formats):
            return Found(alone, wraps, one)
    for one in bare:
        first = content[0] if isinstance(content, list) and content else content
        if name in one.roots and wraps <= one.depth and isinstance(first, dict):
            return Found(alone, wraps, one, kind_of_json(one, name, first))
    return None


def _wrappable(formats: Sequence[Format], unwrapping: Sequence[Dialect]) -> list[Format]:
    packages = {package for one in unwrapping for package in one.wrapped_packages}
    return [one for one in formats if one.structure.syntax == "xml" and one.head.wco_package in packages]


def _single(found: Sequence[Found], doubtful: Sequence[Any]) -> Found | None:
    others = [*(one.value for one in found[1:]), *doubtful] if found else []
    if others:
        second = others[0]
        line = line_of(second) if isinstance(second, XmlElement) else None
        raise UnknownFormat(
            "several messages stand in one document", code="profile.several", line=line, remedy="send them one by one"
        )
    return found[0] if found else None


def unknown_kind(found: Found) -> UnknownFormat:
    """The refusal of a document of a dialect that is of no kind that the dialect knows."""
    assert found.dialect is not None
    told = sorted({path for kind in found.dialect.kinds for path in kind.when})
    texts = listed([text for kind in found.dialect.kinds for wanted in kind.when.values() for text in wanted])
    line = line_of(found.value) if isinstance(found.value, XmlElement) else None
    return UnknownFormat(
        f"the document is written in the style of {found.dialect.name}, but is of no kind known there",
        code="profile.unknown-kind",
        line=line,
        remedy=f"write a known kind into {listed(told)} ({texts}), or name the format" if told else "name the format",
    )
