"""The reference page of states, audit tags and gates says what the code says; it is written from here.

python tests/unit/exchange/test_reference.py     writes docs/reference/exchange_states.md anew
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from gateway.exchange import tags
from gateway.exchange.states import OPERATOR_EVENTS, TABLE, TERMINAL, Direction
from gateway.exchange.tags import Tag
from gateway.ports import Gate

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "exchange_states.md"


def rendered() -> str:
    """The page as it should be."""
    lines = [
        "# States of an exchange, audit tags, kill gates",
        "",
        "Written from the code (`tests/unit/exchange/test_reference.py`), which also checks that it is up to date.",
    ]
    for direction in Direction:
        lines += [
            "",
            f"## {direction.value.capitalize()}",
            "",
            "| state | event | next state | by |",
            "|---|---|---|---|",
        ]
        for (way, before, event), after in TABLE.items():
            if way is direction:
                by = "operator" if event in OPERATOR_EVENTS else ""
                lines.append(f"| {before.value if before else '(none)'} | {event.value} | {after.value} | {by} |")
        ends = ", ".join(sorted(state.value for way, state in TERMINAL if way is direction))
        lines += ["", f"Ends: {ends}."]
    lines += ["", "## Audit tags", "", "| tag | meaning |", "|---|---|"]
    lines += [f"| `{tag.value}` | {meaning} |" for tag, meaning in tag_meanings().items()]
    lines += ["", "## Kill gates (tests only)", ""]
    lines += [f"- `{gate.value}`" for gate in Gate]
    return "\n".join(lines) + "\n"


def tag_meanings() -> dict[Tag, str]:
    """The comment that stands above each tag; one comment may serve several tags in a row."""
    found: dict[Tag, str] = {}
    comment: list[str] = []
    fresh = False
    for line in inspect.getsource(tags.Tag).splitlines():
        text = line.strip()
        if text.startswith("# "):
            comment = [text[2:]] if not fresh else [*comment, text[2:]]
            fresh = True
        elif match := re.match(r"([A-Z_]+) = ", text):
            found[Tag[match[1]]] = " ".join(comment)
            fresh = False
    return found


def test_the_page_says_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered()


def test_every_tag_is_explained() -> None:
    assert set(tag_meanings()) == set(Tag)
    assert all(len(meaning) > 20 for meaning in tag_meanings().values())


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
