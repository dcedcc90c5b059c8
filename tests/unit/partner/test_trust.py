from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import DataFolderError, EnvelopeRefused, UnknownPartner
from gateway.identifiers import PartnerCode
from gateway.partner.trust import TrustStore

START = datetime(2026, 1, 1, tzinfo=UTC)
XX, YY = PartnerCode("xx"), PartnerCode("yy")


@dataclass(frozen=True)
class Key:
    """A key that is active from one day up to another."""

    kid: str
    owner: str
    use: str = "sig"
    first: int = 0
    last: int = 100

    def refusal_at(self, at: datetime) -> str | None:
        return None if self.active_since(at) is not None else "envelope.expired-key"

    def active_since(self, at: datetime) -> datetime | None:
        since = START + timedelta(days=self.first)
        return since if since <= at <= START + timedelta(days=self.last) else None


KEYS = [
    Key("xx-sig-1", "xx", last=10),
    Key("xx-sig-2", "xx", first=5),
    Key("xx-enc-1", "xx", "enc", last=10),
    Key("xx-enc-2", "xx", "enc", first=5),
    Key("yy-sig-1", "yy"),
]
STORE = TrustStore(KEYS)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def test_a_key_is_found_by_its_id_alone() -> None:
    assert STORE.lookup("yy-sig-1") is KEYS[4]
    assert STORE.lookup("yy-sig-9") is None


def test_where_the_partner_is_known_only_its_own_keys_are_found() -> None:
    lookup = STORE.lookup_of(XX)
    assert lookup("xx-sig-1") is KEYS[0]
    assert lookup("yy-sig-1") is None
    assert lookup("zz") is None


def test_a_key_counts_by_the_recorded_time() -> None:
    assert STORE.key_for(XX, "xx-sig-1", day(10)) is KEYS[0]
    with pytest.raises(EnvelopeRefused) as refused:
        STORE.key_for(XX, "xx-sig-1", day(11))
    assert refused.value.stable_code == "envelope.expired-key"


def test_during_a_rotation_both_keys_verify() -> None:
    assert {STORE.key_for(XX, kid, day(7)).kid for kid in ("xx-sig-1", "xx-sig-2")} == {"xx-sig-1", "xx-sig-2"}


@pytest.mark.parametrize(("partner", "kid"), [(XX, "yy-sig-1"), (XX, "zz"), (PartnerCode("zz"), "xx-sig-1")])
def test_a_key_of_another_partner_is_unknown(partner: PartnerCode, kid: str) -> None:
    with pytest.raises(EnvelopeRefused) as refused:
        STORE.key_for(partner, kid, day(1))
    assert refused.value.stable_code == "envelope.unknown-key"


@pytest.mark.parametrize(("at", "kid"), [(0, "xx-enc-1"), (4, "xx-enc-1"), (5, "xx-enc-2"), (20, "xx-enc-2")])
def test_the_newest_active_key_is_the_one_to_encrypt_to(at: int, kid: str) -> None:
    assert STORE.encryption_key(XX, day(at)).kid == kid


@pytest.mark.parametrize(("partner", "at"), [(XX, 101), (YY, 1), (PartnerCode("zz"), 1)])
def test_without_an_active_encryption_key_nothing_can_be_sent(partner: PartnerCode, at: int) -> None:
    with pytest.raises(UnknownPartner) as refused:
        STORE.encryption_key(partner, day(at))
    assert refused.value.stable_code == "partner.no-encryption-key"


def test_two_partners_never_share_a_key_id() -> None:
    with pytest.raises(DataFolderError) as refused:
        TrustStore([Key("same", "xx"), Key("same", "yy")])
    assert refused.value.stable_code == "trust.kid-shared"


def test_the_keys_of_a_partner_are_listed() -> None:
    assert [key.kid for key in STORE.keys_of(XX)] == ["xx-enc-1", "xx-enc-2", "xx-sig-1", "xx-sig-2"]
    assert STORE.keys_of(PartnerCode("zz")) == ()


def test_keys_of_one_partner_are_replaced_and_those_of_others_stay() -> None:
    store = TrustStore(KEYS)
    lookup = store.lookup_of(XX)
    new = Key("xx-sig-3", "xx")
    store.take_up(XX, [KEYS[0], new])
    assert lookup("xx-sig-3") is new
    assert lookup("xx-sig-2") is None
    assert store.lookup("yy-sig-1") is KEYS[4]
    assert set(store.all_keys()) == {KEYS[0], new, KEYS[4]}


def test_a_list_that_claims_the_id_of_another_changes_nothing() -> None:
    store = TrustStore(KEYS)
    with pytest.raises(DataFolderError) as refused:
        store.take_up(XX, [Key("yy-sig-1", "xx")])
    assert refused.value.stable_code == "trust.kid-shared"
    assert store.lookup("yy-sig-1") is KEYS[4]
    assert store.lookup("xx-sig-1") is KEYS[0]
