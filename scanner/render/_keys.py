"""Groups, Diffie-Hellman primes and signature schemes as people read them."""

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.observations.groups import Groups
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.render._facts import Fact
from scanner.render._glance import post_quantum
from scanner.render._suites import alike

ENOUGH_BITS = 2048
"""RFC 9325 §4.2: a shorter finite field should not be used."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names accepted in the same versions."""

    versions: str
    names: tuple[tuple[str, str], ...]
    """Name and class: `pq`, `old` or nothing."""
    said: str = ""
    """Beside the names: what is missing among them, or why there are none."""
    open: tuple[str, ...] = ()
    reason: str = ""


def group_lists(it: Groups, *, forbids: bool) -> list[Names]:
    """Groups by version; `forbids`: at depth quick, whether policies forbid any group at all."""
    keys = {
        version: (
            names,
            it.asked.get(version, "all"),
            it.open.get(version, ()),
            it.reasons.get(version, ""),
            version == "TLSv1.3",
        )
        for version, names in it.groups.items()
    }
    return [
        Names(
            versions=versions,
            names=tuple((name, "pq" if post_quantum(name) else "") for name in names),
            said=_said(names, asked, forbids=forbids, sure=not reason, newest=newest),
            open=open_,
            reason=reason,
        )
        for versions, (names, asked, open_, reason, newest) in alike(keys)
    ]


def _said(names: tuple[str, ...], asked: str, *, forbids: bool, sure: bool, newest: bool) -> str:
    if asked != "all":
        if not forbids:
            return "not asked at this depth"
        known = "" if names else "none of those that the policies forbid; " if sure else "none known; "
        return f"{known}others not asked at this depth"
    if not names:
        return "none" if sure else "not known"
    return "no post-quantum group" if newest and sure and not any(map(post_quantum, names)) else ""


def finite_fields(it: Groups) -> Iterator[Fact]:
    """Diffie-Hellman primes, and temporary RSA keys."""
    for one in it.dh:
        prime = (
            f"a prime that is not a published one, sha256 {one.sha256[:16]}…" if one.prime == "unknown" else one.prime
        )
        yield Fact("Diffie-Hellman", f"{one.bits} bits, {prime}", "odd" if one.bits < ENOUGH_BITS else "said")
    if not it.dh and set(it.groups) - {"TLSv1.3"}:
        yield Fact("Diffie-Hellman", "no suite with finite-field Diffie-Hellman", "no")
    if it.rsa_export_bits is not None:
        yield Fact("Temporary RSA key", f"{it.rsa_export_bits} bits", "odd")


def scheme_lists(it: SignatureSchemes) -> list[Names]:
    """Signature schemes by version; those over SHA-1 and MD5 are old (RFC 9155)."""
    keys = {version: (names, it.reasons.get(version, "")) for version, names in it.schemes.items()}
    return [
        Names(
            versions=versions,
            names=tuple((name, "old" if name.endswith(("sha1", "md5")) else "") for name in names),
            said="" if names else "not known" if reason else "none",
            reason=reason,
        )
        for versions, (names, reason) in alike(keys)
    ]
