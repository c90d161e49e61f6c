"""SIP over TCP: the form of a response, bounds, arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.lines import MAX_LINES
from scanner.wire.sip import MAX_BODY, Response, decode_response, request

pieces = st.sampled_from(
    [b"SIP/2.0 ", b"200", b" OK", b"\r\n", b"\r\n\r\n", b"Content-Length: ", b"l:", b"3", b" ", b":", b"abc", b"\xff"]
)


@pytest.mark.parametrize(
    ("buffer", "response"),
    [
        (b"SIP/2.0 200 OK\r\n\r\n", Response(200, b"OK", ())),
        (b"sip/2.0 183\r\n\r\n", Response(183, b"", ())),
        (b"SIP/2.0 404 Not  Found\nl: 2\n\nab", Response(404, b"Not  Found", (("content-length", b"2"),))),
        (
            b'SIP/2.0 401 No\r\nWWW-Authenticate : Digest realm="a:b",\r\n\tnonce="c"\r\nCONTENT-LENGTH:0\r\n\r\n',
            Response(401, b"No", (("www-authenticate", b'Digest realm="a:b", nonce="c"'), ("content-length", b"0"))),
        ),
        (
            b"SIP/2.0 302 \x1b\r\nm:<sips:a>\r\n\xff:\r\n\r\n",
            Response(302, b"\x1b", (("contact", b"<sips:a>"), ("\\xff", b""))),
        ),
    ],
)
def test_responses(buffer: bytes, response: Response) -> None:
    assert decode_response(buffer + b"SIP/2.0 more") == (response, len(buffer))
    assert all(decode_response(buffer[:at]) is None for at in range(len(buffer)))


def test_what_a_response_says() -> None:
    response = Response(200, b"OK", (("allow", b"A"), ("server", b"x"), ("allow", b"B")))
    assert (response.text, response.values("allow"), response.values("via")) == (b"200 OK", (b"A", b"B"), ())


@pytest.mark.parametrize(
    "buffer",
    [
        b"H",
        b"\x15\x03",
        b"\r\n",
        b"SIP/2.1",
        b"SIP/2.0 700 No\r\n\r\n",
        b"SIP/2.0 2000 OK\r\n\r\n",
        b"SIP/2.0 \r\n\r\n",
        b"SIP/2.0 200 OK\r\nno colon\r\n\r\n",
        b"SIP/2.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"SIP/2.0 200 OK\r\nContent-Length: \xc2\xb2\r\n\r\n",
        b"SIP/2.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1),
    ],
)
def test_other_answers_are_malformed(buffer: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_response(buffer)


def test_bounds() -> None:
    most = b"SIP/2.0 200 OK\r\n" + b"a:\r\n" * (MAX_LINES - 1)
    assert decode_response(most + b"\r\n")
    with pytest.raises(MalformedError, match="lines"):
        decode_response(most + b"a:\r\n")
    with pytest.raises(MalformedError, match="bytes"):
        decode_response(b"SIP/2.0 200 OK\r\n" + (b"a:" + b"b" * 6000 + b"\r\n") * 3)
    full = b"SIP/2.0 200 OK\r\nContent-Length: %d\r\n\r\n" % MAX_BODY + bytes(MAX_BODY)
    assert decode_response(full) is not None
    assert decode_response(full[:-1]) is None


def test_requests() -> None:
    assert request("REGISTER", "example.com", "nobody", "t0") == (
        b"REGISTER sip:example.com SIP/2.0\r\n"
        b"Via: SIP/2.0/TCP tlsassay.invalid;branch=z9hG4bKt0;rport\r\n"
        b"Max-Forwards: 70\r\n"
        b"From: <sip:nobody@example.com>;tag=t0\r\n"
        b"To: <sip:nobody@example.com>\r\n"
        b"Call-ID: t0@tlsassay.invalid\r\n"
        b"CSeq: 1 REGISTER\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    assert b"To: <sip:example.com>\r\n" in request("OPTIONS", "example.com", "nobody", "t0")
    with pytest.raises(ValueError, match="one line"):
        request("OPTIONS", "example.com\r\nContact: *", "nobody", "t0")


@given(
    st.one_of(st.binary(max_size=60), st.lists(pieces, max_size=12).map(b"".join).map(b"SIP/2.0 200 OK\r\n".__add__))
)
def test_any_bytes_are_read_or_too_few_or_malformed(buffer: bytes) -> None:
    try:
        decoded = decode_response(buffer)
    except MalformedError:
        return
    assert decoded is None or 0 < decoded[1] <= len(buffer)
