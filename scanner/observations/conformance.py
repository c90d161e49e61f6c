"""Where a server breaks the protocol in its answers."""

from msgspec import Struct

from scanner.model import Observation


class Deviation(Struct, frozen=True, kw_only=True):
    """Something that the server selected although nobody offered it."""

    what: str
    """`selected TLS_RSA_WITH_RC4_128_MD5`, …"""
    asked: str
    """The hello that it answered so."""


class Conformance(Observation, frozen=True, kw_only=True):
    """Every distinct deviation in any answer; none is what is right."""

    deviations: tuple[Deviation, ...] = ()
    contradiction: str = ""
    """What it accepts in one answer and declines in another; empty: nothing."""
    answers: int = 0
    """Answers to ClientHellos that were looked at."""
