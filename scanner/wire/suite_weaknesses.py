"""What is weak about a cipher suite, as far as its IANA name tells (RFC 9325 §4.1, RFC 10015)."""

from functools import cache

from scanner.wire.tls_names import SSLV2_CIPHERS, cipher_suites

WEAKNESSES = {
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
"""ID → what it is."""


@cache
def weaknesses(name: str) -> frozenset[str]:
    """The IDs that apply to a suite of this name; none of a name that says nothing."""
    exchange, with_, cipher = name.partition("_WITH_")
    if not with_:  # TLS 1.3: authenticated encryption, but for the integrity-only suites of RFC 9150
        return frozenset({"null"}) if name in {"TLS_SHA256_SHA256", "TLS_SHA384_SHA384"} else frozenset()
    found = {
        "null": cipher.startswith("NULL"),
        "anonymous": "_anon" in exchange or exchange == "TLS_NULL",
        "export": "EXPORT" in name,
        "rc4": cipher.startswith("RC4"),
        "des": cipher.startswith(("DES_", "DES40")) and "EDE3" not in cipher,
        "rc2": cipher.startswith("RC2"),
        "md5": cipher.endswith("MD5"),
        "3des": cipher.startswith("3DES") or "EDE3" in cipher,
        "idea": cipher.startswith("IDEA"),
        "static-rsa": exchange in {"TLS_RSA", "TLS_RSA_EXPORT", "TLS_RSA_PSK", "SSL_RSA_FIPS", "TLS_RSA_EXPORT1024"},
        "static-dh": exchange.startswith(("TLS_DH_RSA", "TLS_DH_DSS", "TLS_ECDH_RSA", "TLS_ECDH_ECDSA")),
        "dhe": "_DHE_" in f"{exchange}_" or "_DH_anon" in exchange,
        "cbc": "_CBC_" in cipher,
    }
    return frozenset(kind for kind, applies in found.items() if applies)


@cache
def suites_with(kinds: frozenset[str]) -> frozenset[str]:
    """Names of all suites that have one of these weaknesses."""
    names = (*cipher_suites().values(), *SSLV2_CIPHERS.values())
    return frozenset(name for name in names if weaknesses(name) & kinds)
