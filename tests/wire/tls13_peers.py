"""What the TLS 1.3 client is tested against: hellos, OpenSSL over memory, and a server of our own that can err."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from scanner.wire.tls13 import Handshake
from scanner.wire.tls13_keys import SUITES, KeySchedule, Protection
from scanner.wire.tls13_messages import encode_message
from scanner.wire.tls13_proof import signed_content
from scanner.wire.tls13_shares import KeyShare, make_share, x25519_share
from scanner.wire.tls_flight import ServerHello, encode_server_hello
from scanner.wire.tls_hello import SIGNATURE_SCHEMES
from scanner.wire.tls_names import ContentType, HandshakeType
from scanner.wire.tls_record import Record, encode_record
from tests.wire import rfc8448

SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
SUITES_13 = tuple(SUITES)
_CURVES: dict[str, ec.EllipticCurve] = {
    "p256": ec.SECP256R1(),
    "p384": ec.SECP384R1(),
    "p521": ec.SECP521R1(),
    "bp256": ec.BrainpoolP256R1(),
    "bp384": ec.BrainpoolP384R1(),
    "bp512": ec.BrainpoolP512R1(),
}


def vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width) + data


def extension_block(extensions: dict[int, bytes]) -> bytes:
    return vector(b"".join(code.to_bytes(2) + vector(data, 2) for code, data in extensions.items()), 2)


def codes(*numbers: int) -> bytes:
    return vector(b"".join(number.to_bytes(2) for number in numbers), 2)


def client_hello(
    shares: Sequence[KeyShare],
    *,
    suites: Sequence[int] = SUITES_13,
    schemes: Sequence[int] = SIGNATURE_SCHEMES,
    groups: Sequence[int] = (),
    more: dict[int, bytes] | None = None,
) -> bytes:
    """The handshake message; its random is that of no importance here."""
    entries = b"".join(share.group.to_bytes(2) + vector(share.public, 2) for share in shares)
    extensions = {
        10: codes(*(groups or [share.group for share in shares])),
        13: codes(*schemes),
        43: b"\x02\x03\x04",
        45: b"\x01\x01",
        51: vector(entries, 2),
    }
    body = b"\x03\x03" + bytes(range(32)) + vector(bytes(32), 1) + codes(*suites) + b"\x01\0"
    return b"\x01" + vector(body + extension_block(extensions | (more or {})), 3)


def in_record(message: bytes) -> bytes:
    return encode_record(Record(ContentType.HANDSHAKE, 0x0301, message))


@cache
def signing_key(kind: str) -> SigningKey:
    match kind:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case "ed448":
            return ed448.Ed448PrivateKey.generate()
    return ec.generate_private_key(_CURVES[kind])


@cache
def certificate(kind: str) -> x509.Certificate:
    """Self-signed."""
    key, name = signing_key(kind), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{kind}.example.test")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )
    return builder.sign(key, None if kind.startswith("ed") else hashes.SHA256())


def der(kind: str) -> bytes:
    return certificate(kind).public_bytes(Encoding.DER)


def openssl_context(kind: str = "p256", *, suites: str | None = None) -> SSL.Context:
    """OpenSSL's server with this certificate."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate(certificate(kind))
    context.use_privatekey(signing_key(kind))
    context.set_session_id(b"test")

    context.set_cipher_list(b"ALL:@SECLEVEL=0")  # CCM_8 counts as weak
    if suites:
        context.set_tls13_ciphersuites(suites.encode("ascii"))
    return context


class OpenSsl:
    """One connection of OpenSSL's server, over memory."""

    def __init__(self, context: SSL.Context) -> None:
        self.tls = SSL.Connection(context, None)
        self.tls.set_accept_state()
        self.error: SSL.Error | None = None

    def answer(self, data: bytes) -> bytes:
        """Hear this; all that there is to say to it."""
        if data:
            self.tls.bio_write(data)
        try:
            self.tls.do_handshake()
        except SSL.WantReadError:
            pass
        except SSL.Error as error:
            self.error = error
        return self.said()

    def write(self, data: bytes) -> bytes:
        """Say this as application data."""
        self.tls.send(data)
        return self.said()

    def said(self) -> bytes:
        heard = b""
        with suppress(SSL.WantReadError):
            while True:
                heard += self.tls.bio_read(1 << 16)
        return heard


def fed(handshake: Handshake, *pieces: bytes) -> Handshake:
    for piece in pieces:
        handshake.feed(piece)
    return handshake


@dataclass
class OwnServer:
    """Says what it is told to, sound or not: to a hello with an x25519 share."""

    hello: bytes
    client: KeyShare
    suite: int = 0x1301
    extensions: dict[int, bytes] = field(default_factory=dict)
    """Of the ServerHello, beyond supported_versions and key_share."""
    psk: bytes = b""

    def __post_init__(self) -> None:
        self.share = make_share(self.client.group)
        self.known = SUITES[self.suite]
        listed = {43: b"\x03\x04", 51: self.share.group.to_bytes(2) + vector(self.share.public, 2), **self.extensions}
        said = encode_server_hello(ServerHello(0x0304, bytes(range(32)), bytes(32), self.suite, 0, listed))
        self.server_hello = encode_message(HandshakeType.SERVER_HELLO, said)
        self.transcript = self.hello + self.server_hello
        self.schedule = KeySchedule(self.known, self.psk)
        self.schedule.advance(self.share.secret(self.client.public))
        self.secret = self.schedule.derive("s hs traffic", self.known.hash(self.transcript))
        self.client_secret = self.schedule.derive("c hs traffic", self.known.hash(self.transcript))
        self.writing = Protection(self.known, self.secret)

    def say(self, kind: HandshakeType, body: bytes = b"") -> bytes:
        """The message, which the transcript has from now on."""
        whole = encode_message(kind, body)
        self.transcript += whole
        return whole

    def sealed(self, content: bytes, kind: ContentType = ContentType.HANDSHAKE) -> bytes:
        """In records, of which none is too long."""
        pieces = [content[at : at + (1 << 14)] for at in range(0, len(content), 1 << 14)] or [b""]
        return b"".join(self.writing.seal(kind, piece) for piece in pieces)

    def certificate(self, *chain: bytes, extensions: dict[int, bytes] | None = None) -> bytes:
        entries = b"".join(vector(one, 3) + extension_block(extensions or {}) for one in chain)
        return self.say(HandshakeType.CERTIFICATE, b"\0" + vector(entries, 3))

    def verify(self, key: ec.EllipticCurvePrivateKey) -> bytes:
        """A CertificateVerify of ecdsa_secp256r1_sha256."""
        signature = key.sign(signed_content(self.known.hash(self.transcript)), ec.ECDSA(hashes.SHA256()))
        return self.say(HandshakeType.CERTIFICATE_VERIFY, b"\x04\x03" + vector(signature, 2))

    def finished(self) -> bytes:
        said = self.say(HandshakeType.FINISHED, self.known.verify_data(self.secret, self.known.hash(self.transcript)))
        self.schedule.advance()
        return said

    def start_application(self) -> None:
        """From now on `sealed` uses the keys of application data."""
        secret = self.schedule.derive("s ap traffic", self.known.hash(self.transcript))
        self.writing = Protection(self.known, secret)


SHARE = make_share(29)
HELLO = client_hello([SHARE])
CCS = encode_record(Record(ContentType.CHANGE_CIPHER_SPEC, 0x0303, b"\1"))
EXTENSIONS = encode_message(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0")
TRACE = rfc8448.SERVER_HELLO_RECORD + rfc8448.FLIGHT_RECORD
RFC_SHARE = x25519_share(x25519.X25519PrivateKey.from_private_bytes(rfc8448.CLIENT_PRIVATE))


def traced(*pieces: bytes) -> Handshake:
    """The client of RFC 8448 §3."""
    return fed(Handshake(rfc8448.CLIENT_HELLO, [RFC_SHARE]), *pieces)


def p256() -> ec.EllipticCurvePrivateKey:
    key = signing_key("p256")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def flight(server: OwnServer, chain: tuple[bytes, ...] = ()) -> bytes:
    """A flight that is sound but for its certificates; ServerHello included."""
    said = server.say(HandshakeType.ENCRYPTED_EXTENSIONS, b"\0\0") + server.certificate(*chain or (der("p256"),))
    return in_record(server.server_hello) + server.sealed(said + server.verify(p256()) + server.finished())


def own(extensions: dict[int, bytes] | None = None) -> tuple[OwnServer, Handshake]:
    """A server and the client of HELLO."""
    return OwnServer(HELLO, SHARE, extensions=extensions or {}), Handshake(HELLO, [SHARE])
