"""FTP (RFC 959), which reaches TLS by AUTH TLS (RFC 4217)."""

import re

from scanner.model import AskFailedError, Endpoint, FailureKind, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.protocols._login import UNUSED_NAME
from scanner.protocols._refusal import demands_tls
from scanner.wire.ftp import decode_reply, features
from scanner.wire.smtp import Reply
from scanner.wire.text import printable

_NOT_OFFERED = {500, 502, 504, 534}
"""Answers to AUTH TLS by which a server does not know it or will not have it (RFC 2228 §3)."""


async def _greet(connection: Connection) -> Reply:
    """The greeting. Raises AskFailedError, also when the server will not talk to this host."""
    greeting = await connection.read(decode_reply)
    if greeting.code != 220:
        raise AskFailedError(FailureKind.CLOSED_EARLY, f"greeted with '{printable(greeting.text, 128)}'")
    return greeting


async def _command(connection: Connection, command: str) -> Reply:
    connection.send(command.encode() + b"\r\n")
    return await connection.read(decode_reply)


async def upgrade(connection: Connection) -> None:
    """AUTH TLS (RFC 4217 §4). Raises AskFailedError."""
    await _greet(connection)
    reply = await _command(connection, "AUTH TLS")
    if reply.code != 234:
        raise AskFailedError(FailureKind.UPGRADE_REFUSED, f"AUTH TLS was answered with '{printable(reply.text, 128)}'")


async def converse(connection: Connection, _endpoint: Endpoint, passive: bool) -> Cleartext:
    """Greeting, FEAT, unless `passive` USER as nobody, and AUTH TLS if there is no FEAT. Raises AskFailedError."""
    greeting = await _greet(connection)
    answer = await _command(connection, "FEAT")
    known = features(answer) if answer.code == 211 else None
    credentials: Credentials = "unknown"
    how = "not asked: USER before TLS is an active question (--passive)"
    if not passive:
        credentials, how = _credentials(await _command(connection, f"USER {UNUSED_NAME}"))
    offered = (
        any(re.match(r"AUTH\b.*\bTLS\b", one) for one in known) if known is not None else await _offers(connection)
    )
    return Cleartext(
        speaks="ftp",
        banner=printable(greeting.text),
        tls_offered=offered,
        credentials=credentials,
        how=how,
        capabilities=tuple(printable(one, 128) for one in known or ()),
    )


async def _offers(connection: Connection) -> bool | None:
    """Whether AUTH TLS is taken; None where the answer does not tell, or the server has hung up after USER."""
    try:
        reply = await _command(connection, "AUTH TLS")
    except AskFailedError:
        return None
    return True if reply.code == 234 else False if reply.code in _NOT_OFFERED else None


def _credentials(reply: Reply) -> tuple[Credentials, str]:
    """What an answer to USER says (RFC 959 §5.4); no code is reserved for want of TLS."""
    words = b" ".join(reply.lines)
    said = f"USER before TLS was answered with '{printable(reply.text, 100)}'"
    if reply.code in {331, 332}:
        return "accepted", said
    if reply.code in {230, 232}:
        return "accepted", f"a login without TLS or password: {said}"
    if reply.code >= 400 and demands_tls(words):
        return "refused", said
    if reply.code == 530 and re.search(rb"\banonymous only\b", words, re.IGNORECASE):
        return "none", f"anonymous logins alone, which have no password to protect: {said}"
    return "unknown", said


PROTOCOL = Protocol(
    port=21,
    reach_tls=ReachTls.UPGRADE,
    upgrade=upgrade,
    converse=converse,
    # what mail servers say begins alike; that of a host named ftp.… too
    speaks=re.compile(rb"220[ -](?![^\n]*SMTP)[^\n]*FTP", re.IGNORECASE),
    starttls="ftp",
    # nothing is sent behind USER before its answer has come: vsftpd hangs up with it
    reproduce=rf"(printf 'FEAT\r\nUSER {UNUSED_NAME}\r\n'; sleep 2; printf 'QUIT\r\n') | nc {{address}} {{port}}",
    active=f"USER {UNUSED_NAME}, without a password",
)
