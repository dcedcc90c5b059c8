from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import DataFolderError
from gateway.formats.head import read_head

FULL = """
[recognise]
namespaces = ["urn:aa:cargo", "urn:aa:cargo:2"]
leaves = { "ID" = ["A", "B"], "Owner/Code" = "C" }
children = ["Line"]
[absent]
means = "empty"
[unknown]
elements = "kept-aside"
[dates]
zone = "+08:00"
[file]
name = "{reference}.xml"
[wco]
package = "CRI"
canonical = "cri-3.6"
[defaults]
"ID" = "X"
"""


def test_reads_everything(write_format: Callable[..., Path]) -> None:
    head = read_head(write_format(more=FULL))
    assert head.name == "aa-cargo-1.0"
    assert head.schema.name == "cargo.xsd"
    assert head.recognise_namespaces == ("urn:aa:cargo", "urn:aa:cargo:2")
    assert head.recognise_leaves == {"ID": ("A", "B"), "Owner/Code": ("C",)}
    assert head.recognise_children == ("Line",)
    assert dict(head.aliases) == {"urn:aa:types": "t"}
    assert (head.absent, head.unknown, head.zone, head.file_name) == (
        "empty",
        "kept-aside",
        "+08:00",
        "{reference}.xml",
    )
    assert (head.wco_package, head.canonical) == ("CRI", "cri-3.6")
    assert dict(head.defaults) == {"ID": "X"}


def test_defaults_of_a_short_head(cargo_head: Path) -> None:
    head = read_head(cargo_head)
    assert (head.syntax, head.namespaces, head.absent, head.unknown) == ("xml", "exact", "missing", "refused")
    assert head.recognise_namespaces == ("urn:aa:cargo",)


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("[surprise]\na = 1\n", "surprise"),
        ('[absent]\nmean = "empty"\n', "absent.mean"),
        ('[absent]\nmeans = "nothing"\n', "absent.means"),
        ("[dates]\nzone = 8\n", "dates.zone"),
        ("[recognise]\nchildren = [1]\n", "recognise.children"),
        ("[recognise]\nchildren = 1\n", "recognise.children"),
        ("[defaults]\nID = 1\n", "defaults.ID"),
    ],
)
def test_fault_names_file_and_key(write_format: Callable[..., Path], more: str, key: str) -> None:
    with pytest.raises(DataFolderError) as caught:
        read_head(write_format(more=more))
    assert key in caught.value.path
    assert "aa-cargo.format.toml" in caught.value.path


@pytest.mark.parametrize("missing", ["name", "version", "schema", "root"])
def test_missing_key(write_format: Callable[..., Path], missing: str) -> None:
    head = 'name = "a"\nversion = "1"\nschema = "cargo.xsd"\nroot = "Cargo"\n'
    kept = "\n".join(line for line in head.splitlines() if not line.startswith(f"{missing} "))
    with pytest.raises(DataFolderError, match=f"{missing}: is missing"):
        read_head(write_format(head=kept))


def test_schema_that_is_not_there(cargo_head: Path) -> None:
    (cargo_head.parent / "cargo.xsd").unlink()
    with pytest.raises(DataFolderError, match="does not exist"):
        read_head(cargo_head)


def test_unreadable_head(tmp_path: Path) -> None:
    file = tmp_path / "a.format.toml"
    file.write_bytes(b"name = \xff")
    with pytest.raises(DataFolderError, match="cannot be read"):
        read_head(file)
