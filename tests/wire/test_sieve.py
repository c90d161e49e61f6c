"""ManageSieve responses: the examples of RFC 5804, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINE
from scanner.wire.sieve import MAX_LINES, MAX_TOKENS, Line, Response, decode_response, decode_strings

strings = st.lists(st.binary(max_size=30), min_size=1, max_size=4)
pieces = st.sampled_from([b'"', b"\\", b"OK", b"NO", b" ", b"\r\n", b"\n", b"(", b")", b"{3}\r\n", b"{3+}", b"x", b"}"])


def written(values: list[bytes]) -> bytes:
    """Quoted where that can be, as literals elsewhere (RFC 5804 §4)."""
    return b" ".join(
        b"{%d}\r\n%s" % (len(one), one)
        if set(one) & {0, 10, 13}
        else b'"' + one.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
        for one in values
    )


@pytest.mark.parametrize(
    ("buffer", "line"),
    [
        (b'"IMPLEMENTATION" "Example1 v001"\r\n', ("", "", (b"IMPLEMENTATION", b"Example1 v001"))),
        (b'"STARTTLS"\r\n', ("", "", (b"STARTTLS",))),
        (b'"SASL" ""\n', ("", "", (b"SASL", b""))),
        (b'"a\\"b\\\\" {4}\r\nx\r\ny \r\n', ("", "", (b'a"b\\', b"x\r\ny"))),
        (b"{0+}\r\n\r\n", ("", "", (b"",))),
        (b"OK\r\n", ("OK", "", ())),
        (b'ok "done" \r\n', ("OK", "", (b"done",))),
        (b'NO (ENCRYPT-NEEDED) "TLS"\r\n', ("NO", "ENCRYPT-NEEDED", (b"TLS",))),
        (b'no (quota/maxsize) {3}\r\nbig\r\n', ("NO", "QUOTA/MAXSIZE", (b"big",))),
        (b'OK (SASL "cnNwYXV0aD0=")\r\n', ("OK", "SASL", ())),
        (b'BYE(TRYLATER)"Too many"\r\n', ("BYE", "TRYLATER", (b"Too many",))),
        (b"NO ()\r\n", ("NO", "", ())),
        (b'NO "\x1b[2J\xff"\r\n', ("NO", "", (b"\x1b[2J\xff",))),
    ],
)  # fmt: skip
def test_lines(buffer: bytes, line: tuple[str, str, tuple[bytes, ...]]) -> None:
    assert decode_strings(buffer + b"OK more") == (Line(*line), len(buffer))
    assert decode_strings(b"OK\r\n" + buffer, 4) == (Line(*line), len(buffer))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (Line("OK"), b"OK"),
        (Line("NO", "ENCRYPT-NEEDED", (b"TLS first",)), b"NO (ENCRYPT-NEEDED) TLS first"),
        (Line("", "", (b"challenge",)), b"challenge"),
    ],
)
def test_text(line: Line, text: bytes) -> None:
    assert line.text == text


@pytest.mark.parametrize(
    "buffer",
    [b"", b"O", b"OK", b"OK\r", b'"SASL', b'"SASL" "a', b'"a\\', b"{", b"{3", b"{3}\r", b"{3}\r\nabc", b"{3}\r\nab"],
)  # fmt: skip
def test_more_is_needed(buffer: bytes) -> None:
    assert decode_strings(buffer) is None
    assert decode_response(buffer) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"+OK POP3\r\n",  # told at its first byte
        b"* OK IMAP",
        b"220",
        b"\x16\x03\x03",
        b"\r\n",
        b" OK\r\n",
        b"OKAY\r\n",
        b'"SASL" PLAIN\r\n',
        b'OK "a" "b"\r\n',
        b'"a" OK\r\n',
        b'"a" NO (ENCRYPT-NEEDED)\r\n',
        b'"SASL\r\n"',
        b"OK }\r\n",
        b"{99999}\r\n",
        b"{123456}\r\n",
        b'"' + b"a" * MAX_LINE,
        b"OK " + b" " * MAX_LINE,
        b"OK " + b"(" * MAX_LINE,
    ],
)
def test_anything_else_is_malformed(buffer: bytes) -> None:
    for decode in (decode_strings, decode_response):
        with pytest.raises(MalformedError):
            decode(buffer)


def test_bound_of_a_literal() -> None:
    head = b"{%d}\r\n" % (MAX_LINE - 8)
    assert len(head) == 8
    whole = head + b"a" * (MAX_LINE - 8) + b"\r\n"
    decoded = decode_strings(whole)
    assert decoded is not None
    assert decoded[1] == len(whole)
    with pytest.raises(MalformedError, match="line of more than"):
        decode_strings(b"{%d}\r\n" % (MAX_LINE - 7))


def test_bound_of_strings() -> None:
    """A server that drips is read anew at each byte: what takes long to read may not go on and on."""
    assert decode_strings(b'"a" ' * MAX_TOKENS + b"\r\n") is not None
    with pytest.raises(MalformedError, match="more than 8 strings"):
        decode_strings(b'"a" ' * (MAX_TOKENS + 1))


def test_bound_of_lines() -> None:
    longest = b'"a"\r\n' * MAX_LINES
    decoded = decode_response(longest + b"OK\r\n")
    assert decoded is not None
    assert len(decoded[0].lines) == MAX_LINES
    with pytest.raises(MalformedError, match="lines before the result"):
        decode_response(longest + b'"a"\r\n')


@given(st.lists(strings, max_size=5), st.data())
def test_response_and_every_beginning_of_it(lines: list[list[bytes]], data: st.DataObject) -> None:
    buffer = b"".join(written(line) + b"\r\n" for line in lines) + b'NO (QUOTA) "full"\r\n'
    expected = Response(Line("NO", "QUOTA", (b"full",)), tuple(map(tuple, lines)))
    assert decode_response(buffer) == (expected, len(buffer))
    assert decode_response(buffer[: data.draw(st.integers(0, len(buffer) - 1))]) is None


@given(st.one_of(st.binary(max_size=80), st.lists(pieces, max_size=14).map(b"".join)))
def test_any_bytes_are_read_or_too_few_or_malformed(buffer: bytes) -> None:
    for decode in (decode_strings, decode_response):
        try:
            decoded = decode(buffer)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(buffer)
