"""What a ServerKeyExchange and a CertificateRequest up to TLS 1.2 show, without I/O (RFC 5246 §7.4.3 and §7.4.4)."""

from dataclasses import dataclass

from scanner.wire.errors import MalformedError
from scanner.wire.reader import Reader
from scanner.wire.tls_names import Version, suite_name


@dataclass(frozen=True)
class KeyExchange:
    """The parameters of one key exchange; what it does not have is None."""

    group: int | None = None
    """Named curve (RFC 8422 §5.4)."""
    prime: int | None = None
    """Of finite-field Diffie-Hellman."""
    generator: int | None = None
    rsa_bits: int | None = None
    """Of a temporary RSA key, which export suites use (RFC 2246 §7.4.3)."""
    scheme: int | None = None
    """Signature scheme (TLS 1.2 alone names it)."""


@dataclass(frozen=True)
class CertificateRequest:
    """What a server wants of a client's certificate."""

    authorities: tuple[bytes, ...] = ()
    """DER names."""
    schemes: tuple[int, ...] = ()
    types: tuple[int, ...] = ()


def decode_key_exchange(body: bytes, suite: int, version: int) -> KeyExchange:
    """Read a ServerKeyExchange as its suite has it. Raises MalformedError.

    Of suites whose exchange this scanner does not know (SRP, GOST, SM2) all is None.
    """
    kind = suite_name(suite).partition("_WITH_")[0]
    reader = Reader(body)
    if "_PSK" in kind and body:
        reader.vector(2)  # psk_identity_hint (RFC 4279 §2)
    found = KeyExchange()
    if "_ECDH" in kind:
        found = _elliptic_curve(reader)
    elif "_DH" in kind:
        prime, generator = int.from_bytes(reader.vector(2)), int.from_bytes(reader.vector(2))
        reader.vector(2)
        found = KeyExchange(prime=prime, generator=generator)
    elif kind.startswith("TLS_RSA_EXPORT"):
        bits = int.from_bytes(reader.vector(2)).bit_length()
        reader.vector(2)
        found = KeyExchange(rsa_bits=bits)
    signed = reader.left > 2 and "_anon" not in kind and version == Version.TLSv1_2 and found != KeyExchange()
    if not signed:
        return found
    return KeyExchange(found.group, found.prime, found.generator, found.rsa_bits, reader.number(2))


def _elliptic_curve(reader: Reader) -> KeyExchange:
    if reader.number(1) != 3:
        return KeyExchange()  # explicit_prime or explicit_char2, which RFC 8422 §5.4 forbids, are not read further
    group = reader.number(2)
    reader.vector(1)
    return KeyExchange(group=group)


def decode_certificate_request(body: bytes, version: int) -> CertificateRequest:
    """The body of a CertificateRequest message up to TLS 1.2. Raises MalformedError."""
    reader = Reader(body)
    types = tuple(reader.vector(1))
    schemes: tuple[int, ...] = ()
    if version == Version.TLSv1_2:
        listed = Reader(reader.vector(2))
        schemes = tuple(listed.number(2) for _ in range((listed.left + 1) // 2))
    names = Reader(reader.vector(2))
    reader.end()
    authorities: list[bytes] = []
    while names.left:
        authorities.append(names.vector(2))
    return CertificateRequest(tuple(authorities), schemes, types)


def decode_certificate_status(body: bytes) -> bytes:
    """The OCSP response of a CertificateStatus message (RFC 6066 §8). Raises MalformedError."""
    reader = Reader(body)
    if reader.number(1) != 1:
        raise MalformedError("certificate status of an unknown type")
    response = reader.vector(3)
    reader.end()
    return response
