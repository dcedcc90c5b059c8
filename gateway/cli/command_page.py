"""The page of the command line, made from what the program says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from gateway.cli.main import COMMANDS, app
from gateway.formats.reference import markdown_table

PAGE = "command_line.md"
_HEAD = """# Command line

Made from the program by `sarhad reference`; do not edit.
Exit codes: 0 fine, 1 the answer is "no", 2 wrong usage or unreadable input, 130 interrupted.
"""


def commands() -> Iterator[tuple[str, Any, Any]]:
    """Every command with its words and its context, those below groups too; each one is loaded for it."""
    root = get_command(app)
    assert isinstance(root, TyperGroup)
    context: Any = root.make_context("sarhad", [], resilient_parsing=True)
    for name in COMMANDS:
        command: Any = root.get_command(context, name)
        yield from ((words, below, context) for words, below in _below(f"sarhad {name}", command))


def _below(words: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command, or those of a group, however deep they stand."""
    if not isinstance(command, TyperGroup):
        yield words, command
        return
    for inner, below in command.commands.items():
        yield from _below(f"{words} {inner}", below)


def command_page() -> str:
    """The page in Markdown: what each command does, its words, its examples."""
    parts = [_HEAD]
    for name, command, context in commands():
        rows = [one.get_help_record(context) for one in command.get_params(context) if "--help" not in one.opts]
        words = [(f"`{word}`", said) for word, said in rows]
        typed = [line for line in _lines(command.epilog or "") if line.strip("\b")]
        table = [*markdown_table(("word", "what it is"), words), ""] if words else []
        parts += [f"## {name}", "", (command.help or "").strip(), "", *table, "```", *typed, "```", ""]
    return "\n".join(parts)


def _lines(epilog: str) -> list[str]:
    return [line.strip() for line in epilog.replace("Example:", "").splitlines()]
