"""Kerberos (RFC 4120) over TCP, for what does not fit into a datagram and for networks that drop UDP."""

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol, kerberos


async def converse(connection: Connection, endpoint: Endpoint, passive: bool) -> Cleartext:
    """As over UDP."""
    return await kerberos.converse(connection, endpoint, passive, stream=True)


PROTOCOL = Protocol(
    port=88,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    reproduce="nmap -sV -Pn -p {port} {address}",
    active=kerberos.ACTIVE,
)
