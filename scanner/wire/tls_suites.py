"""Which cipher suites a version can negotiate, and in which order they are offered."""

import re
from functools import cache

from scanner.wire.tls_names import EMPTY_RENEGOTIATION_INFO_SCSV, FALLBACK_SCSV, Version, cipher_suites

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
_BEFORE_TLS12 = re.compile(r"_(SHA|MD5|IMIT|GOSTR3411|SHA_2|GOST94|GOST89\w+)$|_PSK_WITH_(NULL|\w+_CBC)_SHA(256|384)$")
"""Suites that TLS 1.1 and older can use: RFC 5246 §1.2 and the AEAD suites' RFCs need TLS 1.2, while PSK suites with a
newer HMAC do not (RFC 5487 §3, RFC 5489 §3, RFC 6367 §2.2)."""

_SIGNALS = (EMPTY_RENEGOTIATION_INFO_SCSV, FALLBACK_SCSV)


@cache
def tls13_suites() -> tuple[int, ...]:
    """RFC 8446 §B.4 first, then the newer ones."""
    names = cipher_suites()
    known = (0x1301, 0x1302, 0x1303, 0x1304, 0x1305)
    return known + tuple(
        code for code, name in names.items() if "_WITH_" not in name and code not in (*known, *_SIGNALS)
    )


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
def every_suite(version: Version) -> tuple[int, ...]:
    """Every code point that is worth offering at `version`, usual ones first, without signalling values.

    Up to TLS 1.2 that is all of them, whatever their RFC says of versions: the server is to say what it accepts.
    """
    if version is Version.TLSv1_3:
        return tls13_suites()
    usual, rest = legacy_suites(Version.TLSv1_2)
    first = legacy_suites(version)[0][:-1]
    return tuple(dict.fromkeys((*first, *usual[:-1], *rest[:-1])))


def reversed_order(suites: tuple[int, ...]) -> tuple[int, ...]:
    """Another order of the same suites: ChaCha20 first, then what is usually last.

    A server that follows its own order answers both orders alike; one that follows the client's does not; one that
    prefers ChaCha20 for clients that do (RFC 9325 leaves that open) shows itself in the difference.
    """
    names = cipher_suites()
    last_first = suites[::-1]
    return tuple(sorted(last_first, key=lambda code: "CHACHA20" not in names.get(code, "")))
