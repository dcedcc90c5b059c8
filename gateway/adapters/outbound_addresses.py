"""Which addresses our own calls may go to: a call must never be turned towards this machine or our own networks.

Two judgements, and both come before a byte is sent. The *text* of a URL: https (http on loopback only), no user, query
or fragment, a host in the one plain spelling, so that no reader of URLs can take it for another. The *addresses* behind
a name: each has to be a public unicast address (IANA's registries of special-purpose addresses, RFC 6890), or in a
network that the operator has named, for leased lines between administrations use private addresses. Loopback is
reached only where the host itself is written as loopback: development, tests, demo.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.errors import DeliveryFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

URL_REFUSED = "delivery.url-refused"
ADDRESS_REFUSED = "delivery.address-refused"

_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared between carriers (RFC 6598)
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",
    )
)
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only part of IPv6 that is given out; mapped, translated, local and multicast addresses lie outside."""

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is really reached."""

_LOOPBACK = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))

_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",
        "::ffff:0:0/96",  # an IPv4 address in another dress
        "fe80::/10",
        "ff00::/8",
        "192.0.0.192/32",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
    )
)
"""Never reached through a name, also where a named network holds them: this machine, link-local, multicast, and where
hosting providers hand out the secrets of a machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a URL leads.

    Attributes:
        host: name or address, lower case, an IPv6 address without brackets.
        loopback: whether the host is written as loopback.
    """

    scheme: str
    host: str
    port: int
    loopback: bool


def read_destination(url: str) -> Destination:
    """Judge the text of a URL that is to be called.

    Args:
        url: of a profile or of the settings, with the path that is called.

    Raises:
        DeliveryFailed: ``delivery.url-refused``.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise _url_refused("it holds characters that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _url_refused("it cannot be read") from None
    if parts.scheme not in _PORTS or not url.startswith(f"{parts.scheme}://"):
        raise _url_refused("https was expected")
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise _url_refused("no user, query or fragment was expected")
    host = plain_host(_written_host(parts.netloc))
    loopback = host == "localhost" or is_loopback(host)
    if parts.scheme == "http" and not loopback:
        raise _url_refused("https was expected; http is for loopback only")
    if port == 0:
        raise _url_refused("the port is none")
    return Destination(scheme=parts.scheme, host=host, port=port or _PORTS[parts.scheme], loopback=loopback)


def plain_host(text: str) -> str:
    """The host of a URL, in its one plain spelling.

    Args:
        text: as it stands in the URL, an IPv6 address in brackets.

    Raises:
        DeliveryFailed: ``delivery.url-refused``: a number in another spelling than four decimal parts, an IPv6 address
            with a zone, a closing dot, a single word, or anything that is no name.
    """
    host = text.lower()
    try:
        if host.startswith("["):
            return str(ipaddress.IPv6Address(host[1:-1].replace("%", "/")))  # a zone belongs to one machine
        labels = host.split(".")
        if _NUMBER.fullmatch(labels[-1]):  # what ends in a number is read as an IPv4 address by one or the other
            return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise _url_refused("the host is no address in its plain spelling") from None
    if host != "localhost" and (len(labels) < 2 or len(host) > 253):
        raise _url_refused("a whole host name was expected")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise _url_refused("the host is no name; write an international one in its xn-- form, without closing dot")
    return host


class OutboundAddresses:
    """Judges the addresses behind a host.

    Args:
        networks: private networks that the operator has named.
    """

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._named: tuple[Network, ...] = tuple(ipaddress.ip_network(each) for each in networks)

    def check(self, found: Iterable[str], *, loopback: bool) -> tuple[str, ...]:
        """The addresses, in their order, each of which may be called.

        Args:
            found: what the name was resolved to, just now.
            loopback: whether the host is written as loopback; then nothing else is expected.

        Raises:
            DeliveryFailed: ``delivery.address-refused``: one of them may not be called. One is enough: a name that
                leads to a partner and to us at once is not in order.
        """
        addresses = tuple(dict.fromkeys(found))
        if not addresses or not all(self._may_call(address, loopback=loopback) for address in addresses):
            raise DeliveryFailed(
                "the name leads to an address that may not be called: this machine, a private or a special network",
                remedy="compare the partner's name server with its profile; name a leased line in outbound_networks",
                code=ADDRESS_REFUSED,
            )
        return addresses

    def _may_call(self, text: str, *, loopback: bool) -> bool:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
            return False
        return is_loopback(text) if loopback else self._is_acceptable(address)

    def _is_acceptable(self, address: Address) -> bool:
        if any(address in network for network in _NEVER):
            return False
        named = any(address in network for network in self._named)
        if address in _TRANSLATED:  # what counts is where it ends
            return named and self._is_acceptable(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        return named or _is_public(address)


def _is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and to one machine."""
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in network for network in _SPECIAL)


def is_address(host: str) -> bool:
    """Whether a host is an address and needs no look-up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a host is written as an address of this machine."""
    return is_address(host) and any(ipaddress.ip_address(host) in network for network in _LOOPBACK)


def _written_host(netloc: str) -> str:
    """The host as it is written: what comes before the port."""
    if netloc.startswith("["):
        return netloc[: netloc.find("]") + 1]
    return netloc.partition(":")[0]


def _url_refused(why: str) -> DeliveryFailed:
    return DeliveryFailed(
        f"the address may not be called: {why}",
        path="channel",
        remedy="write it in the partner's profile as https://, then the host's full name, nothing before or after it",
        code=URL_REFUSED,
    )
