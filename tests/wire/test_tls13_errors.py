"""The handshake with a server of our own that errs in one place, or is unusual in one."""

import pytest

from scanner.wire.errors import MalformedError
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_messages import encode_message
from scanner.wire.tls_flight import HELLO_RETRY, MAX_MESSAGE, MAX_RECORDS, ServerHello, encode_server_hello
from scanner.wire.tls_names import Alert, ContentType, HandshakeType
from scanner.wire.tls_record import AlertMessage, Record, encode_alert, encode_record
from tests.wire import rfc8448
from tests.wire.tls13_peers import (
    CCS,
    EXTENSIONS,
    HELLO,
    SHARE,
    codes,
    der,
    extension_block,
    fed,
    flight,
    in_record,
    own,
    p256,
    traced,
    vector,
)


def test_own_server_is_sound() -> None:
    server, handshake = own()
    assert fed(handshake, flight(server)).proven


@pytest.mark.parametrize("leaf", [b"", b"0", b"\x30\x03\x02\x01\x00", bytes(300), b"\xff" * 20, der("p256")[:-1]])
def test_malformed_certificates_are_tolerated_and_prove_nothing(leaf: bytes) -> None:
    server, handshake = own()
    fed(handshake, flight(server, (leaf, b"rubbish")))
    assert (handshake.finished, handshake.proven, handshake.scheme) == (True, False, 0x0403)
    assert handshake.certificates == (leaf, b"rubbish")
    assert handshake.finish()


def test_a_key_that_is_not_the_leafs_proves_nothing() -> None:
    server, handshake = own()
    fed(handshake, flight(server, (der("p384"),)))
    assert (handshake.finished, handshake.proven) == (True, False)


def test_a_chain_of_hundreds_of_kilobytes() -> None:
    server, handshake = own()
    chain = (der("p256"), *(bytes([n]) * 100_000 for n in range(4)))
    fed(handshake, flight(server, chain))
    assert (handshake.proven, handshake.certificates) == (True, chain)


def test_messages_in_records_of_one_byte_each() -> None:
    server, handshake = own()
    handshake.feed(in_record(server.server_hello))
    said = server.say(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(der("p256"))
    for byte in said:
        handshake.feed(server.sealed(bytes([byte])))
    assert handshake.certificates == (der("p256"),)


def test_wrong_finished_is_malformed() -> None:
    server, handshake = own()
    said = server.say(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(der("p256"))
    handshake.feed(in_record(server.server_hello) + server.sealed(said + server.verify(p256())))
    assert handshake.proven
    with pytest.raises(MalformedError, match="Finished does not verify"):
        handshake.feed(server.sealed(server.say(HandshakeType.FINISHED, bytes(32))))
    assert not handshake.done


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (encode_message(HandshakeType.FINISHED, bytes(32)), "message 20, not ENCRYPTED_EXTENSIONS"),
        (encode_message(HandshakeType.SERVER_HELLO), "message 2, not"),
        (EXTENSIONS + encode_message(HandshakeType.FINISHED, bytes(32)), "not CERTIFICATE_REQUEST or CERTIFICATE"),
        (EXTENSIONS + EXTENSIONS, "message 8, not"),
        (EXTENSIONS + encode_message(HandshakeType.CERTIFICATE, b"\0\0\0\0") + EXTENSIONS, "not CERTIFICATE_VERIFY"),
        (encode_message(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0\0"), "1 bytes behind"),
        (encode_message(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\x08" + bytes(8)), "extension 0 twice"),
        (EXTENSIONS + encode_message(HandshakeType.CERTIFICATE, b"\0\0\0\5abc"), "early"),
        (EXTENSIONS + encode_message(HandshakeType.CERTIFICATE_REQUEST, b"\0\0\x07\0\x0d\0\3\0\1\1"), "early"),
        (EXTENSIONS + encode_message(HandshakeType.CERTIFICATE_REQUEST, b"\0\0\x06\0\x2f\0\2\0\1"), "early"),
        (bytes([11]) + (MAX_MESSAGE + 1).to_bytes(3), "handshake message of"),
        (b"", "empty handshake record"),
    ],
)
def test_messages_out_of_order_or_shape_are_malformed(said: bytes, what: str) -> None:
    server, handshake = own()
    handshake.feed(in_record(server.server_hello))
    with pytest.raises(MalformedError, match=what):
        handshake.feed(server.sealed(said))
    assert not handshake.done


@pytest.mark.parametrize(
    ("kind", "content", "what"),
    [
        (ContentType.APPLICATION_DATA, b"early", "APPLICATION_DATA record of 5"),
        (ContentType.CHANGE_CIPHER_SPEC, b"\1", "CHANGE_CIPHER_SPEC record of 1"),
        (ContentType.ALERT, b"\2", "alert of 1 bytes"),
    ],
)
def test_encrypted_records_out_of_place_are_malformed(kind: ContentType, content: bytes, what: str) -> None:
    server, handshake = own()
    handshake.feed(in_record(server.server_hello))
    with pytest.raises(MalformedError, match=what):
        handshake.feed(server.sealed(content, kind))


@pytest.mark.parametrize(
    ("extensions", "what"),
    [
        ({51: b""}, "early"),
        ({51: b"\0\x1d\0\x20" + bytes(32)}, "key share of group 29"),  # whose secret would be all zero
        ({51: b"\0\x1d\0\1x"}, "key share of group 29"),
        ({51: b"\0\x17\0\1x"}, "secp256r1, which was not offered"),
        ({51: b"\0\x1d\0\x20" + bytes(range(1, 33)) + b"x"}, "1 bytes behind"),
        ({41: b"\0\0"}, "pre_shared_key that was not offered"),
    ],
)
def test_server_hellos_that_cannot_be_are_malformed(extensions: dict[int, bytes], what: str) -> None:
    server, handshake = own(extensions=extensions)
    with pytest.raises(MalformedError, match=what):
        handshake.feed(in_record(server.server_hello))


def test_unknown_suite_is_malformed_and_named() -> None:
    hello = ServerHello(0x0304, bytes(32), b"", 0x00C6, 0, {43: b"\x03\x04"})
    with pytest.raises(MalformedError, match="TLS_SM4_GCM_SM3"):
        Handshake(HELLO, [SHARE]).feed(
            in_record(encode_message(HandshakeType.SERVER_HELLO, encode_server_hello(hello)))
        )


def test_a_retry_needs_no_suite_to_be_known() -> None:
    hello = ServerHello(0x0304, HELLO_RETRY, b"", 0x00C6, 0, {43: b"\x03\x04", 51: b"\0\x18"})
    handshake = Handshake(HELLO, [SHARE])
    handshake.feed(in_record(encode_message(HandshakeType.SERVER_HELLO, encode_server_hello(hello))))
    assert handshake.done
    assert handshake.hello == hello


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        encode_record(Record(ContentType.APPLICATION_DATA, 0x0303, b"x")),
        encode_record(Record(ContentType.CHANGE_CIPHER_SPEC, 0x0303, b"\2")),
        in_record(HELLO),
        rfc8448.SERVER_HELLO_RECORD + in_record(EXTENSIONS),
        in_record(rfc8448.SERVER_HELLO_RECORD[5:] + EXTENSIONS),
        CCS * (MAX_RECORDS + 1),
    ],
)
def test_records_that_no_server_sends_are_malformed(wire: bytes) -> None:
    with pytest.raises(MalformedError):
        traced(wire)


def test_alerts_in_the_clear_and_encrypted() -> None:
    fatal = AlertMessage(2, Alert.HANDSHAKE_FAILURE)
    warning = encode_alert(AlertMessage(1, Alert.UNRECOGNIZED_NAME))
    assert traced(warning + encode_alert(fatal)).alert == fatal
    assert traced(rfc8448.SERVER_HELLO_RECORD + warning).alert == AlertMessage(1, Alert.UNRECOGNIZED_NAME)
    server, handshake = own()
    handshake.feed(in_record(server.server_hello) + server.sealed(b"\1\x5a", ContentType.ALERT))
    assert not handshake.done
    handshake.feed(server.sealed(b"\2\x28", ContentType.ALERT))
    assert (handshake.done, handshake.finished, handshake.alert) == (True, False, fatal)


def test_authorities_and_other_extensions_of_a_certificate_request() -> None:
    server, handshake = own()
    listed = {13: codes(0x0403, 0x0804), 47: vector(vector(b"first", 2) + vector(b"second", 2), 2), 48: b"\0\0"}
    said = server.say(HandshakeType.CERTIFICATE_REQUEST, vector(b"context", 1) + extension_block(listed))
    handshake.feed(in_record(server.server_hello) + server.sealed(EXTENSIONS + said))
    request = handshake.certificate_request
    assert request is not None
    assert (request.context, request.schemes, request.authorities) == (
        b"context",
        (0x0403, 0x0804),
        (b"first", b"second"),
    )
    assert request.extensions == listed
