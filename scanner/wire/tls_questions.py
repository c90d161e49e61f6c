"""The hellos that ask one thing each."""

from scanner.wire.tls_hello import (
    CLASSICAL_GROUPS,
    MODERN_GROUPS,
    SIGNATURE_SCHEMES,
    TLS13_GROUPS,
    Hello,
    legacy_suites,
    suites_by_key,
    tls13_suites,
)
from scanner.wire.tls_names import Version


def version_hellos(version: Version, server_name: str | None, alpn: tuple[str, ...] = ()) -> tuple[Hello, ...]:
    """Ask whether `version` is spoken: the plain question first, the others for servers that answer it with an alert.

    An alert may mean a suite, group or scheme that does not fit instead of the version, so the later hellos offer what
    the first left out; the last is conservative, for stacks that refuse a hello because of something in it they do not
    know. ALPN is offered in the first only.
    """
    if version is Version.TLSv1_3:
        asks_for_retry = Hello(version, tls13_suites(), server_name, TLS13_GROUPS, SIGNATURE_SCHEMES, alpn)
        known, common = tls13_suites()[:5], SIGNATURE_SCHEMES[:14]
        return asks_for_retry, Hello(version, known, server_name, MODERN_GROUPS, common, key_shares=(29,))
    everyday, rest = legacy_suites(version)
    if version is Version.SSLv3:
        return Hello(version, everyday), Hello(version, rest)
    schemes = SIGNATURE_SCHEMES if version is Version.TLSv1_2 else ()
    return (
        Hello(version, everyday, server_name, CLASSICAL_GROUPS, schemes, alpn),
        Hello(version, rest, server_name, CLASSICAL_GROUPS, schemes),
        Hello(version, everyday, server_name, MODERN_GROUPS, schemes[:20]),
    )


def key_hello(version: Version, key_type: str, server_name: str | None) -> Hello:
    """Ask a server for its certificate with an `rsa` or an `ecdsa` (or EdDSA) key, in the clear: TLS 1.2 or older."""
    if version is Version.SSLv3:
        return Hello(version, suites_by_key(version, key_type))
    schemes = SIGNATURE_SCHEMES if version is Version.TLSv1_2 else ()
    return Hello(version, suites_by_key(version, key_type), server_name, CLASSICAL_GROUPS, schemes)
