"""One TLS question on one connection: send the hello, and read the answer to its end."""

import asyncio
import os
from contextlib import suppress
from typing import TypeVar

from scanner.model import AskFailedError, FailureKind
from scanner.net.dial import Connection
from scanner.wire.errors import MalformedError
from scanner.wire.sslv2 import Sslv2Flight, Sslv2Hello, encode_sslv2_hello
from scanner.wire.text import printable
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls13_psk import offer_psk
from scanner.wire.tls13_shares import make_share
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import Hello, encode_hello, encode_message, in_record
from scanner.wire.tls_names import Alert

F = TypeVar("F", Flight, Sslv2Flight, Handshake)

AFTERWARDS = 1.0
"""Seconds to wait for what a TLS 1.3 server says after the handshake, where it says anything."""
SHOWN = 512
"""Bytes of an answer that are kept to say what it was, if it was none."""


class HungUpError(AskFailedError):
    """The server closed in good order, perhaps with a close_notify, instead of any answer to a ClientHello."""


async def first_flight(line: Connection, hello: Hello, server_name: str | None) -> Flight:
    """The server's first flight. Raises AskFailedError; HungUpError when it closes instead."""
    line.send(encode_hello(hello, os.urandom(64), server_name))
    return await _read(line, Flight())


async def sslv2_hello(line: Connection, hello: Sslv2Hello) -> Sslv2Flight:
    """The answer to an SSL 2.0 hello. Raises AskFailedError; HungUpError when the server closes instead."""
    line.send(encode_sslv2_hello(hello, os.urandom(16)))
    return await _read(line, Sslv2Flight())


async def handshake(
    line: Connection, hello: Hello, server_name: str | None, *, finish: bool = False, ticket: Ticket | None = None
) -> Handshake:
    """All of a TLS 1.3 server's flight; with `finish`, the client's as well, and what the server says to that.

    `ticket`: of a session to resume. Raises AskFailedError; HungUpError when the server closes instead.
    """
    shares = [make_share(group) for group in hello.key_shares]
    message = encode_message(hello, os.urandom(64), server_name, {share.group: share.public for share in shares})
    if ticket is not None:
        # the age of a ticket that was just sent is next to nothing
        message = offer_psk(message, ticket, ticket.age_add, early_data=ticket.max_early_data is not None)
    line.send(in_record(hello, message))
    answer = await _read(line, Handshake(message, shares, psk=ticket))
    if finish and answer.finished:
        line.send(answer.finish())
        await _read_on(line, answer)
    return answer


async def _read_on(line: Connection, answer: Handshake) -> None:
    """What a server says to a client that is in: tickets, or that it wants a certificate; perhaps nothing."""
    with suppress(TimeoutError, AskFailedError, MalformedError):
        answer.feed(b"")
        async with asyncio.timeout(AFTERWARDS):
            while not answer.tickets and answer.alert is None and not answer.application_bytes:
                await _feed(line, answer, b"")
            line.send(answer.close())
            await line.until_closed()


async def _read(line: Connection, flight: F) -> F:
    received = b""
    while not flight.done:
        received = await _feed(line, flight, received)
    if flight.hello is None and flight.alert is not None and flight.alert.description == Alert.CLOSE_NOTIFY:
        # RFC 8446 §6.1: a close, not a refusal; servers over GnuTLS say it of a handshake that they give up
        raise HungUpError(FailureKind.CLOSED_EARLY, "closed (close_notify) instead of answering the ClientHello")
    return flight


async def _feed(line: Connection, flight: F, received: bytes) -> bytes:
    """Wait for bytes, and read them; what was received so far, cut to a length that can be shown."""
    if not line.buffer:
        try:
            await line.more()
        except AskFailedError as error:
            if error.failure.kind is FailureKind.CLOSED_EARLY and not received:
                raise HungUpError(FailureKind.CLOSED_EARLY, "closed instead of answering the ClientHello") from error
            raise
    received = (received + line.buffer)[:SHOWN]
    try:
        flight.feed(bytes(line.buffer))
    except MalformedError as error:
        detail = f"{error}; received '{printable(received[:64], 64)}'"
        raise AskFailedError(FailureKind.MALFORMED, detail, received=received) from error
    line.buffer.clear()
    return received
