"""Brings a parsed document to what the schema expects where the format head allows it.

Namespaces that are absent or count as the schema's are put in; elements that the schema does not know are taken aside;
empty elements that mean "absent" are taken out while the validator looks and put back after. Everything is done on the
parsed tree: the bytes that were signed are never touched.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gateway.findings import Finding, Layer, Severity
from gateway.formats.codec_source import clark
from gateway.formats.head import FormatHead
from gateway.formats.parsing import XmlElement, line_of
from gateway.formats.places import Place
from gateway.formats.structure import Element, Structure


def namespace_of(tag: str) -> str:
    """Namespace of an lxml tag, empty for none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def put_namespaces(document: XmlElement, structure: Structure, head: FormatHead) -> tuple[Finding, ...]:
    """Put the schema's namespaces in, as far as the head's policy goes.

    Returns:
        The warning ``format.namespace-absent`` when the document has none at all and they were put in.
    """
    if str(document.tag).rpartition("}")[2] != structure.root.local:
        return ()
    if head.namespaces == "any-of":
        _rename(document, {other: space for space, others in head.any_of.items() for other in others})
        return ()
    if head.namespaces == "ignored":
        _by_local_name(document, structure.root, every=True)
        return ()
    if head.namespaces == "absent-repaired" and structure.root.namespace and not namespace_of(str(document.tag)):
        _by_local_name(document, structure.root, every=False)
        return (
            Finding(
                severity=Severity.WARNING,
                code="format.namespace-absent",
                layer=Layer.SCHEMA,
                line=line_of(document),
                message="the document has no namespace; those of the schema were put in",
                expected=f"document element in namespace {structure.root.namespace}",
                remedy="declare the namespaces of the schema",
            ),
        )
    return ()


def _rename(document: XmlElement, known: dict[str, str]) -> None:
    for node in document.iter():
        tag = str(node.tag)
        space = namespace_of(tag)
        if space in known:
            node.tag = f"{{{known[space]}}}{tag.rpartition('}')[2]}"


def _by_local_name(node: XmlElement, element: Element, *, every: bool) -> None:
    """Name a node as its element and its children by local name; where two namespaces share one, by order.

    Args:
        node: the node that stands for ``element``.
        element: what the schema says.
        every: also nodes that have a namespace already.
    """
    node.tag = clark(element)
    by_local: dict[str, list[Element]] = {}
    for child in element.children:
        by_local.setdefault(child.local, []).append(child)
    taken: dict[str, int] = {}
    for child_node in node:
        tag = str(child_node.tag)
        if not every and namespace_of(tag):
            continue
        local = tag.rpartition("}")[2]
        candidates = by_local.get(local)
        if candidates is None:
            _leave_in_parents_namespace(child_node, element.namespace, every=every)
            continue
        taken[local] = taken.get(local, 0) + 1
        _by_local_name(child_node, _candidate(candidates, taken[local]), every=every)


def _candidate(candidates: list[Element], position: int) -> Element:
    """The element for the n-th node of one local name: the first takes as many as it may, the next the rest."""
    for candidate in candidates[:-1]:
        if candidate.maximum is None or position <= candidate.maximum:
            return candidate
        position -= candidate.maximum
    return candidates[-1]


def _leave_in_parents_namespace(node: XmlElement, space: str, *, every: bool) -> None:
    """An unknown element gets the namespace of its parent, so that the validator names it as what it is."""
    for inner in node.iter():
        tag = str(inner.tag)
        if space and (every or not namespace_of(tag)):
            inner.tag = f"{{{space}}}{tag.rpartition('}')[2]}"


def take_unknown_aside(document: XmlElement, structure: Structure) -> tuple[Finding, ...]:
    """Take out elements that the schema does not know, each with the warning ``format.unknown-element``."""
    findings: list[Finding] = []
    _take_aside(document, Place(element=structure.root), findings)
    return tuple(findings)


def _take_aside(node: XmlElement, place: Place, findings: list[Finding]) -> None:
    element = place.element
    if element is None or element.is_leaf:
        return
    tags = {clark(child): child for child in element.children}
    counts: dict[str, int] = {}
    for child in list(node):
        tag = str(child.tag)
        counts[tag] = counts.get(tag, 0) + 1
        below = place.below(tags.get(tag), tag.rpartition("}")[2], counts[tag], line_of(child))
        if below.element is not None:
            _take_aside(child, below, findings)
        elif not (child.tail or "").strip():
            node.remove(child)
            findings.append(
                Finding(
                    severity=Severity.WARNING,
                    code="format.unknown-element",
                    layer=Layer.SCHEMA,
                    path=below.path,
                    line=below.line,
                    message="the format does not know this element; it was left aside",
                    remedy="the bytes are kept as they came; ask for a mapping if it matters",
                )
            )


@dataclass(slots=True)
class Empties:
    """Empty elements that mean absent: taken out with `remove`, put back with `restore`.

    Attributes:
        found: (parent, position, element, whether it may come back), in document order.
    """

    found: list[tuple[XmlElement, int, XmlElement, bool]] = field(default_factory=list)

    def remove(self) -> None:
        """Take them out."""
        for parent, _, node, _ in self.found:
            parent.remove(node)

    def restore(self) -> None:
        """Put back those that do not stand where a single element already does."""
        for parent, position, node, back in self.found:
            if back:
                parent.insert(position, node)


def find_empties(document: XmlElement, structure: Structure) -> Empties:
    """Elements of known name without text, attributes and content; classes of nothing but such, where optional."""
    empties = Empties()
    _find_empties(document, structure.root, empties)
    return empties


def _find_empties(node: XmlElement, element: Element, empties: Empties) -> bool:
    """Collect the empty ones below a node and say whether the node itself is empty then."""
    blank = not (node.text or "").strip() and not node.keys()
    if element.is_leaf:
        return blank and len(node) == 0
    tags = {clark(child): child for child in element.children}
    counts = Counter(str(child.tag) for child in node)
    for position, child in enumerate(node):
        tag = str(child.tag)
        known = tags.get(tag)
        mark = len(empties.found)
        empty = known is not None and not (child.tail or "").strip() and _find_empties(child, known, empties)
        if not empty or known is None or (not known.is_leaf and known.minimum > 0):
            blank = False
            continue
        del empties.found[mark:]
        alone = known.repeats or counts[tag] == 1
        empties.found.append((node, position, child, alone))
    return blank
