"""The handshake: RFC 8448 byte by byte, OpenSSL over memory, and a server that errs in one place each."""

import warnings
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import SSL
from OpenSSL.crypto import X509

from scanner.wire.errors import MalformedError
from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_keys import SUITES
from scanner.wire.tls13_messages import Message, Ticket, encode_message
from scanner.wire.tls13_psk import offer_psk
from scanner.wire.tls13_shares import make_share, x25519_share
from scanner.wire.tls_flight import HELLO_RETRY, MAX_MESSAGE, MAX_RECORDS, ServerHello, encode_server_hello
from scanner.wire.tls_names import Alert, ContentType
from scanner.wire.tls_record import AlertMessage, Record, encode_alert, encode_record
from tests.wire import rfc8448
from tests.wire.tls13_peers import (
    OpenSsl,
    OwnServer,
    certificate,
    client_hello,
    codes,
    der,
    extension_block,
    fed,
    in_record,
    openssl_context,
    signing_key,
    vector,
)

CCS = encode_record(Record(ContentType.CHANGE_CIPHER_SPEC, 0x0303, b"\1"))
SHARE = make_share(29)
HELLO = client_hello([SHARE])
TRACE = rfc8448.SERVER_HELLO_RECORD + rfc8448.FLIGHT_RECORD
RFC_SHARE = x25519_share(x25519.X25519PrivateKey.from_private_bytes(rfc8448.CLIENT_PRIVATE))


def traced(*pieces: bytes) -> Handshake:
    """The client of RFC 8448 §3."""
    return fed(Handshake(rfc8448.CLIENT_HELLO, [RFC_SHARE]), *pieces)


def openssl(context: SSL.Context, hello: bytes = HELLO) -> tuple[OpenSsl, Handshake]:
    server = OpenSsl(context)
    return server, fed(Handshake(hello, [SHARE]), server.answer(in_record(hello)))


# RFC 8448


def test_flight_of_rfc_8448() -> None:
    handshake = traced(TRACE)
    assert (handshake.done, handshake.finished, handshake.proven, handshake.scheme) == (True, True, True, 0x0804)
    assert list(handshake.extensions) == [10, 28, 0]
    assert [len(one) for one in handshake.certificates] == [432]
    assert handshake.entry_extensions == ({},)
    assert (handshake.resumed, handshake.certificate_request, handshake.alert) == (False, None, None)


def test_finished_and_ticket_of_rfc_8448() -> None:
    handshake = traced(TRACE)
    assert handshake.finish() == CCS + rfc8448.CLIENT_FINISHED_RECORD
    fed(handshake, rfc8448.TICKET_RECORD, rfc8448.APPLICATION_RECORD, rfc8448.ALERT_RECORD)
    assert handshake.tickets == (Ticket(30, 0xFAD6AAC5, b"\0\0", rfc8448.TICKET, 1024, 0x1301, rfc8448.PSK),)
    assert handshake.application_bytes == 50
    assert handshake.alert == AlertMessage(1, Alert.CLOSE_NOTIFY)
    assert rfc8448.PSK.hex() not in repr(handshake.tickets)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, len(TRACE)), max_size=8), st.booleans())
def test_any_cut_gives_the_same(cuts: list[int], between: bool) -> None:
    wire = rfc8448.SERVER_HELLO_RECORD + (CCS if between else b"") + rfc8448.FLIGHT_RECORD
    edges = [0, *sorted(cuts), len(wire)]
    handshake = traced(*(wire[start:end] for start, end in pairwise(edges)))
    assert (handshake.finished, handshake.proven) == (True, True)
    assert handshake.certificates == traced(TRACE).certificates


def test_byte_by_byte_and_behind_the_finished() -> None:
    handshake = traced()
    for byte in TRACE + rfc8448.TICKET_RECORD:
        assert not handshake.tickets
        handshake.feed(bytes([byte]))
    handshake.finish()
    handshake.feed(b"")
    assert len(handshake.tickets) == 1


def flipped(at: int, by: int) -> None:
    """No flight with a byte changed is proven. What a record header says of its version in the clear is no content."""
    wire = bytearray(TRACE)
    wire[at] ^= by
    handshake = traced()
    try:
        handshake.feed(bytes(wire))
    except MalformedError:
        assert not handshake.done
    assert not (handshake.done and handshake.proven), at


def test_no_flipped_bit_is_proven() -> None:
    for at in range(len(TRACE)):
        if at not in {1, 2}:
            flipped(at, 1 << at % 8)


@settings(max_examples=300, deadline=None)
@given(st.integers(3, len(TRACE) - 1), st.integers(1, 255))
def test_no_flipped_byte_is_proven(at: int, by: int) -> None:
    flipped(at, by)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", rfc8448.SERVER_HELLO_RECORD, TRACE, b"\x16\x03\x03", b"\x15\x03\x03\0\2"]),
    st.lists(st.one_of(st.binary(max_size=60), st.just(TRACE[100:])), max_size=4),
    st.booleans(),
)
def test_any_bytes_are_read_or_asked_for_or_malformed(first: bytes, pieces: list[bytes], finish: bool) -> None:
    handshake = traced(first)
    try:
        if finish and handshake.finished:
            handshake.finish()
        fed(handshake, *pieces)
    except MalformedError:
        pass
    assert handshake.proven is (first == TRACE)


# OpenSSL


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [("rsa", 0x0804), ("p256", 0x0403), ("p384", 0x0503), ("p521", 0x0603), ("ed25519", 0x0807), ("ed448", 0x0808)],
)
def test_openssl_with_every_kind_of_key(kind: str, scheme: int) -> None:
    server, handshake = openssl(openssl_context(kind))
    assert (handshake.finished, handshake.proven, handshake.scheme) == (True, True, scheme)
    assert handshake.certificates == (der(kind),)
    fed(handshake, server.answer(handshake.finish()))
    assert server.error is None
    assert (len(handshake.tickets), handshake.alert) == (2, None)


@pytest.mark.parametrize("scheme", [0x0804, 0x0805, 0x0806])
def test_openssl_with_every_hash_of_rsa(scheme: int) -> None:
    _, handshake = openssl(openssl_context("rsa"), client_hello([SHARE], schemes=[scheme]))
    assert (handshake.proven, handshake.scheme) == (True, scheme)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (0x1301, "TLS_AES_128_GCM_SHA256"),
        (0x1302, "TLS_AES_256_GCM_SHA384"),
        (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
        (0x1304, "TLS_AES_128_CCM_SHA256"),
        (0x1305, "TLS_AES_128_CCM_8_SHA256"),
    ],
)
def test_openssl_with_every_suite_and_a_resumption_in_each(code: int, name: str) -> None:
    context = openssl_context(suites=name)
    hello = client_hello([SHARE])
    server, handshake = openssl(context, hello)
    assert (handshake.hello is not None and handshake.hello.suite, handshake.proven) == (code, True)
    fed(handshake, server.answer(handshake.finish()), server.write(b"x" * 10_000))
    assert (server.error, handshake.application_bytes) == (None, 10_000)
    ticket = handshake.tickets[-1]
    offer = offer_psk(hello, ticket, ticket.age_add)
    again = OpenSsl(context)
    resumed = fed(Handshake(offer, [SHARE], psk=ticket), again.answer(in_record(offer)))
    assert (resumed.finished, resumed.resumed, resumed.proven, resumed.certificates) == (True, True, False, ())
    fed(resumed, again.answer(resumed.finish()))
    assert (again.error, resumed.alert, len(resumed.tickets)) == (None, None, 1)


def test_a_ticket_that_the_server_does_not_know_is_declined() -> None:
    server, handshake = openssl(openssl_context())
    fed(handshake, server.answer(handshake.finish()))
    offer = offer_psk(HELLO, handshake.tickets[0], 0)
    other = OpenSsl(openssl_context())
    declined = fed(Handshake(offer, [SHARE], psk=handshake.tickets[0]), other.answer(in_record(offer)))
    assert (declined.finished, declined.resumed, declined.proven) == (True, False, True)
    other.answer(declined.finish())
    assert other.error is None


def test_a_wrong_binder_is_answered_by_an_alert() -> None:
    context = openssl_context()
    server, handshake = openssl(context)
    fed(handshake, server.answer(handshake.finish()))
    offer = offer_psk(HELLO, handshake.tickets[0], 0)
    broken = offer[:-1] + bytes([offer[-1] ^ 1])
    _, answered = openssl(context, broken)
    assert answered.alert == AlertMessage(2, Alert.DECRYPT_ERROR)


def test_stapled_response_and_alpn() -> None:
    context = openssl_context()
    context.set_ocsp_server_callback(lambda _connection, _data: b"stapled")
    context.set_alpn_select_callback(lambda _connection, offered: offered[1])
    asked = {5: b"\1\0\0\0\0", 16: vector(b"\2h2\x08http/1.1", 2)}
    _, handshake = openssl(context, client_hello([SHARE], more=asked))
    assert handshake.entry_extensions == ({5: b"\1" + vector(b"stapled", 3)},)
    assert (handshake.alpn, handshake.proven) == ("http/1.1", True)
    assert openssl(openssl_context())[1].alpn is None


def asking(*, required: bool) -> SSL.Context:
    """A server that asks for a client's certificate."""
    context = openssl_context()
    context.set_verify(SSL.VERIFY_PEER | (SSL.VERIFY_FAIL_IF_NO_PEER_CERT if required else 0), lambda *_: True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyOpenSSL has no newer way to name authorities
        context.set_client_ca_list([X509.from_cryptography(certificate("p256")).get_subject()])
    return context


def test_client_certificate_that_is_optional() -> None:
    server, handshake = openssl(asking(required=False))
    assert handshake.proven
    request = handshake.certificate_request
    assert request is not None
    assert 0x0403 in request.schemes
    assert [b"p256.example.test" in one for one in request.authorities] == [True]
    fed(handshake, server.answer(handshake.finish()))
    assert (server.error, handshake.alert, len(handshake.tickets)) == (None, None, 2)


def test_client_certificate_that_is_required() -> None:
    server, handshake = openssl(asking(required=True))
    assert handshake.certificate_request is not None
    fed(handshake, server.answer(handshake.finish()))
    assert handshake.alert == AlertMessage(2, Alert.CERTIFICATE_REQUIRED)
    assert handshake.tickets == ()


def test_no_group_in_common_is_an_alert_and_no_share_a_retry() -> None:
    _, refused = openssl(openssl_context(), client_hello([SHARE], groups=[26]))
    assert (refused.done, refused.finished, refused.alert) == (True, False, AlertMessage(2, Alert.ILLEGAL_PARAMETER))
    _, retried = openssl(openssl_context(), client_hello([], groups=[24]))
    assert retried.done
    assert not retried.finished
    assert retried.hello is not None
    assert (retried.hello.retry, retried.hello.group) == (True, 24)


def test_an_older_version_is_read_up_to_its_hello() -> None:
    context = openssl_context()
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    both = client_hello([SHARE], suites=[0x1301, 0xC02B], groups=[29, 23], more={43: b"\x04\x03\x04\x03\x03"})
    _, handshake = openssl(context, both)
    assert (handshake.done, handshake.finished, handshake.alert) == (True, False, None)
    assert handshake.hello is not None
    assert (handshake.hello.version, handshake.hello.suite) == (0x0303, 0xC02B)
    with pytest.raises(ValueError, match="no server's Finished"):
        handshake.finish()


# a server that errs


def flight(server: OwnServer, chain: tuple[bytes, ...] = (), key: str = "p256") -> bytes:
    """A flight that is sound but for its certificates; ServerHello included."""
    signer = signing_key(key)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    said = server.say(Message.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(*chain or (der("p256"),))
    return in_record(server.server_hello) + server.sealed(said + server.verify(signer) + server.finished())


def own(**more: dict[int, bytes]) -> tuple[OwnServer, Handshake]:
    return OwnServer(HELLO, SHARE, **more), Handshake(HELLO, [SHARE])


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
    said = server.say(Message.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(der("p256"))
    for byte in said:
        handshake.feed(server.sealed(bytes([byte])))
    assert handshake.certificates == (der("p256"),)


def test_wrong_finished_is_malformed() -> None:
    server, handshake = own()
    said = server.say(Message.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(der("p256"))
    handshake.feed(in_record(server.server_hello) + server.sealed(said + server.verify(p256())))
    assert handshake.proven
    with pytest.raises(MalformedError, match="Finished does not verify"):
        handshake.feed(server.sealed(server.say(Message.FINISHED, bytes(32))))
    assert not handshake.done


def p256() -> ec.EllipticCurvePrivateKey:
    key = signing_key("p256")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


EXTENSIONS = encode_message(Message.ENCRYPTED_EXTENSIONS, b"\0\0")


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (encode_message(Message.FINISHED, bytes(32)), "message 20, not ENCRYPTED_EXTENSIONS"),
        (encode_message(Message.SERVER_HELLO), "message 2, not"),
        (EXTENSIONS + encode_message(Message.FINISHED, bytes(32)), "not CERTIFICATE_REQUEST or CERTIFICATE"),
        (EXTENSIONS + EXTENSIONS, "message 8, not"),
        (EXTENSIONS + encode_message(Message.CERTIFICATE, b"\0\0\0\0") + EXTENSIONS, "not CERTIFICATE_VERIFY"),
        (encode_message(Message.ENCRYPTED_EXTENSIONS, b"\0\0\0"), "1 bytes behind"),
        (encode_message(Message.ENCRYPTED_EXTENSIONS, b"\0\x08" + bytes(8)), "extension 0 twice"),
        (EXTENSIONS + encode_message(Message.CERTIFICATE, b"\0\0\0\5abc"), "early"),
        (EXTENSIONS + encode_message(Message.CERTIFICATE_REQUEST, b"\0\0\x07\0\x0d\0\3\0\1\1"), "early"),
        (EXTENSIONS + encode_message(Message.CERTIFICATE_REQUEST, b"\0\0\x06\0\x2f\0\2\0\1"), "early"),
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
        Handshake(HELLO, [SHARE]).feed(in_record(encode_message(Message.SERVER_HELLO, encode_server_hello(hello))))


def test_a_retry_needs_no_suite_to_be_known() -> None:
    hello = ServerHello(0x0304, HELLO_RETRY, b"", 0x00C6, 0, {43: b"\x03\x04", 51: b"\0\x18"})
    handshake = Handshake(HELLO, [SHARE])
    handshake.feed(in_record(encode_message(Message.SERVER_HELLO, encode_server_hello(hello))))
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
    said = server.say(Message.CERTIFICATE_REQUEST, vector(b"context", 1) + extension_block(listed))
    handshake.feed(in_record(server.server_hello) + server.sealed(EXTENSIONS + said))
    request = handshake.certificate_request
    assert request is not None
    assert (request.context, request.schemes, request.authorities) == (
        b"context",
        (0x0403, 0x0804),
        (b"first", b"second"),
    )
    assert request.extensions == listed


# after the handshake


def settled() -> tuple[OwnServer, Handshake]:
    server, handshake = own()
    handshake.feed(flight(server))
    handshake.finish()
    server.start_application()
    return server, handshake


def test_finish_is_once() -> None:
    _, handshake = settled()
    with pytest.raises(ValueError, match="no server's Finished"):
        handshake.finish()


def test_keys_are_updated() -> None:
    server, handshake = settled()
    secret = server.schedule.derive("s ap traffic", server.known.hash(server.transcript))
    handshake.feed(server.sealed(encode_message(Message.KEY_UPDATE, b"\0")))
    server.writing = type(server.writing)(server.known, server.known.expand(secret, "traffic upd", b"", 32))
    handshake.feed(server.sealed(b"more", ContentType.APPLICATION_DATA))
    assert handshake.application_bytes == 4


TICKET_BODY = bytes(8) + b"\1n" + b"\0\1t" + b"\0\0"


@pytest.mark.parametrize(
    "said",
    [
        encode_message(Message.KEY_UPDATE, b"\0\0"),
        encode_message(Message.KEY_UPDATE, b"\0") + encode_message(Message.NEW_SESSION_TICKET, TICKET_BODY),
        encode_message(Message.NEW_SESSION_TICKET, TICKET_BODY + b"x"),
        encode_message(Message.NEW_SESSION_TICKET, TICKET_BODY[:-2] + b"\0\5\0\x2a\0\1x"),
        encode_message(Message.FINISHED, bytes(32)),
    ],
)
def test_what_no_server_says_afterwards_is_malformed(said: bytes) -> None:
    server, handshake = settled()
    with pytest.raises(MalformedError):
        handshake.feed(server.sealed(said))


def test_what_nobody_waits_for_is_not_kept_for_ever() -> None:
    handshake = traced(TRACE)
    fed(handshake, bytes(MAX_MESSAGE), b"x")
    with pytest.raises(MalformedError, match="nothing was to follow"):
        handshake.feed(b"x")


def resuming(suite: int, ticket: Ticket, *, early: bool = False) -> tuple[OwnServer, Handshake]:
    offer = offer_psk(HELLO, ticket, 0, early_data=early)
    server = OwnServer(offer, SHARE, suite=suite, extensions={41: b"\0\0"}, psk=ticket.psk)
    return server, Handshake(offer, [SHARE], psk=ticket)


TICKET = Ticket(10, 0, b"", b"ticket", 100, 0x1301, bytes(32))


def test_early_data_that_is_accepted_is_ended() -> None:
    server, handshake = resuming(0x1301, TICKET, early=True)
    said = server.say(Message.ENCRYPTED_EXTENSIONS, b"\0\4\0\x2a\0\0") + server.finished()
    handshake.feed(in_record(server.server_hello) + server.sealed(said))
    assert (handshake.resumed, handshake.finished, handshake.extensions) == (True, True, {42: b""})
    sent = handshake.finish()
    end = encode_record(Record(ContentType.APPLICATION_DATA, 0x0303, bytes(4 + 1 + 16)))
    assert len(sent) == len(CCS) + len(end) + len(rfc8448.CLIENT_FINISHED_RECORD)


def test_a_resumption_has_no_certificate() -> None:
    server, handshake = resuming(0x1303, TICKET)  # another suite of the same hash
    handshake.feed(in_record(server.server_hello) + server.sealed(EXTENSIONS))
    with pytest.raises(MalformedError, match="message 11, not FINISHED"):
        handshake.feed(server.sealed(server.certificate(der("p256"))))


def test_a_resumption_with_another_hash_is_malformed() -> None:
    server, handshake = resuming(0x1302, TICKET)
    with pytest.raises(MalformedError, match="not offered"):
        handshake.feed(in_record(server.server_hello))


@pytest.mark.parametrize("code", sorted(SUITES))
def test_own_server_with_every_suite(code: int) -> None:
    server = OwnServer(HELLO, SHARE, suite=code)
    assert fed(Handshake(HELLO, [SHARE]), flight(server)).proven
