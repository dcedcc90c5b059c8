"""The page of the command line tells every command, and an example of each."""

from __future__ import annotations

from gateway.cli.command_page import command_page, commands
from gateway.cli.main import COMMANDS


def test_every_command_has_a_sentence_and_an_example() -> None:
    for words, command, _ in commands():
        assert command.help, words
        assert words.split()[1] in (command.epilog or ""), words


def test_every_command_and_every_word_of_it_is_on_the_page() -> None:
    page = command_page()
    assert {words.split()[1] for words, _, _ in commands()} == set(COMMANDS)
    for words, command, context in commands():
        section = page.partition(f"## {words}\n")[2].partition("\n## ")[0]
        assert command.help.strip().splitlines()[0] in section, words
        for one in command.get_params(context):
            assert all(option in section for option in one.opts if option.startswith("--") and option != "--help"), (
                words
            )
