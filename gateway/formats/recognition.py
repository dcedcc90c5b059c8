"""Which format or dialect a document belongs to, by what heads and profiles ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from gateway.formats.dialect import Dialect, Kind
from gateway.formats.format import Format
from gateway.formats.head import FormatHead
from gateway.formats.parsing import XmlElement
from gateway.formats.prepare import namespace_of


def local_name(node: XmlElement) -> str:
    """Name of an element without its namespace."""
    return str(node.tag).rpartition("}")[2]


def score_xml(head: FormatHead, root: XmlElement) -> int:
    """How many conditions of a format head hold for an XML document; 0 when one does not."""
    score = score_of_root(head, root)
    return _score_below(head, root, score) if score else 0


def score_of_root(head: FormatHead, root: XmlElement) -> int:
    """The same for the document element alone: 2 in a namespace of the format, 1 where none is asked for."""
    if local_name(root) != head.root:
        return 0
    return _score_of_space(head, namespace_of(str(root.tag)), _own_spaces(head))


def _own_spaces(head: FormatHead) -> frozenset[str]:
    """The namespaces of a format, with those that count as one of them."""
    known = {*head.recognise_namespaces}
    return frozenset(known | {other for wanted in known for other in head.any_of.get(wanted, ())})


def _score_of_space(head: FormatHead, space: str, own: frozenset[str]) -> int:
    if space in own:
        return 2
    loose = head.namespaces == "ignored" or (head.namespaces == "absent-repaired" and not space)
    return 1 if loose else 0


def _score_below(head: FormatHead, root: XmlElement, score: int) -> int:
    """The conditions on what stands below a document element that scores already."""
    for path, texts in head.recognise_leaves.items():
        if text_at(root, path) not in texts:
            return 0
        score += 1
    if head.recognise_children:
        wanted = _local_names(tuple(head.recognise_children))
        if not any(local_name(child) in wanted for child in root.iterchildren(reversed=True)):  # the body comes last
            return 0
        score += 1
    return score


@lru_cache
def _local_names(keys: tuple[str, ...]) -> frozenset[str]:
    """Keys of children without their prefixes."""
    return frozenset(key.rpartition(":")[2] for key in keys)


class RootIndex:
    """The XML formats by name and namespace of their document element, so that a document is held against few heads.

    Args:
        formats: all formats; those that are written in JSON are left out.
    """

    def __init__(self, formats: Iterable[Format]) -> None:
        kept = [(one, _own_spaces(one.head)) for one in formats if one.structure.syntax == "xml"]
        names = {(one.head.root, space) for one, own in kept for space in (*own, "")}
        self._exact = {_tag(local, space): _at(kept, local, space) for local, space in names}
        self._elsewhere = {one.head.root: _at(kept, one.head.root, None) for one, _ in kept}

    def scores(self, root: XmlElement) -> list[tuple[int, Format]]:
        """`score_xml` of those formats whose document element this may be; it is 0 for all others."""
        near = self._exact.get(str(root.tag))
        if near is None:
            near = self._elsewhere.get(local_name(root), ())
        return [(_score_below(one.head, root, score), one) for score, one in near]


def _tag(local: str, space: str) -> str:
    return f"{{{space}}}{local}" if space else local


def _at(kept: Sequence[tuple[Format, frozenset[str]]], local: str, space: str | None) -> tuple[tuple[int, Format], ...]:
    """The formats that take a document element, each with its score; None is a namespace that no head names."""
    own_space = space if space is not None else "\0"
    scored = [(_score_of_space(one.head, own_space, own), one) for one, own in kept if one.head.root == local]
    return tuple((score, one) for score, one in scored if score)


def score_json(one: Format, value: Any) -> int:
    """How many conditions of a format head hold for a JSON document; 0 when one does not."""
    content = content_json(one, value)
    if content is None:
        return 0
    head, score = one.head, 1
    for path, texts in head.recognise_leaves.items():
        if json_text_at(content, path) not in texts:
            return 0
        score += 1
    if head.recognise_children:
        if not set(content) & set(head.recognise_children):
            return 0
        score += 1
    return score


def nearly_xml(head: FormatHead, root: XmlElement) -> int:
    """How many conditions hold for a document that begins in the format's own namespace; 0 when it does not."""
    if score_of_root(head, root) == 0:
        return 0
    children = {local_name(child) for child in root}
    return (
        1
        + sum(text_at(root, path) in texts for path, texts in head.recognise_leaves.items())
        + bool(children & {key.rpartition(":")[2] for key in head.recognise_children})
    )


def nearly_json(one: Format, value: Any) -> int:
    """The same for a JSON document of a format that XML is the native syntax of."""
    if one.structure.syntax != "xml" or not isinstance(value, dict):
        return 0
    head = one.head
    content = value.get(head.root)  # members beside it do not make it unknown: they are told as one too many
    if not isinstance(content, dict):
        return 0
    return (
        1
        + sum(json_text_at(content, path) in texts for path, texts in head.recognise_leaves.items())
        + bool(set(content) & set(head.recognise_children))
    )


def content_json(one: Format, value: Any) -> Mapping[str, Any] | None:
    """What stands below the document element of a JSON document, None where the document is not of the format.

    JSON has no name for the document element of a native format, so one of its members has to be there.
    """
    if not isinstance(value, dict):
        return None
    native = one.structure.syntax == "json"
    if not native and list(value) != [one.head.root]:
        return None
    content = value if native else value[one.head.root]
    if not isinstance(content, dict):
        return None
    if native and not any(key in one.structure.root.by_key for key in content):
        return None
    return content


def conditions_hold(leaves: Mapping[str, Sequence[str]], texts: Mapping[str, str | None]) -> bool:
    """Whether each path has one of its texts; a text that ends in ``*`` is a beginning."""
    return all(_one_of(texts.get(path), wanted) for path, wanted in leaves.items())


def _one_of(text: str | None, wanted: Sequence[str]) -> bool:
    if text is None:
        return False
    return any(text.startswith(one[:-1]) if one.endswith("*") else text == one for one in wanted)


def begins_xml(dialect: Dialect, node: XmlElement) -> bool:
    """Whether an element begins a document of a dialect."""
    return local_name(node) in dialect.roots and namespace_of(str(node.tag)) in dialect.root_namespaces


def kind_of_xml(dialect: Dialect, root: XmlElement) -> Kind | None:
    """The first kind of a dialect whose conditions a document fulfils."""
    bodies = list(root) if dialect.enveloped else [root]
    spaces = {local_name(body): namespace_of(str(body.tag)) for body in reversed(bodies)}
    for kind in dialect.kinds:
        if kind.body and kind.body not in spaces:
            continue
        if kind.namespaces and spaces.get(kind.body) not in kind.namespaces:
            continue
        if any(text_at(root, path) is None for path in kind.has):
            continue
        if conditions_hold(kind.when, {path: text_at(root, path) for path in kind.when}):
            return kind
    return None


def kind_of_json(dialect: Dialect, root: str, content: Mapping[str, Any]) -> Kind | None:
    """The same for the JSON form of a dialect without envelope; JSON has no namespaces, so no kind is told by one."""
    for kind in dialect.kinds:
        if kind.body not in ("", root) or (kind.namespaces and "" not in kind.namespaces):
            continue
        if any(not json_has(content, path) for path in kind.has):
            continue
        if conditions_hold(kind.when, {path: json_text_at(content, path) for path in kind.when}):
            return kind
    return None


def text_at(node: XmlElement, path: str) -> str | None:
    """Text of the first element at a path of local names, None where there is none."""
    for step in path.split("/"):
        local = step.rpartition(":")[2]
        found = next((child for child in node if local_name(child) == local), None)
        if found is None:
            return None
        node = found
    return (node.text or "").strip()


def json_has(value: Any, path: str) -> bool:
    """Whether a JSON document has a member at a path; of lists the first entry counts."""
    return _json_at(value, path) is not None


def json_text_at(value: Any, path: str) -> str | None:
    """Text of the first leaf at a path of a JSON document, None where there is none."""
    found = _json_at(value, path)
    if isinstance(found, dict):
        found = found.get("value")
    return found.strip() if isinstance(found, str) else None


def _json_at(value: Any, path: str) -> Any:
    for step in path.split("/"):
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(step) if isinstance(value, dict) else None
    return value
