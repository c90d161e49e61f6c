"""Hazelcast's protocol between members, in plaintext; over TLS from the first byte, declare `tls://…:5701`."""

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol, _tls
from scanner.wire import hazelcast

_HOW = (
    "a member's handshake in plaintext is answered; whether what follows has Hazelcast's own encryption, "
    "only a member that joins can see"
)


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """Whether a plaintext handshake of a member is answered; nothing is joined. Raises AskFailedError."""
    connection.send(hazelcast.MEMBER)
    try:
        answer = await connection.read(hazelcast.decode_greeting)
    except AskFailedError as error:
        return _tls.instead(error)
    if answer == hazelcast.UNEXPECTED:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, "speaks Hazelcast, but not as a member (HZX)")
    return Cleartext(
        speaks="hazelcast",
        banner="HZC",
        credentials="unknown",
        how=_HOW,
    )


PROTOCOL = Protocol(
    port=5701,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    reproduce="printf HZC | nc -w 3 {address} {port}",
)
