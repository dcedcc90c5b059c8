"""The file of a side that tests: in which form it seals, and whether it collects."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cli.conformance import _as_other
from gateway.client.side import make_side_keys
from gateway.conformance.side_file import read_testing_side
from gateway.errors import NotFound
from gateway.security.xml_form import EnvelopeForm
from tests.world.partner import NOTE

SIDE = """
code = "xx"
home = "aa"
keys = "xx"
gateway_keys = "aa.json"
auth = "none"
{more}
[samples.good]
agreement = "aa-xx-notes"
type = "note"
format = "xx-note-1.0"
purpose = "RISK"
file = "note.xml"
"""


def written(folder: Path, more: str) -> Path:
    make_side_keys(folder / "xx", "xx")
    (folder / "aa.json").write_bytes(make_side_keys(folder / "aa", "aa"))
    (folder / "note.xml").write_bytes(NOTE)
    file = folder / "side.toml"
    file.write_text(SIDE.format(more=more), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("more", "form", "collects"),
    [
        ("", EnvelopeForm.JOSE, False),
        ('envelope = "xmldsig"', EnvelopeForm.XMLDSIG, False),
        ('envelope = "xades"\nway = "pull"', EnvelopeForm.XADES, True),
    ],
)
def test_form_and_way_are_those_of_the_file(tmp_path: Path, more: str, form: EnvelopeForm, *, collects: bool) -> None:
    target, digest = _as_other(written(tmp_path, more), "http://127.0.0.1:1", 1.0)
    assert (target.terms.form, target.terms.collects, digest) == (form, collects, "")


@pytest.mark.parametrize(("more", "place"), [('envelope = "cms"', "envelope"), ('way = "post"', "way")])
def test_a_form_or_way_that_is_not_there_is_refused(tmp_path: Path, more: str, place: str) -> None:
    with pytest.raises(NotFound) as refused:
        read_testing_side(written(tmp_path, more))
    assert (refused.value.stable_code, refused.value.path) == ("conformance.side", place)
