"""MongoDB's messages, byte by byte."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.bson import document
from scanner.wire.errors import MalformedError
from scanner.wire.mongodb import MESSAGE_LIMIT, command, decode_answer


def message(body: bytes, operation: int = 2013) -> bytes:
    return struct.pack("<iiii", 16 + len(body), 7, 1, operation) + body


def test_what_is_sent() -> None:
    body = bytes(5) + document({"hello": 1, "$db": "admin"})
    header = bytes.fromhex("340000000100000000000000dd070000")
    assert command(1, hello=1) == header + body


def test_an_answer() -> None:
    whole = message(bytes(5) + document({"ok": 1}))
    assert decode_answer(whole + b"more") == ({"ok": 1}, len(whole))
    assert all(decode_answer(whole[:cut]) is None for cut in range(len(whole)))


@pytest.mark.parametrize(
    "malformed",
    [
        b"SSH-2.0-OpenSSH_9",
        message(bytes(5) + document({"ok": 1}), 1),
        message(b"\2\0\0\0\0" + document({"ok": 1})),
        message(b"\0\0\0\0\1" + document({"ok": 1})),
        message(bytes(5) + bytes(4)),
        message(bytes(5) + document({"ok": 1})[:-1] + b"\1"),
        struct.pack("<iiii", MESSAGE_LIMIT + 1, 0, 0, 2013),
        struct.pack("<iiii", -1, 0, 0, 2013),
    ],
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_answer(malformed)


@given(st.binary() | st.binary().map(message))
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_answer(buffer)
    except MalformedError:
        return
    assert decoded is None or 0 < decoded[1] <= len(buffer)
