"""The hellos that ask one thing each; made once, the same for every server."""

import re
from dataclasses import replace
from functools import lru_cache

from scanner.wire.tls_hello import (
    CLASSICAL_GROUPS,
    MODERN_GROUPS,
    OBSERVED,
    SIGNATURE_SCHEMES,
    TLS13_GROUPS,
    TLS13_SCHEMES,
    Hello,
)
from scanner.wire.tls_names import EMPTY_RENEGOTIATION_INFO_SCSV, Extension, Version, suite_name
from scanner.wire.tls_suites import every_suite, legacy_suites, tls13_suites

_NOT_IN_SSL3 = re.compile("_PSK|_SRP_|_ECCPWD_|GOST|CAMELLIA|SEED|ARIA")
"""Suites that came after it, and that no stack has there."""
DEFLATE = 1
"""Compression method (RFC 3749 §2)."""


@lru_cache(maxsize=64)
def version_hellos(version: Version, alpn: tuple[str, ...] = ()) -> tuple[Hello, ...]:
    """Ask whether `version` (SSLv3 or newer) is spoken: plainly first, then for servers that answer that with an alert.

    An alert may mean a suite, group or scheme that does not fit instead of the version, so the later hellos offer what
    the first left out; the last is conservative, for stacks that refuse a hello because of something in it they do not
    know. ALPN, compression and the extensions that are merely watched are offered in the first only.
    """
    if version is Version.TLSv1_3:
        return (
            Hello(version, tls13_suites(), TLS13_GROUPS, TLS13_SCHEMES, alpn),
            Hello(version, tls13_suites()[:5], MODERN_GROUPS, SIGNATURE_SCHEMES[:14], key_shares=(29,)),
        )
    everyday, rest = legacy_suites(version)
    if version is Version.SSLv3:  # whose refusal is often no more than handshake_failure: what it can have, at once
        known = tuple(code for code in (*everyday[:-1], *rest) if not _NOT_IN_SSL3.search(suite_name(code)))
        return (Hello(version, known, compressions=(DEFLATE, 0)),)
    schemes = SIGNATURE_SCHEMES if version is Version.TLSv1_2 else ()
    return (
        Hello(version, everyday, CLASSICAL_GROUPS, schemes, alpn, extensions=OBSERVED, compressions=(DEFLATE, 0)),
        Hello(version, rest, CLASSICAL_GROUPS, schemes),
        Hello(version, everyday, MODERN_GROUPS, schemes[:20]),
    )


@lru_cache(maxsize=64)
def long_hello(alpn: tuple[str, ...] = ()) -> Hello:
    """The first of `version_hellos` of TLS 1.2 with every suite there is: longer than some servers like it."""
    return replace(version_hellos(Version.TLSv1_2, alpn)[0], suites=offering(Version.TLSv1_2).suites)


@lru_cache(maxsize=4096)
def offering(
    version: Version,
    suites: tuple[int, ...] | None = None,
    groups: tuple[int, ...] | None = None,
    schemes: tuple[int, ...] | None = None,
) -> Hello:
    """A hello of `version` that offers these, and of what is None everything.

    Servers that are set up alike are asked alike, so that an estate needs few templates.
    """
    every: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    if version is Version.TLSv1_3:
        every = tls13_suites(), TLS13_GROUPS, TLS13_SCHEMES
    else:
        listed = every_suite(version) if suites is None else suites
        suites = (*listed, EMPTY_RENEGOTIATION_INFO_SCSV)
        classical = CLASSICAL_GROUPS if version > Version.SSLv3 else ()
        every = suites, classical, SIGNATURE_SCHEMES if version is Version.TLSv1_2 else ()
    return Hello(
        version,
        every[0] if suites is None else suites,
        every[1] if groups is None else groups,
        every[2] if schemes is None else schemes,
        # an answer with a CBC suite shows whether the server has it
        extensions=((Extension.ENCRYPT_THEN_MAC, b""),) if Version.SSLv3 < version < Version.TLSv1_3 else (),
    )
