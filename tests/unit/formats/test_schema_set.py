from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import DataFolderError
from gateway.formats.head import read_head
from gateway.formats.schema_set import read_schema_set
from gateway.formats.validators import ValidatorPool


def test_reads_imports_and_digests_them(cargo_head: Path) -> None:
    main = read_head(cargo_head).schema
    first = read_schema_set(main)
    assert sorted(file.name for file in first.files) == ["cargo.xsd", "types.xsd"]
    assert read_schema_set(main).digest == first.digest
    types = main.with_name("types.xsd")
    types.write_text(types.read_text().replace('value="4"', 'value="5"'))
    assert read_schema_set(main).digest != first.digest


def test_digest_does_not_depend_on_the_folder(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "r.xsd").write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
    assert read_schema_set(tmp_path / "one/r.xsd").digest == read_schema_set(tmp_path / "two/r.xsd").digest


@pytest.mark.parametrize(
    "location", ["http://example.org/a.xsd", "//example.org/a.xsd", "file:///etc/hosts", "/etc/hosts"]
)
def test_an_address_is_a_fault(tmp_path: Path, location: str) -> None:
    file = tmp_path / "r.xsd"
    file.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="{location}"/></xs:schema>'
    )
    with pytest.raises(DataFolderError, match="address"):
        read_schema_set(file)


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    file = tmp_path / "r.xsd"
    file.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="b.xsd"/></xs:schema>'
    )
    with pytest.raises(DataFolderError, match=r"b\.xsd: the schema cannot be read"):
        read_schema_set(file)
    (tmp_path / "b.xsd").write_text("<schema>")
    with pytest.raises(DataFolderError, match=r"b\.xsd: the document ends inside schema"):
        read_schema_set(file)
    (tmp_path / "b.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element type="nope"/></xs:schema>'
    )
    with pytest.raises(DataFolderError, match="libxml2 does not accept"):
        ValidatorPool(read_schema_set(file))
