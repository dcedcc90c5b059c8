"""A generated canonical message written by the inverse of a dialect's data is read as the same tree."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lxml import etree

from gateway.catalogue import load_library
from gateway.findings import has_errors
from gateway.formats.dialect import ANY, Dialect, Kind
from gateway.formats.format import Format
from gateway.formats.generator import generate
from gateway.formats.tree import Tree

ROOT = Path(__file__).parents[3]
LIBRARY = load_library(ROOT, cache=ROOT / ".sarhad" / "cache")
DIALECTS = {one.name: one for one in LIBRARY.dialects()}
WAYS = [(one.name, kind) for one in LIBRARY.dialects() for kind in one.kinds]
ATTEMPTS = 20


class Writer:
    """Writes a canonical message in a dialect: everything that the dialect's reader undoes, done."""

    def __init__(self, dialect: Dialect, kind: Kind, stream: random.Random) -> None:
        self.dialect = dialect
        self.kind = kind
        self.stream = stream
        self.names = {(parent, new): old for (parent, old), new in dialect.renamed.items()}
        self.texts = {leaf: {new: old for old, new in texts.items()} for leaf, texts in dialect.values.items()}

    def write(self, one: Format, tree: Tree) -> bytes:
        root = etree.fromstring(one.to_xml(tree))
        body = root[-1]
        self._class(root, one.structure.root.local)
        space = (self.kind.namespaces or self.dialect.root_namespaces)[0]
        if self.dialect.enveloped:
            root.tag = f"{{{self.dialect.root_namespaces[0]}}}{self.dialect.roots[0]}"
            for leaf in root:
                self._envelope_leaf(leaf)
        else:
            root = body
        if (self.dialect.namespaces and not self.kind.namespaces) or not space:
            for node in root.iter():
                local = str(node.tag).rpartition("}")[2]
                node.tag = f"{{{space}}}{local}" if space else local
        outer = etree.Element("{urn:example:transport}Request" if self.dialect.depth else "Request")
        outer.append(root)
        etree.cleanup_namespaces(outer)
        return etree.tostring(outer if self.dialect.depth else root)

    def _class(self, node: etree._Element, name: str) -> None:
        for child in list(node):
            local = str(child.tag).rpartition("}")[2]
            space = str(child.tag)[: -len(local)]
            self._class(child, local)
            if local.endswith("DateTime"):
                self._date(child)
            old = self.names.get((name, local)) or self.names.get((ANY, local))
            if old is not None:
                child.tag = f"{space}{old}"
        if self.dialect.may_reorder(name):
            self._shuffle(node)

    def _date(self, node: etree._Element) -> None:
        if not self.dialect.dates or len(node) != 1:
            return
        text, form = node[0].text or "", node[0].get("formatCode", "")
        node.remove(node[0])
        if "attribute" in self.dialect.dates:
            node.text = text
            node.set("formatCode", form)
            return
        day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
        time = f"T{text[8:10]}:{text[10:12]}:{text[12:14]}" if len(text) > 8 else ""
        zone = text[14:]
        node.text = day + time + (f"{zone}:00" if zone not in ("", "Z") else zone)

    def _shuffle(self, node: etree._Element) -> None:
        """Mix the children; equals keep their order, and the body stays in the envelope's last place."""
        children = list(node)
        groups: dict[str, list[etree._Element]] = {}
        for child in children:
            groups.setdefault(str(child.tag).rpartition("}")[2], []).append(child)
        slots = [name for name, members in groups.items() for _ in members]
        self.stream.shuffle(slots)
        for name in slots:
            node.append(groups[name].pop(0))

    def _envelope_leaf(self, leaf: etree._Element) -> None:
        local = str(leaf.tag).rpartition("}")[2]
        today = self.dialect.today("MetaData", local)
        choices = [old for old, new in self.dialect.values.get(today, {}).items() if new == leaf.text]
        wanted = [text for texts in self.kind.when.values() for text in texts]
        if today == "WCOTypeName" and wanted:
            choices = [text for text in choices if text in wanted or f"{text}*" in wanted]
        if choices:
            leaf.text = self.stream.choice(choices)


def drawn(one: Format, kind: Kind, seed: int, *, alone: bool) -> Tree:
    """A canonical message of one kind; ``alone`` = with a single body."""
    tree: Tree = {}
    for attempt in range(ATTEMPTS):
        tree = generate(one.structure, seed=seed + attempt * 1_000_003, allowance=80 if seed % 2 else 260)
        if not kind.body or kind.body in tree[one.structure.root.key]:
            break
    envelope = tree[one.structure.root.key]
    for path, texts in kind.when.items():
        if path == "TypeCode" and not texts[0].startswith("COR") and not texts[0].startswith("INV"):
            envelope["Declaration"]["TypeCode"] = texts[0].replace("*", "A")
    if "GoodsShipment" in kind.has:
        envelope["Declaration"].setdefault("GoodsShipment", {})
        envelope["Declaration"].pop("TypeCode", None)
    if alone and isinstance(envelope.get("Response"), list):
        del envelope["Response"][:-1]
    return tree


def comparable(tree: Tree, dialect: Dialect) -> Tree:
    """What must come back: an envelope that a body alone cannot carry is what the format fixes."""
    if dialect.enveloped:
        return tree
    root, content = next(iter(tree.items()))
    return {root: {key: value for key, value in content.items() if key in ("Declaration", "Response")}}


@pytest.mark.parametrize(
    ("name", "kind"), WAYS, ids=[f"{name}-{kind.format}-{n}" for n, (name, kind) in enumerate(WAYS)]
)
def test_written_in_the_dialect_and_read_again_it_is_the_same(name: str, kind: Kind, soak: bool) -> None:
    dialect, one = DIALECTS[name], LIBRARY.get(kind.format)
    for seed in range(100 if soak else 3):
        tree = drawn(one, kind, seed, alone=not dialect.enveloped)
        data = Writer(dialect, kind, random.Random(seed)).write(one, tree)
        found, reading = LIBRARY.read(data)
        assert not has_errors(reading.findings), (seed, reading.findings)
        assert (found.name, reading.profile) == (one.name, one.name if one.head.canonical else name), seed
        assert reading.tree is not None
        assert comparable(reading.tree, dialect) == comparable(tree, dialect), seed
