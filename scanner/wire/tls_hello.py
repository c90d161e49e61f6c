"""What a ClientHello offers, as a value, and its bytes (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2, RFC 6101 §5.6.1.2).

A question is the same for every server that it is put to: the name for SNI, the randomness and the key shares are added
when it is sent, the rest of the bytes is a template that is made once.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from scanner.wire.tls_names import ContentType, Extension, HandshakeType, Version
from scanner.wire.tls_record import Record, encode_record

MODERN_GROUPS = (29, 23, 24, 25)
"""x25519, secp256r1, secp384r1, secp521r1: what every stack has heard of."""
CLASSICAL_GROUPS = (*MODERN_GROUPS, 30, 26, 27, 28, *range(1, 23), 256, 257, 258, 259, 260)
TLS13_GROUPS = (
    *(29, 23, 24, 25, 30, 256, 257, 258, 259, 260),
    *(4588, 4587, 4589, 512, 513, 514, 0x6399, 0x639A, 0xFE30, 0xFE31, 0xFE32),  # post-quantum, drafts last
    *(31, 32, 33, 41, *range(34, 41)),  # Brainpool for TLS 1.3, SM2, GOST
)

SIGNATURE_SCHEMES = (
    *(0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B),  # RSA-PSS
    *(0x0403, 0x0503, 0x0603, 0x0807, 0x0808),  # ECDSA, EdDSA
    *(0x0401, 0x0501, 0x0601, 0x0301, 0x0303, 0x0302),  # PKCS #1, SHA-224
    *(0x0201, 0x0203, 0x0202, 0x0402, 0x0502, 0x0602),  # SHA-1, DSA
    *(0x081A, 0x081B, 0x081C, 0x0904, 0x0905, 0x0906),  # Brainpool, ML-DSA
)
TLS13_SCHEMES = (*SIGNATURE_SCHEMES[:14], *SIGNATURE_SCHEMES[-6:])

CHAIN_SCHEMES = (
    Extension.SIGNATURE_ALGORITHMS_CERT,
    (2 * len(SIGNATURE_SCHEMES)).to_bytes(2) + struct.pack(f">{len(SIGNATURE_SCHEMES)}H", *SIGNATURE_SCHEMES),
)
"""Whatever the handshake is signed with, the chain may be signed as it likes (RFC 8446 §4.2.3)."""

OBSERVED = (
    (Extension.STATUS_REQUEST, b"\x01\0\0\0\0"),  # RFC 6066 §8
    (Extension.SIGNED_CERTIFICATE_TIMESTAMP, b""),  # RFC 6962 §3.3.1
    (Extension.ENCRYPT_THEN_MAC, b""),  # RFC 7366
    (Extension.SESSION_TICKET, b""),  # RFC 5077 §3.2
    (Extension.HEARTBEAT, b"\x01"),  # RFC 6520 §2
)
"""Extensions that cost nothing to offer: whether the server answers them is a fact of its own."""

LONG = 512
"""Bytes of a ClientHello: some load balancers hang on one of 256 to 511 (RFC 7685 §1)."""


@dataclass(frozen=True)
class Hello:
    """Everything a ClientHello offers: a question. Two equal hellos ask the same."""

    version: Version
    """The newest version offered, and the only one if it is TLS 1.3."""
    suites: tuple[int, ...]
    groups: tuple[int, ...] = ()
    schemes: tuple[int, ...] = ()
    alpn: tuple[str, ...] = ()
    key_shares: tuple[int, ...] = ()
    """Groups with a key share; empty in TLS 1.3 asks for a HelloRetryRequest."""
    extensions: tuple[tuple[int, bytes], ...] = ()
    """Further ones, as they go over the wire."""
    compressions: tuple[int, ...] = (0,)
    versions: tuple[int, ...] = ()
    """supported_versions, where it is to be other than `version` alone."""
    legacy_version: int | None = None
    """client_version, where it is to be other than `version` or, from TLS 1.3 on, TLS 1.2."""
    session_id: bytes = b""
    """Of the session to resume."""
    padded: bool = False
    """Whether a length of 256 to 511 bytes is avoided (RFC 7685)."""

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        fields = (self.version, self.suites, self.groups, self.schemes, self.alpn, self.key_shares, self.extensions)
        return hash((*fields, self.compressions, self.versions, self.legacy_version, self.session_id, self.padded))

    @cached_property
    def client_version(self) -> int:
        """What goes into legacy_version."""
        return min(self.version, Version.TLSv1_2) if self.legacy_version is None else self.legacy_version

    @cached_property
    def offered_versions(self) -> frozenset[int]:
        """What the server may select: in supported_versions, or up to legacy_version where there is none.

        TLS 1.3 is never selected without supported_versions (RFC 8446 §4.2.1), SSL 2.0 never in a TLS record.
        """
        newest = min(self.client_version, Version.TLSv1_2)
        listed = _supported_versions(self)
        return frozenset(listed or (version for version in Version if Version.SSLv3 <= version <= newest))

    @cached_property
    def template(self) -> tuple[bytes, bytes]:
        """Suites and compression; extensions that are the same whoever is asked."""
        offer = _vector(_codes(self.suites), 2) + _vector(bytes(self.compressions), 1)
        listed = b"".join(_extension(code, data) for code, data in _extensions(self))
        return offer, listed

    def __str__(self) -> str:
        shares = f", key shares {len(self.key_shares)}" if self.key_shares else ""
        return f"ClientHello {self.version.label}, {len(self.suites)} suites, {len(self.groups)} groups{shares}"


def _vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width) + data


def _codes(codes: tuple[int, ...]) -> bytes:
    return struct.pack(f">{len(codes)}H", *codes)


def _extension(code: int, data: bytes) -> bytes:
    return code.to_bytes(2) + _vector(data, 2)


def _supported_versions(hello: Hello) -> tuple[int, ...]:
    return hello.versions or ((hello.version,) if hello.version is Version.TLSv1_3 else ())


def _extensions(hello: Hello) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    if hello.groups:
        found.append((Extension.SUPPORTED_GROUPS, _vector(_codes(hello.groups), 2)))
    if hello.alpn:
        names = b"".join(_vector(name.encode("ascii"), 1) for name in hello.alpn)
        found.append((Extension.ALPN, _vector(names, 2)))  # RFC 7301 §3.1
    if hello.schemes:
        found.append((Extension.SIGNATURE_ALGORITHMS, _vector(_codes(hello.schemes), 2)))
    if versions := _supported_versions(hello):
        found.append((Extension.SUPPORTED_VERSIONS, _vector(_codes(versions), 1)))
    elif hello.groups:
        found.append((Extension.EC_POINT_FORMATS, _vector(b"\0", 1)))
        found.append((Extension.EXTENDED_MASTER_SECRET, b""))
    return [*found, *hello.extensions]


def _server_name(name: str) -> bytes:
    """RFC 6066 §3."""
    encoded = name.encode("ascii" if name.isascii() else "idna")
    return _extension(Extension.SERVER_NAME, _vector(b"\0" + _vector(encoded, 2), 2))


def encode_message(
    hello: Hello, random: bytes, server_name: str | None = None, shares: Mapping[int, bytes] | None = None
) -> bytes:
    """The ClientHello message, without a record around it.

    random: 64 bytes, for the random and the session ID; shares: public keys by group, for `hello.key_shares`. SSLv3
    hellos carry no extensions. Raises ValueError for a server name that is no host name.
    """
    offer, extensions = hello.template
    session_id = random[32:64] if hello.version is Version.TLSv1_3 else hello.session_id  # RFC 8446 appendix D.4
    body = hello.client_version.to_bytes(2) + random[:32] + _vector(session_id, 1) + offer
    if hello.version is not Version.SSLv3:
        if server_name:
            extensions = _server_name(server_name) + extensions
        if hello.version is Version.TLSv1_3:
            keys = b"".join(group.to_bytes(2) + _vector((shares or {})[group], 2) for group in hello.key_shares)
            extensions += _extension(Extension.KEY_SHARE, _vector(keys, 2))
        length = 4 + len(body) + 2 + len(extensions)
        if hello.padded and LONG // 2 <= length < LONG:
            extensions += _extension(Extension.PADDING, bytes(max(LONG - length - 4, 0)))
        body += _vector(extensions, 2)
    return bytes([HandshakeType.CLIENT_HELLO]) + _vector(body, 3)


def encode_hello(hello: Hello, random: bytes, server_name: str | None = None) -> bytes:
    """`encode_message` in one record. A key share is made of the random: every string of 32 bytes is an x25519 public
    key (RFC 7748 §6.1), and nobody finishes this handshake. Raises KeyError for shares of another group."""
    # no honest key has the top bit: receivers have to mask it (RFC 7748 §5), but wolfSSL hangs up
    share = random[:31] + bytes([random[31] & 0x7F])
    return in_record(hello, encode_message(hello, random, server_name, {29: share}))


def in_record(hello: Hello, message: bytes) -> bytes:
    """A ClientHello message in its record. RFC 8446 §5.1: 0x0301 in that of a first hello, for servers that compare."""
    return encode_record(Record(ContentType.HANDSHAKE, min(hello.client_version, Version.TLSv1_0), message))
