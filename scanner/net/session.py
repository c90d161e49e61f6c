"""One whole handshake up to TLS 1.2 on a connection of ours.

Only to see whether the session can be resumed and whether a client certificate is insisted on: what the server says in
its first flight needs no handshake, and TLS 1.3 has a reader of its own.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from OpenSSL import SSL

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.net.tls import DeclinedError, client, client_context, drained, shake_hands
from scanner.wire.errors import MalformedError
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_session import Session, find_ticket

GOODBYE = 1.0
"""Seconds that a server has to notice the end of a session."""


@dataclass(frozen=True)
class Declined:
    """The server ended the handshake with an alert: that is an answer."""

    how: str


async def establish(connection: Connection, server_name: str | None, *, tickets: bool) -> Session | Declined:
    """Shake hands up to TLS 1.2, without a client certificate, offering tickets or not.

    Raises AskFailedError when the handshake ends otherwise.
    """
    tls = client(client_context(newest=SSL.TLS1_2_VERSION, tickets=tickets), server_name)
    try:
        received = await shake_hands(tls, connection)
    except DeclinedError as error:
        return Declined(str(error))
    with suppress(SSL.Error):
        tls.shutdown()  # OpenSSL forgets the sessions of clients that leave without a word
    connection.send(drained(tls))
    with suppress(AskFailedError, TimeoutError):
        async with asyncio.timeout(GOODBYE):
            await connection.until_closed()
    return _session(received)


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
