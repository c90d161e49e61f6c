"""The messages of a TLS 1.3 server that follow its hello, read without I/O (RFC 8446 §4.3, §4.4, §4.6)."""

from dataclasses import dataclass, field

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.tls13_keys import Suite
from scanner.wire.tls_flight import MAX_CERTIFICATES
from scanner.wire.tls_names import Extension, HandshakeType


@dataclass(frozen=True)
class CertificateRequest:
    """What a server wants of a client's certificate (RFC 8446 §4.3.2)."""

    context: bytes
    """To be repeated in the client's Certificate."""
    schemes: tuple[int, ...]
    authorities: tuple[bytes, ...]
    """DER of distinguished names."""
    extensions: dict[int, bytes]


@dataclass(frozen=True)
class Ticket:
    """A NewSessionTicket, with all it takes to resume the session (RFC 8446 §4.6.1)."""

    lifetime: int
    """Seconds."""
    age_add: int
    """Milliseconds, added modulo 2^32 to the ticket's age."""
    nonce: bytes
    ticket: bytes
    max_early_data: int | None
    """Bytes of 0-RTT data that the server would take; None when it takes none."""
    suite: int
    """Of the session: its hash is the resumption's."""
    psk: bytes = field(repr=False)


def encode_message(kind: HandshakeType, body: bytes = b"") -> bytes:
    """The handshake message of this body (RFC 8446 §4)."""
    return bytes([kind]) + len(body).to_bytes(3) + body


def decode_encrypted_extensions(body: bytes) -> dict[int, bytes]:
    """By code point (RFC 8446 §4.3.1). Raises MalformedError."""
    reader = Reader(body)
    extensions = reader.extensions()
    reader.end()
    return extensions


def decode_certificate_request(body: bytes) -> CertificateRequest:
    """Raises MalformedError."""
    reader = Reader(body)
    context, extensions = reader.vector(1), reader.extensions()
    reader.end()
    schemes: list[int] = []
    if Extension.SIGNATURE_ALGORITHMS in extensions:
        listed = _listed(extensions[Extension.SIGNATURE_ALGORITHMS])
        while listed.left:
            schemes.append(listed.number(2))
    authorities: list[bytes] = []
    if Extension.CERTIFICATE_AUTHORITIES in extensions:
        listed = _listed(extensions[Extension.CERTIFICATE_AUTHORITIES])
        while listed.left:
            authorities.append(listed.vector(2))
    return CertificateRequest(context, tuple(schemes), tuple(authorities), extensions)


def _listed(extension: bytes) -> Reader:
    """Reads the only vector of an extension."""
    reader = Reader(extension)
    content = reader.vector(2)
    reader.end()
    return Reader(content)


def decode_certificates(body: bytes) -> tuple[tuple[bytes, ...], tuple[dict[int, bytes], ...]]:
    """The DER certificates, leaf first, and the extensions of each (RFC 8446 §4.4.2). Raises MalformedError."""
    outer = Reader(body)
    outer.vector(1)  # the context, of meaning in a client's only
    listed = Reader(outer.vector(3))
    outer.end()
    certificates: list[bytes] = []
    extensions: list[dict[int, bytes]] = []
    while listed.left:
        if len(certificates) >= MAX_CERTIFICATES:
            raise MalformedError(f"more than {MAX_CERTIFICATES} certificates")
        certificates.append(listed.vector(3))
        extensions.append(listed.extensions())
    return tuple(certificates), tuple(extensions)


def decode_certificate_verify(body: bytes) -> tuple[int, bytes]:
    """Signature scheme and signature (RFC 8446 §4.4.3). Raises MalformedError."""
    reader = Reader(body)
    scheme, signature = reader.number(2), reader.vector(2)
    reader.end()
    return scheme, signature


def decode_ticket(body: bytes, code: int, suite: Suite, master: bytes) -> Ticket:
    """A NewSessionTicket; `master` is the resumption master secret of a session with `suite`. Raises MalformedError."""
    reader = Reader(body)
    lifetime, age_add, nonce, ticket = reader.number(4), reader.number(4), reader.vector(1), reader.vector(2)
    extensions = reader.extensions()
    reader.end()
    early = extensions.get(Extension.EARLY_DATA)
    if early is not None and len(early) != 4:
        raise MalformedError("early_data of a NewSessionTicket is one number")
    psk = suite.expand(master, "resumption", nonce, suite.size)
    most = int.from_bytes(early) if early is not None else None
    return Ticket(lifetime, age_add, nonce, ticket, most, code, psk)
