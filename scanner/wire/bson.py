"""BSON, as far as answers of MongoDB's need it: the numbers and texts at the top of a document.

Source: https://bsonspec.org/spec.html. Integers are little-endian.
"""

import struct

from scanner.wire.errors import MalformedError

Value = str | int | float | bool | None

_FIXED = {0x01: "<d", 0x08: "<?", 0x10: "<i", 0x11: "<Q", 0x12: "<q", 0x09: "<q"}
"""Double, boolean, int32, timestamp, int64, date."""
_SKIPPED = {0x07: 12, 0x13: 16, 0x06: 0, 0xFF: 0, 0x7F: 0}
"""ObjectId, decimal128, undefined, the smallest and the largest key."""
_STRING, _DOCUMENT, _ARRAY, _BINARY, _NULL = 0x02, 0x03, 0x04, 0x05, 0x0A


def read_document(data: bytes) -> dict[str, Value]:
    """The elements that are numbers, texts, booleans or null; others are left out. Raises MalformedError."""
    if len(data) < 5 or int.from_bytes(data[:4], "little") != len(data) or data[-1]:
        raise MalformedError("a document of another length than it says")
    found: dict[str, Value] = {}
    at, end = 4, len(data) - 1
    while at < end:
        kind = data[at]
        name_end = data.find(b"\0", at + 1, end)
        if name_end < 0:
            raise MalformedError("an element without the end of its name")
        name = data[at + 1 : name_end].decode("utf-8", "backslashreplace")
        at = name_end + 1
        size = _size(kind, data[at:end])
        if at + size > end:
            raise MalformedError("an element beyond the end of its document")
        if kind in _FIXED:
            (found[name],) = struct.unpack_from(_FIXED[kind], data, at)
        elif kind == _STRING:
            found[name] = data[at + 4 : at + size - 1].decode("utf-8", "backslashreplace")
        elif kind == _NULL:
            found[name] = None
        at += size
    return found


def _size(kind: int, rest: bytes) -> int:
    """Bytes of an element's value. Raises MalformedError."""
    if kind in _FIXED:
        return struct.calcsize(_FIXED[kind])
    if kind in _SKIPPED:
        return _SKIPPED[kind]
    if kind == _NULL:
        return 0
    length = int.from_bytes(rest[:4], "little")
    if len(rest) >= 4 and length <= len(rest):
        if kind in (_DOCUMENT, _ARRAY) and length >= 5:
            return length
        if kind == _STRING and length >= 1:
            return 4 + length
        if kind == _BINARY:
            return 5 + length
    raise MalformedError(f"an element of type 0x{kind:02x} and no length that fits")


def document(values: dict[str, int | str]) -> bytes:
    """A document of int32 and texts."""
    elements = b""
    for name, value in values.items():
        key = name.encode() + b"\0"
        if isinstance(value, str):
            text = value.encode() + b"\0"
            elements += b"\x02" + key + len(text).to_bytes(4, "little") + text
        else:
            elements += b"\x10" + key + value.to_bytes(4, "little", signed=True)
    return (len(elements) + 5).to_bytes(4, "little") + elements + b"\0"
