"""Offers a ticket for resumption in a ClientHello, without I/O (RFC 8446 §4.2.9 to §4.2.11)."""

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.tls13_keys import KeySchedule, suite_of
from scanner.wire.tls13_messages import Ticket
from scanner.wire.tls_names import Extension

_PSK_DHE_KE = b"\x01\x01"
"""psk_key_exchange_modes: only with a fresh key exchange."""


def _extension(code: int, data: bytes) -> bytes:
    return code.to_bytes(2) + len(data).to_bytes(2) + data


def offer_psk(client_hello: bytes, ticket: Ticket, obfuscated_age: int, *, early_data: bool = False) -> bytes:
    """The ClientHello message with a pre_shared_key of this ticket as its last extension.

    `obfuscated_age` is the ticket's age in milliseconds plus its `age_add`, modulo 2^32. `early_data` announces 0-RTT
    data. Raises MalformedError for a hello that does not parse or offers a PSK already, and for a ticket too long.
    """
    at = _extensions_at(client_hello)
    reader = Reader(client_hello[at:])
    present = reader.extensions()
    reader.end()
    if Extension.PRE_SHARED_KEY in present:
        raise MalformedError("ClientHello with a pre_shared_key")
    listed = client_hello[at + 2 :]
    if Extension.PSK_KEY_EXCHANGE_MODES not in present:
        listed += _extension(Extension.PSK_KEY_EXCHANGE_MODES, _PSK_DHE_KE)
    if early_data and Extension.EARLY_DATA not in present:
        listed += _extension(Extension.EARLY_DATA, b"")
    suite = suite_of(ticket.suite)
    identity = len(ticket.ticket).to_bytes(2) + ticket.ticket + obfuscated_age.to_bytes(4)
    binders = suite.size + 3  # their length, the binder's length, the binder
    if len(listed) + 4 + 2 + len(identity) + binders > 0xFFFF:
        raise MalformedError(f"no room for a ticket of {len(ticket.ticket)} bytes")
    listed += _extension(Extension.PRE_SHARED_KEY, len(identity).to_bytes(2) + identity + bytes(binders))
    body = client_hello[4:at] + len(listed).to_bytes(2) + listed
    partial = (client_hello[:1] + len(body).to_bytes(3) + body)[:-binders]
    return partial + (suite.size + 1).to_bytes(2) + bytes([suite.size]) + _binder(ticket, partial)


def _binder(ticket: Ticket, partial: bytes) -> bytes:
    """RFC 8446 §4.2.11.2; `partial` is the hello up to its binders, whose length it counts already."""
    suite = suite_of(ticket.suite)
    key = KeySchedule(suite, ticket.psk).derive("res binder", suite.hash(b""))
    return suite.verify_data(key, suite.hash(partial))


def _extensions_at(client_hello: bytes) -> int:
    """Where the length of the extensions stands in a ClientHello message (RFC 8446 §4.1.2). Raises MalformedError."""
    reader = Reader(client_hello)
    reader.take(4 + 2 + 32)
    for width in (1, 2, 1):  # session ID, cipher suites, compression methods
        reader.vector(width)
    return reader.at
