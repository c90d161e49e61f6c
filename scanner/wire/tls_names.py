"""Numbers and names of TLS.

The three registries are the IANA "TLS Cipher Suites", "TLS Supported Groups" and "TLS SignatureScheme" as of 2026-01,
kept as CSV beside this module.
"""

from enum import IntEnum
from functools import cache
from importlib import resources


class Version(IntEnum):
    """Protocol versions by their code on the wire (RFC 6101 to RFC 8446: ProtocolVersion)."""

    SSLv3 = 0x0300
    TLSv1_0 = 0x0301
    TLSv1_1 = 0x0302
    TLSv1_2 = 0x0303
    TLSv1_3 = 0x0304

    @property
    def label(self) -> str:
        """The name used in reports: `TLSv1.2`."""
        return self.name.replace("_", ".")


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
    CERTIFICATE = 11
    SERVER_KEY_EXCHANGE = 12
    SERVER_HELLO_DONE = 14


class Extension(IntEnum):
    """IANA "TLS ExtensionType Values"; the ones this scanner sends or reads."""

    SERVER_NAME = 0
    SUPPORTED_GROUPS = 10
    EC_POINT_FORMATS = 11
    SIGNATURE_ALGORITHMS = 13
    ALPN = 16
    ENCRYPT_THEN_MAC = 22
    EXTENDED_MASTER_SECRET = 23
    SUPPORTED_VERSIONS = 43
    KEY_SHARE = 51


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
    0x0080: "TLS_GOSTR341094_WITH_28147_CNT_IMIT",
    0x0081: "TLS_GOSTR341001_WITH_28147_CNT_IMIT",
    0x0082: "TLS_GOSTR341094_WITH_NULL_GOSTR3411",
    0x0083: "TLS_GOSTR341001_WITH_NULL_GOSTR3411",
    0xCC13: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256_DRAFT",
    0xCC14: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256_DRAFT",
    0xCC15: "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256_DRAFT",
    0xFEFE: "SSL_RSA_FIPS_WITH_DES_CBC_SHA",
    0xFEFF: "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA",
    0xFF85: "TLS_GOSTR341112_256_WITH_28147_CNT_IMIT",
}
"""Never registered, still spoken."""


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
    return _registry("groups")


@cache
def signature_schemes() -> dict[int, str]:
    """Code point → name."""
    return _registry("signature_schemes")


def suite_name(code: int) -> str:
    """`TLS_AES_128_GCM_SHA256`, or `0x1234` for a code point without a name."""
    return cipher_suites().get(code, f"0x{code:04X}")


def group_name(code: int) -> str:
    """`x25519`, or `0x1234` for a code point without a name."""
    return groups().get(code, f"0x{code:04X}")


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
