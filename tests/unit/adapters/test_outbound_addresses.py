"""Which addresses count as public, against the library's own tables; the spelling of hosts."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.outbound_addresses import Destination, OutboundAddresses, plain_host, read_destination
from gateway.errors import DataFolderError, DeliveryFailed
from gateway.settings import load_settings


def may_call(address: str, *networks: str, loopback: bool = False) -> bool:
    try:
        OutboundAddresses(networks).check([address], loopback=loopback)
    except DeliveryFailed:
        return False
    return True


SPECIAL = [*(str(net) for net in ipaddress.ip_network("0.0.0.0/0").subnets(8)), "64:ff9b::/96", "fc00::/7", "::/80"]

STRICTER = [
    ipaddress.ip_network(network)
    for network in ("224.0.0.0/4", "240.0.0.0/4", "192.88.99.0/24", "192.0.0.0/24", "168.63.129.16/32")
]
"""Global by the library, and not to be called all the same: groups, relays, a metadata service."""


@given(st.one_of(st.ip_addresses(), st.sampled_from(SPECIAL).flatmap(lambda net: st.ip_addresses(network=net))))
def test_what_may_be_called_is_global_by_the_library_too(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    special = (address.is_multicast, address.is_reserved, address.is_loopback, address.is_link_local)
    if may_call(str(address)):
        assert address.is_global
        assert special == (False,) * 4
    elif address.is_global and isinstance(address, ipaddress.IPv4Address):
        assert any(address in network for network in STRICTER)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"])
def test_public_addresses_may_be_called(address: str) -> None:
    assert may_call(address)
    assert not may_call(address, loopback=True)


def test_loopback_is_for_hosts_that_are_written_so() -> None:
    assert may_call("127.0.0.1", loopback=True)
    assert may_call("::1", loopback=True)
    assert not may_call("::ffff:127.0.0.1", loopback=True)
    assert not may_call("127.0.0.1", "0.0.0.0/1")


def test_nothing_found_is_nothing_to_call() -> None:
    with pytest.raises(DeliveryFailed):
        OutboundAddresses().check([], loopback=False)


@pytest.mark.parametrize(
    ("url", "host", "port", "loopback"),
    [
        ("https://Gateway.Customs.Example/v1", "gateway.customs.example", 443, False),
        ("https://xn--e1afmkfd.example:8443/", "xn--e1afmkfd.example", 8443, False),
        ("http://localhost:8461/v1/messages", "localhost", 8461, True),
        ("http://127.0.0.1", "127.0.0.1", 80, True),
        ("https://[2606:4700:0::1111]:444/", "2606:4700::1111", 444, False),
        ("http://[::1]:1/", "::1", 1, True),
        ("https://1.1.1.1/", "1.1.1.1", 443, False),
    ],
)
def test_a_plain_address_is_read(url: str, host: str, port: int, *, loopback: bool) -> None:
    read = read_destination(url)
    assert (read.host, read.port, read.loopback) == (host, port, loopback)


@given(st.text(max_size=40))
def test_whatever_a_host_is_it_is_plain_or_refused_with_the_code(text: str) -> None:
    for url in (text, f"https://{text}/", f"https://{text}.example/"):
        code, read = outcome(url)
        assert code in {"", "delivery.url-refused"}
        if read is not None:
            assert plain_host(f"[{read.host}]" if ":" in read.host else read.host) == read.host


def outcome(url: str) -> tuple[str, Destination | None]:
    try:
        return "", read_destination(url)
    except DeliveryFailed as refusal:
        return refusal.stable_code, None


@pytest.mark.parametrize(
    "network", ["127.0.0.0/8", "169.254.0.0/16", "::1/128", "0.0.0.0/0", "fe80::/10", "10.0.0.1/8"]
)
def test_a_named_network_is_none_of_this_machine(network: str) -> None:
    with pytest.raises(DataFolderError, match="outbound_networks"):
        load_settings(outbound_networks=(network,))
    assert load_settings(outbound_networks=("10.20.0.0/16",)).outbound_networks == ("10.20.0.0/16",)
