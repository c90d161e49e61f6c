"""A Java RMI registry, JRMP in the clear (Java RMI Specification §10); its objects have ports of their own."""

from scanner.model import AskFailedError, Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext
from scanner.protocols import Protocol, _tls
from scanner.wire import jrmp
from scanner.wire.text import printable

UNUSED_NAME = "tlsassay-unused-name"
ACTIVE = f"of JMX, on the port that its stub names: a login as {UNUSED_NAME}"


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """The handshake alone: names and objects are the business of `java_rmi`. Raises AskFailedError."""
    connection.send(jrmp.HELLO)
    try:
        ack = await connection.read(jrmp.decode_ack)
    except AskFailedError as error:
        return _tls.instead(error)
    connection.send(jrmp.identify(ack))
    return Cleartext(
        speaks="rmi",
        banner=printable(f"ProtocolAck: {ack.host}:{ack.port}", 128),
        how="a registry takes none; of the ports where its objects take them, java_rmi tells",
    )


PROTOCOL = Protocol(
    port=1099,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    reproduce=r"printf 'JRMI\0\2K' | nc -w 3 {address} {port} | xxd",
    active=ACTIVE,
)
