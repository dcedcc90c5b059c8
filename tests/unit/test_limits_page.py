"""The reference page of limits names every limit of the settings, with the default and the sentence of the code.

python -m tests.unit.test_limits_page     writes docs/reference/limits.md anew
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from gateway.agreement.terms import MessageTerms
from gateway.partner.profile import Channel
from gateway.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "limits.md"

GROUPS: dict[str, dict[str, str]] = {
    "Connections and heads of the partner port": {
        "connections": "closed unread",
        "connections_per_address": "closed unread",
        "header_seconds": "408, closed",
        "keepalive_seconds": "closed",
        "reading_seconds": "cut off",
        "header_bytes": "431 `http.head-too-large`, or 400 `http.malformed` where it never comes whole",
        "header_count": "431 `http.head-too-large`",
    },
    "Bodies": {
        "message_limit": "413 `message.too-large`",
        "body_seconds": "408 `http.too-slow`",
        "body_grace": "408 `http.too-slow`",
        "body_rate": "408 `http.too-slow`",
        "body_inline_limit": "",
    },
    "Requests at once": {
        "requests_at_once": "503 `http.busy`, Retry-After",
        "caller_requests": "429 `http.too-many-at-once`, Retry-After",
        "partner_requests": "429 `http.too-many-at-once`, Retry-After",
        "threads": "waits",
        "inline_answer_seconds": "the acknowledgement is delivered later",
    },
    "Callers that prove nothing": {
        "failed_attempts": "429 `http.too-many-failures`, Retry-After",
        "failed_window": "",
        "failures_remembered": "the oldest is forgotten",
    },
    "Partners that misbehave": {
        "misbehaviour_limit": "429 `partner.throttled`, Retry-After",
        "misbehaviour_window": "",
        "misbehaviour_pause": "",
        "refusal_log_seconds": "",
    },
    "Times of signatures": {
        "http_signature_validity": "401 `http.validity-too-long`, `http.expired`",
        "http_clock_skew": "401 `http.not-yet-valid`, `http.expired`",
    },
    "Calls of ours": {
        "outbound_networks": "`delivery.address-refused`",
        "channel_timeout": "`delivery.no-answer`",
        "call_seconds": "`delivery.too-slow`",
        "answer_limit": "`delivery.answer-too-long`",
        "retry_after_cap": "",
    },
    "Work, lanes and the database": {
        "lease_seconds": "another worker takes the lane",
        "lane_batch": "",
        "examine_attempts": "quarantine",
        "examine_pause": "",
        "examine_seconds": "",
        "dispatch_seconds": "",
        "checkpoint_seconds": "",
        "busy_seconds": "503 `store.unavailable`",
        "page_limit": "",
    },
}

NO_LIMITS = frozenset({"partner_port", "internal_port"})
FURTHER = "Further settings with a number"

INTRO = """# Limits

Written from the code (`python -m tests.unit.test_limits_page`), and checked against it by a test. Every limit is a
setting: a line of the TOML file, or `SARHAD_` and the name in capitals in the environment. Times are in seconds, sizes
in bytes. Refusals carry a stable code in a problem document; `Retry-After` says in seconds when to come again.

Each limit stops the one who exceeds it, and nobody else. What belongs to a partner is counted in the database, by all
processes together; what belongs to a connection or an address, by each process for itself.

## What is agreed with each partner

| where | default | what it limits | answer beyond it |
|---|---|---|---|
"""

PROOF = """
Counted against a partner is what it provably did: the registered certificate was on the connection, or the request was
verified whole (signature, content and a fresh nonce). A request that names a partner without proof, and a signed one
that somebody sends again or changes, counts against its address; behind a trusted proxy against nobody, for the proxy
has the addresses. An address over its limit does not keep a partner from proving itself. Refusals that a slow clock or
a late change of keys explains (`...expired`, `...not-yet-valid`, `...expired-key`, `...key-not-active`,
`envelope.clock`) do not count as misbehaviour.

A request that is refused for a rate, a volume or a pause uses up neither its nonce nor its message id: the same one may
be sent again. The first refusal of a kind is written to the log at once, those within `refusal_log_seconds` after it
are counted, and the next entry tells how many there were (`repeats`).

`sarhad partner stop xx` refuses every request of one partner (403 `partner.stopped`), `sarhad partner start xx` lets
them in again and ends a pause, `sarhad partner stops` lists both. A start is noticed by other processes within five
seconds, a stop at once.
"""

OUTBOUND = """
An address of a partner is judged twice before a byte is sent. Its text (`delivery.url-refused`): https, or http where
the host is written as loopback; no user, query or fragment; the host in its one plain spelling, so no numbers in other
forms, no single words, no closing dot, no zone, international names in their `xn--` form. The addresses behind the name
(`delivery.address-refused`): all of them public unicast addresses, or in `outbound_networks`; loopback, link-local,
multicast and the metadata services of hosting providers never, also not through IPv4-mapped, 6to4 or NAT64 addresses.
The connection goes to an address that was checked, with the name for TLS; a name that leads nowhere is
`delivery.not-resolved`. Redirects are not followed, proxies of the environment not used.
"""


def sentences(model: type) -> dict[str, str]:
    """What a docstring says of each attribute; several may share a sentence."""
    text = inspect.getdoc(model) or ""
    lines = text.partition("Attributes:\n")[2].splitlines()
    found: dict[str, str] = {}
    names: list[str] = []
    for line in lines:
        match = re.match(r"    ([a-z_]+(?:, [a-z_]+)*): (.*)", line)
        if match:
            names = match[1].split(", ")
            found |= dict.fromkeys(names, match[2])
        elif line.strip():
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
    return {name: sentence.replace("``", "`").rstrip(".") for name, sentence in found.items()}


def default_of(name: str) -> str:
    default = Settings.model_fields[name].get_default(call_default_factory=True)
    if default == ():
        return "none"
    return f"{default:,g}".replace(",", " ") if isinstance(default, float) else f"{default:,}".replace(",", " ")


def numbers() -> list[str]:
    """The settings that are a number, in the order of the code."""
    counted = (name for name, field in Settings.model_fields.items() if field.annotation in {int, float})
    return [name for name in counted if name not in NO_LIMITS]


def rendered() -> str:
    """The page as it should be."""
    rate, volume = sentences(Channel)["rate_per_minute"], sentences(MessageTerms)["volume_per_hour"]
    often = Channel.model_fields["rate_per_minute"].default
    page = INTRO
    page += f"| profile `channel.rate_per_minute` | {often} | {rate} | 429 `http.too-many-requests`; ours wait |\n"
    page += f"| agreement `volume_per_hour` | none | {volume} | 429 `agreement.volume`; ours wait |\n"
    said = sentences(Settings)
    placed = {name for limits in GROUPS.values() for name in limits}
    further = {name: "" for name in numbers() if name not in placed}
    for title, limits in (GROUPS | {FURTHER: further}).items():
        page += f"\n## {title}\n\n| setting | default | what it limits | answer beyond it |\n|---|---|---|---|\n"
        for name, answer in limits.items():
            page += f"| `{name}` | {default_of(name)} | {said[name]} | {answer} |\n"
        page += {"Partners that misbehave": PROOF, "Calls of ours": OUTBOUND}.get(title, "")
    return page


def test_the_page_says_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered()


def test_every_number_of_the_settings_is_on_the_page() -> None:
    page = rendered()
    assert all(page.count(f"| `{name}` |") == 1 for name in numbers())
    assert {name for limits in GROUPS.values() for name in limits} <= set(Settings.model_fields)


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
