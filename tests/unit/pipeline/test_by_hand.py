from __future__ import annotations

import json

import pytest

from gateway.errors import ContentRefused, EnvelopeRefused, NotPermitted
from tests.world.partner import NOTE
from tests.world.setting import World

OWN = json.dumps({"number": "A-1"}).encode()


def test_what_is_sealed_by_hand_is_what_was_handed_in_and_nothing_is_kept(world: World) -> None:
    before = world.gateway.ready()["log_size"]
    world.partner.take(world.gateway.seal(NOTE, "xx", "reply", agreement="aa-xx-notes"))
    [taken] = world.partner.taken.values()
    assert (taken.payload, taken.message_type) == (NOTE, "reply")
    assert world.gateway.exchanges() == []
    assert world.gateway.ready()["log_size"] == before


def test_two_files_sealed_by_hand_are_two_messages(world: World) -> None:
    for _ in range(2):
        world.partner.take(world.gateway.seal(NOTE, "xx", "reply"))
    assert len(world.partner.taken) == 2


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (OWN, "agreement.format-not-agreed"),
        (NOTE.replace(b"<Number>N-1</Number>", b""), "content.refused"),
        (b"no message", "content.refused"),
    ],
    ids=["in our own form", "not valid", "no message"],
)
def test_only_a_valid_document_in_the_agreed_form_is_sealed(world: World, payload: bytes, code: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        world.gateway.seal(payload, "xx", "reply")
    assert refused.value.stable_code == code


@pytest.mark.parametrize(
    ("message_type", "code"),
    [("old-reply", "agreement.expired"), ("note", "agreement.type-not-listed")],
)
def test_only_what_an_agreement_in_force_lists_is_sealed(world: World, message_type: str, code: str) -> None:
    with pytest.raises(NotPermitted) as refused:
        world.gateway.seal(NOTE, "xx", message_type)
    assert refused.value.stable_code == code


def test_a_withheld_field_is_not_sealed_and_the_refusal_names_its_place_only(world: World) -> None:
    with pytest.raises(NotPermitted) as refused:
        world.gateway.seal(NOTE.replace(b"<Line>", b"<Secret>plum</Secret><Line>"), "xx", "reply")
    assert refused.value.stable_code == "agreement.withheld"
    assert [finding.path for finding in refused.value.findings] == ["Declaration/Secret"]
    assert "plum" not in repr(refused.value.findings) + str(refused.value)


def test_what_a_partner_sealed_opens_and_is_not_taken_in(world: World) -> None:
    opened = world.gateway.open(world.partner.seal(NOTE, "m-1"))
    assert (opened.payload, opened.sender, opened.metadata.jti) == (NOTE, "xx", "m-1")
    assert world.gateway.exchanges() == []


def test_what_we_sealed_for_another_does_not_open_here(world: World) -> None:
    with pytest.raises(EnvelopeRefused):
        world.gateway.open(world.gateway.seal(NOTE, "xx", "reply"))
