"""The compiled codec of an XML format: lxml tree -> message tree -> XML bytes.

Reading expects a document that the schema has accepted. Writing accepts any message tree: what does not fit the schema
ends in a `TreeUnfit` that names every misfit, found by `gateway.formats.fit` only after the fast path failed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.errors import GatewayError
from gateway.formats.codec_source import clark, write_source
from gateway.formats.fit import fit
from gateway.formats.parsing import XmlElement
from gateway.formats.structure import Structure
from gateway.formats.tree import Tree
from gateway.formats.xml_text import Unfit, escape_attribute, escape_text

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class TreeUnfit(GatewayError):
    """A message tree that the format cannot write: unknown keys, lists where one is due, values that are no text."""

    code = "format.tree"


class Codec:
    """Reader and writer of one format, compiled once.

    Args:
        structure: of an XML format.
        aliases: preferred prefix by namespace.

    Attributes:
        tag: name of the document element as lxml writes it.
    """

    def __init__(self, structure: Structure, aliases: dict[str, str]) -> None:
        source = write_source(structure, aliases)
        names: dict[str, Any] = {"escape": escape_text, "quote": escape_attribute, "Unfit": Unfit}
        exec(compile(source.text, "<codec>", "exec"), names)  # noqa: S102 - generated from our schema alone
        for name, table in source.tables.items():
            names[name] = {
                tag: (key, names[reader] if reader is not None else None, leaf, repeats)
                for tag, (key, reader, leaf, repeats) in table.items()
            }
        root = structure.root
        self._structure = structure
        self._key = root.key
        self.tag = clark(root)
        self._read: Callable[[XmlElement], Tree] = names[f"read_{source.root}"]
        self._write: Callable[[Tree, Callable[[str], None]], None] = names[f"write_{source.root}"]
        self._attributes: Callable[[Tree], str] | None = names.get(f"attributes_{source.root}")
        self._opening = f"{_DECLARATION}<{source.root_tag}{source.declarations}"
        self._closing = f"</{source.root_tag}>\n"

    def read(self, document: XmlElement) -> Tree:
        """The message tree of a document that the schema has accepted.

        Raises:
            TreeUnfit: the document holds an element that the structure does not know.
        """
        if document.tag != self.tag:
            raise TreeUnfit("the document element is not that of the format")
        try:
            return {self._key: self._read(document)}
        except KeyError:
            raise TreeUnfit("the document holds an element that the format does not know") from None

    def write(self, tree: Tree) -> bytes:
        """The message as XML in UTF-8: order of the schema, all namespaces declared once at the root.

        Raises:
            TreeUnfit: see the class; its findings name every misfit with its path.
        """
        out: list[str] = [self._opening]
        if len(tree) != 1:
            raise self._explained(tree)
        try:
            content = tree[self._key]
            out.append(f"{self._attributes(content)}>" if self._attributes is not None else ">")
            self._write(content, out.append)
        except (Unfit, KeyError, AttributeError, TypeError):
            raise self._explained(tree) from None
        out.append(self._closing)
        return "".join(out).encode()

    def _explained(self, tree: Tree) -> TreeUnfit:
        _, findings = fit(self._structure, tree, as_tree=True)
        first = findings[0] if findings else None
        return TreeUnfit(
            first.message if first else "the tree does not fit the format",
            path=first.path if first else "",
            remedy=first.remedy if first else "",
            findings=findings,
        )
