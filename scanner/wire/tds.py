"""The start of TDS, the protocol of SQL Server: PRELOGIN, and the packets in which its TLS handshake goes.

Source: MS-TDS §2.2.3.1 (packet header) and §2.2.6.5 (PRELOGIN). Integers are big-endian here.
"""

import struct
from enum import IntEnum

from scanner.wire.errors import MalformedError

_HEADER = struct.Struct(">BBHHBB")
"""Type, status, length with the header, process, number, window."""
PACKET_SIZE = 4096
"""With the header; until the login asks for another."""
_PRELOGIN, _RESPONSE = 0x12, 0x04
_LAST = 1
_VERSION, _ENCRYPTION, _END = 0, 1, 0xFF
_CLIENT = bytes.fromhex("080001550000")
"""The version in the example of §4.1: servers do not mind it."""
_OPTION = struct.Struct(">BHH")


class Encryption(IntEnum):
    """What a side wants, or can do (§2.2.6.5)."""

    OFF = 0
    """For the login alone."""
    ON = 1
    NOT_SUP = 2
    REQ = 3


def prelogin(encryption: Encryption) -> bytes:
    """Ask what the server makes of this wish for encryption."""
    at = 2 * _OPTION.size + 1
    options = _OPTION.pack(_VERSION, at, 6) + _OPTION.pack(_ENCRYPTION, at + 6, 1) + bytes([_END])
    return wrap(options + _CLIENT + bytes([encryption]))


def wrap(data: bytes) -> bytes:
    """These bytes, a PRELOGIN or TLS, in packets."""
    room = PACKET_SIZE - _HEADER.size
    pieces = [data[at : at + room] for at in range(0, len(data), room)]
    packets = [
        _HEADER.pack(_PRELOGIN, _LAST * (number == len(pieces)), _HEADER.size + len(piece), 0, number & 0xFF, 0) + piece
        for number, piece in enumerate(pieces, 1)
    ]
    return b"".join(packets)


class Packets:
    """Carries TLS in packets until its handshake is done."""

    def __init__(self) -> None:
        self._received = b""

    def wrap(self, data: bytes) -> bytes:
        """As the function."""
        return wrap(data)

    def feed(self, data: bytes) -> bytes:
        """What is in the packets that are complete now. Raises MalformedError."""
        self._received += data
        whole = b""
        while (decoded := _decode_packet(self._received)) is not None:
            content, consumed = decoded
            whole += content
            self._received = self._received[consumed:]
        return whole


def _decode_packet(buffer: bytes) -> tuple[bytes, int] | None:
    """What is in a server's packet; None when more bytes are needed. Raises MalformedError."""
    if buffer and buffer[0] not in (_PRELOGIN, _RESPONSE):
        raise MalformedError(f"0x{buffer[0]:02x} begins no packet of TDS before the login")
    if len(buffer) < _HEADER.size:
        return None
    length = int.from_bytes(buffer[2:4])
    if length <= _HEADER.size:
        raise MalformedError("an empty packet of TDS")
    return (buffer[_HEADER.size : length], length) if len(buffer) >= length else None


def decode_prelogin(buffer: bytes) -> tuple[int, int] | None:
    """The server's word on encryption, of `Encryption`; None when more bytes are needed. Raises MalformedError.

    A server whose answer takes several packets is none.
    """
    if buffer[:1] == bytes([_PRELOGIN]):
        raise MalformedError("the question itself instead of an answer to a PRELOGIN")
    decoded = _decode_packet(buffer)
    if decoded is None:
        return None
    content, consumed = decoded
    for at in range(0, len(content) - _OPTION.size + 1, _OPTION.size):
        token, place, size = _OPTION.unpack_from(content, at)
        if token == _END:
            break
        if token == _ENCRYPTION:
            if size != 1 or place >= len(content):
                raise MalformedError("an ENCRYPTION option out of place")
            return content[place], consumed
    raise MalformedError("a PRELOGIN without its ENCRYPTION option")
