"""No stage can be skipped: each type of a message is constructed by one module only."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

from gateway.pipeline import stages

GATEWAY = Path(stages.__file__).parents[1]
MAKERS = {
    "OpenedMessage": {"pipeline/opening.py"},
    "StoredMessage": {"pipeline/inbound.py"},
    "ReadMessage": {"pipeline/engines.py"},
    "PermittedMessage": {"pipeline/engines.py"},
    "ConvertedMessage": {"pipeline/engines.py"},
    "ReleasedMessage": {"pipeline/engines.py"},
    "SealedMessage": {"pipeline/sealing.py"},
}


def makers_of(name: str) -> set[str]:
    """The modules of the package that call a class of this name."""
    found = set()
    for file in GATEWAY.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if called == name:
                    found.add(file.relative_to(GATEWAY).as_posix())
    return found


@pytest.mark.parametrize("name", list(MAKERS))
def test_a_stage_is_made_by_one_module_only(name: str) -> None:
    assert makers_of(name) == MAKERS[name]


def test_every_stage_but_the_first_is_listed_here() -> None:
    defined = {
        name
        for name, value in vars(stages).items()
        if dataclasses.is_dataclass(value) and name.endswith("Message") and value.__module__ == stages.__name__
    }
    assert defined == {"ReceivedMessage", *MAKERS}


@pytest.mark.parametrize("name", ["ReceivedMessage", *MAKERS])
def test_a_stage_is_frozen_and_never_prints_what_it_carries(name: str) -> None:
    kind = getattr(stages, name)
    assert kind.__dataclass_params__.frozen
    assert "__repr__" not in vars(kind)
