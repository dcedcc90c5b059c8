"""Profile files: what a good one gives, and every fault with file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import DataFolderError
from gateway.formats.dialect import DateForm
from gateway.formats.dialect_files import PROFILE_SUFFIX, read_dialect

GOOD = """
name = "aa-old"
title = "The old style"
source = "made up"

[recognise]
root = "Old"
namespaces = ["urn:old", ""]
wrapped = 2

[namespaces]
count = ["urn:old:body"]
absent = true

[[documents]]
format = "aa-cargo-1.0"
body = "Cargo"
when = { "Kind" = ["C*", "D"] }
has = ["Cargo/ID"]
source = "guess"

[[rename]]
parent = "Cargo"
from = "Number"
to = "ID"

[[rename]]
from = "Text"
to = "Remark"

[[aside]]
parent = "Cargo"
element = "Noise"

[values.Kind]
"C" = "Cargo"

[dates]
styles = ["attribute", "date-time"]
[dates.forms.203]
to = "204"
append = "00"

[order]
any = "Line"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / f"aa-old{PROFILE_SUFFIX}"
    file.write_text(text)
    return file


def test_everything_is_read(tmp_path: Path) -> None:
    read = read_dialect(written(tmp_path, GOOD))
    assert (read.name, read.roots, read.root_namespaces) == ("aa-old", ("Old",), ("urn:old", ""))
    assert read.namespaces == {"urn:old", "urn:old:body"}
    assert (read.enveloped, read.json, read.depth, read.absent, read.only_unwraps) == (True, False, 2, True, False)
    kind = read.kinds[0]
    assert (kind.format, kind.body, kind.when, kind.has) == (
        "aa-cargo-1.0",
        "Cargo",
        {"Kind": ("C*", "D")},
        ("Cargo/ID",),
    )
    assert (read.today("Cargo", "Number"), read.today("Line", "Number")) == ("ID", "Number")
    assert read.today("Anything", "Text") == "Remark"
    assert read.aside == {("Cargo", "Noise")}
    assert read.values == {"Kind": {"C": "Cargo"}}
    assert read.dates == ("attribute", "date-time")
    assert read.date_forms == {"203": DateForm(code="204", text="00")}
    assert (read.may_reorder("Line"), read.may_reorder("Cargo")) == (True, False)


def test_a_profile_that_only_unwraps(tmp_path: Path) -> None:
    text = 'name = "w"\ntitle = "t"\nsource = "s"\n[wrapper]\nlevels = 6\npackages = ["DEC"]\n'
    read = read_dialect(written(tmp_path, text))
    assert (read.only_unwraps, read.depth, read.wrapped_packages) == (True, 6, ("DEC",))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('title = "The old style"', "", "title"),
        ('source = "made up"', "source = 5", "source"),
        ("[recognise]", "[recognize]", "recognize"),
        ('root = "Old"', 'roots = "Old"', "recognise.roots"),
        ('root = "Old"', "root = []", "recognise.root"),
        ('root = "Old"', "root = [5]", "recognise.root"),
        ("wrapped = 2", "wrapped = 7", "recognise.wrapped"),
        ("wrapped = 2", "wrapped = true", "recognise.wrapped"),
        ("wrapped = 2", 'envelope = "no"', "recognise.envelope"),
        ("wrapped = 2", "[wrapper]\nlevels = 2", "recognise"),
        ("absent = true", 'absent = "yes"', "namespaces.absent"),
        ('format = "aa-cargo-1.0"', "", "documents[1].format"),
        ('when = { "Kind" = ["C*", "D"] }', 'when = "C"', "documents[1].when"),
        ("[[documents]]", "[documents]", "documents"),
        ('has = ["Cargo/ID"]', "has = 5", "documents[1].has"),
        ('from = "Text"', 'parent = "Cargo"\nfrom = "Number"', "rename[2]"),
        ('to = "ID"', 'into = "ID"', "rename[1].into"),
        ('source = "guess"', 'source = ""', "documents[1].source"),
        ('element = "Noise"', "", "aside[1].element"),
        ('"C" = "Cargo"', '"C" = 5', "values.Kind.C"),
        ('[values.Kind]\n"C" = "Cargo"', "[values]\nKind = 5", "values.Kind"),
        ('styles = ["attribute", "date-time"]', 'styles = ["iso"]', "dates.styles"),
        ("[dates.forms.203]", "[dates.form.203]", "dates.form"),
        ('to = "204"', "", "dates.forms.203.to"),
        ('any = "Line"', "any = 5", "order.any"),
    ],
)
def test_faults_name_file_and_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(DataFolderError) as caught:
        read_dialect(written(tmp_path, GOOD.replace(old, new)))
    assert caught.value.path == f"{tmp_path / 'aa-old.profile.toml'}: {key}"
    assert caught.value.stable_code == "format.profile"


@pytest.mark.parametrize("text", ["[", 'name = "w"\ntitle = "t"\nsource = "s"\n[wrapper]\npackages = ["DEC"]\n'])
def test_what_is_no_profile_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataFolderError):
        read_dialect(written(tmp_path, text))
    with pytest.raises(DataFolderError):
        read_dialect(tmp_path / "none.profile.toml")


@pytest.mark.parametrize("file", sorted((Path(__file__).parents[3] / "wco_schemas").rglob(f"*{PROFILE_SUFFIX}")))
def test_the_projects_own_profiles_load_and_have_a_provenance(file: Path) -> None:
    read = read_dialect(file)
    assert file.name == f"{read.name}{PROFILE_SUFFIX}"
    assert (file.parent / "PROVENANCE.md").is_file()
