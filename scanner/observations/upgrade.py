"""What changes when TLS begins: what is offered then, and what the server makes of commands from before."""

from typing import Literal

from msgspec import Struct

from scanner.model import Observation

Injection = Literal["executed", "dropped", "unknown"]


class Advertised(Struct, frozen=True, kw_only=True):
    """What a server offers inside TLS."""

    capabilities: tuple[str, ...] = ()
    """In the words of `cleartext`, so that the two can be compared."""
    mechanisms: tuple[str, ...] = ()
    """How credentials may be given then."""
    tls_offered: bool | None = None
    """Whether an upgrade to TLS is offered once more; None: the server does not say."""
    how: str = ""
    """What shows it."""


class Upgrade(Observation, frozen=True, kw_only=True):
    """Empty for a protocol that says nothing of itself inside TLS."""

    before: tuple[str, ...] | None = None
    """Capabilities in the clear; None: not known, or nothing is said before TLS."""
    after: Advertised | None = None
    injection: Injection | None = None
    """A command sent in one segment with the one that asks for TLS: `executed` if its answer arrives inside TLS
    (CVE-2011-0411), `dropped` if it has none there; None: the protocol has no such command."""
    how: str = ""
    """What shows the state of `injection`."""
