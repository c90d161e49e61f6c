"""SMTP between mail servers (RFC 5321), which reaches TLS by STARTTLS (RFC 3207)."""

import re

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire.smtp import Reply, decode_reply
from scanner.wire.text import printable

EHLO = b"EHLO tlsassay.invalid\r\n"
"""RFC 6761 §6.4: a name that can be nobody's."""


async def _greet(connection: Connection) -> tuple[Reply, Reply]:
    """Greeting and the answer to EHLO. Raises AskFailedError."""
    greeting = await connection.read(decode_reply)
    if greeting.code != 220:
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{printable(greeting.text, 128)}'")
    connection.send(EHLO)
    return greeting, await connection.read(decode_reply)


async def upgrade(connection: Connection) -> None:
    """STARTTLS (RFC 3207 §4). Raises AskFailedError."""
    await _greet(connection)
    connection.send(b"STARTTLS\r\n")
    reply = await connection.read(decode_reply)
    if reply.code != 220:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"STARTTLS was answered with '{printable(reply.text, 128)}'")


async def converse(connection: Connection, endpoint: Endpoint, _passive: bool) -> Cleartext:
    """EHLO, and RSET to see whether anything is done before TLS. Raises AskFailedError."""
    greeting, hello = await _greet(connection)
    offered = (
        tuple(line.decode("ascii", "backslashreplace").upper() for line in hello.lines[1:]) if hello.code == 250 else ()
    )
    connection.send(b"RSET\r\n")
    reset = await connection.read(decode_reply)
    connection.send(b"QUIT\r\n")
    credentials, how = _credentials(hello, offered, reset)
    return Cleartext(
        speaks=endpoint.protocol,
        banner=printable(greeting.text),
        tls_offered="STARTTLS" in offered if hello.code == 250 else None,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(line, 128) for line in offered),
    )


def _credentials(hello: Reply, offered: tuple[str, ...], reset: Reply) -> tuple[Credentials, str]:
    """RFC 3207 §4: 530 to all but NOOP, EHLO, STARTTLS and QUIT demands TLS. RFC 4954 §3: AUTH in EHLO."""
    if reset.code == 530:
        return "refused", f"before TLS the server answers '{printable(reset.text, 80)}'"
    mechanisms = [line for line in offered if re.match(r"AUTH\b", line)]
    if mechanisms:
        return "accepted", f"'{printable(mechanisms[0], 80)}' offered before TLS"
    if hello.code != 250:
        return "unknown", f"EHLO was answered with '{printable(hello.text, 80)}'"
    return "none", "no AUTH offered before TLS"


PROTOCOL = Protocol(
    port=25,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    speaks=re.compile(rb"220[ -]"),
    starttls="smtp",
    reproduce=r"printf 'EHLO tlsassay.invalid\r\nRSET\r\nQUIT\r\n' | nc {address} {port}",
)
