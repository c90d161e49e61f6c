"""What a ClientHello offers, as a value, and its bytes (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2, RFC 6101 §5.6.1.2)."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from scanner.wire.tls_names import (
    EMPTY_RENEGOTIATION_INFO_SCSV,
    FALLBACK_SCSV,
    ContentType,
    Extension,
    HandshakeType,
    Version,
    cipher_suites,
)
from scanner.wire.tls_record import Record, encode_record

MODERN_GROUPS = (29, 23, 24, 25)
"""x25519, secp256r1, secp384r1, secp521r1: what every stack has heard of."""
CLASSICAL_GROUPS = (*MODERN_GROUPS, 30, 26, 27, 28, *range(1, 23), 256, 257, 258, 259, 260)
TLS13_GROUPS = (29, 23, 24, 25, 30, 256, 257, 258, 259, 260, 4588, 4587, 4589, 512, 513, 514)

SIGNATURE_SCHEMES = (
    *(0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B),  # RSA-PSS
    *(0x0403, 0x0503, 0x0603, 0x0807, 0x0808),  # ECDSA, EdDSA
    *(0x0401, 0x0501, 0x0601, 0x0301, 0x0303, 0x0302),  # PKCS #1, SHA-224
    *(0x0201, 0x0203, 0x0202, 0x0402, 0x0502, 0x0602),  # SHA-1, DSA
    *(0x081A, 0x081B, 0x081C, 0x0904, 0x0905, 0x0906),  # Brainpool, ML-DSA
)


@dataclass(frozen=True)
class Hello:
    """Everything a ClientHello offers: a question. Two equal hellos ask the same."""

    version: Version
    """The newest version offered, and the only one if it is TLS 1.3."""
    suites: tuple[int, ...]
    server_name: str | None = None
    groups: tuple[int, ...] = ()
    schemes: tuple[int, ...] = ()
    alpn: tuple[str, ...] = ()
    key_shares: tuple[int, ...] = ()
    """Groups with a key share; empty in TLS 1.3 asks for a HelloRetryRequest. Only x25519 (29) is known how to make."""

    def __str__(self) -> str:
        sni = f", SNI {self.server_name}" if self.server_name else ", no SNI"
        return f"ClientHello {self.version.label}, {len(self.suites)} suites, {len(self.groups)} groups{sni}"


def _vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width) + data


@lru_cache(maxsize=256)
def _codes(codes: tuple[int, ...]) -> bytes:
    return b"".join(code.to_bytes(2) for code in codes)


def _extensions(hello: Hello, random: bytes) -> list[tuple[int, bytes]]:
    found: list[tuple[int, bytes]] = []
    if hello.server_name:
        name = hello.server_name.encode("idna" if not hello.server_name.isascii() else "ascii")
        found.append((Extension.SERVER_NAME, _vector(b"\0" + _vector(name, 2), 2)))  # RFC 6066 §3
    if hello.groups:
        found.append((Extension.SUPPORTED_GROUPS, _vector(_codes(hello.groups), 2)))
    if hello.alpn:
        names = b"".join(_vector(name.encode("ascii"), 1) for name in hello.alpn)
        found.append((Extension.ALPN, _vector(names, 2)))  # RFC 7301 §3.1
    if hello.schemes:
        found.append((Extension.SIGNATURE_ALGORITHMS, _vector(_codes(hello.schemes), 2)))
    if hello.version is Version.TLSv1_3:
        found.append((Extension.SUPPORTED_VERSIONS, _vector(_codes((hello.version,)), 1)))
        # The first 32 bytes of randomness serve as an x25519 share: every string is a public key (RFC 7748 §6.1), and
        # nobody finishes this handshake.
        shares = b"".join(group.to_bytes(2) + _vector(random[:32], 2) for group in hello.key_shares)
        found.append((Extension.KEY_SHARE, _vector(shares, 2)))
    elif hello.groups:
        found.append((Extension.EC_POINT_FORMATS, _vector(b"\0", 1)))
        found.append((Extension.EXTENDED_MASTER_SECRET, b""))
    return found


def encode_hello(hello: Hello, random: bytes) -> bytes:
    """The ClientHello in one record. `random`: 64 bytes, for the random and the session ID.

    SSLv3 hellos carry no extensions. Raises ValueError for a server name that is no host name.
    """
    legacy = min(hello.version, Version.TLSv1_2)
    session_id = random[32:64] if hello.version is Version.TLSv1_3 else b""  # RFC 8446 appendix D.4
    body = legacy.to_bytes(2) + random[:32] + _vector(session_id, 1) + _vector(_codes(hello.suites), 2) + b"\x01\x00"
    if hello.version is not Version.SSLv3:
        extensions = b"".join(code.to_bytes(2) + _vector(data, 2) for code, data in _extensions(hello, random))
        body += _vector(extensions, 2)
    message = bytes([HandshakeType.CLIENT_HELLO]) + _vector(body, 3)
    # RFC 8446 §5.1: 0x0301 in the record layer of a first hello, for servers that compare it
    return encode_record(Record(ContentType.HANDSHAKE, min(legacy, Version.TLSv1_0), message))


_EVERYDAY = ("AES_", "CHACHA20", "3DES", "RC4_128", "CAMELLIA")
_UNUSUAL = (
    "_anon_",
    "_PSK_",
    "_SRP_",
    "_KRB5_",
    "_ECCPWD_",
    "NULL",
    "EXPORT",
    "_DH_RSA",
    "_DH_DSS",
    "_ECDH_",
    "DRAFT",
    "CCM",
    "GOST",
)
_BEFORE_TLS12 = re.compile(r"_(SHA|MD5|IMIT|GOSTR3411)$|_PSK_WITH_(NULL|\w+_CBC)_SHA(256|384)$")
"""Suites that TLS 1.1 and older can use: RFC 5246 §1.2 and the AEAD suites' RFCs need TLS 1.2, while PSK suites with a
newer HMAC do not (RFC 5487 §3, RFC 5489 §3, RFC 6367 §2.2)."""


@cache
def tls13_suites() -> tuple[int, ...]:
    """RFC 8446 §B.4 first, then the newer ones."""
    names = cipher_suites()
    known = (0x1301, 0x1302, 0x1303, 0x1304, 0x1305)
    return known + tuple(
        code for code, name in names.items() if "_WITH_" not in name and code not in (*known, *_SIGNALS)
    )


_RSA_KEY = re.compile(r"(?<!_DH)(?<!_ECDH)_RSA_WITH_|_RSA_FIPS_WITH_")
"""TLS_DH_RSA_… and TLS_ECDH_RSA_… have other keys: RSA is their issuer's (RFC 5246 §A.5, RFC 4492 §2.3)."""
_EC_KEY = re.compile(r"_ECDSA_WITH_|_ECDH_RSA_WITH_")

_SIGNALS = (EMPTY_RENEGOTIATION_INFO_SCSV, FALLBACK_SCSV)


@cache
def legacy_suites(version: Version) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Suites that `version` (up to TLS 1.2) can negotiate: what servers usually speak, and all the others.

    Two lists, because some servers choke on long hellos: the second is only sent when the first was declined. The first
    ends with the renegotiation signal (RFC 5746 §3.3).
    """
    usable = {
        code: name
        for code, name in cipher_suites().items()
        if "_WITH_" in name and (version is Version.TLSv1_2 or _BEFORE_TLS12.search(name))
    }
    everyday = tuple(
        code
        for code, name in usable.items()
        if any(x in name for x in _EVERYDAY) and not any(x in name for x in _UNUSUAL)
    )
    rest = tuple(code for code in usable if code not in everyday and code != 0)
    best_first = sorted(everyday, key=lambda code: _order(usable[code]))
    return (*best_first, EMPTY_RENEGOTIATION_INFO_SCSV), (*rest, EMPTY_RENEGOTIATION_INFO_SCSV)


def _order(name: str) -> tuple[bool, bool, bool]:
    """As a careful client would: elliptic curves, then forward secrecy, then authenticated encryption first."""
    return "_ECDHE_" not in name, "DHE_" not in name, "GCM" not in name and "POLY1305" not in name


@cache
def suites_by_key(version: Version, key_type: str) -> tuple[int, ...]:
    """Everyday and unusual suites of `version` whose server certificate has an `rsa` or an `ecdsa` (or EdDSA) key."""
    usual, rest = legacy_suites(version)
    key = _RSA_KEY if key_type == "rsa" else _EC_KEY
    names = cipher_suites()
    return tuple(code for code in (*usual[:-1], *rest[:-1]) if key.search(names[code]) and "EXPORT" not in names[code])
