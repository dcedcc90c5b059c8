"""Derived structures kept on disk by digest, so that many formats start in little time.

The cache is plain JSON and is never trusted further than it parses: a file that is damaged, of another version or of
another digest is derived again and written over. Elements that are equal stand in the file once and are shared after
reading, as they are after derivation.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from pathlib import Path
from typing import Any

import orjson

from gateway.formats.structure import Annotation, Attribute, Element, SimpleType, Structure

VERSION = 2
"""Raised whenever the derivation of structures or their form in the cache changes."""


def load_structure(folder: Path, digest: str) -> Structure | None:
    """The structure with this digest, or None when the cache cannot give it."""
    try:
        document = orjson.loads(_file(folder, digest).read_bytes())
        if document["version"] != VERSION or document["digest"] != digest:
            return None
        return _unpack(document)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None


def save_structure(folder: Path, structure: Structure, digest: str) -> None:
    """Keep a structure; a cache that cannot be written is no fault, it only costs time."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(_pack(structure, digest)))
            Path(name).replace(_file(folder, digest))
        except OSError:
            Path(name).unlink(missing_ok=True)


def _file(folder: Path, digest: str) -> Path:
    return folder / f"structure-{digest}.json"


def _pack(structure: Structure, digest: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    known: dict[int, int] = {}

    def row(element: Element) -> int:
        if id(element) not in known:
            packed = {
                name: getattr(element, name)
                for name in (
                    "key",
                    "local",
                    "namespace",
                    "minimum",
                    "maximum",
                    "choices",
                    "choice_required",
                    "json_type",
                )
            }
            packed["type"] = dataclasses.asdict(element.type) if element.type is not None else None
            packed["annotation"] = dataclasses.asdict(element.annotation)
            packed["attributes"] = [dataclasses.asdict(attribute) for attribute in element.attributes]
            packed["children"] = [row(child) for child in element.children]
            known[id(element)] = len(rows)
            rows.append(packed)
        return known[id(element)]

    root = row(structure.root)
    return {
        "version": VERSION,
        "digest": digest,
        "set": structure.digest,
        "syntax": structure.syntax,
        "root": root,
        "elements": rows,
    }


def _unpack(document: dict[str, Any]) -> Structure:
    elements: list[Element] = []
    for row in document["elements"]:
        simple = row["type"]
        elements.append(
            Element(
                key=row["key"],
                local=row["local"],
                namespace=row["namespace"],
                minimum=row["minimum"],
                maximum=row["maximum"],
                type=_simple(simple) if simple is not None else None,
                attributes=tuple(_attribute(attribute) for attribute in row["attributes"]),
                children=tuple(elements[child] for child in row["children"]),
                choices=tuple(tuple(tuple(branch) for branch in group) for group in row["choices"]),
                choice_required=tuple(row["choice_required"]),
                annotation=Annotation(**row["annotation"]),
                json_type=row["json_type"],
            )
        )
    return Structure(root=elements[document["root"]], digest=document["set"], syntax=document["syntax"])


def _simple(row: dict[str, Any]) -> SimpleType:
    return SimpleType(
        **{**row, "patterns": tuple(row["patterns"]), "enumeration": tuple(row["enumeration"])},
    )


def _attribute(row: dict[str, Any]) -> Attribute:
    return Attribute(
        name=row["name"],
        type=_simple(row["type"]),
        required=row["required"],
        fixed=row["fixed"],
        annotation=Annotation(**row["annotation"]),
    )
