"""Answers to a PING, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE
from scanner.wire.redis import Reply, decode_reply


@pytest.mark.parametrize(
    ("buffer", "reply", "code"),
    [
        (b"+PONG\r\n", Reply(False, b"PONG"), ""),
        (b"+pong\r\n", Reply(False, b"pong"), ""),
        (b"-NOAUTH Authentication required.\r\n", Reply(True, b"NOAUTH Authentication required."), "NOAUTH"),
        (b"-ERR\r\n", Reply(True, b"ERR"), "ERR"),
        (b"-\xff x\r\n", Reply(True, b"\xff x"), "\ufffd"),
        (b"-\r\n", Reply(True, b""), ""),
    ],
)
def test_replies(buffer: bytes, reply: Reply, code: str) -> None:
    assert decode_reply(buffer + b"+more") == (reply, len(buffer))
    assert reply.code == code
    assert all(decode_reply(buffer[:cut]) is None for cut in range(len(buffer)))


@pytest.mark.parametrize(
    "malformed",
    [b"\r\n", b":1\r\n", b"+OK\r\n", b"+OK Dovecot ready.\r\n", b"$4\r\nPONG\r\n", b"\x15\x03", b"+" + b"x" * MAX_LINE],
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_reply(malformed)


@given(st.binary() | st.binary().map(lambda rest: b"-" + rest))
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_reply(buffer)
    except MalformedError:
        return
    assert decoded is None or 0 < decoded[1] <= len(buffer)
