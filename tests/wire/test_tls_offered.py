"""Servers that select what nobody offered are told, and those that do not are left alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_shares import make_share
from scanner.wire.tls_flight import HELLO_RETRY, Flight, ServerHello, encode_server_hello
from scanner.wire.tls_hello import Hello, encode_hello, encode_message, in_record
from scanner.wire.tls_names import Alert, HandshakeType, Version
from scanner.wire.tls_offered import not_offered, not_offered_in_handshake
from scanner.wire.tls_questions import offering
from scanner.wire.tls_record import AlertMessage, encode_alert
from scanner.wire.tls_tolerance import with_grease
from tests.wire.test_tls_flight import DONE, fed, message, records
from tests.wire.tls13_peers import OpenSsl, openssl_context, vector

ASKED = Hello(Version.TLSv1_2, (0xC02F, 0xC02B), (29, 23), (0x0804, 0x0403), ("h2", "imap"))
ASKED13 = Hello(Version.TLSv1_3, (0x1301,), (29,), key_shares=(29,))
RIGHT = ServerHello(0x0303, bytes(32), b"", 0xC02F, 0, {})
RIGHT13 = ServerHello(0x0304, bytes(32), b"", 0x1301, 0, {43: b"\x03\x04", 51: b"\0\x1d\0\1k"})


def answered(hello: ServerHello, group: int = 29, scheme: int = 0x0804) -> Flight:
    said = message(HandshakeType.SERVER_HELLO, encode_server_hello(hello))
    exchange = b"\x03" + group.to_bytes(2) + vector(b"point", 1) + scheme.to_bytes(2) + vector(b"signature", 2)
    flight = fed(records(said + message(HandshakeType.SERVER_KEY_EXCHANGE, exchange) + DONE))
    assert flight.accepted is not None
    return flight


@given(
    st.sampled_from(ASKED.suites),
    st.sampled_from(ASKED.groups),
    st.sampled_from(ASKED.schemes),
    st.sampled_from([0x0301, 0x0303]),
)
def test_what_was_offered_is_no_violation(suite: int, group: int, scheme: int, version: int) -> None:
    assert not_offered(ASKED, answered(replace(RIGHT, version=version, suite=suite), group, scheme)) == ()


@pytest.mark.parametrize(
    ("hello", "group", "scheme", "wrong"),
    [
        (replace(RIGHT, version=0x0302), 29, 0x0804, ()),  # older than the newest is an offer too
        (replace(RIGHT, version=0x0002), 29, 0x0804, ("selected SSLv2",)),
        (replace(RIGHT, suite=0x002F), 29, 0x0804, ("selected TLS_RSA_WITH_AES_128_CBC_SHA",)),
        (replace(RIGHT, suite=0x00FF), 29, 0x0804, ("selected TLS_EMPTY_RENEGOTIATION_INFO_SCSV",)),
        (replace(RIGHT, compression=1), 29, 0x0804, ("selected compression method 1",)),
        (replace(RIGHT, extensions={16: b"\0\3\2h3"}), 29, 0x0804, ("selected the application protocol 'h3'",)),
        (replace(RIGHT, extensions={16: b"\0\3\2h2"}), 29, 0x0804, ()),
        (RIGHT, 30, 0x0804, ("selected the group x448",)),
        (RIGHT, 29, 0x0201, ("signed with rsa_pkcs1_sha1",)),
        (
            replace(RIGHT, suite=0xC030, compression=7), 24, 0x0401,
            (
                "selected TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "selected the group secp384r1",
                "selected compression method 7", "signed with rsa_pkcs1_sha256",
            ),
        ),
    ],
)  # fmt: skip
def test_what_was_not_offered_is_named(hello: ServerHello, group: int, scheme: int, wrong: tuple[str, ...]) -> None:
    assert not_offered(ASKED, answered(hello, group, scheme)) == wrong


def test_reserved_values_are_offered_to_nobody() -> None:
    greased = with_grease(ASKED)
    assert 0x0A0A in greased.suites
    assert 0x1A1A in greased.groups
    assert not_offered(greased, answered(RIGHT)) == ()
    found = not_offered(greased, answered(replace(RIGHT, suite=0x0A0A), group=0x1A1A))
    assert found == ("selected 0x0A0A",)  # no key exchange is read of a suite that is none
    assert not_offered(greased, answered(RIGHT, group=0x1A1A)) == ("selected the group 0x1A1A",)


def test_tls13_that_was_not_offered() -> None:
    for question in (ASKED, replace(ASKED, legacy_version=0x0305)):
        found = not_offered(question, fed(records(message(HandshakeType.SERVER_HELLO, encode_server_hello(RIGHT13)))))
        assert found[:2] == ("selected TLSv1.3", "selected TLS_AES_128_GCM_SHA256")


@pytest.mark.parametrize(
    ("hello", "wrong"),
    [
        (RIGHT13, ()),
        (replace(RIGHT13, extensions={43: b"\x03\x04", 51: b"\x11\xec\0\1k"}), ("selected the group X25519MLKEM768",)),
        (
            replace(RIGHT13, random=HELLO_RETRY, extensions={43: b"\x03\x04", 51: b"\0\x17"}),
            ("selected the group secp256r1",),
        ),
        (
            replace(RIGHT13, random=HELLO_RETRY, extensions={43: b"\x03\x04", 51: b"\0\x1d"}),
            ("asked for the key share of x25519 that it has",),
        ),
        (replace(RIGHT13, suite=0x1303), ("selected TLS_CHACHA20_POLY1305_SHA256",)),
        (replace(RIGHT13, version=0x7F1C, extensions={43: b"\x7f\x1c"}), ("selected 0x7F1C",)),
    ],
)
def test_what_was_not_offered_in_tls13(hello: ServerHello, wrong: tuple[str, ...]) -> None:
    flight = fed(records(message(HandshakeType.SERVER_HELLO, encode_server_hello(hello))))
    assert not_offered(ASKED13, flight) == wrong


def test_a_whole_handshake_selects_what_it_is_offered_or_not() -> None:
    context = openssl_context("p256")
    context.set_alpn_select_callback(lambda _connection, offered: offered[0])
    asked = Hello(Version.TLSv1_3, (0x1301,), (29,), (0x0403,), ("h2",), key_shares=(29,))
    share = make_share(29)
    sent = encode_message(asked, bytes(64), shares={29: share.public})
    handshake = Handshake(sent, [share])
    assert not_offered_in_handshake(asked, handshake) == ()
    handshake.feed(OpenSsl(context).answer(in_record(asked, sent)))
    assert (handshake.proven, handshake.alpn) == (True, "h2")
    assert not_offered_in_handshake(asked, handshake) == ()
    other = Hello(Version.TLSv1_3, (0x1302,), (23,), (0x0804,), ("imap",))
    assert not_offered_in_handshake(other, handshake) == (
        "selected TLS_AES_128_GCM_SHA256",
        "selected the group x25519",
        "signed with ecdsa_secp256r1_sha256",
        "selected the application protocol 'h2'",
    )


def test_an_older_version_in_answer_to_tls13_alone() -> None:
    assert "selected TLSv1.2" in not_offered(ASKED13, answered(RIGHT))


def test_a_refusal_and_half_an_answer_select_nothing() -> None:
    said = records(message(HandshakeType.SERVER_HELLO, encode_server_hello(replace(RIGHT, suite=1))))
    for flight in (fed(b""), fed(said), fed(said, encode_alert(AlertMessage(2, Alert.HANDSHAKE_FAILURE)))):
        assert not_offered(ASKED, flight) == ()


@pytest.mark.parametrize("version", [Version.TLSv1_0, Version.TLSv1_1, Version.TLSv1_2, Version.TLSv1_3])
def test_openssl_selects_what_it_is_offered(version: Version) -> None:
    for kind in ("rsa", "p256"):
        hello = offering(version)
        flight = fed(OpenSsl(openssl_context(kind)).answer(encode_hello(hello, bytes(range(64)))))
        assert flight.accepted is not None
        assert not_offered(hello, flight) == ()
