"""The start of PostgreSQL's protocol, byte by byte."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire import postgresql
from scanner.wire.errors import MalformedError
from scanner.wire.postgresql import MESSAGE_LIMIT, Authentication, Error, Method

# as PostgreSQL 15 sent it
NO_ENTRY = (
    b"SFATAL\0VFATAL\0C28000\0"
    b'Mno pg_hba.conf entry for host "127.0.0.1", user "nobody", database "postgres", no encryption\0'
    b"Fauth.c\0L543\0RClientAuthentication\0\0"
)
SASL = bytes.fromhex("52000000170000000a") + b"SCRAM-SHA-256\0\0"


def message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack(">I", 4 + len(content)) + content


def test_the_answers_of_a_real_server() -> None:
    told = 'no pg_hba.conf entry for host "127.0.0.1", user "nobody", database "postgres", no encryption'
    whole = message(b"E", NO_ENTRY)
    assert postgresql.decode_reply(whole) == (Error("28000", told), len(whole))
    assert postgresql.decode_reply(SASL) == (Authentication(Method.SASL, ("SCRAM-SHA-256",)), len(SASL))


@pytest.mark.parametrize(("answer", "value"), [(b"S", True), (b"N", False), (b"S\x15\x03", True)])
def test_answers_to_an_ssl_request(answer: bytes, value: bool) -> None:
    assert postgresql.decode_ssl_answer(answer) == (value, 1)


def test_an_error_instead() -> None:
    whole = message(b"E", b"SFATAL\0C0A000\0Munsupported\0\0")
    assert postgresql.decode_ssl_answer(whole) == (Error("0A000", "unsupported"), len(whole))


@pytest.mark.parametrize(
    ("content", "reply"),
    [
        (b"\0\0\0\0", Authentication(Method.OK)),
        (b"\0\0\0\x05salt", Authentication(Method.MD5_PASSWORD)),
        (b"\0\0\0\xff", Authentication(255)),
    ],
)
def test_authentication(content: bytes, reply: Authentication) -> None:
    whole = message(b"R", content)
    assert postgresql.decode_reply(whole + b"Z") == (reply, len(whole))


@pytest.mark.parametrize(
    "malformed",
    [
        b"SSH-2.0",
        b"\x15",
        message(b"R", b"\0\0\0"),
        b"E" + struct.pack(">I", MESSAGE_LIMIT + 1),
        b"Ecould not fork\n\0",
        message(b"E", b"SFATAL\0"),
        message(b"E", b"SFATAL\0\0more"),
        message(b"E", b"SFATAL without its end"),
    ],
)
def test_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedError):
        postgresql.decode_reply(malformed)
    if malformed[:1] != b"S":
        with pytest.raises(MalformedError):
            postgresql.decode_ssl_answer(malformed)


def test_the_longest_message() -> None:
    whole = message(b"E", b"M".ljust(MESSAGE_LIMIT - 6, b"x") + b"\0\0")
    decoded = postgresql.decode_reply(whole)
    assert decoded is not None
    assert decoded[1] == len(whole) == MESSAGE_LIMIT + 1


@given(st.integers(0, len(SASL) - 1))
def test_a_beginning_asks_for_more(cut: int) -> None:
    assert postgresql.decode_reply(SASL[:cut]) is None


def test_what_is_sent() -> None:
    assert bytes.fromhex("0000000804d2162f") == postgresql.SSL_REQUEST
    assert postgresql.startup("a", "b") == bytes.fromhex("0000001b00030000") + b"user\0a\0database\0b\0\0"
    with pytest.raises(ValueError, match="NUL"):
        postgresql.startup("a\0", "b")


@given(st.one_of(st.binary(), st.builds(message, st.sampled_from([b"E", b"R", b"S"]), st.binary(max_size=200))))
def test_any_bytes_parse_ask_for_more_or_are_malformed(buffer: bytes) -> None:
    for decode in (postgresql.decode_reply, postgresql.decode_ssl_answer):
        try:
            decoded = decode(buffer)
        except MalformedError:
            continue
        assert decoded is None or 0 < decoded[1] <= len(buffer)
