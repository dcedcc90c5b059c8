"""Writes the Python source of a format's codec: one reader and one writer function for each distinct class.

Generated code pays: a walk that looks every field up by path costs ten times as much as reading the message, while
straight code in schema order costs less than parsing it. The source holds names of the schema only, quoted by
``repr``; nothing of a message ever reaches it.

The reader goes through the children once and asks a table by tag. The writer goes through the schema once and asks the
tree by key, so that order is restored by construction; it counts what it met, and anything left over is a key that the
schema does not know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias
from xml.sax.saxutils import quoteattr

from gateway.formats.structure import Element, Structure

ReadAs: TypeAlias = "tuple[str, str | None, bool, bool]"
"""How a child is read: its key, the name of its reader (None for a leaf without attributes), whether it is a leaf,
whether it repeats."""


@dataclass(frozen=True, slots=True)
class CodecSource:
    """Source text and what it is run with.

    Attributes:
        text: defines ``read_N``, ``write_N`` and ``attributes_N``.
        tables: for each class the tag table of its reader, by name: tag -> `ReadAs`.
        root: number of the root's class.
        declarations: the xmlns attributes of the document element.
        root_tag: name of the document element with prefix.
    """

    text: str
    tables: dict[str, dict[str, ReadAs]]
    root: int
    declarations: str
    root_tag: str


def clark(element: Element) -> str:
    """Name of an element as lxml writes it: ``{namespace}local``."""
    return f"{{{element.namespace}}}{element.local}" if element.namespace else element.local


def write_source(structure: Structure, aliases: dict[str, str]) -> CodecSource:
    """The codec's source for a structure.

    Args:
        structure: of an XML format.
        aliases: preferred prefix by namespace, from the format head.
    """
    prefixes = _prefixes(structure.root, aliases)
    writer = _SourceWriter(prefixes)
    root = writer.class_of(structure.root)
    declarations = "".join(
        f" xmlns{':' + prefix if prefix else ''}={quoteattr(space)}" for space, prefix in prefixes.items() if space
    )
    return CodecSource("\n".join(writer.lines), writer.tables, root, declarations, writer.tag(structure.root))


def _prefixes(root: Element, aliases: dict[str, str]) -> dict[str, str]:
    """Prefix by namespace; the root's is the default one unless some element has none at all."""
    spaces = {root.namespace: None, **{element.namespace: None for element in _distinct(root)}}
    prefixes: dict[str, str] = {}
    for space in spaces:
        if not space or (space == root.namespace and "" not in spaces):
            prefixes[space] = ""
        else:
            alias = aliases.get(space, "")
            prefixes[space] = alias if alias and alias not in prefixes.values() else f"n{len(prefixes)}"
    return prefixes


def _distinct(element: Element, seen: set[int] | None = None) -> list[Element]:
    seen = set() if seen is None else seen
    found = []
    for child in element.children:
        if id(child) not in seen:
            seen.add(id(child))
            found += [child, *_distinct(child, seen)]
    return found


@dataclass(slots=True)
class _SourceWriter:
    prefixes: dict[str, str]
    lines: list[str] = field(default_factory=list)
    tables: dict[str, dict[str, ReadAs]] = field(default_factory=dict)
    _numbers: dict[object, int] = field(default_factory=dict)
    _by_id: dict[int, int] = field(default_factory=dict)

    def tag(self, element: Element) -> str:
        """Name of an element as the writer prints it."""
        prefix = self.prefixes[element.namespace]
        return f"{prefix}:{element.local}" if prefix else element.local

    def class_of(self, element: Element) -> int:
        """Number of the element's content; equal contents share one number and so one function."""
        known = self._by_id.get(id(element))
        if known is not None:
            return known
        names = tuple(attribute.name for attribute in element.attributes)
        members = tuple(
            (child.key, child.namespace, child.local, child.repeats, self._class_or_none(child))
            for child in element.children
        )
        signature = (element.is_leaf, names, members)
        number = self._numbers.get(signature)
        if number is None:
            number = self._numbers[signature] = len(self._numbers)
            if names:
                self._write_attributes(number, names, leaf=element.is_leaf)
            if element.is_leaf:
                self._read_leaf(number, names)
            else:
                self._read_class(number, element)
                self._write_class(number, element)
        self._by_id[id(element)] = number
        return number

    def _class_or_none(self, element: Element) -> int | None:
        """None for a leaf without attributes, which is read and written in place."""
        return None if element.is_leaf and not element.attributes else self.class_of(element)

    def _read_leaf(self, number: int, names: tuple[str, ...]) -> None:
        self.lines += [f"def read_{number}(node):", "    text = node.text or ''"]
        if len(names) == 1:
            self.lines += [
                f"    given = node.get({names[0]!r})",
                "    if given is None:",
                "        return text",
                f"    return {{'value': text, {'@' + names[0]!r}: given}}",
            ]
            return
        self.lines += [
            "    if not node.keys():",
            "        return text",
            "    leaf = {'value': text}",
            *self._attribute_lines("leaf", names),
            "    return leaf if len(leaf) > 1 else text",
        ]

    @staticmethod
    def _attribute_lines(target: str, names: tuple[str, ...]) -> list[str]:
        lines = []
        for name in names:
            lines += [
                f"    given = node.get({name!r})",
                "    if given is not None:",
                f"        {target}[{'@' + name!r}] = given",
            ]
        return lines

    def _read_class(self, number: int, element: Element) -> None:
        names = tuple(attribute.name for attribute in element.attributes)
        self.lines += [f"def read_{number}(node):", "    tree = {}", *self._attribute_lines("tree", names)]
        table: dict[str, ReadAs] = {}
        for child in element.children:
            inner = self._class_or_none(child)
            table[clark(child)] = (child.key, None if inner is None else f"read_{inner}", child.is_leaf, child.repeats)
        self.tables[f"table_{number}"] = table
        single = not any(child.repeats for child in element.children)
        self.lines += [
            "    for child in node[:]:",  # a slice is made at once; an iterator is asked child by child
            f"        key, read, leaf, repeats = table_{number}[child.tag]",
            "        if leaf and (read is None or not child.keys()):",  # most leaves have no attribute
            "            value = child.text or ''",
            "        else:",
            "            value = read(child)",
        ]
        if single:
            self.lines += ["        tree[key] = value"]
        else:
            self.lines += [
                "        if not repeats:",
                "            tree[key] = value",
                "        elif key in tree:",
                "            tree[key].append(value)",
                "        else:",
                "            tree[key] = [value]",
            ]
        self.lines += ["    return tree"]

    def _write_attributes(self, number: int, names: tuple[str, ...], *, leaf: bool) -> None:
        self.lines += [f"def attributes_{number}(tree):", "    text = ''"]
        if leaf:
            self.lines += ["    left = len(tree) - 1"]
        for name in names:
            self.lines += [
                f"    given = tree.get({'@' + name!r})",
                "    if given is not None:",
                f"        text += f' {name}=\"{{quote(given)}}\"'",
                *(["        left -= 1"] if leaf else []),
            ]
        if leaf:
            self.lines += ["    if left:", "        raise Unfit"]
        self.lines += ["    return text"]

    def _write_class(self, number: int, element: Element) -> None:
        self.lines += [f"def write_{number}(tree, out):", "    left = len(tree)"]
        for attribute in element.attributes:
            self.lines += [f"    if {'@' + attribute.name!r} in tree:", "        left -= 1"]
        for child in element.children:
            self.lines += [
                f"    value = tree.get({child.key!r})",
                "    if value is not None:",
                "        left -= 1",
            ]
            if child.repeats:
                self.lines += [
                    "        if value.__class__ is not list:",
                    "            raise Unfit",
                    "        for value in value:",
                    *self._write_child(child, "            "),
                ]
            else:
                self.lines += self._write_child(child, "        ")
        self.lines += ["    if left:", "        raise Unfit"]

    def _write_child(self, child: Element, indent: str) -> list[str]:
        tag = self.tag(child)
        inner = self._class_or_none(child)
        if inner is None:
            return [f"{indent}out(f'<{tag}>{{escape(value)}}</{tag}>')"]
        if child.is_leaf:
            return [
                f"{indent}if value.__class__ is str:",
                f"{indent}    out(f'<{tag}>{{escape(value)}}</{tag}>')",
                f"{indent}else:",
                f"{indent}    out(f'<{tag}{{attributes_{inner}(value)}}>{{escape(value[\"value\"])}}</{tag}>')",
            ]
        opening = f"f'<{tag}{{attributes_{inner}(value)}}>'" if child.attributes else f"'<{tag}>'"
        return [f"{indent}out({opening})", f"{indent}write_{inner}(value, out)", f"{indent}out('</{tag}>')"]
