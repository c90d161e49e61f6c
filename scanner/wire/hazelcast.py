"""The first words of Hazelcast: which protocol a connection speaks, and the login of its client protocol.

Source: https://github.com/hazelcast/hazelcast-client-protocol (Open Binary Client Protocol 2, Hazelcast 4 and 5), with
little-endian integers; `com.hazelcast.internal.nio.Protocols`.
"""

import struct
from dataclasses import dataclass

from scanner.wire.errors import MalformedError

MEMBER, CLIENT, UNEXPECTED = b"HZC", b"CP2", b"HZX"
"""Three bytes from who connects; a member answers a member likewise, and what is not spoken there by the last."""
FRAME_LIMIT = 1 << 15
"""Bytes; that with the answer to a login has some 60."""

AUTHENTICATION, AUTHENTICATION_ANSWER = 0x000100, 0x000101
_HEAD = struct.Struct("<IH")
"""Length of the frame, this included, and flags."""
_REQUEST = struct.Struct("<IqiB16xB")
"""Type, correlation, partition, whether the client has no UUID, the UUID, version of the serialization."""
_ANSWER = struct.Struct("<IqBB")
"""Type, correlation, acknowledgements, status."""
_WHOLE, _LAST, _BEGIN, _END, _NULL = 0xC000, 1 << 13, 1 << 12, 1 << 11, 1 << 10


@dataclass(frozen=True)
class Answer:
    """The beginning of the answer to a login."""

    kind: int
    status: int
    """0: authenticated, 1: credentials failed, 2: another version of the serialization, 3: not allowed here."""


def decode_greeting(buffer: bytes) -> tuple[bytes, int] | None:
    """The three bytes with which a member answers; None when more are needed. Raises MalformedError."""
    if not any(one.startswith(buffer[:3]) for one in (MEMBER, UNEXPECTED)):
        raise MalformedError("no member of Hazelcast")
    return (buffer[:3], 3) if len(buffer) >= 3 else None


def decode_answer(buffer: bytes) -> tuple[Answer, int] | None:
    """The first frame of a message to a client; None when more bytes are needed. Raises MalformedError."""
    if len(buffer) < _HEAD.size:
        return None
    length, flags = _HEAD.unpack_from(buffer)
    if not _HEAD.size + _ANSWER.size <= length <= FRAME_LIMIT or flags & _WHOLE != _WHOLE:
        raise MalformedError("no answer of Hazelcast to a client")
    if len(buffer) < length:
        return None
    kind, _, _, status = _ANSWER.unpack_from(buffer, _HEAD.size)
    return Answer(kind, status), length


def _frame(content: bytes = b"", flags: int = 0) -> bytes:
    return _HEAD.pack(_HEAD.size + len(content), flags) + content


def authentication(name: str) -> bytes:
    """A login under this name, without a password, to a cluster of this name."""
    words = name.encode()
    first = _frame(_REQUEST.pack(AUTHENTICATION, 1, -1, 1, 1), _WHOLE)
    texts = [
        words,
        words,
        None,
        b"CPP",
        b"5.0",
        words,
    ]  # cluster, user, no password, kind, version and name of the client
    frames = [_frame(flags=_NULL) if text is None else _frame(text) for text in texts]
    return first + b"".join(frames) + _frame(flags=_BEGIN) + _frame(flags=_END | _LAST)
