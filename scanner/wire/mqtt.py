"""MQTT's CONNECT and CONNACK (MQTT 3.1.1 and 5.0, §3.1 and §3.2 of both)."""

from dataclasses import dataclass
from enum import IntEnum

from scanner.wire.errors import MalformedError

CONNACK = 0x20
MAX_LENGTH = 1 << 16
"""Bytes; the properties of a CONNACK are a few names and numbers."""
DISCONNECT = b"\xe0\0"


class Level(IntEnum):
    """Protocol level (§3.1.2.2)."""

    MQTT_3_1_1 = 4
    MQTT_5 = 5


@dataclass(frozen=True)
class Connack:
    """The answer to a CONNECT: return code of 3.1.1, reason code of 5.0."""

    code: int

    @property
    def meaning(self) -> str:
        """What the code says, in the specification's words."""
        return MEANINGS.get(self.code, "another reason")


ACCEPTED = 0
UNSUPPORTED_LEVEL = {1, 0x84}
LOOKED_AT = {4, 5, 0x86, 0x87}
"""The name or the password is not good, or not for this: so they were looked at."""
MEANINGS = {
    0: "accepted",
    1: "unacceptable protocol version",
    2: "identifier rejected",
    3: "server unavailable",
    4: "bad user name or password",
    5: "not authorized",
    0x80: "unspecified error",
    0x81: "malformed packet",
    0x82: "protocol error",
    0x84: "unsupported protocol version",
    0x85: "client identifier not valid",
    0x86: "bad user name or password",
    0x87: "not authorized",
    0x88: "server unavailable",
    0x89: "server busy",
    0x8A: "banned",
    0x8C: "bad authentication method",
    0x95: "packet too large",
    0x97: "quota exceeded",
    0x9C: "use another server",
    0x9D: "server moved",
    0x9F: "connection rate exceeded",
}


def connect(level: Level, client: str, user: str) -> bytes:
    """CONNECT of `user` without a password, for a session that leaves nothing behind, with no will.

    Raises ValueError for a name beyond 65535 bytes.
    """
    user_name_flag, clean = 0x80, 0x02
    keep_alive = b"\0\x3c"
    no_properties = b"\0" if level is Level.MQTT_5 else b""
    variable = _text("MQTT") + bytes([level, user_name_flag | clean]) + keep_alive + no_properties
    return _packet(0x10, variable + _text(client) + _text(user))


def connack(code: int, level: Level = Level.MQTT_3_1_1) -> bytes:
    """CONNACK, without a session and without properties."""
    return _packet(CONNACK, bytes([0, code]) + (b"\0" if level is Level.MQTT_5 else b""))


def decode_connack(buffer: bytes) -> tuple[Connack, int] | None:
    """The answer to a CONNECT, of either version; None when more bytes are needed. Raises MalformedError."""
    if buffer and buffer[0] != CONNACK:
        raise MalformedError("not a CONNACK")
    length = _remaining_length(buffer[1:])
    if length is None:
        return None
    size, width = length
    if not 2 <= size <= MAX_LENGTH:
        raise MalformedError(f"a CONNACK of {size} bytes")
    end = 1 + width + size
    if len(buffer) < end:
        return None
    flags, code = buffer[1 + width : 3 + width]
    if flags > 1:
        raise MalformedError("a CONNACK whose reserved flags are set")
    return Connack(code), end


def _remaining_length(buffer: bytes) -> tuple[int, int] | None:
    """A variable byte integer and its width (§2.2.3 of 3.1.1); None when more bytes are needed."""
    value = 0
    for at, byte in enumerate(buffer[:4]):
        value |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            return value, at + 1
    if len(buffer) >= 4:
        raise MalformedError("a length of more than four bytes")
    return None


def _packet(kind: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while left >= 0x80:
        length += bytes([left & 0x7F | 0x80])
        left >>= 7
    return bytes([kind]) + length + bytes([left]) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > 0xFFFF:
        raise ValueError("a text has at most 65535 bytes")
    return len(encoded).to_bytes(2) + encoded
