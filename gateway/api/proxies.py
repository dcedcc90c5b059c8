"""The proxies that end TLS in front of the port: the only addresses that may speak of somebody else's connection."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """Knows the proxies.

    Args:
        proxies: their addresses or networks.
    """

    def __init__(self, proxies: Iterable[str] = ()) -> None:
        self._networks: tuple[Network, ...] = tuple(ipaddress.ip_network(each) for each in proxies)

    def include(self, client: Any) -> bool:
        """Whether the other end of a connection is one of them.

        Args:
            client: address and port, as the server tells them; None where it does not know.
        """
        if not client or not self._networks:
            return False
        try:
            address = ipaddress.ip_address(client[0])
        except ValueError:  # a socket of this machine has a name
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)
