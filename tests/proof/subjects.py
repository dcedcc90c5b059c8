"""The messages that the proof damages: real ones where they are, and generated ones over all packages."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from lxml import etree

from gateway.catalogue import Judging
from gateway.formats.codec_source import clark
from gateway.formats.format import Format
from gateway.formats.generator import generate
from gateway.formats.parsing import parse_xml
from gateway.formats.prepare import put_namespaces
from gateway.formats.structure import Element
from gateway.formats.tree import Tree

Node = etree._Element
FOLDERS = ("declarations", "cancellations", "responses")
BROKEN = "not-well-formed"
PROFILE = "dms-3.6"
_LARGEST = 60_000


@dataclass(frozen=True, slots=True)
class Subject:
    """One valid message: its document, what the schema says of each of its elements, and its message tree."""

    name: str
    form: Format
    root: Node
    tree: Tree
    elements: dict[Node, Element] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return written(self.root)

    def another(self) -> Subject:
        """A copy that may be damaged."""
        root = copy.deepcopy(self.root)
        pairs = zip(self.root.iter(), root.iter(), strict=True)
        known = {there: self.elements[here] for here, there in pairs if here in self.elements}
        return Subject(self.name, self.form, root, orjson.loads(orjson.dumps(self.tree)), known)

    def path(self, node: Node) -> str:
        """The path of an element of the document as it stands now, counted afresh from the document alone."""
        steps = []
        while (parent := node.getparent()) is not None:
            steps.append(self.step(node))
            node = parent
        return "/".join(reversed(steps))

    def step(self, node: Node) -> str:
        element = self.elements.get(node)
        same = [one for one in node.itersiblings(preceding=True) if self.elements.get(one) is element]
        if element is None:
            return str(node.tag).rpartition("}")[2]
        return step(element, len(same) + 1)

    def nodes(self) -> Iterator[tuple[Node, Element]]:
        """Every element below the document element."""
        for node in self.root.iter():
            if node is not self.root and node in self.elements:
                yield node, self.elements[node]


def step(element: Element, position: int) -> str:
    numbered = element.repeats or position > 1
    return f"{element.key}[{position}]" if numbered else element.key


def written(root: Node) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def line_in(root: Node, node: Node, data: bytes) -> int:
    """Line of an element of a damaged document in its bytes."""
    trail = []
    while (parent := node.getparent()) is not None:
        trail.append(parent.index(node))
        node = parent
    here = parse_xml(data)
    for index in reversed(trail):
        here = here[index]
    assert root is not None
    assert isinstance(here.sourceline, int)
    return here.sourceline


def subject(name: str, form: Format, data: bytes) -> Subject | None:
    """A subject of a valid message of a format, None where the format refuses it."""
    tree = form.read(data).tree
    if tree is None:
        return None
    root, repaired = parse_xml(data), parse_xml(data)
    put_namespaces(repaired, form.structure, form.head)
    known: dict[Node, Element] = {}
    _learn(root, repaired, form.structure.root, known)
    return Subject(name, form, root, tree, known)


def _learn(node: Node, repaired: Node, element: Element, known: dict[Node, Element]) -> None:
    known[node] = element
    tags = {clark(child): child for child in element.children}
    for below, named in zip(node, repaired, strict=True):
        _learn(below, named, tags[str(named.tag)], known)


def samples(folder: Path, judging: Judging, count: int) -> list[Subject]:
    """Real messages of the profile, spread over the folders; not the largest ones."""
    files = [file for name in FOLDERS for file in sorted((folder / name).glob("*.xml"))]
    files = [file for file in files if file.stat().st_size < _LARGEST]
    chosen = files if count >= len(files) else random.Random(count).sample(files, count)
    form = judging.formats.get(PROFILE)
    found = [subject(file.name, form, file.read_bytes()) for file in sorted(chosen)]
    return [one for one in found if one is not None]


def packages(judging: Judging) -> list[str]:
    """Names of the formats of the WCO Data Model: canonical ones and profiles that have a schema of their own."""
    names = judging.formats.names()
    return [name for name in names if judging.formats.get(name).head.wco_package]


def generated_tree(judging: Judging, name: str, seed: int, **how: Any) -> Tree:
    form = judging.formats.get(name)
    return generate(
        form.structure,
        seed=seed,
        code_lists=judging.code_lists,
        schemes=judging.schemes,
        vocabulary=judging.vocabulary,
        **how,
    )


def generated(judging: Judging, count: int, names: list[str] | None = None) -> list[Subject]:
    """Generated messages, in turn over the packages, on many lines as people write them."""
    names = names or packages(judging)
    found: list[Subject] = []
    for number in range(count):
        name = names[number % len(names)]
        form = judging.formats.get(name)
        root = parse_xml(form.to_xml(generated_tree(judging, name, 1000 + number, richness=0.55)))
        etree.indent(root)
        one = subject(f"{name} generated {number}", form, written(root))
        assert one is not None, f"the generated message {number} of {name} is refused"
        found.append(one)
    return found


def as_json(tree: Tree) -> bytes:
    return orjson.dumps(tree, option=orjson.OPT_INDENT_2)
