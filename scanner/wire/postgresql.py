"""The start of PostgreSQL's protocol 3.0: SSLRequest, a startup message, and the server's first answer.

Source: https://www.postgresql.org/docs/current/protocol-message-formats.html. Integers are big-endian. A length counts
itself, but not the byte before it that says what the message is.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from scanner.wire.errors import MalformedError

SSL_REQUEST = struct.pack(">II", 8, 80877103)
PROTOCOL_3_0 = 3 << 16
MESSAGE_LIMIT = 30_000
"""Bytes. libpq takes a longer one for a server's that is older than protocol 3."""


class Method(IntEnum):
    """What an Authentication message asks for; there are more."""

    OK = 0
    CLEARTEXT_PASSWORD = 3
    MD5_PASSWORD = 5
    GSS = 7
    SSPI = 9
    SASL = 10


@dataclass(frozen=True)
class Authentication:
    """The server lets the client in, or asks for credentials."""

    method: int
    mechanisms: tuple[str, ...] = ()
    """Of SASL, as sent."""


@dataclass(frozen=True)
class Error:
    """ErrorResponse; as sent, and not safe to show."""

    code: str
    """SQLSTATE."""
    message: str


def decode_ssl_answer(buffer: bytes) -> tuple[bool | Error, int] | None:
    """The answer to an SSLRequest: whether TLS follows; None when more bytes are needed. Raises MalformedError."""
    match buffer[:1]:
        case b"":
            return None
        case b"S" | b"N":
            return buffer[:1] == b"S", 1
        case b"E":
            framed = _decode_message(buffer)
            return (_error(framed[0]), framed[1]) if framed else None
    raise MalformedError("neither S nor N in answer to an SSLRequest")


def decode_reply(buffer: bytes) -> tuple[Authentication | Error, int] | None:
    """The first answer to a startup message; None when more bytes are needed. Raises MalformedError."""
    if buffer and buffer[:1] not in (b"R", b"E"):
        raise MalformedError(f"0x{buffer[0]:02x} begins no answer to a startup message")
    framed = _decode_message(buffer)
    if framed is None:
        return None
    content, consumed = framed
    return (_error(content) if buffer[:1] == b"E" else _authentication(content)), consumed


def _decode_message(buffer: bytes) -> tuple[bytes, int] | None:
    if len(buffer) < 5:
        return None
    length = int.from_bytes(buffer[1:5])
    if not 8 <= length <= MESSAGE_LIMIT:
        raise MalformedError(f"a message of {length} bytes does not belong into the start of a session")
    if len(buffer) < 1 + length:
        return None
    return buffer[5 : 1 + length], 1 + length


def _authentication(content: bytes) -> Authentication:
    method = int.from_bytes(content[:4])
    mechanisms = content[4:].split(b"\0") if method == Method.SASL else []
    return Authentication(method, tuple(name.decode("utf-8", "backslashreplace") for name in mechanisms if name))


def _error(content: bytes) -> Error:
    """Fields of one byte that says which and a text with NUL, to the empty one."""
    *fields, end = content.split(b"\0")
    if end or not fields or fields[-1]:
        raise MalformedError("an ErrorResponse without its end")
    texts = {field[:1]: field[1:].decode("utf-8", "backslashreplace") for field in fields[:-1]}
    return Error(texts.get(b"C", ""), texts.get(b"M", ""))


def startup(user: str, database: str) -> bytes:
    """StartupMessage, with which a client logs in. Raises ValueError for a name with a NUL."""
    if "\0" in user + database:
        raise ValueError("a name cannot contain NUL")
    content = struct.pack(">I", PROTOCOL_3_0) + f"user\0{user}\0database\0{database}\0\0".encode()
    return struct.pack(">I", 4 + len(content)) + content
