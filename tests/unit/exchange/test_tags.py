"""Audit tags: a closed list of three speaking parts."""

from __future__ import annotations

import re

import pytest

from gateway.exchange.tags import ACTORS, Tag


@pytest.mark.parametrize("tag", list(Tag))
def test_a_tag_has_a_known_actor_a_subject_and_a_past_participle(tag: Tag) -> None:
    assert tag.actor in ACTORS
    assert re.fullmatch(r"[a-z]+", tag.subject)
    assert re.fullmatch(r"[a-z]+(ed|en|ld|pped)", tag.action)
    assert tag.value == f"{tag.actor}:{tag.subject}:{tag.action}"


def test_success_and_failure_both_have_a_tag() -> None:
    pairs = (
        (Tag.GATEWAY_MESSAGE_ACCEPTED, Tag.GATEWAY_MESSAGE_REJECTED),
        (Tag.PARTNER_MESSAGE_RECEIVED, Tag.PARTNER_MESSAGE_REFUSED),
        (Tag.PARTNER_RECEIPT_RECEIVED, Tag.PARTNER_RECEIPT_REFUSED),
        (Tag.LODGER_MESSAGE_RELEASED, Tag.LODGER_MESSAGE_WITHHELD),
    )
    for good, bad in pairs:
        assert (good.actor, good.subject) == (bad.actor, bad.subject)


def test_anything_else_is_no_tag() -> None:
    with pytest.raises(ValueError, match="not a valid Tag"):
        Tag("partner:message:opened")
