"""The start of OpenWire, the protocol of ActiveMQ: WireFormatInfo, a login, the broker's reply.

Source: https://activemq.apache.org/components/classic/documentation/openwire-version-2-specification; the fields of a
command as `org.apache.activemq.openwire.v12` writes them with neither the tight encoding nor the cache. Integers are
big-endian.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader

MAGIC = b"ActiveMQ"
VERSION = 12
"""The newest; with an older broker its own is spoken."""
MAX_FRAME = 1 << 15
"""Bytes; a WireFormatInfo has some 350, an exception with its stack a few thousand."""
MAX_PROPERTIES = 100

WIRE_FORMAT_INFO, CONNECTION_INFO, SHUTDOWN_INFO, CONNECTION_ERROR, RESPONSE, EXCEPTION_RESPONSE = 1, 3, 11, 16, 30, 31
"""Types of commands (`CommandTypes`)."""
_CONNECTION_ID = 120
_STRING, _BOOLEAN, _INT, _LONG = 9, 1, 5, 6
_WIDTHS = {0: 0, _BOOLEAN: 1, 2: 1, 3: 2, 4: 2, _INT: 4, _LONG: 8, 7: 8, 8: 4}
"""Bytes of the types of properties that have a fixed size (`MarshallingSupport`)."""


@dataclass(frozen=True)
class Frame:
    """One command."""

    kind: int
    data: bytes


@dataclass(frozen=True)
class WireFormat:
    """What one side can. Texts are as sent: not safe to show as they are."""

    version: int
    properties: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """The answer to a command: done, or an exception by its class and its message."""

    exception: str = ""
    message: str = ""


def decode_frame(buffer: bytes) -> tuple[Frame, int] | None:
    """One command; None when more bytes are needed. Raises MalformedError."""
    if len(buffer) < 4:
        return None
    size = int.from_bytes(buffer[:4])
    if not 0 < size <= MAX_FRAME:
        raise MalformedError(f"a command of {size} bytes does not belong before a login to OpenWire")
    if len(buffer) < 4 + size:
        return None
    return Frame(buffer[4], buffer[5 : 4 + size]), 4 + size


def decode_wire_format(buffer: bytes) -> tuple[WireFormat, int] | None:
    """The first words of either side; None when more bytes are needed. Raises MalformedError."""
    if buffer[5 : 5 + len(MAGIC)] != MAGIC[: max(0, len(buffer) - 5)] or buffer[4:5] not in (b"", b"\1"):
        raise MalformedError("no WireFormatInfo")
    framed = decode_frame(buffer)
    if framed is None:
        return None
    frame, consumed = framed
    reader = Reader(frame.data)
    reader.take(len(MAGIC))
    version = reader.number(4)
    properties = _properties(Reader(reader.vector(4))) if reader.left and reader.number(1) else {}
    return WireFormat(version, properties), consumed


def _properties(reader: Reader) -> dict[str, str | int]:
    count = reader.number(4)
    if count > MAX_PROPERTIES:
        raise MalformedError(f"a WireFormatInfo of {count} properties")
    return {_text(reader): _property(reader) for _ in range(count)}


def _property(reader: Reader) -> str | int:
    kind = reader.number(1)
    if kind == _STRING:
        return _text(reader)
    if kind not in _WIDTHS:
        raise MalformedError(f"a property of type {kind}")
    return reader.number(_WIDTHS[kind])


def _text(reader: Reader) -> str:
    return reader.vector(2).decode("utf-8", "backslashreplace")


def reply(frame: Frame) -> Reply | None:
    """What a command says to a login; None for one that says nothing about it. Raises MalformedError."""
    if frame.kind not in (RESPONSE, EXCEPTION_RESPONSE, CONNECTION_ERROR):
        return None
    reader = Reader(frame.data)
    reader.take(5)  # the command's ID, and whether it wants a response itself
    if frame.kind == RESPONSE:
        return Reply()
    if frame.kind == EXCEPTION_RESPONSE:
        reader.take(4)  # the ID of the command that is answered
    if not reader.number(1):
        return Reply("an exception of no class")
    exception = _text(reader) if reader.number(1) else ""
    message = _text(reader) if reader.number(1) else ""
    return Reply(exception or "an exception of no class", message)


# --- values to bytes ----------------------------------------------------------------------------------------------


def frame(kind: int, data: bytes) -> bytes:
    """A command as framed."""
    return (1 + len(data)).to_bytes(4) + bytes([kind]) + data


def _utf(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2) + data


def wire_format_info(version: int = VERSION) -> bytes:
    """The plain encoding, and no heart-beats."""
    flags = ("TightEncodingEnabled", "CacheEnabled", "SizePrefixDisabled", "StackTraceEnabled")
    items = [_utf(name) + bytes([_BOOLEAN, 0]) for name in flags]
    items.append(_utf("MaxInactivityDuration") + bytes([_LONG]) + bytes(8))
    properties = len(items).to_bytes(4) + b"".join(items)
    return frame(WIRE_FORMAT_INFO, MAGIC + struct.pack(">IBI", version, 1, len(properties)) + properties)


def connection_info(user: str, client: str, version: int = VERSION) -> bytes:
    """A login without a password; it wants a response."""
    words = [struct.pack(">iB", 1, 1), bytes([1, _CONNECTION_ID, 1]) + _utf(client)]
    words += [b"\1" + _utf(client), b"\1" + _utf(""), b"\1" + _utf(user)]
    flags = 3 + (version >= 2) + 2 * (version >= 6)  # no path of brokers, and nothing but a client
    words.append(bytes(flags) + bytes(version >= 8))  # from version 8 on, its address: none
    return frame(CONNECTION_INFO, b"".join(words))


def shutdown_info() -> bytes:
    """The end of a connection."""
    return frame(SHUTDOWN_INFO, struct.pack(">iB", 2, 0))
