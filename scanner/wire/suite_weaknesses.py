"""What is weak about a cipher suite, as far as its name tells (RFC 9325 §4.1, RFC 10015)."""

from functools import cache
from typing import Literal

from scanner.wire.tls_names import SSLV2_CIPHERS, cipher_suites

Weakness = Literal[
    "null", "anonymous", "export", "rc4", "des", "rc2", "md5", "3des", "idea", "static-rsa", "static-dh", "dhe", "cbc"
]
WEAKNESSES: dict[Weakness, str] = {
    "null": "no encryption",
    "anonymous": "no authentication",
    "export": "export keys of 40 or 56 bits",
    "rc4": "RC4",
    "des": "DES, or another key of fewer than 112 bits",
    "rc2": "RC2",
    "md5": "MD5",
    "3des": "3DES, fewer than 128 bits of strength",
    "idea": "IDEA, whose blocks have 64 bits",
    "static-rsa": "RSA key transport, without forward secrecy",
    "static-dh": "static Diffie-Hellman, without forward secrecy",
    "dhe": "finite-field Diffie-Hellman in TLS 1.2 or older",
    "cbc": "CBC with MAC-then-encrypt",
}
"""What each is, worst first."""
_INTEGRITY_ONLY = {"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"}
"""RFC 9150."""


@cache
def weaknesses(name: str) -> frozenset[str]:
    """The IDs that apply to a suite of this name; none of a name that says nothing."""
    exchange, with_, cipher = name.partition("_WITH_")
    if not with_:  # TLS 1.3 has authenticated encryption, but for the integrity-only suites
        return frozenset({"null"} if name in _INTEGRITY_ONLY else ())
    if name.startswith("SSL_CK_"):  # SSL_CK_DES_64_CBC_WITH_MD5: the key travels under the server's RSA key
        exchange, cipher = "TLS_RSA", f"{exchange.removeprefix('SSL_CK_')}_{cipher}"
    found = {
        "null": cipher.startswith("NULL"),
        "anonymous": "_anon" in exchange or exchange == "TLS_NULL",
        "export": "EXPORT" in name,
        "rc4": cipher.startswith("RC4"),
        "des": cipher.startswith(("DES_", "DES40", "RC4_64")) and "EDE3" not in cipher,
        "rc2": cipher.startswith("RC2"),
        "md5": cipher.endswith("MD5"),
        "3des": cipher.startswith("3DES") or "EDE3" in cipher,
        "idea": cipher.startswith("IDEA"),
        "static-rsa": exchange.startswith(("TLS_RSA", "SSL_RSA_FIPS")),
        # GOST suites agree on a key with that of the certificate as well (RFC 9189)
        "static-dh": exchange.startswith(("TLS_DH_RSA", "TLS_DH_DSS", "TLS_ECDH_RSA", "TLS_ECDH_ECDSA", "TLS_GOSTR")),
        "dhe": "_DHE_" in f"{exchange}_" or "_DH_anon" in exchange,
        "cbc": "_CBC_" in cipher,
    }
    return frozenset(kind for kind, applies in found.items() if applies)


@cache
def suites_with(kinds: frozenset[str]) -> frozenset[str]:
    """Names of all suites that have one of these weaknesses."""
    names = (*cipher_suites().values(), *SSLV2_CIPHERS.values())
    return frozenset(name for name in names if weaknesses(name) & kinds)
