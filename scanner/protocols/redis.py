"""Redis and Valkey in plaintext (RESP)."""

import re

from scanner.model import Endpoint, ReachTls
from scanner.net.dial import Connection
from scanner.observations.cleartext import Cleartext, Credentials
from scanner.protocols import Protocol
from scanner.wire.redis import PING, Reply, decode_reply
from scanner.wire.text import printable

_LET_IN = {"NOPERM", "LOADING", "MASTERDOWN", "BUSY", "MISCONF"}
"""Errors that a server has only for clients that need not log in, or no longer."""
_NOT_PERMITTED = b"ERR operation not permitted"
"""NOAUTH of servers before 2.6."""


async def converse(connection: Connection, _endpoint: Endpoint, _passive: bool) -> Cleartext:
    """PING, which shows whether a password is asked for. Raises AskFailedError."""
    connection.send(PING)
    reply = await connection.read(decode_reply)
    shown = printable((b"-" if reply.is_error else b"+") + reply.text, 128)
    credentials, how = _credentials(reply, shown)
    return Cleartext(speaks="redis", banner=shown, credentials=credentials, how=how)


def _credentials(reply: Reply, shown: str) -> tuple[Credentials, str]:
    """In Redis a password goes over the wire as it is (AUTH)."""
    answer = f"PING without TLS was answered with '{shown}'"
    if not reply.is_error or reply.code in _LET_IN:
        return "accepted", f"{answer}: no authentication at all"
    if reply.code == "NOAUTH" or reply.text == _NOT_PERMITTED:
        return "accepted", f"{answer}: the password is asked for in the clear"
    if reply.code == "DENIED":
        return "refused", f"{answer}: protected mode turns away everybody but its own host"
    return "unknown", f"{answer}, which does not tell"


PROTOCOL = Protocol(
    port=6379,
    reach_tls=ReachTls.NEVER,
    converse=converse,
    speaks=re.compile(rb"\+PONG\r|-(NOAUTH|DENIED) |-ERR (unknown command|Protocol error)"),
    reproduce=r"printf 'PING\r\nQUIT\r\n' | nc {address} {port}",
)
