"""The partner's client in each form of envelope, against a gateway in this process; nothing goes over a wire here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.bootstrap import own_key_list
from gateway.client.client import GatewayClient
from gateway.client.side import make_side_keys, read_side
from gateway.errors import EnvelopeRefused
from gateway.exchange.states import State
from gateway.identifiers import MessageId, PartnerCode
from gateway.ports import ChannelAnswer
from gateway.security.xml_form import EnvelopeForm
from tests.world.partner import NOTE, Partner, accepted
from tests.world.setting import World, data_with, world_in

JOSE = "application/jose"


@dataclass
class ByClient(Partner):
    """The partner ``xx`` whose envelopes are made and opened by the client."""

    client: GatewayClient | None = None
    sealed: bytes = b""

    def deliver(self, partner: PartnerCode, endpoint: str, sealed: bytes, message_id: MessageId) -> ChannelAnswer:
        del partner, endpoint, message_id
        assert self.client is not None
        self.sealed = sealed
        opened = self.client.open(sealed)
        receipt = self.client.receipt_for(opened, exchange_id="e-1", log_index=0, entry_hash="0" * 64)
        return accepted(receipt)


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Both sides of an exchange."""

    world: World
    client: GatewayClient


@pytest.fixture(params=list(EnvelopeForm))
def sides(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sides]:
    form, partner = request.param, ByClient()
    listed = make_side_keys(tmp_path / "side", "xx")
    partner.key_list = lambda: listed  # type: ignore[method-assign]
    with world_in(tmp_path, partner, root=data_with(tmp_path, envelope=form)) as world:
        (tmp_path / "gateway-keys.json").write_bytes(own_key_list(world.settings))
        side = read_side(tmp_path / "side", code="xx", home="aa", gateway_keys=tmp_path / "gateway-keys.json")
        partner.client = GatewayClient(side, "http://127.0.0.1:9", form=form)
        yield Sides(world=world, client=partner.client)


def sealed(client: GatewayClient, content: bytes = NOTE) -> bytes:
    return client.seal(
        content,
        message_id="m-1",
        agreement="aa-xx-notes",
        message_type="note",
        format_name="xx-note-1.0",
        purpose="RISK",
    ).jwe


def test_a_message_of_the_client_is_taken(sides: Sides) -> None:
    answer = sides.world.gateway.receive(sealed(sides.client), JOSE)
    sides.world.gateway.process_once()
    assert sides.world.gateway.exchange(answer.exchange_id).exchange.state is State.ACCEPTED


def test_the_client_opens_what_the_gateway_sends_and_gives_a_receipt_that_counts(sides: Sides) -> None:
    lodged = sides.world.gateway.lodge(b'{"number":"L-1"}', "xx", "reply")
    sides.world.gateway.dispatch_once()
    assert sides.world.gateway.exchange(lodged.exchange_id).exchange.state is State.RECEIPTED


def test_a_client_under_other_keys_keeps_the_form(sides: Sides) -> None:
    assert sides.client.with_keys(sides.client.side).form is sides.client.form


def test_a_client_in_another_form_opens_nothing(sides: Sides) -> None:
    sides.world.gateway.lodge(b'{"number":"L-1"}', "xx", "reply")
    sides.world.gateway.dispatch_once()
    kept = sides.world.partner
    assert isinstance(kept, ByClient)
    for form in set(EnvelopeForm) - {sides.client.form}:
        other = GatewayClient(sides.client.side, "http://127.0.0.1:9", form=form)
        with pytest.raises(EnvelopeRefused) as refused:
            other.open(kept.sealed)
        assert refused.value.stable_code == "envelope.wrong-form"
