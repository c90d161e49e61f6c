"""SMTP replies: the examples of RFC 5321, bounds, arbitrary bytes."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE, MAX_LINES
from scanner.wire.smtp import Reply, decode_reply

texts = st.lists(
    st.binary(max_size=60).filter(lambda text: b"\n" not in text and not text.endswith(b"\r")), min_size=1, max_size=6
)
pieces = st.sampled_from([b"250", b"-", b" ", b"\r\n", b"x", b"5"])


def written(reply: Reply) -> bytes:
    last = len(reply.lines) - 1
    return b"".join(b"%d%s%s\r\n" % (reply.code, b" " if at == last else b"-", t) for at, t in enumerate(reply.lines))


@pytest.mark.parametrize(
    ("buffer", "code", "lines"),
    [
        (b"220 foo.com Simple Mail Transfer Service Ready\r\n", 220, (b"foo.com Simple Mail Transfer Service Ready",)),
        (b"250-foo.com greets bar.com\r\n250-SIZE\r\n250 HELP\r\n", 250, (b"foo.com greets bar.com", b"SIZE", b"HELP")),
        (b"250\r\n", 250, (b"",)),  # RFC 5321 §4.2: the text is optional
        (b"250-a\r\n250\r\n", 250, (b"a", b"")),
        (b"530 5.7.0 Must issue a STARTTLS command first\n", 530, (b"5.7.0 Must issue a STARTTLS command first",)),
        (b"554-\r\n554 \x1b[2J\0\xff\r\n", 554, (b"", b"\x1b[2J\0\xff")),
    ],
)  # fmt: skip
def test_replies(buffer: bytes, code: int, lines: tuple[bytes, ...]) -> None:
    decoded = decode_reply(buffer + b"220 next")
    assert decoded == (Reply(code, lines), len(buffer))
    assert decoded[0].text == b"%d %s" % (code, lines[0])


@pytest.mark.parametrize("buffer", [b"", b"2", b"22", b"220", b"220 a", b"220 a\r", b"250-a\r\n", b"250-a\r\n250"])
def test_more_is_needed(buffer: bytes) -> None:
    assert decode_reply(buffer) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"* OK IMAP4rev1\r\n",
        b"SSH-2.0",  # told before the line ends
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\r\n220 late\r\n",
        b"120 not yet\r\n",  # RFC 5321 §4.2.1: the first digit is 2 to 5
        b"600 no\r\n",
        b"2200 no\r\n",
        b"220_no\r\n",
        b"250-a\r\nno\r\n",
        b"250-a\r\n\r\n",
        b"250-a\r\n550 b\r\n",  # RFC 5321 §4.2.1: one code
    ],
)
def test_anything_else_is_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_reply(buffer)


def test_bounds() -> None:
    longest = b"250-a\r\n" * (MAX_LINES - 1) + b"250 b\r\n"
    decoded = decode_reply(longest)
    assert decoded is not None
    assert len(decoded[0].lines) == MAX_LINES
    with pytest.raises(MalformedError, match="lines"):
        decode_reply(b"250-a\r\n" + longest)
    with pytest.raises(MalformedError, match="line of more than"):
        decode_reply(b"250-" + b"a" * MAX_LINE)


@given(st.integers(200, 599), texts, st.data())
def test_round_trip_and_every_beginning_asks_for_more(code: int, lines: list[bytes], data: st.DataObject) -> None:
    reply = Reply(code, tuple(lines))
    buffer = written(reply)
    assert decode_reply(buffer) == (reply, len(buffer))
    assert decode_reply(buffer[: data.draw(st.integers(0, len(buffer) - 1))]) is None


@given(
    st.one_of(
        st.binary(max_size=80), st.lists(st.sampled_from([b"250", b"-", b" ", b"\r\n", b"x", b"5"])).map(b"".join)
    )
)
def test_any_bytes_are_a_reply_or_too_few_or_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_reply(buffer)
    except MalformedError:
        return
    if decoded is not None:
        assert 0 < decoded[1] <= len(buffer)
        assert 200 <= decoded[0].code <= 599


def test_rest_of_the_buffer_is_not_copied_for_each_line() -> None:
    def seconds(width: int) -> float:
        buffer = (b"250-" + b"a" * width + b"\r\n") * MAX_LINES
        best = float("inf")
        for _ in range(5):
            began = process_time()
            assert decode_reply(buffer) is None
            best = min(best, process_time() - began)
        return best

    # 2 MB in as many lines as 20 KB: a copy of the rest for each line would move 500 MB
    assert seconds(4000) < 4 * seconds(40) + 0.02
