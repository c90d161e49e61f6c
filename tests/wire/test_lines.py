"""Lines: where they end, and how long they may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE, decode_line

words = st.binary(max_size=60).filter(lambda word: b"\n" not in word and not word.endswith(b"\r"))


@pytest.mark.parametrize(
    ("buffer", "line", "consumed"),
    [
        (b"a\r\n", b"a", 3),
        (b"a\n", b"a", 2),
        (b"\r\n", b"", 2),
        (b"\n", b"", 1),
        (b"a\rb\r\r\nc", b"a\rb\r", 6),
        (b"a\0\xff\r\nb\r\n", b"a\0\xff", 5),
    ],
)
def test_ends(buffer: bytes, line: bytes, consumed: int) -> None:
    assert decode_line(buffer) == (line, consumed)


@pytest.mark.parametrize("buffer", [b"", b"a", b"a\r", b"a" * (MAX_LINE - 1)])
def test_more_is_needed(buffer: bytes) -> None:
    assert decode_line(buffer) is None


def test_longest_line() -> None:
    assert decode_line(b"a" * (MAX_LINE - 1) + b"\n") == (b"a" * (MAX_LINE - 1), MAX_LINE)
    for end in (b"", b"\n", b"a\n"):
        with pytest.raises(MalformedError, match="line of more than"):
            decode_line(b"a" * MAX_LINE + end)
        with pytest.raises(MalformedError, match="line of more than"):
            decode_line(b"short\n" + b"a" * MAX_LINE + end, 6)


@given(st.lists(st.tuples(words, st.sampled_from([b"\n", b"\r\n"])), max_size=8), words)
def test_lines_follow_each_other(lines: list[tuple[bytes, bytes]], rest: bytes) -> None:
    buffer = b"".join(word + end for word, end in lines) + rest
    at, read = 0, []
    while (decoded := decode_line(buffer, at)) is not None:
        assert decode_line(buffer[at:]) == decoded
        read.append(decoded[0])
        at += decoded[1]
    assert read == [word for word, _ in lines]
    assert buffer[at:] == rest
