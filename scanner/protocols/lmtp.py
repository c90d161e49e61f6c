"""LMTP, local delivery of mail (RFC 2033), which reaches TLS by STARTTLS as SMTP does."""

from dataclasses import replace

from scanner.model import Endpoint
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext
from scanner.observations.upgrade import Advertised
from scanner.protocols import Inside, smtp

LHLO = "LHLO"
"""In place of EHLO, which LMTP must not know (RFC 2033 §4.1)."""


async def upgrade(connection: Connection) -> None:
    """STARTTLS (RFC 3207 §4). Raises AskFailedError."""
    await smtp.upgrade(connection, LHLO)


async def converse(connection: Connection, endpoint: Endpoint, passive: bool) -> Cleartext:
    """LHLO, then as SMTP. Raises AskFailedError."""
    return await smtp.converse(connection, endpoint, passive, LHLO)


async def look(connection: Connection) -> Advertised:
    """LHLO inside TLS, then as SMTP. Raises AskFailedError."""
    return await smtp.look(connection, LHLO)


PROTOCOL = replace(
    smtp.PROTOCOL,
    port=24,
    upgrade=upgrade,
    converse=converse,
    inside=Inside(look=look, reproduce=smtp.INSIDE.replace("EHLO", LHLO)),
    speaks=None,
    starttls="lmtp",
    reproduce=smtp.PROTOCOL.reproduce.replace("EHLO", LHLO),
)
