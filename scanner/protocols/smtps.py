"""Message submission over implicit TLS, `submissions` (RFC 8314 §3.3)."""

from scanner.model import ReachTls
from scanner.net.dial import Connection
from scanner.observations.upgrade import Advertised
from scanner.protocols import Inside, Protocol, smtp
from scanner.wire.smtp import decode_reply


async def look(connection: Connection) -> Advertised:
    """The greeting, and then as on any other port. Raises AskFailedError."""
    await connection.read(decode_reply)
    return await smtp.look(connection)


PROTOCOL = Protocol(
    port=465,
    reach_tls=ReachTls.IMPLICIT,
    inside=Inside(look=look, reproduce=smtp.INSIDE),
    twins=("submission", "smtp"),
)
