"""Which suites and groups other people's clients can offer, and by which of OpenSSL's names.

OpenSSL 3.0's own table (`openssl ciphers -stdname`) names what it has; what only OpenSSL 1.0.2 (nassl) still has is
named by the rule its names follow. Suites with a pre-shared key or SRP are left out: no server here has one.
"""

import subprocess
from functools import cache

from nassl.legacy_ssl_client import LegacySslClient
from nassl.ssl_client import OpenSslVerifyEnum, OpenSslVersionEnum

from tests.servers.stacks.installed import NODE

EVERYTHING = "ALL:COMPLEMENTOFALL"
VERSIONS = ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")
SSL2 = {
    "SSL_CK_RC4_128_WITH_MD5": "RC4-MD5",
    "SSL_CK_RC4_128_EXPORT40_WITH_MD5": "EXP-RC4-MD5",
    "SSL_CK_RC2_128_CBC_WITH_MD5": "RC2-CBC-MD5",
    "SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5": "EXP-RC2-CBC-MD5",
    "SSL_CK_IDEA_128_CBC_WITH_MD5": "IDEA-CBC-MD5",
    "SSL_CK_DES_64_CBC_WITH_MD5": "DES-CBC-MD5",
    "SSL_CK_DES_192_EDE3_CBC_WITH_MD5": "DES-CBC3-MD5",
}
SUITES_1_3 = (
    *("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"),
    *("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"),
)
_KEY_EXCHANGE = {
    "ECDHE-RSA": "ECDHE_RSA",
    "ECDHE-ECDSA": "ECDHE_ECDSA",
    "EDH-RSA": "DHE_RSA",
    "EDH-DSS": "DHE_DSS",
    "DHE-RSA": "DHE_RSA",
    "DHE-DSS": "DHE_DSS",
    "ADH": "DH_anon",
    "AECDH": "ECDH_anon",
    "DH-RSA": "DH_RSA",
    "DH-DSS": "DH_DSS",
    "ECDH-RSA": "ECDH_RSA",
    "ECDH-ECDSA": "ECDH_ECDSA",
}
_CIPHER = {
    "AES128": "AES_128_CBC",
    "AES256": "AES_256_CBC",
    "AES128-GCM": "AES_128_GCM",
    "AES256-GCM": "AES_256_GCM",
    "CAMELLIA128": "CAMELLIA_128_CBC",
    "CAMELLIA256": "CAMELLIA_256_CBC",
    "SEED": "SEED_CBC",
    "IDEA-CBC": "IDEA_CBC",
    "RC4": "RC4_128",
    "DES-CBC": "DES_CBC",
    "DES-CBC3": "3DES_EDE_CBC",
    "NULL": "NULL",
}
_EXPORT_CIPHER = {"RC4": "RC4_40", "DES-CBC": "DES40_CBC", "RC2-CBC": "RC2_CBC_40"}
ECDHE_GROUPS = (
    *("x25519", "x448", "secp256r1", "secp384r1", "secp521r1"),
    *("secp160k1", "secp160r1", "secp160r2", "secp192k1", "secp192r1", "secp224k1", "secp224r1", "secp256k1"),
    *("sect163k1", "sect163r1", "sect163r2", "sect193r1", "sect193r2", "sect233k1", "sect233r1", "sect239k1"),
    *("sect283k1", "sect283r1", "sect409k1", "sect409r1", "sect571k1", "sect571r1"),
    *("brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"),
)
FFDHE_GROUPS = ("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192")
NEW_GROUPS = (
    *("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "MLKEM512", "MLKEM768", "MLKEM1024"),
    *("brainpoolP256r1tls13", "brainpoolP384r1tls13", "brainpoolP512r1tls13"),
)
"""Of TLS 1.3. Only OpenSSL 3.5 has these."""
_CURVES_OF_TLS_1_3 = ECDHE_GROUPS[:5]  # RFC 8446 §4.2.7


def registered(openssl_name: str) -> str:
    """IANA name of what OpenSSL 1.0.2 calls so: `EXP-EDH-RSA-DES-CBC-SHA` → TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA."""
    export = openssl_name.startswith("EXP-")
    rest, _, mac = openssl_name.removeprefix("EXP-").rpartition("-")
    prefix = max((one for one in _KEY_EXCHANGE if rest.startswith(f"{one}-")), key=len, default="")
    cipher = rest.removeprefix(f"{prefix}-")
    exchange = _KEY_EXCHANGE.get(prefix, "RSA") + ("_EXPORT" if export else "")
    return f"TLS_{exchange}_WITH_{(_EXPORT_CIPHER if export else _CIPHER)[cipher]}_{mac}"


@cache
def of_s_client() -> dict[str, tuple[str, str]]:
    """IANA name → OpenSSL 3.0's name, and the version it came with."""
    command = ["openssl", "ciphers", "-stdname", f"{EVERYTHING}:@SECLEVEL=0"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return {row[0]: (row[2], row[3]) for row in rows if "PSK" not in row[0] and "SRP" not in row[0]}


@cache
def of_nassl() -> dict[str, str]:
    """IANA name → OpenSSL 1.0.2's name, SSLv3 to TLS 1.2."""
    client = LegacySslClient(ssl_version=OpenSslVersionEnum.SSLV23, ssl_verify=OpenSslVerifyEnum.NONE)
    client.set_cipher_list(EVERYTHING)
    only_ssl2 = {"IDEA-CBC-MD5", "RC2-CBC-MD5", "DES-CBC-MD5", "DES-CBC3-MD5"}
    names = [one for one in client.get_cipher_list() if "PSK" not in one and "SRP" not in one and one not in only_ssl2]
    return {registered(one): one for one in names}


def known_suites(version: str) -> tuple[str, ...]:
    """What one of the clients can offer in a version."""
    if version == "SSLv2":
        return tuple(SSL2)
    of_3 = {name: came_with for name, (_, came_with) in of_s_client().items()}
    if version == "TLSv1.3":
        return SUITES_1_3
    known = dict.fromkeys((*of_nassl(), *(name for name, came_with in of_3.items() if came_with != "TLSv1.3")))
    if version == "TLSv1.2":
        return tuple(known)
    # RFC 5246 §1.2, RFC 5289 §5: SHA-2 and AEAD came with TLS 1.2
    return tuple(name for name in known if name.endswith(("_SHA", "_MD5")))


def known_groups(version: str) -> tuple[str, ...]:
    """What one of the clients can offer in TLS 1.2 (ECDHE) or TLS 1.3."""
    if version == "TLSv1.2":
        return ECDHE_GROUPS
    return (*_CURVES_OF_TLS_1_3, *FFDHE_GROUPS, *(NEW_GROUPS if NODE.exists() else ()))
