"""The house rules hold, and a planted breach of each is found."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_spec = importlib.util.spec_from_file_location("house", Path(__file__).with_name("house.py"))
assert _spec is not None
assert _spec.loader is not None
house: Any = importlib.util.module_from_spec(_spec)
sys.modules["house"] = house
_spec.loader.exec_module(house)

RULES: dict[str, Callable[[Path], list[Any]]] = {
    "imports point down and engines import no sibling": house.import_breaches,
    "no circles": house.circle_breaches,
    "files and functions are small": house.size_breaches,
    "no partner is named": house.token_breaches,
    "one module speaks HTTP to the outside": house.channel_breaches,
}

PLANTED: dict[str, tuple[str, dict[str, str]]] = {
    "import upwards": (
        "imports point down and engines import no sibling",
        {"formats/a.py": "from gateway.pipeline import inbound\n", "pipeline/inbound.py": ""},
    ),
    "engine imports sibling": (
        "imports point down and engines import no sibling",
        {"conversion/a.py": "from gateway.agreement import release\n", "agreement/release.py": ""},
    ),
    "pipeline imports adapters": (
        "imports point down and engines import no sibling",
        {"pipeline/a.py": "import gateway.adapters.store\n", "adapters/store.py": ""},
    ),
    "unknown room": ("imports point down and engines import no sibling", {"utils/a.py": ""}),
    "circle": ("no circles", {"codes/a.py": "import gateway.codes.b\n", "codes/b.py": "import gateway.codes.a\n"}),
    "long file": ("files and functions are small", {"codes/a.py": "x = 1\n" * 401}),
    "long function": (
        "files and functions are small",
        {"codes/a.py": "def f():\n" + "    x = 1\n" * 60},
    ),
    "a partner named": ("no partner is named", {"codes/a.py": "# as in the Chinese form\n"}),
    "a national message type named": ("no partner is named", {"codes/a.py": "KIND = 'MT2401'\n"}),
    "a partner code in quotes": ("no partner is named", {"codes/a.py": "HOME = 'uz'\n"}),
    "second channel": (
        "one module speaks HTTP to the outside",
        {"adapters/a.py": "import httpx\n", "adapters/b.py": "from httpx import Client\n"},
    ),
    "channel elsewhere": ("one module speaks HTTP to the outside", {"client/a.py": "import httpx\n"}),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_holds(rule: str, project_root: Path) -> None:
    breaches = RULES[rule](project_root / "gateway")
    assert not breaches, "\n".join(map(str, breaches))


@pytest.mark.parametrize("breach", PLANTED)
def test_a_planted_breach_is_found(breach: str, tmp_path: Path) -> None:
    rule, files = PLANTED[breach]
    package = tmp_path / "gateway"
    for name, text in files.items():
        file = package / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert RULES[rule](package), f"the breach {breach!r} went unseen"


def test_a_clean_house_passes_every_rule(tmp_path: Path) -> None:
    package = tmp_path / "gateway"
    package.mkdir()
    (package / "errors.py").write_text("class E(Exception):\n    pass\n", encoding="utf-8")
    for rule in RULES.values():
        assert rule(package) == []


def test_tests_keep_to_the_sizes_too(project_root: Path) -> None:
    breaches = house.size_breaches(project_root / "tests")
    assert not breaches, "\n".join(map(str, breaches))
