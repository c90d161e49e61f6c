"""Key exchanges up to TLS 1.2: of every suite there is, of real OpenSSL servers, and cut short."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dh
from cryptography.hazmat.primitives.serialization import Encoding, ParameterFormat
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from scanner.wire.errors import MalformedError
from scanner.wire.tls13_shares import ffdhe_prime
from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import OBSERVED, encode_hello
from scanner.wire.tls_key_exchange import (
    CertificateRequest,
    KeyExchange,
    decode_certificate_request,
    decode_certificate_status,
    decode_key_exchange,
)
from scanner.wire.tls_names import Version, cipher_suites, suite_name
from scanner.wire.tls_questions import offering
from tests.wire.tls13_peers import OpenSsl, certificate, openssl_context, vector

RECORDED = Path(__file__).parents[1] / "fuzz" / "corpus" / "flight"
"""Of servers with options that cannot be had over memory: `openssl s_server -psk_hint 'a hint'`."""

CURVE = {"TLS_ECDHE_RSA", "TLS_ECDHE_ECDSA"}
CURVE_ANON = {"TLS_ECDH_anon"}
CURVE_PSK = {"TLS_ECDHE_PSK"}
FIELD = {"TLS_DHE_RSA", "TLS_DHE_DSS", "TLS_DHE_RSA_EXPORT", "TLS_DHE_DSS_EXPORT", "TLS_DHE_DSS_EXPORT1024"}
FIELD_ANON = {"TLS_DH_anon", "TLS_DH_anon_EXPORT"}
FIELD_PSK = {"TLS_DHE_PSK", "TLS_PSK_DHE"}
RSA = {"TLS_RSA_EXPORT", "TLS_RSA_EXPORT1024"}
HINT = {"TLS_PSK", "TLS_RSA_PSK"}
NEVER_SENT = {
    "TLS_ECDH_RSA",
    "TLS_ECDH_ECDSA",
    *(f"TLS_DH_{key}{more}" for key in ("RSA", "DSS") for more in ("", "_EXPORT")),
}
"""Their key is in the certificate (RFC 5246 §7.4.3)."""
SIGNED = CURVE | FIELD | RSA
READ = SIGNED | CURVE_ANON | CURVE_PSK | FIELD_ANON | FIELD_PSK | HINT
OPAQUE = ("SRP", "GOST", "KRB5", "ECCPWD", "FIPS")
BY_KIND = {
    kind: code for code, name in cipher_suites().items() for kind, with_, _ in [name.partition("_WITH_")] if with_
}


def encoded(kind: str, version: int, exchange: KeyExchange, other: bytes) -> bytes:
    """The body of a ServerKeyExchange; `other` is what is not looked at: hint, public value, signature."""
    body = vector(other, 2) if "PSK" in kind else b""
    if exchange.group is not None:
        body += b"\x03" + exchange.group.to_bytes(2) + vector(other[:255], 1)
    if exchange.prime is not None and exchange.generator is not None:
        body += b"".join(vector(number.to_bytes(256), 2) for number in (exchange.prime, exchange.generator))
        body += vector(other, 2)
    if exchange.rsa_bits is not None:
        body += vector((1 << (exchange.rsa_bits - 1)).to_bytes(256), 2) + vector(b"\1\0\1", 2)
    if kind in SIGNED:
        body += (exchange.scheme.to_bytes(2) if exchange.scheme is not None else b"") + vector(other, 2)
    return body


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[str, int, KeyExchange]:
    kind = draw(st.sampled_from(sorted(READ)))
    version = draw(st.integers(0x0300, 0x0303))
    number, code = st.integers(0, (1 << 2048) - 1), st.integers(0, 0xFFFF)
    return kind, version, KeyExchange(
        group=draw(code) if kind in CURVE | CURVE_ANON | CURVE_PSK else None,
        prime=draw(number) if kind in FIELD | FIELD_ANON | FIELD_PSK else None,
        generator=draw(number) if kind in FIELD | FIELD_ANON | FIELD_PSK else None,
        rsa_bits=draw(st.integers(1, 2048)) if kind in RSA else None,
        scheme=draw(code) if kind in SIGNED and version == Version.TLSv1_2 else None,
    )  # fmt: skip


def test_every_kind_of_suite_is_read_or_known_not_to_be() -> None:
    unread = BY_KIND.keys() - READ - NEVER_SENT - {"TLS_RSA", "TLS_NULL"}
    assert not READ - BY_KIND.keys()
    assert not [kind for kind in unread if not any(word in kind for word in OPAQUE)]
    for kind in (*unread, "TLS_RSA"):
        assert decode_key_exchange(bytes(range(200)), BY_KIND[kind], Version.TLSv1_2) == KeyExchange()


@given(exchanges(), st.binary(max_size=300))
def test_key_exchange_round_trip(exchange: tuple[str, int, KeyExchange], other: bytes) -> None:
    kind, version, parameters = exchange
    body = encoded(kind, version, parameters, other)
    assert decode_key_exchange(body, BY_KIND[kind], version) == parameters


@given(exchanges(), st.data())
def test_parameters_cut_short_are_malformed(exchange: tuple[str, int, KeyExchange], data: st.DataObject) -> None:
    kind, version, parameters = exchange
    body = encoded(kind, version, parameters, b"other")
    signature = 2 + 5 + 2 * (parameters.scheme is not None) if kind in SIGNED else 0
    # an empty one is that of a suite with a pre-shared key and no hint
    size = data.draw(st.integers(1 if "PSK" in kind else 0, len(body) - signature - 1))
    with pytest.raises(MalformedError):
        decode_key_exchange(body[:size], BY_KIND[kind], version)


@given(st.binary(max_size=80), st.sampled_from(sorted(cipher_suites())), st.integers(0x0300, 0x0304))
def test_any_bytes_are_a_key_exchange_or_malformed(body: bytes, suite: int, version: int) -> None:
    try:
        decode_key_exchange(body, suite, version)
    except MalformedError:
        assert any(kind in suite_name(suite) for kind in ("DH", "PSK", "RSA_EXPORT"))


@pytest.mark.parametrize("kind", [b"\x01", b"\x02"])
def test_explicit_curves_are_not_read_further(kind: bytes) -> None:
    body = kind + vector(b"p" * 32, 1) + b"rest of a curve, then a signature"
    assert decode_key_exchange(body, 0xC013, Version.TLSv1_2) == KeyExchange()


def test_no_hint_and_no_message_are_the_same() -> None:
    assert decode_key_exchange(b"", BY_KIND["TLS_PSK"], Version.TLSv1_2) == KeyExchange()


# real servers


def answered(context: SSL.Context, version: Version, *suites: int, groups: tuple[int, ...] = (23,)) -> Flight:
    hello = offering(version, suites, groups)
    flight = Flight()
    flight.feed(OpenSsl(context).answer(encode_hello(hello, bytes(64))))
    assert flight.done
    return flight


@pytest.mark.parametrize("version", [Version.TLSv1_0, Version.TLSv1_1, Version.TLSv1_2])
def test_openssl_names_its_curve_and_in_tls12_its_scheme(version: Version) -> None:
    for kind, suite, schemes in (("rsa", 0xC013, {0x0804, 0x0805, 0x0806, 0x0401}), ("p256", 0xC009, {0x0403, 0x0503})):
        for group in (23, 24, 25, 29, 30):
            found = answered(openssl_context(kind), version, suite, groups=(group, 23)).key_exchange
            assert found.group == group
            assert found.scheme in schemes if version is Version.TLSv1_2 else found.scheme is None
            assert (found.prime, found.rsa_bits) == (None, None)


@pytest.mark.parametrize("version", [Version.TLSv1_0, Version.TLSv1_2])
@pytest.mark.parametrize("suite", [0x0033, 0x0034])  # DHE-RSA and anonymous
def test_openssl_shows_its_prime(tmp_path: Path, version: Version, suite: int) -> None:
    parameters = dh.DHParameterNumbers(ffdhe_prime(256), 2).parameters()
    (tmp_path / "dh").write_bytes(parameters.parameter_bytes(Encoding.PEM, ParameterFormat.PKCS3))
    context = openssl_context("rsa")
    context.load_tmp_dh(str(tmp_path / "dh").encode())
    context.set_cipher_list(b"ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    flight = answered(context, version, suite)
    assert (flight.key_exchange.prime, flight.key_exchange.generator) == (ffdhe_prime(256), 2)
    assert (flight.key_exchange.scheme is not None) is (suite == 0x0033 and version is Version.TLSv1_2)
    assert bool(flight.certificates) is (suite == 0x0033)
    assert flight.group is None


def test_openssl_without_a_certificate_on_a_curve() -> None:
    context = openssl_context("rsa")
    context.set_cipher_list(b"ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    flight = answered(context, Version.TLSv1_2, 0xC018)
    assert (flight.key_exchange, flight.certificates) == (KeyExchange(group=23), ())


@pytest.mark.parametrize(
    ("name", "group", "bits"),
    [("psk", None, None), ("rsa-psk", None, None), ("dhe-psk", None, 1024), ("ecdhe-psk", 29, None)],
)
def test_openssl_with_a_hint_for_a_pre_shared_key(name: str, group: int | None, bits: int | None) -> None:
    recorded = (RECORDED / f"openssl-{name}").read_bytes()
    assert b"\0\x06a hint" in recorded
    flight = Flight()
    flight.feed(recorded)
    assert flight.accepted is not None
    found = flight.key_exchange
    assert (found.group, found.prime and found.prime.bit_length(), found.scheme) == (group, bits, None)


def test_a_session_without_forward_secrecy_has_no_key_exchange() -> None:
    assert answered(openssl_context("rsa"), Version.TLSv1_2, 0x002F).key_exchange == KeyExchange()


def test_openssl_asks_for_a_certificate_and_staples_a_response() -> None:
    context = openssl_context("rsa")
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    context.add_client_ca(certificate("p256"))
    context.set_ocsp_server_callback(lambda _connection, _data: b"stapled")
    for version in (Version.TLSv1_0, Version.TLSv1_1, Version.TLSv1_2):
        hello = offering(version, (0xC013,), (23,))
        assert answered(context, version, 0xC013).staple is None
        flight = Flight()
        flight.feed(OpenSsl(context).answer(encode_hello(replace(hello, extensions=OBSERVED), bytes(64))))
        assert flight.staple == b"stapled"
        request = flight.certificate_request
        assert request is not None
        assert request.authorities == (certificate("p256").subject.public_bytes(),)
        assert {1, 64} <= set(request.types)  # rsa_sign, ecdsa_sign (RFC 5246 §7.4.4, RFC 8422 §5.5)
        assert (0x0804 in request.schemes) is (version is Version.TLSv1_2)


# requests and responses

blobs = st.lists(st.binary(max_size=40), max_size=5).map(tuple)
codes = st.lists(st.integers(0, 0xFFFF), max_size=9).map(tuple)


@given(
    st.builds(
        CertificateRequest,
        authorities=blobs,
        schemes=codes,
        types=st.lists(st.integers(0, 255), max_size=9).map(tuple),
    ),
    st.sampled_from([0x0300, 0x0301, 0x0302, 0x0303]),
    st.data(),
)
def test_certificate_request_round_trip(request: CertificateRequest, version: int, data: st.DataObject) -> None:
    schemes = b"".join(code.to_bytes(2) for code in request.schemes)
    body = vector(bytes(request.types), 1) + (vector(schemes, 2) if version == Version.TLSv1_2 else b"")
    body += vector(b"".join(vector(name, 2) for name in request.authorities), 2)
    known = request.schemes if version == Version.TLSv1_2 else ()
    assert decode_certificate_request(body, version) == CertificateRequest(request.authorities, known, request.types)
    for broken in (body + b"x", body[: data.draw(st.integers(0, len(body) - 1))]):
        with pytest.raises(MalformedError):
            decode_certificate_request(broken, version)


def test_half_a_signature_scheme_is_malformed() -> None:
    with pytest.raises(MalformedError, match="1 bytes early"):
        decode_certificate_request(bytes.fromhex("0101 0003 040108 0000"), Version.TLSv1_2)


@given(st.binary(max_size=60), st.integers(0x0300, 0x0303))
def test_any_bytes_are_a_request_or_a_response_or_malformed(body: bytes, version: int) -> None:
    for decode in (lambda data: decode_certificate_request(data, version), decode_certificate_status):
        try:
            decode(body)
        except MalformedError:
            continue


@given(st.binary(max_size=300), st.data())
def test_certificate_status_round_trip(response: bytes, data: st.DataObject) -> None:
    body = b"\1" + vector(response, 3)
    assert decode_certificate_status(body) == response
    for broken in (body + b"x", body[: data.draw(st.integers(0, len(body) - 1))], b"\2" + body[1:]):
        with pytest.raises(MalformedError):
            decode_certificate_status(broken)
