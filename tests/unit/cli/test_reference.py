"""The page of the command line is made from the program; it is stale when the program has moved on.

``SARHAD_UPDATE=1 python -m pytest tests/unit/cli/test_reference.py`` writes it anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from gateway.cli.main import COMMANDS, app

BAR = r"\|"
PAGE = "docs/reference/command_line.md"
HEAD = """# Command line

Made from the program by `tests/unit/cli/test_reference.py`; do not edit.
Exit codes: 0 fine, 1 the answer is "no", 2 wrong usage or unreadable input.
"""


def commands() -> Iterator[tuple[str, Any, Any]]:
    """Every command with its words, below groups too."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    context: Any = root.make_context("sarhad", [], resilient_parsing=True)
    for name in COMMANDS:
        command: Any = root.get_command(context, name)
        if isinstance(command, TyperGroup):
            for inner, below in command.commands.items():
                yield f"sarhad {name} {inner}", below, context
        else:
            yield f"sarhad {name}", command, context


def page() -> str:
    parts = [HEAD]
    for name, command, context in commands():
        records = [one.get_help_record(context) for one in command.get_params(context) if "--help" not in one.opts]
        rows = [f"| `{words.replace('|', BAR)}` | {said.replace('|', BAR)} |" for words, said in records]
        examples = [line.strip() for line in (command.epilog or "").replace("Example:", "").splitlines()]
        table = ["| word | what it is |", "|---|---|", *rows, ""] if rows else []
        typed_lines = [line for line in examples if line.strip("\b")]
        parts += [f"## {name}", "", (command.help or "").strip(), "", *table, "```", *typed_lines, "```", ""]
    return "\n".join(parts)


def test_the_page_is_what_the_program_says(project_root: Path) -> None:
    made = page()
    file = project_root / PAGE
    if os.environ.get("SARHAD_UPDATE") == "1":
        file.write_text(made, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == made


def test_every_command_has_a_sentence_and_an_example() -> None:
    for words, command, _ in commands():
        assert command.help, words
        assert words.split()[1] in (command.epilog or ""), words
