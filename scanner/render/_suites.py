"""Cipher suites as people read them: versions with the same list together, and what is weak about each suite."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from typing import TypeVar

from msgspec import Struct

from scanner.observations.cipher_suites import CipherSuites
from scanner.render._text import count
from scanner.wire.suite_weaknesses import weaknesses

SHORT = {
    "null": "no encryption",
    "anonymous": "no authentication",
    "export": "export key",
    "rc4": "RC4",
    "des": "DES",
    "rc2": "RC2",
    "md5": "MD5",
    "3des": "3DES",
    "idea": "IDEA",
    "static-rsa": "RSA key transport",
    "static-dh": "static DH",
    "dhe": "DHE",
    "cbc": "CBC",
}
"""A weakness in a word or two; `scanner.wire.suite_weaknesses` says it in full, and a page explains each word once."""

SEVERE = frozenset({"null", "anonymous", "export", "rc4", "des", "rc2"})
"""Encryption or authentication that is none: RFC 9325 §4.1 (MUST NOT), RFC 5246 appendix A.5."""

OPEN_UP_TO = 12
"""Suites that a page shows at once; a longer list unfolds."""

Kind = TypeVar("Kind", bound=Hashable)


def alike(by_version: Mapping[str, Kind]) -> list[tuple[str, Kind]]:
    """Versions with the same value together: `{"TLSv1.0": x, "TLSv1.1": x}` → `[("TLSv1.0, TLSv1.1", x)]`."""
    together: dict[Kind, list[str]] = {}
    for version, value in by_version.items():
        together.setdefault(value, []).append(version)
    return [(", ".join(versions), value) for value, versions in together.items()]


@cache
def weak(name: str) -> tuple[str, str]:
    """What is weak about a suite, and how bad: `("RC4, MD5", "bad")`, `("CBC", "old")`, `("", "")`."""
    found = weaknesses(name)
    words = ", ".join(word for kind, word in SHORT.items() if kind in found)
    return words, ("bad" if found & SEVERE else "old") if words else ""


class SuiteList(Struct, frozen=True, kw_only=True):
    """Suites of one version, or of several that have the same ones in the same order."""

    names: tuple[str, ...]
    ordered: bool
    """Whether the order is the server's."""
    said: tuple[str, ...]
    """Number of suites, whose order decides, what was asked."""
    reason: str

    @property
    def short(self) -> bool:
        """Whether it need not be folded."""
        return len(self.names) <= OPEN_UP_TO

    @property
    def tally(self) -> list[tuple[str, str]]:
        """`("6 no encryption", "bad")`: how many suites have each weakness."""
        found = Counter(kind for name in self.names for kind in weaknesses(name))
        return [(f"{found[kind]} {SHORT[kind]}", "bad" if kind in SEVERE else "old") for kind in SHORT if found[kind]]


def suite_lists(it: CipherSuites, *, forbids: bool) -> list[tuple[str, SuiteList]]:
    """What a page shows, by versions; `forbids`: at depth quick, whether policies forbid any suite at all."""
    return alike({version: _list(it, version, forbids=forbids) for version in it.suites})


def _list(it: CipherSuites, version: str, *, forbids: bool) -> SuiteList:
    names, reason = it.suites[version], it.reasons.get(version, "")
    asked, preference = it.asked.get(version, "all"), it.preference.get(version, "unknown")
    said = list(_said(len(names), asked, forbids=forbids, sure=not reason))
    if asked == "all" and version != "SSLv2":  # where the server lists them all and the client chooses
        said += _order(len(names), preference, it.chacha20_prioritised.get(version))
    return SuiteList(names=names, ordered=preference == "server", said=tuple(said), reason=reason)


def _said(number: int, asked: str, *, forbids: bool, sure: bool) -> Iterable[str]:
    if asked == "all":
        yield count(number, "suite") if number or sure else "not known"
    elif not forbids:
        yield "not asked at this depth"
    else:
        yield f"{number or ('none' if sure else 'none known')} of those that the policies forbid"
        yield "others not asked at this depth"


def _order(number: int, preference: str, chacha20: bool | None) -> Iterable[str]:
    if number > 1:
        known = {"server": "the server's order", "client": "the client's order decides"}
        yield known.get(preference, "whose order decides is not known")
    if chacha20 is not None:
        yield f"ChaCha20 {'first' if chacha20 else 'not moved up'} for clients that put it first"
