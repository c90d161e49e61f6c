"""How AMQP begins: protocol headers, and the SASL mechanisms that a server lists in versions 0-9-1 and 1.0.

Sources: AMQP 0-9-1 §2.3, §4.2 and Connection.Start; AMQP 1.0 §1.6, §2.2, §2.3 and §5.3. Integers are big-endian.
"""

import struct
from dataclasses import dataclass
from enum import Enum

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader

MAX_FRAME = 1 << 14
"""Bytes; before anything is negotiated a frame of 0-9-1 has at most 4096, of 1.0 at most 512, and some have more."""
MAX_ITEMS = 100
"""Properties of a server, or mechanisms."""
FRAME_END = 0xCE
CONNECTION_START = (10, 10)
SASL_MECHANISMS = b"\0\x53\x40"
"""The descriptor 0x00000000:0x00000040 as a smallulong."""


class Header(bytes, Enum):
    """What a connection begins with; a server that speaks another answers with that and closes."""

    AMQP_0_9_1 = b"AMQP\0\0\x09\x01"
    AMQP_1_0 = b"AMQP\0\1\0\0"
    """Without SASL: no authentication."""
    TLS = b"AMQP\2\1\0\0"
    """TLS on this port, then AMQP 1.0 (§5.2)."""
    SASL = b"AMQP\3\1\0\0"


@dataclass(frozen=True)
class Start:
    """Connection.Start of 0-9-1, or SASL's mechanisms of 1.0. Names are as sent: not safe to show as they are."""

    mechanisms: tuple[bytes, ...]
    product: bytes = b""
    """The server's product and version; 1.0 does not tell."""


def decode_answer(buffer: bytes) -> tuple[Start | bytes, int] | None:
    """The answer to the header of 0-9-1: Connection.Start, or the header that the server speaks instead.

    None when more bytes are needed. Raises MalformedError.
    """
    if buffer[:4] == b"AMQP":
        return (buffer[:8], 8) if len(buffer) >= 8 else None
    if b"AMQP".startswith(buffer):
        return None
    if len(buffer) < 7:
        if buffer[0] != 1:
            raise MalformedError("neither a method frame nor an AMQP header")
        return None
    kind, channel, size = struct.unpack_from(">BHI", buffer)
    if kind != 1 or channel != 0 or size > MAX_FRAME:
        raise MalformedError("neither a method frame nor an AMQP header")
    end = 7 + size + 1
    if len(buffer) < end:
        return None
    if buffer[end - 1] != FRAME_END:
        raise MalformedError("a frame without its end")
    return _start(Reader(buffer[7 : end - 1])), end


def _start(method: Reader) -> Start:
    if (method.number(2), method.number(2)) != CONNECTION_START:
        raise MalformedError("a method other than Connection.Start")
    method.take(2)  # version
    properties = _texts(method.vector(4))
    mechanisms = method.vector(4).split()
    method.vector(4)  # locales
    method.end()
    return Start(_few(mechanisms), b" ".join(properties[one] for one in (b"product", b"version") if one in properties))


_WIDTHS = {
    kind: width
    for kinds, width in ((b"V", 0), (b"tbB", 1), (b"sUu", 2), (b"Iif", 4), (b"D", 5), (b"lLdT", 8))
    for kind in kinds
}
"""Of a field's value by its type; RabbitMQ's `s` is a number of two bytes."""


def _texts(table: bytes) -> dict[bytes, bytes]:
    """Fields of a table (§4.2.5.5) that are long strings, up to one of an unknown type."""
    fields, found = Reader(table), {}
    for _ in range(MAX_ITEMS):
        if not fields.left:
            break
        name, kind = fields.vector(1), fields.number(1)
        if kind in b"SxFA":
            value = fields.vector(4)
            if kind in b"S":
                found[name] = value
        elif kind in _WIDTHS:
            fields.take(_WIDTHS[kind])
        else:
            break
    return found


def _few(mechanisms: list[bytes]) -> tuple[bytes, ...]:
    if len(mechanisms) > MAX_ITEMS:
        raise MalformedError(f"more than {MAX_ITEMS} mechanisms")
    return tuple(mechanisms)


def decode_sasl(buffer: bytes) -> tuple[Start | bytes, int] | None:
    """The answer to the SASL header of 1.0: that header and the mechanisms, or another header.

    None when more bytes are needed. Raises MalformedError.
    """
    if buffer[:4] != b"AMQP"[: len(buffer[:4])]:
        raise MalformedError("no AMQP header")
    if len(buffer) < 8:
        return None
    if buffer[:8] != Header.SASL:
        return buffer[:8], 8
    if len(buffer) < 16:
        return None
    size, offset, kind = struct.unpack_from(">IBB", buffer, 8)
    if kind != 1 or not 8 <= 4 * offset <= size <= MAX_FRAME:
        raise MalformedError("no SASL frame")
    if len(buffer) < 8 + size:
        return None
    return Start(_few(_mechanisms(Reader(buffer[8 + 4 * offset : 8 + size])))), 8 + size


def _mechanisms(body: Reader) -> list[bytes]:
    """The list `sasl-mechanisms` (§5.3.3.1): one field, a symbol or an array of symbols."""
    if body.take(3) != SASL_MECHANISMS:
        raise MalformedError("a performative other than sasl-mechanisms")
    fields = _compound(body, 0xC0)
    code = fields.number(1)
    if code in {0xA3, 0xB3}:
        return [fields.vector(4 if code & 0x10 else 1)]
    fields.at -= 1
    symbols = _compound(fields, 0xE0)
    width = {0xA3: 1, 0xB3: 4}.get(symbols.number(1))
    if width is None:
        raise MalformedError("an array of something else than symbols")
    listed = []
    while symbols.left:
        listed.append(symbols.vector(width))
    return listed


def _compound(data: Reader, short: int) -> Reader:
    """The content of a list or an array behind its count (§1.6.22 to §1.6.24), with a size of one byte or of four."""
    code = data.number(1)
    if code not in {short, short + 0x10}:
        raise MalformedError(f"type 0x{code:02x} instead of 0x{short:02x}")
    width = 1 if code == short else 4
    content = Reader(data.vector(width))
    content.take(width)
    return content
