"""mbedTLS 2.28 (lighttpd): TLS 1.0 to 1.2, one suite alone, and a list with suites whose ciphers it lacks.

Its table allows two Camellia suites of TLS 1.2 from TLS 1.0 on. lighttpd tells it of ARIA and NULL suites that the
distribution's build cannot do: a client that offers one of these, and nothing above it, is hung up on without an alert.
"""

from tests.servers.certificates import CertificateSpec
from tests.servers.harness import Listener
from tests.servers.stacks.lighttpd import configuration

RSA = CertificateSpec(key_encipherment=True)
OLD = frozenset({"TLSv1.0", "TLSv1.1", "TLSv1.2"})


def _with(exchange: str, *ciphers: str) -> tuple[str, ...]:
    return tuple(f"TLS_{exchange}_WITH_{cipher}" for cipher in ciphers)


_EVERYWHERE = ("3DES_EDE_CBC_SHA", "AES_128_CBC_SHA", "AES_256_CBC_SHA")
_CAMELLIA = ("CAMELLIA_128_CBC_SHA", "CAMELLIA_256_CBC_SHA")
_AEAD = ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CAMELLIA_128_GCM_SHA256", "CAMELLIA_256_GCM_SHA384")
_CHACHA = "CHACHA20_POLY1305_SHA256"
_CCM = ("AES_128_CCM", "AES_256_CCM", "AES_128_CCM_8", "AES_256_CCM_8")
_SHA256 = ("AES_128_CBC_SHA256", "AES_256_CBC_SHA256", "CAMELLIA_128_CBC_SHA256", "CAMELLIA_256_CBC_SHA256")
TLS_1_0 = (
    *_with("ECDHE_RSA", *_EVERYWHERE, "CAMELLIA_128_CBC_SHA256", "CAMELLIA_256_CBC_SHA384"),
    *_with("DHE_RSA", *_EVERYWHERE, *_CAMELLIA),
    *_with("RSA", *_EVERYWHERE, *_CAMELLIA),
)
TLS_1_2 = (
    *TLS_1_0,
    *_with("ECDHE_RSA", *_AEAD, _CHACHA, "AES_128_CBC_SHA256", "AES_256_CBC_SHA384"),
    *_with("DHE_RSA", *_AEAD, _CHACHA, *_SHA256, *_CCM),
    *_with("RSA", *_AEAD, *_SHA256, *_CCM),
)
SUITES = {"TLSv1.0": TLS_1_0, "TLSv1.1": TLS_1_0, "TLSv1.2": TLS_1_2}

CONFIGURATIONS = (
    configuration(
        "mbedtls",
        "old",
        Listener(versions=OLD, certificates=(RSA,), suites=SUITES),
        {"MinProtocol": "TLSv1.0", "CipherString": "AES:CAMELLIA:3DES:CHACHA20"},
    ),
    configuration(
        "mbedtls",
        "hangs-up",  # it selects ARIA or NULL suites, cannot do them, and closes: others may be hidden behind them
        Listener(versions=OLD, certificates=(RSA,), suites=SUITES, undecided=frozenset({"suites"})),
        {"MinProtocol": "TLSv1.0", "CipherString": "AES:CAMELLIA:ARIA:3DES:CHACHA20:eNULL"},
    ),
    configuration(
        "mbedtls",
        "one-suite",
        Listener(
            versions=frozenset({"TLSv1.2"}),
            certificates=(RSA,),
            suites={"TLSv1.2": ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",)},
            groups={"TLSv1.2": ("secp384r1", "secp256r1")},
        ),
        {
            "MinProtocol": "TLSv1.2",
            "CipherString": "TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384",
            "Groups": "secp384r1:secp256r1",
        },
    ),
)
