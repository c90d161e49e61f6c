"""The certificates a server presents, one chain for each type of key."""

from msgspec import Struct, field

from scanner.model import Failure, Observation


class PublicKey(Struct, frozen=True, kw_only=True):
    """Algorithm and size of a subject's key."""

    type: str
    """`rsa`, `ecdsa`, `ed25519`, `ed448`, `dsa`, …"""
    bits: int
    curve: str | None = None


class CertificateFacts(Struct, frozen=True, kw_only=True):
    """One certificate as served. A field that does not parse is empty; `malformed` then says what is wrong."""

    subject: str
    """RFC 4514."""
    common_names: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """dNSName and iPAddress entries of subjectAltName."""
    ip_addresses: tuple[str, ...] = ()
    """The iPAddress entries alone: a dNSName that spells an address does not cover it (RFC 9525 §6.4)."""
    issuer: str = ""
    serial: str = ""
    """Hexadecimal, upper case, no separators."""
    not_before: str = ""
    """RFC 3339, UTC."""
    not_after: str = ""
    key: PublicKey = PublicKey(type="unknown", bits=0)
    signature: str = ""
    """Signature algorithm: `sha256WithRSAEncryption`, `ecdsa-with-SHA384`, …"""
    is_ca: bool = False
    self_issued: bool = False
    """Subject and issuer are the same name."""
    sha256: str
    """Of the DER, hexadecimal."""
    spki_sha256: str = ""
    """Of SubjectPublicKeyInfo, base64: what a pin names."""
    pem: str
    malformed: str = ""


class Negotiated(Struct, frozen=True, kw_only=True):
    """What the handshake that showed a chain agreed on."""

    version: str
    suite: str
    group: str | None = None
    alpn: str | None = None


class Trust(Struct, frozen=True, kw_only=True):
    """What one trust store says of a chain, whatever its dates and names."""

    trusted: bool | None
    """None: the store could not be read, or building the path took too long."""
    why: str = ""
    incomplete: bool = False
    """No path, because an issuer is neither served nor in the store."""


class Chain(Struct, frozen=True, kw_only=True):
    """One chain as served, leaf first."""

    key_type: str
    negotiated: Negotiated
    certificates: tuple[CertificateFacts, ...]
    trust: dict[str, Trust]
    proven: bool = False
    """The server proved possession of the leaf's key in this handshake (an authenticated TLS 1.3 handshake)."""


class Certificate(Observation, frozen=True, kw_only=True):
    """Every chain that could be had, and why one could not."""

    server_name: str | None
    """SNI sent; None: none was."""
    chains: tuple[Chain, ...]
    """At least one."""
    failures: dict[str, Failure] = field(default_factory=dict)
    """Key type → why it could not be asked. A key type in neither place was answered with a refusal."""
