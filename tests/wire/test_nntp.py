"""NNTP responses: the examples of RFC 3977, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE, MAX_LINES
from scanner.wire.nntp import Response, capabilities, decode_response

pieces = st.sampled_from([b"101", b" ", b".", b"\r\n", b"x", b"5", b"STARTTLS"])
lines_ = st.lists(
    st.binary(max_size=40).filter(lambda line: b"\n" not in line and not line.endswith(b"\r")), max_size=5
)


@pytest.mark.parametrize(
    ("buffer", "code"),
    [
        (b"200 NNTP Service Ready, posting permitted\r\n", 200),
        (b"201 NNTP Service Ready, posting prohibited\n", 201),
        (b"382\r\n", 382),
        (b"483 \x1b[2J\0\xff\r\n", 483),
        (b"101 Capability list:\r\n", 101),
    ],
)
def test_one_line(buffer: bytes, code: int) -> None:
    assert decode_response(buffer + b".\r\n") == (Response(code, buffer.rstrip(b"\r\n")), len(buffer))


def test_a_block() -> None:
    # RFC 3977 §5.2.3, and §3.1.1: a dot in front of a line that begins with one
    buffer = b"101 Capability list:\r\nVERSION 2\r\nReader\r\n..\r\n...x\r\n\r\n\xff\r\n.\r\n"
    decoded = decode_response(buffer + b"205 bye", 101)
    assert decoded is not None
    assert decoded == (
        Response(101, b"101 Capability list:", (b"VERSION 2", b"Reader", b".", b"..x", b"", b"\xff")),
        len(buffer),
    )
    assert capabilities(decoded[0]) == ("VERSION 2", "READER", ".", "..X", "", "\\XFF")


def test_a_refusal_has_no_block() -> None:
    decoded = decode_response(b"500 What?\r\n", 101)
    assert decoded is not None
    assert capabilities(decoded[0]) == ()


@pytest.mark.parametrize(
    "buffer", [b"", b"1", b"10", b"101", b"101 a\r", b"101 a\r\n", b"101 a\r\nb\r\n", b"101 a\r\n.", b"101 a\r\n..\r\n"]
)
def test_more_is_needed(buffer: bytes) -> None:
    assert decode_response(buffer, 101) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"SSH-2.0",  # told before the line ends
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\r\n200 late\r\n",
        b"600 no\r\n",
        b"2000 no\r\n",
        b"220-no\r\n",
    ],
)
def test_anything_else_is_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_response(buffer)


def test_bounds() -> None:
    longest = b"101 a\r\n" + b"b\r\n" * MAX_LINES + b".\r\n"
    decoded = decode_response(longest, 101)
    assert decoded is not None
    assert len(decoded[0].block) == MAX_LINES
    with pytest.raises(MalformedError, match="lines"):
        decode_response(b"101 a\r\nb\r\n" + longest.partition(b"\n")[2], 101)
    with pytest.raises(MalformedError, match="line of more than"):
        decode_response(b"101 " + b"a" * MAX_LINE)


@given(st.integers(100, 599), lines_, st.data())
def test_round_trip_and_every_beginning_asks_for_more(code: int, lines: list[bytes], data: st.DataObject) -> None:
    stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
    buffer = b"%d a\r\n" % code + b"".join(line + b"\r\n" for line in stuffed) + b".\r\n"
    assert decode_response(buffer, code) == (Response(code, b"%d a" % code, tuple(lines)), len(buffer))
    assert decode_response(buffer[: data.draw(st.integers(0, len(buffer) - 1))], code) is None


@given(st.one_of(st.binary(max_size=80), st.lists(pieces).map(b"".join)))
def test_any_bytes_are_a_response_or_too_few_or_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_response(buffer, 101)
    except MalformedError:
        return
    if decoded is not None:
        assert 0 < decoded[1] <= len(buffer)
        capabilities(decoded[0])
