"""Opening for a partner that the transport proves: what it cannot find out about the keys of others."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.errors import EnvelopeRefused
from gateway.identifiers import PartnerCode
from gateway.pipeline.opening import Opener
from gateway.pipeline.stages import ReceivedMessage
from gateway.security.filekeys import FileSigner
from tests.world.neighbours import Neighbours, neighbours_in
from tests.world.partner import NOTE, Partner

XX, YY = PartnerCode("xx"), PartnerCode("yy")


@pytest.fixture(name="both")
def both_fixture(tmp_path: Path) -> Iterator[Neighbours]:
    with neighbours_in(tmp_path) as made:
        yield made


def opener_of(both: Neighbours) -> Opener:
    return both.gateway._parts.opener


def received(sealed: bytes, proved: PartnerCode | None) -> ReceivedMessage:
    return ReceivedMessage(content=sealed, media_type="", at=datetime.now(UTC), proved=proved)


def forged(partner: Partner, kid: str) -> bytes:
    """A message of a partner that says that another key has signed it."""
    own = partner._signer
    partner._signer = FileSigner(partner._sign.private, dataclasses.replace(partner._sign.public, kid=kid))
    try:
        return partner.seal(NOTE, "m-1")
    finally:
        partner._signer = own


def code_of(both: Neighbours, sealed: bytes, proved: PartnerCode | None) -> str:
    with pytest.raises(EnvelopeRefused) as refused:
        opener_of(both).open(received(sealed, proved))
    return refused.value.stable_code


def test_the_own_message_is_opened(both: Neighbours) -> None:
    sealed = both.world.partner.seal(NOTE, "m-1")
    for proved in (XX, None):
        assert opener_of(both).open(received(sealed, proved)).sender == XX


def test_a_key_of_another_is_as_unknown_as_one_of_nobody(both: Neighbours) -> None:
    theirs = forged(both.other, both.world.partner._sign.public.kid)
    nobodys = forged(both.other, "zz-sig-202501-1")
    assert code_of(both, theirs, YY) == code_of(both, nobodys, YY) == "envelope.unknown-key"


def test_the_own_key_over_other_bytes_is_told_as_such(both: Neighbours) -> None:
    forger = Partner()
    forger._theirs = both.world.partner._theirs
    sealed = forged(forger, both.world.partner._sign.public.kid)
    assert code_of(both, sealed, XX) == code_of(both, sealed, None) == "envelope.not-opened"


def test_a_genuine_message_of_another_is_opened_so_that_its_sender_can_be_compared(both: Neighbours) -> None:
    sealed = both.world.partner.seal(NOTE, "m-1")
    assert opener_of(both).open(received(sealed, YY)).sender == XX
