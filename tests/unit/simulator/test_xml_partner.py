"""The story of a partner that signs XML, and what its simulator does with bytes that nobody can sign."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.bootstrap import own_key_list
from gateway.catalogue import load_catalogue
from gateway.client.client import GatewayClient
from gateway.client.side import make_side_keys, read_side
from gateway.errors import EnvelopeRefused
from gateway.security.xml_form import EnvelopeForm
from gateway.simulator.damage import PAYLOAD_DAMAGES
from gateway.simulator.partner import SimulatedPartner
from gateway.simulator.story import UNSIGNABLE, scenes_of
from tests.world.partner import NOTE, Partner
from tests.world.setting import data_with, world_in


@pytest.mark.parametrize("envelope", list(EnvelopeForm))
def test_the_story_tells_what_the_form_can_carry(tmp_path: Path, envelope: EnvelopeForm) -> None:
    scenes = {
        scene.damage: scene for scene in scenes_of(load_catalogue(data_with(tmp_path, envelope=envelope)), "aa", "xx")
    }
    for damage in UNSIGNABLE:
        expected = ((), (400,)) if envelope.is_xml else (("refused",), (202,))
        assert (scenes[damage].ends, scenes[damage].statuses) == expected
    assert scenes["schema-invalid"].ends == ("refused",)


@pytest.mark.parametrize("envelope", [EnvelopeForm.XMLDSIG, EnvelopeForm.XADES])
def test_what_cannot_be_signed_goes_out_unsigned_and_is_not_opened(tmp_path: Path, envelope: EnvelopeForm) -> None:
    partner, root = Partner(form=envelope), data_with(tmp_path, envelope=envelope)
    listed = make_side_keys(tmp_path / "side", "xx")
    partner.key_list = lambda: listed  # type: ignore[method-assign]
    with world_in(tmp_path, partner, root=root) as world:
        (tmp_path / "keys.json").write_bytes(own_key_list(world.settings))
        side = read_side(tmp_path / "side", code="xx", home="aa", gateway_keys=tmp_path / "keys.json")
        client = GatewayClient(side, "http://127.0.0.1:9", form=envelope)
        simulated = SimulatedPartner(load_catalogue(root), client, seed=1)
        agreement, terms = simulated._terms("note", "in")
        for name, damage in PAYLOAD_DAMAGES.items():
            if name == "huge-text":
                continue
            sealed = simulated._seal(damage(NOTE), agreement, terms, name)
            if name in UNSIGNABLE:
                with pytest.raises(EnvelopeRefused) as refused:
                    world.gateway.receive(sealed.jwe, "application/jose")
                assert refused.value.stable_code == "envelope.not-opened"
            else:
                assert world.gateway.receive(sealed.jwe, "application/jose").message_id == name
