"""The two lines of a signature are written here; the library writes the same."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from http_message_signatures import HTTPMessageSigner

from gateway.security.filekeys import FileSigner
from gateway.security.generation import generate_key
from gateway.security.http_bridge import RequestView, ResponseView, View, make_signature
from gateway.security.http_profile import DEFAULT_HTTP_LIMITS, LABEL, algorithm_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REQUEST = RequestView("POST", "https://gateway.example/v1/checks?from=xx", {"Content-Digest": f"sha-256=:{43 * 'A'}=:"})
ANSWER = ResponseView("202", dict(REQUEST.headers) | {"Content-Type": "application/json"}, REQUEST)


@pytest.mark.parametrize(
    ("view", "components"),
    [
        (REQUEST, ("@method", "@target-uri", "content-digest")),
        (ANSWER, ("@status", "content-type", "content-digest", '"@method";req', '"content-digest";req')),
    ],
)
def test_the_lines_are_those_of_the_library(view: View, components: tuple[str, ...]) -> None:
    key = generate_key("xx", "Ed25519", NOW)  # one signature for a text
    signer = FileSigner(key.private, key.public)
    made = make_signature(view, components, "cgw-request", signer, NOW, "n" * 22, DEFAULT_HTTP_LIMITS)
    library = HTTPMessageSigner(signature_algorithm=algorithm_of("Ed25519"))
    prepared = library.prepare(
        view,
        key_id=signer.kid,
        created=NOW,
        expires=NOW + DEFAULT_HTTP_LIMITS.validity,
        nonce="n" * 22,
        label=LABEL,
        tag="cgw-request",
        covered_component_ids=components,
        use_existing_digest=True,
    )
    written: Any = view
    library.apply(written, prepared, signer.sign(prepared.signature_base))
    assert made == {name: written.headers.pop(name) for name in ("Signature-Input", "Signature")}
