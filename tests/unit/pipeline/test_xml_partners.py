"""A gateway and a partner whose profile names a form of signed XML: both ways, repeated, kept, and no other form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.bootstrap import build_gateway
from gateway.errors import ContentRefused, EnvelopeRefused, ReplayRefused
from gateway.exchange.model import Role
from gateway.exchange.states import State
from gateway.security.receipts import RECEIPT_TYPE, verify_receipt
from gateway.security.statements import statement_kid
from gateway.security.xml_form import EnvelopeForm, ds
from tests.world.log import entries, tags
from tests.world.partner import NOTE, Partner, note
from tests.world.setting import World, data_with, world_in

JOSE = "application/jose"
XML_FORMS = [EnvelopeForm.XMLDSIG, EnvelopeForm.XADES]


@pytest.fixture(params=XML_FORMS)
def signed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A gateway whose partner signs XML, in each of the two forms."""
    with world_in(tmp_path, Partner(form=request.param), root=data_with(tmp_path, envelope=request.param)) as made:
        yield made


def evidence(world: World, exchange_id: str) -> bytes:
    """What the store keeps as signed bytes of the first message of an exchange."""
    around = world.gateway._parts.around
    with around.store.reading() as look:
        return look.bodies.read(world.gateway.exchange(exchange_id).messages[0].key, Role.SIGNED)


def test_a_message_of_the_partner_goes_all_the_way(signed: World) -> None:
    given = signed.gateway.receive(signed.partner.seal(NOTE, "m-1"), JOSE)
    [message] = signed.gateway.exchange(given.exchange_id).messages
    kept = evidence(signed, given.exchange_id)
    receipt = verify_receipt(given.receipt, signed.partner._theirs[statement_kid(given.receipt, RECEIPT_TYPE)])
    assert ds("Signature").rpartition("}")[2].encode() in kept
    assert receipt.jws_digest == message.digest == hashlib.sha256(kept).hexdigest()
    signed.gateway.settle()
    assert signed.gateway.exchange(given.exchange_id).exchange.state is State.CONCLUDED
    [entry] = signed.gateway.feeds.page("rms").entries
    assert b"apricots" in entry.document
    assert [answer["outcome"] for answer in signed.partner.answers_to("m-1")] == ["accepted"]


def test_a_message_to_the_partner_is_signed_xml_and_its_answer_closes_the_exchange(signed: World) -> None:
    lodged = signed.gateway.lodge(b'{"number":"L-1","lines":[{"no":"1","goods":"figs","mass":"2.5"}]}', "xx", "reply")
    signed.gateway.dispatch_once()
    [taken] = signed.partner.taken.values()
    kept = evidence(signed, lodged.exchange_id)
    assert b"<Goods>figs</Goods>" in taken.payload
    assert b"Signature" not in taken.payload
    assert kept.startswith(b"<?xml")
    assert taken.digest == hashlib.sha256(kept).hexdigest()
    signed.gateway.receive(signed.partner.acknowledge(taken.message_id, "a-1"), JOSE)
    signed.gateway.settle()
    assert signed.gateway.exchange(lodged.exchange_id).exchange.state is State.ACKNOWLEDGED


def test_a_message_that_the_schema_refuses_gets_a_refusing_acknowledgement(signed: World) -> None:
    signed.gateway.receive(signed.partner.seal(note("N-1", b"<Unknown/>"), "m-1"), JOSE)
    signed.gateway.settle()
    [answer] = signed.partner.answers_to("m-1")
    assert answer["outcome"] == "refused"


def test_the_same_message_again_gets_the_same_receipt_and_other_bytes_are_refused(signed: World) -> None:
    sealed = signed.partner.seal(NOTE, "m-1")
    first, again = signed.gateway.receive(sealed, JOSE), signed.gateway.receive(sealed, JOSE)
    assert (again.receipt, again.repeated) == (first.receipt, True)
    with pytest.raises(ReplayRefused):
        signed.gateway.receive(signed.partner.seal(note("N-2"), "m-1"), JOSE)
    assert tags(signed)[2:] == ["partner:message:replayed"]


def test_a_document_as_jws_is_refused_and_logged(signed: World) -> None:
    signed.partner.form = EnvelopeForm.JOSE
    with pytest.raises(EnvelopeRefused) as refused:
        signed.gateway.receive(signed.partner.seal(NOTE, "m-1"), JOSE)
    assert refused.value.stable_code == "envelope.wrong-form"
    assert [entry["codes"] for entry in entries(signed)] == ["envelope.wrong-form"]


def test_the_other_xml_form_is_refused(signed: World) -> None:
    [signed.partner.form] = set(XML_FORMS) - {signed.partner.form}
    with pytest.raises(EnvelopeRefused) as refused:
        signed.gateway.receive(signed.partner.seal(NOTE, "m-1"), JOSE)
    assert refused.value.stable_code == "envelope.wrong-form"


@pytest.mark.parametrize("form", XML_FORMS)
def test_signed_xml_of_a_partner_with_jws_is_refused(world: World, form: EnvelopeForm) -> None:
    world.partner.form = form
    with pytest.raises(EnvelopeRefused) as refused:
        world.gateway.receive(world.partner.seal(NOTE, "m-1"), JOSE)
    assert refused.value.stable_code == "envelope.wrong-form"


def test_what_is_stored_verifies_after_the_profile_has_changed(tmp_path: Path) -> None:
    root, partner = data_with(tmp_path, envelope="xades"), Partner(form=EnvelopeForm.XADES)
    with world_in(tmp_path, partner, root=root) as world:
        exchange_id = world.gateway.receive(partner.seal(NOTE, "m-1"), JOSE).exchange_id
    profile = root / "partners" / "xx" / "profile.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace('"xades"', '"jose"'), encoding="utf-8")
    with build_gateway(world.settings) as gateway:
        gateway.process_once()
        assert gateway.exchange(exchange_id).exchange.state is State.ACCEPTED


def test_a_file_is_sealed_and_opened_by_hand(signed: World) -> None:
    signed.partner.take(signed.gateway.seal(NOTE, "xx", "reply"))
    [taken] = signed.partner.taken.values()
    assert taken.payload == NOTE
    opened = signed.gateway.open(signed.partner.seal(NOTE, "m-1"))
    assert (opened.payload, opened.sender) == (NOTE, "xx")


@pytest.mark.parametrize("inside", [b"<!-- aside -->", b"<?aside?>"])
def test_a_file_that_cannot_carry_a_signature_is_refused(signed: World, inside: bytes) -> None:
    with pytest.raises(ContentRefused) as refused:
        signed.gateway.seal(NOTE.replace(b"<Kind>", inside + b"<Kind>"), "xx", "reply")
    assert refused.value.stable_code == "envelope.not-signable"


def test_evidence_that_was_changed_in_the_store_is_set_aside(signed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange_id = signed.gateway.receive(signed.partner.seal(NOTE, "m-1"), JOSE).exchange_id
    opener: Any = signed.gateway._parts.opener
    honest = opener.open_stored
    monkeypatch.setattr(
        type(opener),
        "open_stored",
        lambda _self, kept, message: honest(kept.replace(b"apricots", b"apricot!"), message),
    )
    signed.gateway.process_once()
    assert signed.gateway.exchange(exchange_id).exchange.state is State.QUARANTINED
