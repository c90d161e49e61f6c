"""One whole handshake up to TLS 1.2 on a connection of ours, by pyOpenSSL over memory BIOs.

Only to see whether the session can be resumed and whether a client certificate is insisted on: what the server says in
its first flight needs no handshake, and TLS 1.3 has a reader of its own. The OpenSSL is the one in cryptography's
wheel: the same on every host.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from OpenSSL import SSL

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.wire.errors import MalformedError
from scanner.wire.text import printable
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_session import Session, find_ticket

CHUNK = 1 << 14
GOODBYE = 1.0
"""Seconds that a server has to notice the end of a session."""


@dataclass(frozen=True)
class Declined:
    """The server ended the handshake with an alert: that is an answer."""

    how: str


@cache
def _context(*, tickets: bool) -> SSL.Context:
    """Two contexts for the whole scan: building one costs more than a handshake."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_verify(SSL.VERIFY_NONE)  # the chain is a fact, gathered and judged elsewhere
    context.set_cipher_list(b"ALL:@SECLEVEL=0")
    context.set_options(SSL.OP_LEGACY_SERVER_CONNECT | SSL.OP_ALL)  # of which one pads hellos of 256 bytes (RFC 7685)
    if not tickets:
        context.set_options(SSL.OP_NO_TICKET)
    return context


async def establish(connection: Connection, server_name: str | None, *, tickets: bool) -> Session | Declined:
    """Shake hands up to TLS 1.2, without a client certificate, offering tickets or not.

    Raises AskFailedError when the handshake ends otherwise.
    """
    tls = SSL.Connection(_context(tickets=tickets), None)
    tls.set_connect_state()
    if server_name:
        tls.set_tlsext_host_name(server_name.encode("ascii" if server_name.isascii() else "idna"))
    received = b""
    while True:
        try:
            tls.do_handshake()
        except SSL.WantReadError:
            _flush(tls, connection)
            if not connection.buffer:
                await connection.more()
            received += connection.buffer
            tls.bio_write(bytes(connection.buffer))
            connection.buffer.clear()
        except SSL.Error as error:
            reasons = ", ".join(str(part[2]) for part in (error.args[0] if error.args else []))
            if " alert " in reasons:
                return Declined(printable(reasons, 200))
            raise AskFailedError(FailureKind.MALFORMED, printable(f"handshake: {reasons or 'failed'}", 200)) from error
        else:
            with suppress(SSL.Error):
                tls.shutdown()  # OpenSSL forgets the sessions of clients that leave without a word
            _flush(tls, connection)
            with suppress(AskFailedError, TimeoutError):
                async with asyncio.timeout(GOODBYE):
                    await connection.until_closed()
            return _session(received)


def _flush(tls: SSL.Connection, connection: Connection) -> None:
    while True:
        try:
            connection.send(tls.bio_read(CHUNK))
        except SSL.WantReadError:
            return


def _session(received: bytes) -> Session:
    flight = Flight()
    try:
        flight.feed(received)
        ticket, lifetime = find_ticket(received) or (b"", None)
    except MalformedError as error:
        raise AskFailedError(FailureKind.MALFORMED, str(error)) from error
    hello = flight.hello
    if hello is None:
        raise AskFailedError(FailureKind.MALFORMED, "a handshake without a ServerHello")
    return Session(hello.version, hello.suite, hello.session_id, ticket, lifetime)
