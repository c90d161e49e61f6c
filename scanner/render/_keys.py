"""Groups, Diffie-Hellman primes and signature schemes as people read them."""

from collections.abc import Iterator

from msgspec import Struct

from scanner.observations.groups import Groups
from scanner.observations.signature_schemes import SignatureSchemes
from scanner.render._facts import Fact
from scanner.render._glance import post_quantum
from scanner.render._suites import alike

ENOUGH_BITS = 2048
"""RFC 9325 §4.2: a shorter finite field should not be used."""


class Names(Struct, frozen=True, kw_only=True):
    """What is accepted in one version, or in several."""

    names: tuple[tuple[str, str], ...]
    """Name and class: `pq`, `old` or nothing."""
    said: str = ""
    """Beside the names: what is missing among them, or why there are none."""
    open: tuple[str, ...] = ()
    reason: str = ""


def group_lists(it: Groups, *, forbids: bool) -> list[tuple[str, Names]]:
    """Groups by versions; `forbids`: at depth quick, whether policies forbid any group at all."""
    return alike({version: _groups(it, version, forbids=forbids) for version in it.groups})


def _groups(it: Groups, version: str, *, forbids: bool) -> Names:
    names, asked, reason = it.groups[version], it.asked.get(version, "all"), it.reasons.get(version, "")
    return Names(
        names=tuple((name, "pq" if post_quantum(name) else "") for name in names),
        said=_said(names, asked, forbids=forbids, sure=not reason, newest=version == "TLSv1.3"),
        open=it.open.get(version, ()),
        reason=reason,
    )


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
        yield Fact("Temporary RSA", f"{it.rsa_export_bits} bits", "odd")


def scheme_lists(it: SignatureSchemes) -> list[tuple[str, Names]]:
    """Signature schemes by versions; those over SHA-1 and MD5 are old (RFC 9155)."""
    return alike({version: _schemes(names, it.reasons.get(version, "")) for version, names in it.schemes.items()})


def _schemes(names: tuple[str, ...], reason: str) -> Names:
    return Names(
        names=tuple((name, "old" if name.endswith(("sha1", "md5")) else "") for name in names),
        said="" if names else "not known" if reason else "none",
        reason=reason,
    )
