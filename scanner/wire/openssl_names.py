"""What OpenSSL calls suites, groups and signature schemes: for commands that reproduce an answer."""

import re

from scanner.wire.tls_names import group_name, scheme_name, suite_name

_KEY_EXCHANGE = {
    "RSA": "",
    "DH_anon": "ADH",
    "ECDH_anon": "AECDH",
    "PSK_DHE": "DHE-PSK",
    "RSA_EXPORT": "EXP",
    "DHE_RSA_EXPORT": "EXP-DHE-RSA",
    "DHE_DSS_EXPORT": "EXP-DHE-DSS",
    "DH_anon_EXPORT": "EXP-ADH",
    "SRP_SHA": "SRP",
    "SRP_SHA_RSA": "SRP-RSA",
    "SRP_SHA_DSS": "SRP-DSS",
}
_CIPHER = (
    (r"3DES_EDE_CBC", "DES-CBC3"),
    (r"DES40_CBC|DES_CBC", "DES-CBC"),
    (r"IDEA_CBC", "IDEA-CBC"),
    (r"RC2_CBC_40", "RC2-CBC"),
    (r"RC4_(128|40)", "RC4"),
    (r"CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305"),
    (r"CCM_8", "CCM8"),
)


def openssl_suite(code: int) -> str:
    """`ECDHE-RSA-AES128-GCM-SHA256`; TLS 1.3's keep their IANA names."""
    exchange, with_, cipher = suite_name(code).removeprefix("TLS_").partition("_WITH_")
    if not with_:
        return suite_name(code)
    first = _KEY_EXCHANGE.get(exchange, exchange.replace("_", "-"))
    if "ARIA" in cipher and exchange == "ECDHE_RSA":
        first = "ECDHE"
    for pattern, name in _CIPHER:
        cipher = re.sub(pattern, name, cipher)
    if "SRP" not in exchange:
        cipher = re.sub(r"(AES|CAMELLIA|ARIA)_(128|256)", r"\1\2", cipher)
        kept = "CAMELLIA" if "PSK" in exchange else "AES|CAMELLIA|ARIA"
        cipher = re.sub(rf"(({kept})\d+|SEED)_CBC", r"\1", cipher)
    return "-".join(part for part in (first, cipher.replace("_", "-")) if part)


_GROUPS = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "x25519": "X25519", "x448": "X448"}


def openssl_group(code: int) -> str:
    """`P-256`, `X25519`; others keep their IANA names."""
    return _GROUPS.get(group_name(code), group_name(code))


def openssl_scheme(code: int) -> str:
    """`rsa_pss_rsae_sha256`, or `RSA+SHA224` where the registry of TLS 1.3 has no name."""
    name = scheme_name(code)
    if name in {"rsa_pkcs1_sha1", "ecdsa_sha1"} or name.startswith("dsa_") or name.endswith("sha224"):
        return f"{name.partition('_')[0].upper()}+{name.rpartition('_')[2].upper()}"
    return name
