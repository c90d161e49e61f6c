"""FTP replies: the examples of RFC 959 and RFC 2389, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.ftp import decode_reply, features
from scanner.wire.lines import MAX_LINE, MAX_LINES
from scanner.wire.smtp import Reply

pieces = st.sampled_from([b"211", b"-", b" ", b"\r\n", b"x", b"5", b"AUTH TLS"])
inner = st.lists(
    st.binary(max_size=40).filter(
        lambda line: b"\n" not in line and not line.endswith(b"\r") and not line.startswith(b"211")
    ),
    max_size=5,
)


@pytest.mark.parametrize(
    ("buffer", "code", "lines"),
    [
        (b"220 (vsFTPd 3.0.3)\r\n", 220, (b"(vsFTPd 3.0.3)",)),
        (b"120 Service ready in 5 minutes.\n", 120, (b"Service ready in 5 minutes.",)),
        (b"200\r\n", 200, (b"",)),
        # RFC 959 §4.2: lines between need no code, and a number at their beginning does not end the reply
        (
            b"123-First line\r\nSecond line\r\n  234 A line beginning with numbers\r\n123 The last line\r\n",
            123,
            (b"First line", b"Second line", b"  234 A line beginning with numbers", b"The last line"),
        ),
        (b"211-a\r\n211-b\r\n331 c\r\n211\r\n", 211, (b"a", b"b", b"331 c", b"")),
        (b"331-\r\n\r\n331 \x1b[2J\0\xff\r\n", 331, (b"", b"", b"\x1b[2J\0\xff")),
    ],
)
def test_replies(buffer: bytes, code: int, lines: tuple[bytes, ...]) -> None:
    assert decode_reply(buffer + b"220 next") == (Reply(code, lines), len(buffer))


@pytest.mark.parametrize("buffer", [b"", b"2", b"22", b"220", b"220 a\r", b"211-a\r\n", b"211-a\r\n211", b"211-a\r\nb"])
def test_more_is_needed(buffer: bytes) -> None:
    assert decode_reply(buffer) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"SSH-2.0",  # told before the line ends
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\r\n220 late\r\n",
        b"020 no\r\n",
        b"631 protected\r\n",  # RFC 2228 §4.2: behind a security that was never begun
        b"2200 no\r\n",
        b"220_no\r\n",
    ],
)
def test_anything_else_is_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_reply(buffer)


def test_bounds() -> None:
    longest = b"211-a\r\n" + b" b\r\n" * (MAX_LINES - 2) + b"211 c\r\n"
    decoded = decode_reply(longest)
    assert decoded is not None
    assert len(decoded[0].lines) == MAX_LINES
    with pytest.raises(MalformedError, match="lines"):
        decode_reply(b"211-a\r\n b\r\n" + longest.partition(b"\n")[2])
    with pytest.raises(MalformedError, match="line of more than"):
        decode_reply(b"211-" + b"a" * MAX_LINE)


def test_features() -> None:
    # RFC 2389 §3.2
    buffer = b"211-Extensions supported:\r\n MLST size*;create;\r\n Auth TLS\r\n \xff\r\n211 END\r\n"
    decoded = decode_reply(buffer)
    assert decoded is not None
    assert features(decoded[0]) == ("MLST SIZE*;CREATE;", "AUTH TLS", "\\XFF")
    assert features(Reply(211, (b"no-features",))) == ()


@given(st.integers(200, 210), inner, st.data())
def test_round_trip_and_every_beginning_asks_for_more(code: int, lines: list[bytes], data: st.DataObject) -> None:
    kept = [line for line in lines if not line.startswith(b"%d" % code)]
    buffer = b"%d-a\r\n" % code + b"".join(line + b"\r\n" for line in kept) + b"%d z\r\n" % code
    assert decode_reply(buffer) == (Reply(code, (b"a", *kept, b"z")), len(buffer))
    assert decode_reply(buffer[: data.draw(st.integers(0, len(buffer) - 1))]) is None


@given(st.one_of(st.binary(max_size=80), st.lists(pieces).map(b"".join)))
def test_any_bytes_are_a_reply_or_too_few_or_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_reply(buffer)
    except MalformedError:
        return
    if decoded is not None:
        assert 0 < decoded[1] <= len(buffer)
        assert 100 <= decoded[0].code <= 599
        features(decoded[0])
