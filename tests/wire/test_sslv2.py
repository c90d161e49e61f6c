"""SSL 2.0: hellos there and back, and what servers answer that do not speak it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.sslv2 import (
    Sslv2Flight,
    Sslv2Hello,
    Sslv2ServerHello,
    encode_sslv2_hello,
    encode_sslv2_server_hello,
)
from scanner.wire.tls_names import SSLV2_CIPHERS, Version
from scanner.wire.tls_record import AlertMessage, encode_alert
from tests.wire.test_tls_flight import fed as fed_as_tls
from tests.wire.tls13_peers import OpenSsl, openssl_context

ciphers = st.lists(st.one_of(st.sampled_from(sorted(SSLV2_CIPHERS)), st.integers(0, 0xFFFFFF)), max_size=12).map(tuple)
server_hellos = st.builds(Sslv2ServerHello, certificate=st.binary(max_size=300), ciphers=ciphers)
JSSE = bytes.fromhex("8003 00 0001")
"""sun.security.ssl answers an SSL 2.0 CLIENT-HELLO with NO-CIPHER-ERROR (§5.1.1), and speaks no SSL 2.0."""


def fed(*pieces: bytes) -> Sslv2Flight:
    flight = Sslv2Flight()
    for piece in pieces:
        flight.feed(piece)
    return flight


@given(ciphers, st.binary(min_size=16, max_size=32))
def test_client_hello_is_where_the_specification_has_it(offered: tuple[int, ...], challenge: bytes) -> None:
    reader = Reader(encode_sslv2_hello(Sslv2Hello(offered), challenge))
    assert reader.number(2) == 0x8000 | reader.left
    assert (reader.number(1), reader.number(2)) == (1, 0x0002)
    sizes = [reader.number(2) for _ in range(3)]
    assert sizes == [3 * len(offered), 0, len(challenge)]
    assert tuple(reader.number(3) for _ in offered) == offered
    assert reader.take(sizes[2]) == challenge
    reader.end()


def test_every_cipher_is_offered_unless_some_are_named() -> None:
    assert Sslv2Hello().ciphers == tuple(SSLV2_CIPHERS)
    assert Sslv2Hello().version is Version.SSLv2
    assert str(Sslv2Hello()) == f"SSL 2.0 CLIENT-HELLO, {len(SSLV2_CIPHERS)} ciphers"
    assert Sslv2Hello((1,)) != replace(Sslv2Hello((1,)), ciphers=(2,))


@given(server_hellos, st.data())
def test_server_hello_round_trip_in_any_segments(hello: Sslv2ServerHello, data: st.DataObject) -> None:
    wire = encode_sslv2_server_hello(hello)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(wire) - 1), max_size=8)))
    pieces = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    flight = fed(*pieces)
    assert (flight.done, flight.hello, flight.alert, flight.error) == (True, hello, None, None)
    assert not fed(*pieces[:-1]).done
    flight.feed(b"the next message, which nobody reads")
    assert flight.hello == hello


@given(server_hellos, st.data())
def test_inner_lengths_that_do_not_fit_are_malformed(hello: Sslv2ServerHello, data: st.DataObject) -> None:
    wire = encode_sslv2_server_hello(hello)
    size = data.draw(st.integers(3, len(wire) - 3))
    with pytest.raises(MalformedError):
        fed((0x8000 | size).to_bytes(2) + wire[2 : 2 + size])
    with pytest.raises(MalformedError, match="1 bytes behind"):
        fed((0x8000 | (len(wire) - 1)).to_bytes(2) + wire[2:] + b"x")


def test_a_cipher_kind_is_three_bytes() -> None:
    wire = bytearray(encode_sslv2_server_hello(Sslv2ServerHello(b"der", (0x010080, 0x020080))))
    wire[7:11] = bytes([0, 2, 0, 7])  # one byte of the certificate becomes a cipher's
    with pytest.raises(MalformedError, match="2 bytes early"):
        fed(bytes(wire))


@given(
    st.lists(st.binary(max_size=40), max_size=4), st.sampled_from([b"", b"\x80\x1b\x04", b"\x80\x05\0", b"\x15\x03"])
)
def test_any_bytes_are_read_or_asked_for_or_malformed(pieces: list[bytes], first: bytes) -> None:
    flight = Sslv2Flight()
    try:
        for piece in (first, *pieces):
            flight.feed(piece)
    except MalformedError:
        assert not flight.done
    assert flight.done is (flight.hello is not None or flight.alert is not None or flight.error is not None)
    assert str(flight)


def test_jsse_speaks_no_ssl2() -> None:
    flight = fed(JSSE)
    assert (flight.done, flight.hello, flight.error, str(flight)) == (True, None, 1, "SSL 2.0 error 1")


def test_openssl_answers_with_an_alert_or_not_at_all() -> None:
    """OpenSSL 1.1.1 and later understand the form of the hello, but only to find a newer version in it."""
    server = OpenSsl(openssl_context())
    said = server.answer(encode_sslv2_hello(Sslv2Hello(), bytes(32)))
    assert server.error is not None
    flight = fed(said)
    assert (flight.hello, flight.error) == (None, None)
    assert flight.done is (flight.alert is not None) is bool(said)


@pytest.mark.parametrize("version", [0x0300, 0x0301, 0x0303])
def test_alert_of_a_server_that_speaks_tls_only(version: int) -> None:
    wire = encode_alert(AlertMessage(2, 70), version)
    for flight in (fed(wire), fed(*(wire[at : at + 1] for at in range(len(wire))))):
        assert (flight.done, flight.alert, str(flight)) == (True, AlertMessage(2, 70), "alert protocol_version (70)")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not a TLS record"),
        (b"\x16\x03\x03\x00\x01\x02", "HANDSHAKE record"),
        (b"\x15\x03\x03\x00\x01\x02", "alert of 1 bytes"),
        (b"\x80\x01", "record of 1 bytes"),
        (b"\x80\x80\x02", "message 2"),  # at its third byte, CLIENT-MASTER-KEY
        (b"\x80\x0b\x04\x00\x01\x03\x00\x00\x00\x00\x00\x00\x00", "version 0x0300"),
    ],
)
def test_what_no_server_answers_is_malformed(answer: bytes, message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        fed(answer)


def test_ssl2_is_no_tls() -> None:
    for wire in (JSSE, encode_sslv2_server_hello(Sslv2ServerHello(b"", (0x010080,)))):
        with pytest.raises(MalformedError, match="not a TLS record"):
            fed_as_tls(wire)


def test_ciphers_are_shown_by_name() -> None:
    hello = Sslv2ServerHello(b"der", (0x0700C0, 0xABCDEF))
    assert str(fed(encode_sslv2_server_hello(hello))) == (
        "SSL 2.0 SERVER-HELLO, SSL_CK_DES_192_EDE3_CBC_WITH_MD5, 0xABCDEF"
    )
    assert str(fed(encode_sslv2_server_hello(Sslv2ServerHello(b"", ())))) == "SSL 2.0 SERVER-HELLO, no cipher"
