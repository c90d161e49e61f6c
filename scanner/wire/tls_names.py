"""Numbers and names of TLS.

The three registries are the IANA "TLS Cipher Suites", "TLS Supported Groups" and "TLS SignatureScheme" as of 2026-01,
kept as CSV beside this module.
"""

from enum import IntEnum
from functools import cache
from importlib import resources


class Version(IntEnum):
    """Protocol versions by their code on the wire (RFC 6101 to RFC 8446: ProtocolVersion)."""

    SSLv2 = 0x0002
    SSLv3 = 0x0300
    TLSv1_0 = 0x0301
    TLSv1_1 = 0x0302
    TLSv1_2 = 0x0303
    TLSv1_3 = 0x0304

    @property
    def label(self) -> str:
        """The name used in reports: `TLSv1.2`."""
        return _LABELS[self]


_LABELS = {version: version.name.replace("_", ".") for version in Version}


class ContentType(IntEnum):
    """RFC 8446 §5.1."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23


class HandshakeType(IntEnum):
    """RFC 8446 §4, RFC 5246 §7.4; the ones this scanner sends or reads."""

    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    NEW_SESSION_TICKET = 4
    END_OF_EARLY_DATA = 5
    ENCRYPTED_EXTENSIONS = 8
    CERTIFICATE = 11
    SERVER_KEY_EXCHANGE = 12
    CERTIFICATE_REQUEST = 13
    SERVER_HELLO_DONE = 14
    CERTIFICATE_VERIFY = 15
    FINISHED = 20
    CERTIFICATE_STATUS = 22
    KEY_UPDATE = 24


class Extension(IntEnum):
    """IANA "TLS ExtensionType Values"; the ones this scanner sends or reads."""

    SERVER_NAME = 0
    STATUS_REQUEST = 5
    SUPPORTED_GROUPS = 10
    EC_POINT_FORMATS = 11
    SIGNATURE_ALGORITHMS = 13
    HEARTBEAT = 15
    ALPN = 16
    SIGNED_CERTIFICATE_TIMESTAMP = 18
    PADDING = 21
    ENCRYPT_THEN_MAC = 22
    EXTENDED_MASTER_SECRET = 23
    SESSION_TICKET = 35
    PRE_SHARED_KEY = 41
    EARLY_DATA = 42
    SUPPORTED_VERSIONS = 43
    PSK_KEY_EXCHANGE_MODES = 45
    CERTIFICATE_AUTHORITIES = 47
    SIGNATURE_ALGORITHMS_CERT = 50
    KEY_SHARE = 51
    RENEGOTIATION_INFO = 0xFF01


class Alert(IntEnum):
    """IANA "TLS Alerts" (RFC 8446 §6 and predecessors)."""

    CLOSE_NOTIFY = 0
    UNEXPECTED_MESSAGE = 10
    BAD_RECORD_MAC = 20
    DECRYPTION_FAILED = 21
    RECORD_OVERFLOW = 22
    DECOMPRESSION_FAILURE = 30
    HANDSHAKE_FAILURE = 40
    NO_CERTIFICATE = 41
    BAD_CERTIFICATE = 42
    UNSUPPORTED_CERTIFICATE = 43
    CERTIFICATE_REVOKED = 44
    CERTIFICATE_EXPIRED = 45
    CERTIFICATE_UNKNOWN = 46
    ILLEGAL_PARAMETER = 47
    UNKNOWN_CA = 48
    ACCESS_DENIED = 49
    DECODE_ERROR = 50
    DECRYPT_ERROR = 51
    TOO_MANY_CIDS_REQUESTED = 52
    EXPORT_RESTRICTION = 60
    PROTOCOL_VERSION = 70
    INSUFFICIENT_SECURITY = 71
    INTERNAL_ERROR = 80
    INAPPROPRIATE_FALLBACK = 86
    USER_CANCELED = 90
    NO_RENEGOTIATION = 100
    MISSING_EXTENSION = 109
    UNSUPPORTED_EXTENSION = 110
    CERTIFICATE_UNOBTAINABLE = 111
    UNRECOGNIZED_NAME = 112
    BAD_CERTIFICATE_STATUS_RESPONSE = 113
    BAD_CERTIFICATE_HASH_VALUE = 114
    UNKNOWN_PSK_IDENTITY = 115
    CERTIFICATE_REQUIRED = 116
    GENERAL_ERROR = 117
    NO_APPLICATION_PROTOCOL = 120
    ECH_REQUIRED = 121


EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF
FALLBACK_SCSV = 0x5600

_PRE_STANDARD = {
    0x0060: "TLS_RSA_EXPORT1024_WITH_RC4_56_MD5",
    0x0061: "TLS_RSA_EXPORT1024_WITH_RC2_CBC_56_MD5",
    0x0062: "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA",
    0x0063: "TLS_DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA",
    0x0064: "TLS_RSA_EXPORT1024_WITH_RC4_56_SHA",
    0x0065: "TLS_DHE_DSS_EXPORT1024_WITH_RC4_56_SHA",
    0x0066: "TLS_DHE_DSS_WITH_RC4_128_SHA",
    0x0080: "TLS_GOSTR341094_WITH_28147_CNT_IMIT",
    0x0081: "TLS_GOSTR341001_WITH_28147_CNT_IMIT",
    0x0082: "TLS_GOSTR341094_WITH_NULL_GOSTR3411",
    0x0083: "TLS_GOSTR341001_WITH_NULL_GOSTR3411",
    0xCC13: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_DRAFT",
    0xCC14: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256_DRAFT",
    0xCC15: "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256_DRAFT",
    0xFEFE: "SSL_RSA_FIPS_WITH_DES_CBC_SHA",
    0xFEFF: "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA",
    0xFF00: "TLS_GOSTR341094_RSA_WITH_28147_CNT_MD5",
    0xFF01: "TLS_RSA_WITH_28147_CNT_GOST94",
    0xFF02: "TLS_RSA_WITH_28147_CNT_GOST89MAC",
    0xFF03: "TLS_RSA_WITH_28147_CNT_GOST89STREAM",
    0xFF85: "TLS_GOSTR341112_256_WITH_28147_CNT_IMIT",
    0xFF87: "TLS_GOSTR341112_256_WITH_NULL_GOSTR3411",
    0xFFE0: "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA_2",
    0xFFE1: "SSL_RSA_FIPS_WITH_DES_CBC_SHA_2",
}
"""Never registered, still spoken: EXPORT1024 (draft-ietf-tls-56-bit-ciphersuites), ChaCha20, GOST, Netscape's."""

SSLV2_CIPHERS = {
    0x010080: "SSL_CK_RC4_128_WITH_MD5",
    0x020080: "SSL_CK_RC4_128_EXPORT40_WITH_MD5",
    0x030080: "SSL_CK_RC2_128_CBC_WITH_MD5",
    0x040080: "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5",
    0x050080: "SSL_CK_IDEA_128_CBC_WITH_MD5",
    0x060040: "SSL_CK_DES_64_CBC_WITH_MD5",
    0x060140: "SSL_CK_DES_64_CBC_WITH_SHA",
    0x0700C0: "SSL_CK_DES_192_EDE3_CBC_WITH_MD5",
    0x0701C0: "SSL_CK_DES_192_EDE3_CBC_WITH_SHA",
    0x080080: "SSL_CK_RC4_64_WITH_MD5",
}
"""CIPHER-KINDs of SSL 2.0 (The SSL Protocol, 1995, §C.2), and those of SSLeay."""

_DRAFT_GROUPS = {0xFE30: "X25519Kyber512Draft00", 0xFE31: "X25519Kyber768Draft00Old", 0xFE32: "P256Kyber768Draft00"}
"""From the experiments before ML-KEM (draft-tls-westerbaan-xyber768d00 and its forerunners)."""

_DRAFT_SCHEMES = {
    0x0202: "dsa_sha1",
    0x0101: "rsa_pkcs1_md5",
    **{(code << 8) + 2: f"dsa_{name}" for code, name in ((3, "sha224"), (4, "sha256"), (5, "sha384"), (6, "sha512"))},
    0x0301: "rsa_pkcs1_sha224",
    0x0303: "ecdsa_sha224",
}
"""SignatureAndHashAlgorithm pairs of TLS 1.2 (RFC 5246 §7.4.1.4.1) that TLS 1.3 has no name for."""


def _registry(name: str) -> dict[int, str]:
    text = resources.files("scanner.wire").joinpath(f"iana_{name}.csv").read_text("ascii")
    rows = (line.split(",") for line in text.splitlines()[1:])
    return {int(code, 16): label for code, label in rows}


@cache
def cipher_suites() -> dict[int, str]:
    """Code point → name, signalling values (SCSV) included."""
    return _registry("cipher_suites") | _PRE_STANDARD


@cache
def groups() -> dict[int, str]:
    """Code point → name."""
    return _registry("groups") | _DRAFT_GROUPS


@cache
def signature_schemes() -> dict[int, str]:
    """Code point → name."""
    return _registry("signature_schemes") | _DRAFT_SCHEMES


def suite_name(code: int) -> str:
    """`TLS_AES_128_GCM_SHA256`, or `0x1234` for a code point without a name."""
    return cipher_suites().get(code, f"0x{code:04X}")


def group_name(code: int) -> str:
    """`x25519`, or `0x1234` for a code point without a name."""
    return groups().get(code, f"0x{code:04X}")


def scheme_name(code: int) -> str:
    """`rsa_pss_rsae_sha256`, or `0x1234` for a code point without a name."""
    return signature_schemes().get(code, f"0x{code:04X}")


def alert_name(code: int) -> str:
    """`handshake_failure (40)`."""
    try:
        return f"{Alert(code).name.lower()} ({code})"
    except ValueError:
        return f"unassigned ({code})"


def version_name(code: int) -> str:
    """`TLSv1.2`, or `0x0305` for a code point without a name."""
    try:
        return Version(code).label
    except ValueError:
        return f"0x{code:04X}"
