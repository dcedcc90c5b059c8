"""Any bytes, any header: always our own errors, and none that repeats what the sender wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import EnvelopeRefused
from gateway.security.refusals import OpeningRefused

BEFORE_DECRYPTION = {
    "envelope.malformed",
    "envelope.header-refused",
    "envelope.algorithm-refused",
    "envelope.unknown-recipient-key",
    "envelope.unknown-key",
    "envelope.expired-key",
    "envelope.compromised-key",
    "envelope.key-not-active",
}


@settings(deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_changed_byte_anywhere_never_opens(forge: Any, honest: bytes, place: float, flip: int) -> None:
    changed = bytearray(honest)
    changed[int(place * len(honest))] ^= flip
    with pytest.raises(EnvelopeRefused):
        forge.open(bytes(changed))


@settings(deadline=None)
@given(cut=st.integers(0, 1200), tail=st.binary(max_size=20))
def test_a_cut_or_lengthened_envelope_never_opens(forge: Any, honest: bytes, cut: int, tail: bytes) -> None:
    data = honest[:cut] + tail
    if data != honest:
        with pytest.raises(EnvelopeRefused):
            forge.open(data)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
HEADER_NAMES = st.sampled_from(
    ["alg", "enc", "kid", "skid", "epk", "apu", "apv", "typ", "cty", "crit", "zip", "iss", "aud", "iat", "jti", "type"]
)


@settings(deadline=None)
@given(changes=st.dictionaries(HEADER_NAMES, JSON_VALUES, min_size=1, max_size=3), inside=st.booleans())
def test_any_header_ends_in_the_tree_of_our_own_errors(forge: Any, changes: dict[str, Any], inside: bool) -> None:
    if inside:
        data = forge.seal(forge.sign({**forge.inner_header(), **changes}))
    else:
        data = forge.seal(forge.sign(forge.inner_header()), {**forge.outer_header(), **changes})
    try:
        forge.open(data)
    except OpeningRefused as refused:
        assert refused.message  # noqa: PT017 - opening is allowed too, when the changes happen to be harmless


@given(data=st.binary(max_size=400) | st.lists(st.binary(max_size=60), min_size=5, max_size=5).map(b".".join))
def test_any_bytes_end_in_the_tree_of_our_own_errors(forge: Any, data: bytes) -> None:
    with pytest.raises(OpeningRefused) as refused:
        forge.open(data)
    assert refused.value.stable_code in BEFORE_DECRYPTION


def test_no_refusal_repeats_what_the_sender_wrote(forge: Any) -> None:
    attempts: list[Callable[[], bytes]] = [
        lambda: forge.seal(b"x", forge.outer_header(kid="CANARY")),
        lambda: forge.seal(b"x", forge.outer_header(skid="CANARY")),
        lambda: forge.seal(b"x", forge.outer_header(alg="CANARY")),
        lambda: forge.seal(b"x", forge.outer_header(CANARY="CANARY")),
        lambda: forge.seal(b"CANARY"),
        lambda: forge.seal(forge.sign(forge.inner_header(alg="CANARY"))),
        lambda: forge.seal(forge.sign(forge.inner_header(CANARY="x"))),
        lambda: forge.seal(forge.sign(forge.inner_header(aud="CANARY"))),
        lambda: forge.seal(forge.sign(forge.inner_header(iss="CANARY"))),
        lambda: forge.seal(forge.sign(forge.inner_header(jti="CANARY CANARY"))),
    ]
    for attempt in attempts:
        refused = forge.refusal(attempt())
        assert "CANARY" not in f"{refused} {refused.path} {refused.remedy} {refused.detail} {refused.findings}"
