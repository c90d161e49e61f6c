"""What an SSH server offers, and its host keys, as people read them."""

from collections.abc import Iterator, Sequence
from typing import Literal

from scanner.observations.ssh import BothWays, Ssh
from scanner.render._facts import Fact
from scanner.render._keys import Names
from scanner.wire.ssh_weaknesses import WEAKNESSES, weaknesses

_NOT_JUDGED = {"64-bit-tag", "mac-sha1"}
"""Weaknesses that are no reason to mark a name."""


def facts(it: Ssh) -> Iterator[Fact]:
    """Version, strict key exchange and Terrapin; the host keys."""
    both = ": SSH-1 as well" if it.version == "1.99" else ""
    yield Fact("Version", f"{it.version}{both}", "odd" if it.ssh1 else "said")
    if it.key_exchange:
        strict: Literal["yes", "no"] = "yes" if it.strict_key_exchange else "no"
        yield Fact("Strict key exchange", strict, strict)
        exposed = ", ".join(it.terrapin)
        yield Fact("Terrapin", f"possible with {exposed}" if exposed else "not possible", "odd" if exposed else "no")
    for key in it.host_keys:
        signed = f"{key.bits} bits, {key.fingerprint}, signed {key.algorithm} over {key.key_exchange}"
        yield Fact(f"Host key {key.type}", signed)
    for kind, reason in it.reasons.items():
        yield Fact(f"Host key {kind}", f"not known: {reason}", "open")


def lists(it: Ssh) -> list[tuple[str, Names]]:
    """The algorithms in the server's order; weak ones are marked."""
    if not it.key_exchange:
        return []
    found = [("Key exchange", _names(it.key_exchange)), ("Host keys", _names(it.host_key_algorithms))]
    for title, names in (("Ciphers", it.ciphers), ("MACs", it.macs), ("Compression", it.compression)):
        found += _both(title, names)
    return found + ([("Not asked for", _names(it.not_asked, "Not asked for"))] if it.not_asked else [])


def _both(title: str, names: BothWays) -> list[tuple[str, Names]]:
    if names.to_server == names.to_client:
        return [(title, _names(names.to_server, title))]
    return [
        (f"{title} to the server", _names(names.to_server, title)),
        (f"{title} to the client", _names(names.to_client, title)),
    ]


def _names(names: Sequence[str], title: str = "") -> Names:
    judged = title not in ("Compression", "Not asked for")
    marked = tuple((name, "old" if judged and weaknesses(name) - _NOT_JUDGED else "") for name in names)
    found = {kind for name in names if judged for kind in weaknesses(name)} - _NOT_JUDGED
    return Names(names=marked, said=", ".join(what for kind, what in WEAKNESSES.items() if kind in found))
