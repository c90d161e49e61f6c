"""IRC messages: forms of RFC 2812 and IRCv3, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.irc import Message, decode_message, listed
from scanner.wire.lines import MAX_LINE

pieces = st.sampled_from([b":", b"@a", b" ", b"\r\n", b"CAP", b"*", b"LS", b"001", b"x", b"\0"])


@pytest.mark.parametrize(
    ("line", "command", "parameters"),
    [
        (b":irc.example.test 001 a :Welcome to it", "001", (b"a", b"Welcome to it")),
        (b"PING :cookie", "PING", (b"cookie",)),
        (b"ping cookie", "PING", (b"cookie",)),
        (b"ERROR :", "ERROR", (b"",)),
        (b"NOTICE", "NOTICE", ()),
        (b":x CAP * LS :multi-prefix tls ", "CAP", (b"*", b"LS", b"multi-prefix tls ")),
        (b"@time=1;x :x  NOTICE  *  :a : b", "NOTICE", (b"*", b"a : b")),
        (b":x NOTICE a:b c", "NOTICE", (b"a:b", b"c")),
        (b":x NOTICE * :\x1b[2J\0\xff", "NOTICE", (b"*", b"\x1b[2J\0\xff")),
    ],
)
def test_messages(line: bytes, command: str, parameters: tuple[bytes, ...]) -> None:
    for end in (b"\r\n", b"\n"):
        for before in (b"", b"\r\n\n"):  # RFC 2812 §2.3.1: empty messages are ignored
            decoded = decode_message(before + line + end + b":x next")
            assert decoded == (Message(command, parameters, line), len(before + line + end))
    assert Message(command, parameters, line).last == (parameters[-1] if parameters else b"")


@pytest.mark.parametrize("buffer", [b"", b"\r\n", b":", b":x 001 a", b"PING :a\r", b"\xff"])
def test_more_is_needed(buffer: bytes) -> None:
    assert decode_message(buffer) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"220 ready\xff\r\n"[1:],  # two digits
        b"0010 no\r\n",
        b":x\r\n",
        b": 001 a\r\n",
        b" PING\r\n",
        b"* OK IMAP\r\n",
        b":x " + b"a" * MAX_LINE,
    ],
)
def test_anything_else_is_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_message(buffer)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b":x CAP * LS :a sasl=PLAIN,EXTERNAL tls ", (("a", "sasl=PLAIN,EXTERNAL", "tls"), False)),
        (b":x CAP * LS * :a b", (("a", "b"), True)),
        (b":x CAP * LS :*", (("*",), False)),
        (b":x CAP nick ls :", ((), False)),
        (b":x CAP * LS :\xff", (("\\xff",), False)),
        (b":x CAP * ACK :a", None),
        (b":x CAP * LS", None),
        (b":x NOTICE * LS :a", None),
    ],
)
def test_capabilities(line: bytes, expected: object) -> None:
    decoded = decode_message(line + b"\r\n")
    assert decoded is not None
    assert listed(decoded[0]) == expected


@given(st.from_regex(r"(:[!-9;-~]+ )?([A-Z]{1,8}|[0-9]{3})( [!-9;-~]+){0,4}( :[ -~]*)?", fullmatch=True), st.data())
def test_every_beginning_asks_for_more(line: str, data: st.DataObject) -> None:
    buffer = line.encode() + b"\r\n"
    decoded = decode_message(buffer)
    assert decoded is not None
    assert decoded[1] == len(buffer)
    assert decode_message(buffer[: data.draw(st.integers(0, len(buffer) - 2))]) is None


@given(st.one_of(st.binary(max_size=80), st.lists(pieces).map(b"".join)))
def test_any_bytes_are_a_message_or_too_few_or_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_message(buffer)
    except MalformedError:
        return
    if decoded is not None:
        assert 0 < decoded[1] <= len(buffer)
        listed(decoded[0])
