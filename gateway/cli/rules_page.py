"""The page of the business rules: every rule, how the forms grade them, and how a rule is written."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from typing import get_args

from gateway.formats.format import Format
from gateway.formats.reference import markdown_table
from gateway.validation import selectors
from gateway.validation.rule import Rule
from gateway.validation.rule_options import AnyRule, RuleEntry

MADE = "Made from the data folders by `sarhad reference`; do not edit."
_INTRODUCTION = (
    "A rule is judged when the schema accepts the message. Only an error makes a message invalid. A code that is",
    "missing in a list that is not complete is a warning, whatever the rule says. How to write a rule:",
    "[write-a-rule](../howto/write-a-rule.md); what each one asks in full: `sarhad rules ID`.",
)
_COLUMNS = ("id", "severity", "looks at", "for", "what must hold", "what to do", "source")


def rules_page(rules: Sequence[Rule], formats: Sequence[Format]) -> str:
    """The page in Markdown.

    Args:
        rules: all of them.
        formats: those whose heads may grade a rule otherwise.
    """
    listed = [_row(one) for one in sorted(rules, key=lambda rule: rule.id)]
    graded = [
        (f"`{rule_id}`", each.name, grade) for each in formats for rule_id, grade in sorted(each.head.rules.items())
    ]
    parts = ["# Business rules", "", MADE, "", *_INTRODUCTION, "", *markdown_table(_COLUMNS, listed)]
    if graded:
        parts += ["", "## Graded otherwise by a form", "", *markdown_table(("rule", "form", "grade"), graded)]
    parts += ["", "## Where a rule looks", "", *_selectors()]
    parts += ["", "## Kinds", "", *markdown_table(("kind", "what it asks", "keys"), _kinds())]
    return "\n".join(parts) + "\n"


def _row(rule: Rule) -> tuple[str, ...]:
    return (
        f"`{rule.id}`",
        rule.severity.value,
        ", ".join(f"`{place}`" for place in rule.at),
        ", ".join((*rule.packages, *rule.formats)) or "all",
        rule.text,
        rule.remedy,
        rule.source,
    )


def _selectors() -> list[str]:
    """The manners of looking, as the module that reads them tells them."""
    told = inspect.cleandoc(selectors.__doc__ or "").replace("``", "`")
    return [line for line in told.splitlines() if line.startswith("*")]


def _kinds() -> Iterator[tuple[str, str, str]]:
    """Every kind of rule with the keys that it has besides those of every rule."""
    union, *_ = get_args(AnyRule)
    for model in get_args(union):
        text, _, said = inspect.cleandoc(model.__doc__ or "").partition("Attributes:")
        meanings = dict(re.findall(r"^ +(\w+): (.*?)\.?$", said, re.MULTILINE))
        own = {name: one for name, one in model.model_fields.items() if name not in RuleEntry.model_fields}
        (kind,) = get_args(own.pop("kind").annotation)
        keys = [
            f"`{name}`{'' if one.is_required() else '?'}" + (f": {meanings[name]}" if name in meanings else "")
            for name, one in own.items()
        ]
        yield f"`{kind}`", text.strip().replace("``", "`"), "; ".join(keys).replace("``", "`")
