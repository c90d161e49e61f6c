"""Put a protocol's two conversations to a fake server."""

from scanner.model import AskFailedError, Endpoint, Failure, Transport
from scanner.net.datagrams import Datagrams
from scanner.net.dial import Connection, dial
from scanner.observations.cleartext import Cleartext
from scanner.protocols import AskAgainError, Converse, protocol


async def connect(port: int, transport: Transport = "tcp") -> Connection:
    kind = Datagrams if transport == "udp" else None
    return await dial("127.0.0.1", port, connect=5.0, seconds=5.0, budget=1 << 20, kind=kind)


async def converse(scheme: str, port: int, *, passive: bool = False) -> Cleartext:
    """What the protocol finds out in the clear. Raises AskFailedError."""
    known = protocol(scheme)
    assert known.converse is not None
    endpoint = Endpoint(
        service="test", url=f"{scheme}://mail.example.test:{port}", protocol=scheme, host="mail.example.test",
        port=port, address="127.0.0.1", server_name="mail.example.test", reach_tls=known.reach_tls,
    )  # fmt: skip
    try:
        return await _converse(known.converse, endpoint, passive, known.transport)
    except AskAgainError as other:
        return await _converse(other.converse, endpoint, passive)


async def _converse(converse: Converse, endpoint: Endpoint, passive: bool, transport: Transport = "tcp") -> Cleartext:
    connection = await connect(endpoint.port, transport)
    try:
        return await converse(connection, endpoint, passive)
    finally:
        connection.close()


async def converse_failure(scheme: str, port: int) -> Failure:
    """Why there is nothing to find out. Fails when there is."""
    try:
        said = await converse(scheme, port)
    except AskFailedError as error:
        return error.failure
    raise AssertionError(said)


async def upgrade(scheme: str, port: int) -> Failure | None:
    """Why the upgrade failed; None when a ClientHello may follow."""
    known = protocol(scheme)
    assert known.upgrade is not None
    connection = await connect(port)
    try:
        await known.upgrade(connection)
    except AskFailedError as error:
        return error.failure
    else:
        assert not connection.buffer  # the next byte of the server is TLS
        return None
    finally:
        connection.close()
