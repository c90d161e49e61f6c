"""Ports that are looked at although nobody declared them: plaintext twins of TLS services, and a sweep of each host.

Pure: what is declared goes in, what is to be looked at beside it comes out. Only ports of hosts that the inventory
names as its own, and of no service that others run (`direction: outbound`).
"""

import ipaddress
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

from msgspec import Struct

from scanner.declared import DeclaredEndpoint, Inventory, Service, split_endpoint
from scanner.protocols import protocol
from scanner.registry import identifiers

SWEPT = {
    "ftp": 21,
    "telnet": 23,
    "finger": 79,
    "rexec": 512,
    "rlogin": 513,
    "rsh": 514,
    "rsync": 873,
    "docker": 2375,
    "vnc": 5900,
    "x11": 6000,
    "redis": 6379,
    "elasticsearch": 9200,
    "memcached": 11211,
    "mongodb": 27017,
}
"""Services that are well known to talk in plaintext, and the TCP ports they are known by."""
WELL_KNOWN = "well-known"
"""In `sweep`: all of them."""
_PAIRS = {3269: 3268, 7636: 7389, 8010: 8009, 8443: 8080}
"""TLS ports and their plaintext twins beside the registered ones: global catalogue, UCS directory, OX backend, web."""


class Beside(Struct, frozen=True):
    """A port to be looked at."""

    service: Service
    """Whose twin it is, or the first that the host has."""
    endpoint: DeclaredEndpoint
    why: str
    """`twin of https://www.example.com`, or `sweep`."""


def beside(inventory: Inventory) -> Iterator[Beside]:
    """Twins first, then the sweep; each host and port once, and none that is declared."""
    known = {_node(endpoint) for service in inventory.services for endpoint in service.endpoints}
    own = [service for service in inventory.services if service.direction == "inbound"]
    for found in (*(_twins(own) if inventory.twins else ()), *_swept(own, inventory.sweep)):
        if _node(found.endpoint) not in known:
            known.add(_node(found.endpoint))
            yield found


def _twins(services: list[Service]) -> Iterator[Beside]:
    for service in services:
        for endpoint in service.endpoints:
            scheme, host, port = _place(endpoint)
            for twin in protocol(scheme).twins:
                if port == protocol(scheme).port:
                    yield Beside(service, _at(endpoint, twin, host, protocol(twin).port), f"twin of {endpoint.url}")
                elif port in _PAIRS:
                    yield Beside(service, _at(endpoint, twin, host, _PAIRS[port]), f"twin of {endpoint.url}")


def _swept(services: list[Service], sweep: tuple[str, ...]) -> Iterator[Beside]:
    words = [name for word in sweep for name in (SWEPT if word == WELL_KNOWN else (word,))]
    for service in services:
        for endpoint in service.endpoints:
            host = _place(endpoint)[1]
            for word in words:
                scheme = word if word in identifiers("protocols") else "tcp"
                yield Beside(service, _at(endpoint, scheme, host, SWEPT.get(word) or int(word)), "sweep")


def _at(endpoint: DeclaredEndpoint, scheme: str, host: str, port: int | None) -> DeclaredEndpoint:
    shown = f"[{host}]" if ":" in host else host
    url = f"{scheme}://{shown}" + ("" if port == protocol(scheme).port else f":{port}")
    return DeclaredEndpoint(url=url, address=endpoint.address, server_name=endpoint.server_name)


def _place(endpoint: DeclaredEndpoint) -> tuple[str, str, int]:
    scheme, host, port = split_endpoint(endpoint.url)
    return scheme, host, port or protocol(scheme).port or 0


def _node(endpoint: DeclaredEndpoint) -> tuple[str, int]:
    """Where it is; of a name that is pinned to an address, that address alone."""
    _, host, port = _place(endpoint)
    return endpoint.address or host, port


def in_scope(scope: tuple[str, ...], host: str, address: str) -> bool:
    """Whether a host may be connected to: by its name, by its address, or because there is no scope."""
    return not scope or any(_fits(one, host, address) for one in scope)


def _fits(allowed: str, host: str, address: str) -> bool:
    network = _network(allowed)
    if network is None:
        return fnmatchcase(host.lower().rstrip("."), allowed.lower())
    try:
        return ipaddress.ip_address(address.partition("%")[0]) in network
    except ValueError:
        return False


@cache
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network that a text spells; None for the name of a host."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None
