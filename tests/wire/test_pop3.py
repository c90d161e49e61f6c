"""POP3 responses: the examples of RFC 1939 and RFC 2449, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE, MAX_LINES
from scanner.wire.pop3 import Response, decode_listing, decode_response

lines_ = st.lists(
    st.binary(max_size=40).filter(lambda line: b"\n" not in line and not line.endswith(b"\r")), max_size=6
)
pieces = st.sampled_from([b"+OK", b"-ERR", b" ", b"\r\n", b".", b"x", b"\t"])


@pytest.mark.parametrize(
    ("buffer", "ok", "text"),
    [
        (
            b"+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n",
            True,
            b"POP3 server ready <1896.697170952@dbc.mtview.ca.us>",
        ),
        (b"-ERR [AUTH] sorry\n", False, b"[AUTH] sorry"),
        (b"+OK\r\n", True, b""),
        (b"-ERR\r\n", False, b""),
        (b"+OK \x1b[2J\0\xff\r\n", True, b"\x1b[2J\0\xff"),
    ],
)
def test_responses(buffer: bytes, ok: bool, text: bytes) -> None:
    response = Response(ok, text)
    assert decode_response(buffer + b"+OK next") == (response, len(buffer))
    assert response.status == buffer.rstrip()


@pytest.mark.parametrize("buffer", [b"", b"+", b"+O", b"-ERR", b"+OK ready\r", b"+OKAY"])
def test_more_is_needed(buffer: bytes) -> None:
    assert decode_response(buffer) is None
    assert decode_listing(buffer) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"* OK IMAP4rev1\r\n",  # IMAP, told at its first byte
        b"2",
        b"+PONG",
        b"+ok\r\n",  # RFC 1939 §3: upper case
        b"+OKAY\r\n",
        b"-ERROR\r\n",
        b"\r\n",
        b"\x16\x03\x03",
        b"+OK " + b"a" * MAX_LINE,
    ],
)
def test_anything_else_is_malformed(buffer: bytes) -> None:
    for decode in (decode_response, decode_listing):
        with pytest.raises(MalformedError):
            decode(buffer)


@pytest.mark.parametrize(
    ("buffer", "response"),
    [
        (b"+OK list follows\r\nTOP\r\nUSER\r\n.\r\n", Response(True, b"list follows", (b"TOP", b"USER"))),
        (b"+OK\r\n.\r\n", Response(True, b"")),
        (b"+OK\n..x\n...\n. \n.\n", Response(True, b"", (b".x", b"..", b" "))),  # RFC 1939 §3: byte-stuffed
        (b"-ERR what?\r\n", Response(False, b"what?")),
    ],
)
def test_listings(buffer: bytes, response: Response) -> None:
    assert decode_listing(buffer + b"+OK next") == (response, len(buffer))


def test_bound_of_lines() -> None:
    longest = b"+OK\r\n" + b"x\r\n" * MAX_LINES
    decoded = decode_listing(longest + b".\r\n")
    assert decoded is not None
    assert len(decoded[0].lines) == MAX_LINES
    with pytest.raises(MalformedError, match="listing of more than"):
        decode_listing(longest + b"x\r\n")


@given(st.booleans(), lines_, st.data())
def test_listing_and_every_beginning_of_it(ok: bool, lines: list[bytes], data: st.DataObject) -> None:
    stuffed = [b"." + line if line.startswith(b".") else line for line in lines] if ok else []
    buffer = (b"+OK text" if ok else b"-ERR text") + b"".join(b"\r\n" + line for line in stuffed)
    buffer += b"\r\n.\r\n" if ok else b"\r\n"
    expected = Response(ok, b"text", tuple(lines) if ok else ())
    assert decode_listing(buffer) == (expected, len(buffer))
    assert decode_listing(buffer[: data.draw(st.integers(0, len(buffer) - 1))]) is None


@given(st.one_of(st.binary(max_size=80), st.lists(pieces, max_size=12).map(b"".join)))
def test_any_bytes_are_read_or_too_few_or_malformed(buffer: bytes) -> None:
    for decode in (decode_response, decode_listing):
        try:
            decoded = decode(buffer)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(buffer)
