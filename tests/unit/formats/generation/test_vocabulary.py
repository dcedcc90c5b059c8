from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import DataFolderError
from gateway.formats.generation.vocabulary import Vocabulary, read_vocabulary


def test_own_words_stay_where_the_file_says_nothing() -> None:
    words = read_vocabulary('[texts]\ncity = ["Xtown"]\n[common]\niso-4217 = ["XXA"]')
    assert words.texts["city"] == ("Xtown",)
    assert words.texts["party-name"] == Vocabulary().texts["party-name"]
    assert words.common["iso-4217"] == ("XXA",)


@pytest.mark.parametrize(
    "text", ["[texts", "[words]", "[texts]\ncity = 'x'", "[texts]\ncity = []", "[texts]\ncity = [1]", "texts = 1"]
)
def test_anything_else_is_a_fault(text: str) -> None:
    with pytest.raises(DataFolderError):
        read_vocabulary(text)


def test_the_projects_words_hold_latin_and_other_scripts(project_root: Path) -> None:
    file = project_root / "wco_schemas/codelists/generator/vocabulary.toml"
    words = read_vocabulary(file.read_text(encoding="utf-8"))
    for hint in ("party-name", "party-address-line", "city", "goods-description"):
        assert any(text.isascii() for text in words.texts[hint])
        assert any(not text.isascii() for text in words.texts[hint])
    assert all(len(code) == 6 and code.isdigit() for code in words.texts["hs6"])
