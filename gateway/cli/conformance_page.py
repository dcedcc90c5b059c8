"""The page of the conformance kit, made from its checks."""

from __future__ import annotations

from gateway.conformance.kit import ALL, GROUPS, checks_of
from gateway.formats.reference import markdown_table

PAGE = "conformance.md"
_HEAD = """# The conformance kit

Made from the program by `sarhad reference`; do not edit.
`sarhad partner test` runs these checks against an endpoint that speaks the partner API;
[onboard-a-partner.md](../howto/onboard-a-partner.md) shows how. The kit is the same for both directions: we test a
partner's side, and a partner tests ours in the sandbox.

An outcome is `passed`, `failed`, or `not-applicable` where profile or agreement have not what a check asks for. A
report is a compact JWS of type `conformance-report+jws`, signed with the tester's signing key: tester, target,
endpoint, realm, times, program, digests of kit and data folders, and each check with what was seen; no message's value.

Messages are sealed in the form that the profile names (`envelope`): a partner that signs XML is tested, and tests, with
signed XML; then the checks that forge a JWS do not apply, and those of signed XML do. The checks of the mailbox are for
the partner that collects (`way = "pull"` in its `side.toml`), and want messages that wait there. The two that may take
a message out are done in a sandbox only, for the kit keeps none.
"""


def conformance_page() -> str:
    """The page in Markdown: every check with what it proves and where the protocol says so."""
    parts = [_HEAD, f"{len(ALL)} checks.\n"]
    for title, group in GROUPS.items():
        rows = [(one.id, one.title, one.proves, one.clause) for one in checks_of(group)]
        parts += [f"## {title}\n", "\n".join(markdown_table(("check", "what must hold", "why", "clause"), rows)), ""]
    return "\n".join(parts)
