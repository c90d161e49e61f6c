"""What an inventory declares that is allowed, and likely a slip: warnings of `validate`."""

from collections.abc import Iterator
from functools import cache

from scanner.declared import DeclaredEndpoint, Inventory, Service, Source, TlsExpectation, split_endpoint
from scanner.model import ReachTls
from scanner.protocols import protocol
from scanner.registry import identifiers

_MISPRINTS = {("ldaps", 686): 636}
"""Ports that circulate in documents, and the registered ones that are meant."""


def likely_slips(inventory: Inventory) -> Iterator[tuple[Source, str]]:
    """Where, and what looks wrong about it; in the order of the services."""
    for service in inventory.services:
        for message in _of_service(inventory, service):
            yield service.source or Source("inventory", 0), f"{service.id}: {message}"


def _of_service(inventory: Inventory, service: Service) -> Iterator[str]:
    for endpoint in dict.fromkeys(service.endpoints):
        yield from _of_port(endpoint)
    if inventory.zones and not service.reachable_from:
        yield "no zone is named in reachable_from, so its boundary is not judged"
    if service.tls is TlsExpectation.NONE and all(_reach(one) is not ReachTls.NEVER for one in service.endpoints):
        yield "tls: none, but every endpoint is declared with TLS, which is then not expected of them"


def _of_port(endpoint: DeclaredEndpoint) -> Iterator[str]:
    scheme, _, port = split_endpoint(endpoint.url)
    if port is None or port == protocol(scheme).port:
        return
    if meant := _MISPRINTS.get((scheme, port)):
        yield f"{endpoint.url}: port {port} is a common misprint, {scheme} is registered at {meant}"
    elif _reach(endpoint) is ReachTls.IMPLICIT and (others := _by_port().get(port)) and not _any_tls(others):
        yield f"{endpoint.url}: TLS is declared on the port of {', '.join(others)}, which is spoken in plaintext"
    elif scheme not in {"tcp", "udp"} and _reach(endpoint) is not ReachTls.IMPLICIT and _only_tls(port):
        others = _by_port()[port]
        yield f"{endpoint.url}: {scheme} is declared on the port of {', '.join(others)}, which begins with TLS"


def _reach(endpoint: DeclaredEndpoint) -> ReachTls:
    return protocol(split_endpoint(endpoint.url)[0]).reach_tls


def _any_tls(schemes: tuple[str, ...]) -> bool:
    known = [protocol(one) for one in schemes]
    return any(one.reach_tls is ReachTls.IMPLICIT or one.tls_instead for one in known)


def _only_tls(port: int) -> bool:
    known = _by_port().get(port, ())
    return bool(known) and all(protocol(one).reach_tls is ReachTls.IMPLICIT for one in known)


@cache
def _by_port() -> dict[int, tuple[str, ...]]:
    """Schemes by their registered ports."""
    found: dict[int, tuple[str, ...]] = {}
    for scheme in identifiers("protocols"):
        if (port := protocol(scheme).port) is not None:
            found[port] = (*found.get(port, ()), scheme)
    return found
