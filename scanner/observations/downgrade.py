"""How a server helps its clients to notice that somebody made them use an older version."""

from typing import Literal

from msgspec import field

from scanner.model import Observation

FallbackScsv = Literal["honoured", "ignored", "unknown", "not-applicable"]


class Downgrade(Observation, frozen=True, kw_only=True):
    """What is not applicable: a server that accepts one version has nothing to fall back to."""

    fallback_scsv: FallbackScsv
    """RFC 7507: a retry with an older version is answered with inappropriate_fallback."""
    sentinel: dict[str, bool] = field(default_factory=dict)
    """By older version: whether the server's random ends with the bytes of RFC 8446 §4.1.3."""
    reason: str = ""
    """Why the first is unknown."""
