"""Answers to `version`, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE
from scanner.wire.memcached import decode_answer


@pytest.mark.parametrize(
    ("buffer", "answer"),
    [
        (b"VERSION 1.6.18\r\n", ("VERSION", b"1.6.18")),
        (b"CLIENT_ERROR unauthenticated\r\n", ("CLIENT_ERROR", b"unauthenticated")),
        (b"SERVER_ERROR out of memory\r\n", ("SERVER_ERROR", b"out of memory")),
        (b"ERROR\r\n", ("ERROR", b"")),
    ],
)
def test_answers(buffer: bytes, answer: tuple[str, bytes]) -> None:
    assert decode_answer(buffer + b"more") == (answer, len(buffer))
    assert all(decode_answer(buffer[:cut]) is None for cut in range(len(buffer)))


@pytest.mark.parametrize(
    "malformed", [b"\r\n", b"VERSIONS 1\r\n", b"version\r\n", b"\x15\x03", b"SSH-", b"ERROR " + b"x" * MAX_LINE]
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_answer(malformed)


@given(st.binary() | st.binary().map(lambda rest: b"VERSION " + rest))
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_answer(buffer)
    except MalformedError:
        return
    assert decoded is None or 0 < decoded[1] <= len(buffer)
