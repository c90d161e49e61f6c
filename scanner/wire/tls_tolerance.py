"""Hellos as newer clients will send them: what a server does not know, it has to ignore (RFC 8701, RFC 8446 §4.1.2)."""

from dataclasses import replace

from scanner.wire.tls_hello import Hello
from scanner.wire.tls_names import Version

GREASE = (0x0A0A, 0x1A1A, 0x2A2A, 0x3A3A)
"""RFC 8701 §2; as suites, groups, signature schemes, versions and extensions alike."""
FUTURE = 0x0305
"""The version after TLS 1.3."""


def with_grease(hello: Hello) -> Hello:
    """The same offer, with reserved values beside it."""
    listed = ((GREASE[0], b""), *hello.extensions, (GREASE[1], b"\0"))
    changed = replace(hello, suites=(GREASE[0], *hello.suites), extensions=listed)
    if hello.groups:
        changed = replace(changed, groups=(GREASE[1], *hello.groups))
    if hello.version is Version.TLSv1_3:
        changed = replace(changed, versions=(GREASE[2], hello.version))
    return changed


def of_the_future(hello: Hello) -> Hello:
    """The same offer up to TLS 1.2, from a client that speaks a newer version as well."""
    return replace(hello, legacy_version=FUTURE)


def has_grease(hello: Hello) -> bool:
    """Whether `with_grease` made it."""
    return GREASE[0] in hello.suites
