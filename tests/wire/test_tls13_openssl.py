"""The handshake with OpenSSL's server, over memory: keys, suites and groups; tickets, client certificates."""

import warnings

import pytest
from OpenSSL import SSL
from OpenSSL.crypto import X509

from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_psk import offer_psk
from scanner.wire.tls_names import Alert
from scanner.wire.tls_record import AlertMessage
from tests.wire.tls13_peers import (
    HELLO,
    SHARE,
    OpenSsl,
    certificate,
    client_hello,
    der,
    fed,
    in_record,
    openssl_context,
    vector,
)


def openssl(context: SSL.Context, hello: bytes = HELLO) -> tuple[OpenSsl, Handshake]:
    server = OpenSsl(context)
    return server, fed(Handshake(hello, [SHARE]), server.answer(in_record(hello)))


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


def test_openssl_takes_the_goodbye_for_one() -> None:
    server, handshake = openssl(openssl_context())
    with pytest.raises(ValueError, match="no handshake to close"):
        handshake.close()
    server.answer(handshake.finish())
    server.answer(handshake.close())
    with pytest.raises(SSL.ZeroReturnError):
        server.tls.recv(1)
    assert server.tls.get_shutdown() == SSL.RECEIVED_SHUTDOWN


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
