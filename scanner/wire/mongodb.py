"""MongoDB's wire protocol: a command and its answer, each an OP_MSG.

Source: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/. Integers are little-endian.
"""

import struct

from scanner.wire.bson import Value, document, read_document
from scanner.wire.errors import MalformedError

OP_MSG = 2013
MESSAGE_LIMIT = 1 << 15
"""Bytes: the answers asked for here have a tenth."""
UNAUTHORIZED = 13
_HEADER = struct.Struct("<iiii")
"""Length with the header, number, number of what it answers, operation."""
_BEGINNING = _HEADER.size + 5
"""With the flags and the kind of the first section."""


def command(number: int, **values: int | str) -> bytes:
    """A command to the database `admin`; its name is the first of the values."""
    body = bytes(5) + document({**values, "$db": "admin"})
    return _HEADER.pack(_HEADER.size + len(body), number, 0, OP_MSG) + body


def decode_answer(buffer: bytes) -> tuple[dict[str, Value], int] | None:
    """The document that answers a command; None when more bytes are needed. Raises MalformedError."""
    if len(buffer) < _HEADER.size:
        return None
    length, _, _, operation = _HEADER.unpack_from(buffer)
    if operation != OP_MSG or not _BEGINNING + 5 <= length <= MESSAGE_LIMIT:
        raise MalformedError("not an answer of MongoDB's (OP_MSG)")
    if len(buffer) < length:
        return None
    flags, kind = struct.unpack_from("<IB", buffer, _HEADER.size)
    if flags or kind:
        raise MalformedError("an answer with flags or of several sections")
    return read_document(buffer[_BEGINNING:length]), length
