"""What a server says in the clear to start a session up to TLS 1.2 that can be resumed, without I/O (RFC 5077 §3.3)."""

from dataclasses import dataclass

from scanner.wire.reader import Reader
from scanner.wire.tls_names import ContentType, HandshakeType
from scanner.wire.tls_record import decode_record


@dataclass(frozen=True)
class Session:
    """What it takes to ask for a session again, as far as it stands in the clear."""

    version: int
    suite: int
    session_id: bytes
    ticket: bytes = b""
    lifetime: int | None = None
    """Seconds, of the ticket; 0: the server does not say."""


def find_ticket(received: bytes) -> tuple[bytes, int] | None:
    """Ticket and lifetime of the NewSessionTicket message among all that a server sent before its ChangeCipherSpec.

    None when there is none. Raises MalformedError.
    """
    messages, at = bytearray(), 0
    while (decoded := decode_record(received, at)) is not None:
        record, consumed = decoded
        at += consumed
        if record.type is ContentType.CHANGE_CIPHER_SPEC:
            break
        if record.type is ContentType.HANDSHAKE:
            messages += record.fragment
    reader = Reader(bytes(messages))
    while reader.left >= 4:
        kind, body = reader.number(1), reader.vector(3)
        if kind == HandshakeType.NEW_SESSION_TICKET:
            found = Reader(body)
            lifetime, ticket = found.number(4), found.vector(2)
            found.end()
            return ticket, lifetime
    return None
