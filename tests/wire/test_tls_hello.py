"""ClientHellos as a real OpenSSL takes them, and their bytes."""

import ssl
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from scanner.wire.tls_flight import Flight
from scanner.wire.tls_hello import (
    CLASSICAL_GROUPS,
    MODERN_GROUPS,
    SIGNATURE_SCHEMES,
    TLS13_GROUPS,
    TLS13_SCHEMES,
    Hello,
    encode_hello,
    encode_message,
    in_record,
)
from scanner.wire.tls_names import Version, groups, signature_schemes, suite_name
from scanner.wire.tls_suites import legacy_suites, tls13_suites

RANDOM = bytes(range(64))
SPOKEN = [version for version in Version if version is not Version.SSLv2]
"""Version.SSLv2 has a hello of its own."""
BY_OPENSSL = [Version.TLSv1_0, Version.TLSv1_1, Version.TLSv1_2]
LIBRARY = {
    Version.TLSv1_0: ssl.TLSVersion.TLSv1,
    Version.TLSv1_1: ssl.TLSVersion.TLSv1_1,
    Version.TLSv1_2: ssl.TLSVersion.TLSv1_2,
    Version.TLSv1_3: ssl.TLSVersion.TLSv1_3,
}
Server = Callable[[Version, str], ssl.SSLContext]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """Makes the context of an OpenSSL server that speaks one version, with an RSA or an ECDSA key."""
    keys = {"rsa": rsa.generate_private_key(65537, 2048), "ecdsa": ec.generate_private_key(ec.SECP256R1())}
    folder = tmp_path_factory.mktemp("keys")
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server.example")])
    now = datetime.now(UTC)
    for key_type, key in keys.items():
        builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(1))
        certificate = builder.sign(key, hashes.SHA256())
        text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / key_type).write_bytes(text + certificate.public_bytes(Encoding.PEM))

    def make(version: Version, key_type: str = "rsa") -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(folder / key_type)
        # OpenSSL's defaults on some distributions switch old versions off with options instead of the range
        context.options &= ~(ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1)
        set_range(context, version)
        return context

    return make


def set_range(context: ssl.SSLContext, version: Version) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are asked for on purpose
        context.maximum_version = LIBRARY[version]
        context.minimum_version = LIBRARY[version]


def answer(context: ssl.SSLContext, written: bytes) -> Flight:
    """What OpenSSL says to the bytes of a ClientHello, as our flight reads it."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    peer = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(written)
    try:
        peer.do_handshake()
    except ssl.SSLWantReadError:
        pass  # it has answered and waits for our second flight
    except ssl.SSLError:
        pass  # it has refused, with an alert
    flight = Flight()
    flight.feed(outgoing.read())
    return flight


def everyday(version: Version, **more: object) -> Hello:
    suites = tls13_suites() if version is Version.TLSv1_3 else legacy_suites(version)[0]
    groups_ = TLS13_GROUPS if version is Version.TLSv1_3 else CLASSICAL_GROUPS
    schemes = SIGNATURE_SCHEMES if version >= Version.TLSv1_2 else ()
    return Hello(version, suites, groups=groups_, schemes=schemes, **more)


# real peers


@pytest.mark.parametrize("offered", LIBRARY)
@pytest.mark.parametrize("spoken", LIBRARY)
def test_openssl_accepts_the_version_it_speaks_and_refuses_the_others(
    server: Server, spoken: Version, offered: Version
) -> None:
    flight = answer(server(spoken, "rsa"), encode_hello(everyday(offered), RANDOM))
    assert flight.done
    if spoken > offered or (offered is Version.TLSv1_3 and spoken is not offered):
        # a hello is no offer of anything newer, and that for TLS 1.3 of nothing older either
        assert (flight.accepted, flight.alert is not None) == (None, True)
    else:
        assert flight.accepted is not None
        assert flight.accepted.version == spoken
        assert bool(flight.certificates) is (spoken is not Version.TLSv1_3)


def test_openssl_names_a_group_without_a_share(server: Server) -> None:
    context = server(Version.TLSv1_3, "rsa")
    flight = answer(context, encode_hello(everyday(Version.TLSv1_3), RANDOM))
    assert flight.accepted is not None
    assert flight.accepted.retry
    assert flight.group in {"x25519", "X25519MLKEM768"}


def test_openssl_takes_the_share(server: Server) -> None:
    context = server(Version.TLSv1_3, "rsa")
    flight = answer(context, encode_hello(everyday(Version.TLSv1_3, key_shares=(29,)), RANDOM))
    assert flight.accepted is not None
    assert not flight.accepted.retry
    assert flight.group == "x25519"
    assert flight.accepted.session_id == RANDOM[32:]  # RFC 8446 §4.1.3: echoed


@pytest.mark.parametrize("version", LIBRARY)
def test_openssl_sees_the_server_name(server: Server, version: Version) -> None:
    seen: list[str | None] = []
    context = server(version, "rsa")
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    for name in ("mail.example", None, "bücher.example"):
        answer(context, encode_hello(everyday(version), RANDOM, name))
    assert seen == ["mail.example", None, "xn--bcher-kva.example"]


@pytest.mark.parametrize("version", BY_OPENSSL)
def test_openssl_selects_from_alpn(server: Server, version: Version) -> None:
    context = server(version, "rsa")
    context.set_alpn_protocols(["http/1.1"])
    flight = answer(context, encode_hello(everyday(version, alpn=("h2", "http/1.1")), RANDOM))
    assert flight.accepted is not None
    assert flight.accepted.alpn == "http/1.1"


@pytest.mark.parametrize("version", BY_OPENSSL)
@pytest.mark.parametrize("key_type", ["rsa", "ecdsa"])
def test_openssl_shows_the_certificate_of_the_key_asked_for(server: Server, version: Version, key_type: str) -> None:
    schemes = SIGNATURE_SCHEMES if version is Version.TLSv1_2 else ()
    suites = tuple(code for code in legacy_suites(version)[0] if f"_{key_type.upper()}_WITH_" in suite_name(code))
    hello = Hello(version, suites, groups=CLASSICAL_GROUPS, schemes=schemes)
    for served in ("rsa", "ecdsa"):
        flight = answer(server(version, served), encode_hello(hello, RANDOM))
        assert (flight.accepted is not None) is (served == key_type)
        if flight.certificates:
            key = x509.load_der_x509_certificate(flight.certificates[0]).public_key()
            assert isinstance(key, rsa.RSAPublicKey if key_type == "rsa" else ec.EllipticCurvePublicKey)


def test_openssl_negotiates_the_suite_that_alone_is_offered(server: Server) -> None:
    context = server(Version.TLSv1_2, "rsa")
    for code in (0xC02F, 0xC030, 0xCCA8, 0x009C, 0x002F):
        hello = Hello(Version.TLSv1_2, (code,), groups=MODERN_GROUPS, schemes=SIGNATURE_SCHEMES)
        flight = answer(context, encode_hello(hello, RANDOM))
        assert flight.accepted is not None, suite_name(code)
        assert flight.accepted.suite == code


# bytes


class Fields:
    """A ClientHello taken apart by the letter of RFC 8446 §4.1.2, apart from our own reader."""

    def __init__(self, written: bytes) -> None:
        assert written[0] == 22
        self.record_version = int.from_bytes(written[1:3])
        assert int.from_bytes(written[3:5]) == len(written) - 5
        assert written[5] == 1
        assert int.from_bytes(written[6:9]) == len(written) - 9
        self.version = int.from_bytes(written[9:11])
        self.random = written[11:43]
        self.rest = written[43:]
        self.session_id = self.vector(1)
        suites = self.vector(2)
        self.suites = tuple(int.from_bytes(suites[at : at + 2]) for at in range(0, len(suites), 2))
        self.compression = self.vector(1)
        self.extensions: list[tuple[int, bytes]] = []
        self.has_extensions = bool(self.rest)
        if self.has_extensions:
            listed, self.rest = self.vector(2), self.rest
            assert self.rest == b""
            self.rest = listed
            while self.rest:
                code, self.rest = int.from_bytes(self.rest[:2]), self.rest[2:]
                self.extensions.append((code, self.vector(2)))

    def vector(self, width: int) -> bytes:
        size = int.from_bytes(self.rest[:width])
        assert len(self.rest) >= width + size
        taken, self.rest = self.rest[width : width + size], self.rest[width + size :]
        return taken


codes = st.lists(st.integers(0, 0xFFFF), max_size=400, unique=True).map(tuple)
names = st.one_of(st.none(), st.from_regex(r"[a-z]{1,20}(\.[a-z]{1,20}){0,3}", fullmatch=True))
hello_values = st.builds(
    Hello,
    version=st.sampled_from(SPOKEN),
    suites=codes.filter(bool),
    groups=codes,
    schemes=codes,
    alpn=st.lists(st.sampled_from(["h2", "http/1.1", "imap"]), unique=True).map(tuple),
    key_shares=st.sampled_from([(), (29,)]),
    extensions=st.lists(
        st.tuples(st.integers(100, 0xFFFF), st.binary(max_size=20)), max_size=3, unique_by=lambda pair: pair[0]
    ).map(tuple),
    compressions=st.sampled_from([(0,), (1, 0)]),
    session_id=st.binary(max_size=32),
    padded=st.booleans(),
)


@given(hello_values, st.binary(min_size=64, max_size=64), names)
def test_fields_are_where_the_rfc_has_them(hello: Hello, random: bytes, server_name: str | None) -> None:
    written = encode_hello(hello, random, server_name)
    fields = Fields(written)
    assert len(written) <= 5 + (1 << 14)
    assert fields.version == min(hello.version, 0x0303)
    assert fields.record_version == min(hello.version, 0x0301)
    assert (fields.random, fields.suites, fields.compression) == (random[:32], hello.suites, bytes(hello.compressions))
    assert fields.session_id == (random[32:] if hello.version is Version.TLSv1_3 else hello.session_id)
    found = dict(fields.extensions)
    assert len(found) == len(fields.extensions)
    if hello.version is Version.SSLv3:
        assert not fields.has_extensions
        return
    assert (43 in found) is (hello.version is Version.TLSv1_3)
    assert (51 in found) is (hello.version is Version.TLSv1_3)
    assert (0 in found) is (server_name is not None)
    assert (10 in found, 13 in found, 16 in found) == (bool(hello.groups), bool(hello.schemes), bool(hello.alpn))
    assert hello.extensions == tuple(pair for pair in fields.extensions if pair[0] >= 100)
    assert (11 in found) is (23 in found) is (hello.version < Version.TLSv1_3 and bool(hello.groups))
    if server_name:
        name = server_name.encode()
        assert found[0] == (len(name) + 3).to_bytes(2) + b"\0" + len(name).to_bytes(2) + name


@pytest.mark.parametrize("last", [0x00, 0x7F, 0x80, 0xFF])
def test_the_x25519_share_has_no_bit_that_a_key_cannot_have(last: int) -> None:
    """Receivers have to mask the top bit (RFC 7748 §5), but wolfSSL hangs up: on every other random, at first."""
    random = bytes(31) + bytes([last]) + bytes(32)
    fields = Fields(encode_hello(everyday(Version.TLSv1_3, key_shares=(29,)), random))
    share = dict(fields.extensions)[51][6:]  # after the list's length, the group and the key's length
    assert share == bytes(31) + bytes([last & 0x7F])
    assert fields.random == random[:32]


@pytest.mark.parametrize("version", SPOKEN)
def test_padding_avoids_256_to_511_bytes_and_is_sent_for_nothing_else(version: Version) -> None:
    for length in range(400):
        hello = Hello(version, tuple(range(60)), extensions=((1000, bytes(length)),))
        bare, padded = (encode_message(replace(hello, padded=padded), RANDOM) for padded in (False, True))
        assert 21 not in dict(Fields(in_record(hello, bare)).extensions)
        if version is Version.SSLv3 or not 256 <= len(bare) < 512:
            assert padded == bare
        else:
            assert len(padded) == max(512, len(bare) + 4)  # an extension has at least its header
            assert set(dict(Fields(in_record(hello, padded)).extensions)[21]) <= {0}


def test_versions_and_legacy_version_where_they_are_asked_for() -> None:
    newer = Fields(encode_hello(Hello(Version.TLSv1_2, (0xC02F,), legacy_version=0x0305), RANDOM))
    assert (newer.version, newer.record_version, newer.extensions) == (0x0305, 0x0301, [])
    both = Fields(encode_hello(Hello(Version.TLSv1_3, (0x1301,), versions=(0x2A2A, 0x0304)), RANDOM))
    assert (both.version, dict(both.extensions)[43]) == (0x0303, b"\x04\x2a\x2a\x03\x04")


@pytest.mark.parametrize(
    ("hello", "offered"),
    [
        (Hello(Version.TLSv1_1, ()), {0x0300, 0x0301, 0x0302}),
        (Hello(Version.TLSv1_3, ()), {0x0304}),
        (Hello(Version.TLSv1_3, (), versions=(0x2A2A, 0x0304)), {0x2A2A, 0x0304}),
        (Hello(Version.TLSv1_0, (), legacy_version=0x0305), {0x0300, 0x0301, 0x0302, 0x0303}),
    ],
)
def test_what_a_server_may_select(hello: Hello, offered: set[int]) -> None:
    assert hello.offered_versions == offered


def test_equal_questions_are_one_question() -> None:
    assert everyday(Version.TLSv1_2) == everyday(Version.TLSv1_2)
    assert len({everyday(Version.TLSv1_2), everyday(Version.TLSv1_2), everyday(Version.TLSv1_1)}) == 2
    assert str(everyday(Version.SSLv3)).startswith("ClientHello SSLv3, ")
    assert str(everyday(Version.TLSv1_3, key_shares=(29,))).endswith(" groups, key shares 1")


@given(hello_values, hello_values)
def test_every_field_counts(one: Hello, other: Hello) -> None:
    for name in Hello.__dataclass_fields__:
        mixed = replace(one, **{name: getattr(other, name)})
        assert (mixed == one) is (getattr(one, name) == getattr(other, name))
        assert mixed != one or hash(mixed) == hash(one)


def test_shares_are_made_for_their_groups() -> None:
    hello = Hello(Version.TLSv1_3, (0x1301,), groups=(23, 29), key_shares=(23, 29))
    fields = Fields(in_record(hello, encode_message(hello, RANDOM, shares={29: b"x", 23: b"p"})))
    assert dict(fields.extensions)[51] == bytes.fromhex("000a 0017 0001") + b"p" + bytes.fromhex("001d 0001") + b"x"
    with pytest.raises(KeyError):
        encode_hello(hello, RANDOM)


def test_name_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match="label"):
        encode_hello(everyday(Version.TLSv1_2), RANDOM, "ü" * 70 + ".example")


def test_groups_and_schemes_are_registered_and_offered_once() -> None:
    for listed in (TLS13_GROUPS, CLASSICAL_GROUPS, SIGNATURE_SCHEMES, TLS13_SCHEMES):
        assert len(set(listed)) == len(listed)
    assert set(TLS13_GROUPS) | set(CLASSICAL_GROUPS) <= groups().keys()
    assert {0x0403, 0x0804, 0x0401, 0x0807} <= set(SIGNATURE_SCHEMES) & signature_schemes().keys()
    assert set(TLS13_SCHEMES) < set(SIGNATURE_SCHEMES) <= signature_schemes().keys()
    assert set(MODERN_GROUPS) <= set(CLASSICAL_GROUPS) & set(TLS13_GROUPS)
