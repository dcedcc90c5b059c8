"""The digests of RFC 9530: its active algorithms are taken, its deprecated ones are refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from gateway.security.content_digest import check_content_digest, make_content_digest
from gateway.security.http_refusals import HttpMessageRefused

FILE = Path(__file__).resolve().parents[2] / "vectors" / "rfc9530" / "examples.toml"
VECTORS: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8"))
ACCEPTED = {one["name"]: one for one in VECTORS["accepted"]}
REFUSED = {one["name"]: one for one in VECTORS["refused"]}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_active_digest_is_the_one_of_its_content_and_what_we_make(name: str) -> None:
    content = ACCEPTED[name].get("content", VECTORS["content"]).encode()
    value = ACCEPTED[name]["value"]
    check_content_digest(value, content)
    assert make_content_digest(content, value.partition("=")[0]) == value
    with pytest.raises(HttpMessageRefused) as refused:
        check_content_digest(value, content + b"\n")
    assert refused.value.stable_code == "http.digest-mismatch"


@pytest.mark.parametrize("name", REFUSED)
def test_a_deprecated_digest_is_refused_alone_and_beside_a_good_one(name: str) -> None:
    content = ACCEPTED["rfc9530_d_sha256"]["content"].encode()
    for value in (REFUSED[name]["value"], f"{ACCEPTED['rfc9530_d_sha256']['value']}, {REFUSED[name]['value']}"):
        with pytest.raises(HttpMessageRefused) as refused:
            check_content_digest(value, content)
        assert refused.value.stable_code == "http.digest-refused"


EMPTY = ACCEPTED["rfc9530_b2"]["value"]
STRUCTURED = {
    "display_string": 'sha-256=%"a"',
    "date": "sha-256=@1",
    "boolean": "sha-256=?1",
    "decimal": "sha-256=1.0",
    "tab_in_front": f"\t{EMPTY}",
    "key_in_capitals": EMPTY.replace("sha", "Sha"),
    "base64url": EMPTY.replace("+", "-").replace("/", "_"),
    "line_end": f"{EMPTY}\n",
    "nul": f"{EMPTY}\0",
    "open_bytes": EMPTY[:-1],
    "empty_parameter": f"{EMPTY};",
    "parameter_at_the_key": EMPTY.replace("=", ";a=", 1),
    "blank_inside": EMPTY.replace("47", "4 7"),
    "one_key_twice_over_a_tab": f"{EMPTY},\t{EMPTY}",
}
"""What the grammar of RFC 9651 does not have (section 4.2), or has for other values than a digest."""


@pytest.mark.parametrize("name", STRUCTURED)
def test_what_is_no_dictionary_of_byte_sequences_is_refused(name: str) -> None:
    with pytest.raises(HttpMessageRefused) as refused:
        check_content_digest(STRUCTURED[name], b"")
    assert refused.value.stable_code == "http.digest-refused"


@pytest.mark.parametrize("value", [f"  {EMPTY} ", f"{EMPTY[:-2]}:"])
def test_what_rfc9651_asks_readers_to_bear_is_borne(value: str) -> None:
    """Blanks around the field, and padding left out (section 4.2.7): the signature covers the value as it came."""
    check_content_digest(value, b"")
