"""Small made-up formats and tables: what every test of the conversion engine is built from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping as ReadMapping
from datetime import UTC, datetime
from typing import Any

from gateway.codes.codelists import CodeList, CodeRow
from gateway.conversion.account import SourceLine
from gateway.conversion.loading import Loaded, Surroundings, load_mapping
from gateway.conversion.mapping import Conversion, Mapping
from gateway.conversion.model import COLUMNS, MappingSource, TableSource
from gateway.conversion.notation.cells import read_source
from gateway.conversion.run import ConversionContext
from gateway.findings import Finding
from gateway.formats.structure import Annotation, Attribute, Base, Element, SimpleType, Structure
from gateway.formats.tree import Tree

CONTEXT = ConversionContext(
    reference="0123456789abcdef0123456789abcdef",
    sender="xx",
    received=datetime(2026, 3, 16, 12, tzinfo=UTC),
    agreement_id="aa-xx-manifest",
    partner={"our-id": "AA01"},
)
HEAD = 'name = "xx-form"\nversion = "1"\nnational = ["xx-form-1.0"]\nwco = "form-3.6"\n'


def leaf(
    key: str,
    length: int | None = None,
    *,
    least: int = 0,
    most: int | None = 1,
    base: Base = "string",
    attributes: tuple[str, ...] = (),
    **facets: Any,
) -> Element:
    """A leaf with a longest length and attributes that need not be there."""
    return Element(
        key=key,
        local=key,
        minimum=least,
        maximum=most,
        type=SimpleType(base=base, max_length=length, **facets),
        attributes=tuple(Attribute(name=name, type=SimpleType()) for name in attributes),
    )


def group(
    key: str, *children: Element, least: int = 0, most: int | None = 1, attributes: tuple[str, ...] = ()
) -> Element:
    """A class."""
    return Element(
        key=key,
        local=key,
        minimum=least,
        maximum=most,
        children=children,
        attributes=tuple(Attribute(name=name, type=SimpleType()) for name in attributes),
        annotation=Annotation(),
    )


def form(key: str, *children: Element) -> Structure:
    """A format."""
    return Structure(root=group(key, *children, least=1), digest="0" * 64)


def date(key: str, **occurs: Any) -> Element:
    """A WCO date: a class of one child."""
    return group(key, leaf("DateTimeString", attributes=("formatCode",), least=1), **occurs)


def row(name: str, national: str, wco: str, verb: str = "copy", argument: str = "", **cells: str) -> dict[str, str]:
    """One row; ``way`` is both, ``loss`` none, and a reason is given where one is due."""
    written = {"way": "both", "case": "", "loss": "none", "why": "made up", "source": "test", **cells}
    return {"row": name, "national": national, "wco": wco, "verb": verb, "with": argument, **written}


def table(rows: list[dict[str, str]], head: str = "", name: str = "xx-form", start: str = HEAD) -> TableSource:
    """A table or a block, through its texts."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    source, faults = read_source(name, start + head, sheet.getvalue(), f"{name}.toml", f"{name}.csv")
    assert source is not None, faults
    assert not faults
    return source


def block(name: str, rows: list[dict[str, str]], head: str = "") -> TableSource:
    """A block."""
    return table(rows, head, name, start="")


def code_list(name: str, pairs: ReadMapping[str, str], preferred: tuple[str, ...] = (), identity: str = "") -> CodeList:
    """A list of national codes and their WCO codes."""
    rows = tuple(CodeRow(national=here, wco=there, preferred=here in preferred) for here, there in pairs.items())
    return CodeList(name=name, rows=rows, id=identity)


def loaded(
    national: Structure,
    wco: Structure,
    rows: list[dict[str, str]],
    head: str = "",
    blocks: tuple[TableSource, ...] = (),
    **surroundings: Any,
) -> Loaded:
    """A table, read and compiled, perhaps with faults."""
    source = MappingSource(table=table(rows, head), blocks={each.name: each for each in blocks})
    return load_mapping(source, national, wco, Surroundings(**surroundings))


def mapping(
    national: Structure,
    wco: Structure,
    rows: list[dict[str, str]],
    head: str = "",
    blocks: tuple[TableSource, ...] = (),
    **surroundings: Any,
) -> Mapping:
    """A table that must be without faults."""
    result = loaded(national, wco, rows, head, blocks, **surroundings)
    assert result.mapping is not None, result.faults
    return result.mapping


def both_ways(made: Mapping, national: Tree, wco: Tree) -> tuple[Conversion, Conversion]:
    """National gives WCO and WCO gives national, both without a finding."""
    there = made.to_wco(national, CONTEXT)
    assert there.findings == ()
    assert there.tree == wco
    back = made.from_wco(wco, CONTEXT)
    assert back.findings == ()
    assert back.tree == national
    return there, back


def codes_of(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Code and row of each finding."""
    return [(finding.code, finding.row) for finding in findings]


def line_of(conversion: Conversion, path: str) -> SourceLine:
    """The one line of the account about a source path."""
    (line,) = [line for line in conversion.account.source if line.path == path]
    return line


def origin_of(conversion: Conversion, path: str) -> str:
    """The one origin of a target path."""
    (line,) = [line for line in conversion.account.target if line.path == path]
    return line.origin
