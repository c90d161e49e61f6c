"""IMAP before a login: the examples of RFC 9051, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.imap import Greeting, Response, capabilities, decode_greeting, decode_response, response_code
from scanner.wire.lines import MAX_LINE, MAX_LINES

lines_ = st.lists(
    st.binary(max_size=40).filter(
        lambda line: b"\n" not in line and not line.endswith(b"\r") and not line.startswith(b"a1")
    ),
    max_size=5,
)
pieces = st.sampled_from([b"* ", b"a1", b" ", b"OK", b"NO", b"BYE", b"\r\n", b"x", b"[CAPABILITY ", b"]", b"PREAUTH"])


@pytest.mark.parametrize(
    ("buffer", "condition", "text"),
    [
        (b"* OK IMAP4rev2 server ready\r\n", "OK", b"IMAP4rev2 server ready"),
        (b"* PREAUTH IMAP4rev2 server logged in as Smith\r\n", "PREAUTH", b"IMAP4rev2 server logged in as Smith"),
        (b"* BYE Autologout; idle for too long\r\n", "BYE", b"Autologout; idle for too long"),
        (b"* ok [CAPABILITY IMAP4rev1 STARTTLS] hi\n", "OK", b"[CAPABILITY IMAP4rev1 STARTTLS] hi"),
        (b"* OK\r\n", "OK", b""),
        (b"* OK \x1b[2J\0\xff\r\n", "OK", b"\x1b[2J\0\xff"),
    ],
)
def test_greetings(buffer: bytes, condition: str, text: bytes) -> None:
    assert decode_greeting(buffer + b"* more") == (Greeting(condition, text), len(buffer))


@pytest.mark.parametrize("buffer", [b"", b"*", b"* ", b"* OK", b"* OK hello\r"])
def test_more_of_a_greeting_is_needed(buffer: bytes) -> None:
    assert decode_greeting(buffer) is None


@pytest.mark.parametrize(
    "buffer",
    [
        b"2",  # SMTP, told at its first byte
        b"+OK POP3 ready\r\n",
        b"*x",
        b"\x16\x03\x03",
        b"\r\n",
        b"* NO\r\n",
        b"* OKAY\r\n",
        b"* CAPABILITY IMAP4rev1\r\n",
        b"* " + b"a" * MAX_LINE,
    ],
)
def test_other_greetings_are_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_greeting(buffer)


@pytest.mark.parametrize(
    ("buffer", "response"),
    [
        (b"a1 OK done\r\n", Response("OK", b"done", ())),
        (b"a1 ok\r\n", Response("OK", b"", ())),
        (b"a1 NO [PRIVACYREQUIRED] TLS first\r\n", Response("NO", b"[PRIVACYREQUIRED] TLS first", ())),
        (
            b"* CAPABILITY IMAP4rev1 STARTTLS\r\n* x\na1 BAD what\r\n",
            Response("BAD", b"what", (b"* CAPABILITY IMAP4rev1 STARTTLS", b"* x")),
        ),
        (b"a10 OK other tag\r\na1 OK  two spaces\r\n", Response("OK", b" two spaces", (b"a10 OK other tag",))),
    ],
)
def test_responses(buffer: bytes, response: Response) -> None:
    assert decode_response(buffer + b"* more", b"a1") == (response, len(buffer))


@pytest.mark.parametrize("buffer", [b"", b"a1 OK", b"* x\r\n", b"a2 OK done\r\n", b"* x\r\na1 OK done\r", b"a1\r\n"])
def test_more_of_a_response_is_needed(buffer: bytes) -> None:
    assert decode_response(buffer, b"a1") is None


@pytest.mark.parametrize("buffer", [b"a1 YES\r\n", b"a1 \r\n", b"a1 BYE\r\n", b"* " + b"a" * MAX_LINE])
def test_other_responses_are_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_response(buffer, b"a1")


def test_bound_of_untagged_lines() -> None:
    longest = b"* x\r\n" * MAX_LINES
    decoded = decode_response(longest + b"a1 OK\r\n", b"a1")
    assert decoded is not None
    assert len(decoded[0].untagged) == MAX_LINES
    with pytest.raises(MalformedError, match="lines before the tagged response"):
        decode_response(longest + b"* x\r\n", b"a1")


@given(lines_, st.sampled_from(["OK", "NO", "BAD"]), st.data())
def test_response_and_every_beginning_of_it(untagged: list[bytes], condition: str, data: st.DataObject) -> None:
    buffer = b"".join(line + b"\r\n" for line in untagged) + b"a1 %s text\r\n" % condition.encode()
    assert decode_response(buffer, b"a1") == (Response(condition, b"text", tuple(untagged)), len(buffer))
    assert decode_response(buffer[: data.draw(st.integers(0, len(buffer) - 1))], b"a1") is None


@given(st.one_of(st.binary(max_size=80), st.lists(pieces, max_size=12).map(b"".join)))
def test_any_bytes_are_read_or_too_few_or_malformed(buffer: bytes) -> None:
    for decode in (decode_greeting, lambda buffer: decode_response(buffer, b"a1")):
        try:
            decoded = decode(buffer)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(buffer)
    capabilities((buffer,))
    response_code(buffer)


@pytest.mark.parametrize(
    ("lines", "listed"),
    [
        ((), ()),
        ((b"* OK nothing",), ()),
        ((b"* CAPABILITY IMAP4rev1 Starttls LOGINDISABLED",), ("IMAP4REV1", "STARTTLS", "LOGINDISABLED")),
        ((b"* capability A  B",), ("A", "B")),
        ((b"[CAPABILITY IMAP4rev1 AUTH=PLAIN] ready",), ("IMAP4REV1", "AUTH=PLAIN")),
        ((b"* OK [CAPABILITY A] CAPABILITY B", b"* CAPABILITY C"), ("A",)),
        ((b"* x", b"* CAPABILITY C"), ("C",)),
        ((b"CAPABILITY A",), ()),  # neither a response nor a code
        ((b"* XCAPABILITY A",), ()),
        ((b"* CAPABILITY \xff\x1b",), ("\\XFF\x1b",)),
        ((b"* CAPABILITY",), ()),
    ],
)
def test_capabilities(lines: tuple[bytes, ...], listed: tuple[str, ...]) -> None:
    assert capabilities(lines) == listed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"[PRIVACYREQUIRED] TLS first", "PRIVACYREQUIRED"),
        (b"[authenticationfailed]", "AUTHENTICATIONFAILED"),
        (b"[REFERRAL imap://x/] no", "REFERRAL"),
        (b"", ""),
        (b"TLS first", ""),
        (b"see [PRIVACYREQUIRED]", ""),
        (b"[\xff]", ""),
        (b"[", ""),
    ],
)
def test_response_codes(text: bytes, code: str) -> None:
    assert response_code(text) == code
