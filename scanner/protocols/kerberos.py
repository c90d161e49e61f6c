"""Kerberos (RFC 4120) over UDP: a key distribution centre, which encrypts by itself."""

import secrets

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol
from scanner.wire.kerberos import (
    ENCRYPTION_TYPES,
    KdcAnswer,
    as_request,
    decode_datagram,
    decode_framed,
    encryption_type,
    framed,
)
from scanner.wire.text import printable

UNUSED = ("tlsassay-unused-name",)
NO_REALM = "TLSASSAY.INVALID"
"""Asked of a KDC whose realm is not known: its refusal shows as well that it is one."""


def realms(endpoint: Endpoint) -> tuple[str, ...]:
    """What the realm may be called: the name's domain in capitals, those above it, the name itself (RFC 4120 §6.1)."""
    labels = (endpoint.server_name or "").upper().split(".")
    above = [".".join(labels[at:]) for at in range(1, len(labels) - 1)]
    return tuple(one for one in [*above[:3], ".".join(labels)] if one)


def question(endpoint: Endpoint) -> bytes:
    """For a ticket of an unused name, with every encryption type."""
    realm = next(iter(realms(endpoint)), NO_REALM)
    return as_request(realm, UNUSED, tuple(ENCRYPTION_TYPES), secrets.randbits(31))


async def exchange(connection: Connection, request: bytes, *, stream: bool) -> KdcAnswer:
    """A KDC's answer to a request, over TCP (`stream`) or UDP. Raises AskFailedError."""
    connection.send(framed(request) if stream else request)
    return await connection.read(decode_framed if stream else decode_datagram)


def shown(answer: KdcAnswer) -> str:
    """An answer in words that are safe to show."""
    said = f": {printable(answer.text, 128)}" if answer.text else ""
    offers = f", a key of {', '.join(map(encryption_type, answer.offered[:20]))}" if answer.offered else ""
    return f"{answer}, realm {printable(answer.realm, 128)}{offers}{said}"


async def converse(connection: Connection, endpoint: Endpoint, _passive: bool, *, stream: bool = False) -> Cleartext:
    """A ticket for tlsassay-unused-name, without pre-authentication: whatever a KDC says to that shows that it is one.

    Raises AskFailedError.
    """
    answer = await exchange(connection, question(endpoint), stream=stream)
    return Cleartext(
        speaks="kerberos",
        banner=shown(answer),
        credentials="none",
        how="one proves to know a key, which never travels (RFC 4120 §3.1)",
    )


ACTIVE = "whether krbtgt/REALM could have a ticket, for each encryption type alone"
PROTOCOL = Protocol(
    port=88,
    reach_tls=ReachTls.NEVER,
    transport="udp",
    knock=question,
    converse=converse,
    reproduce="nmap -sU -sV -Pn -p {port} {address}",
    active=ACTIVE,
)
