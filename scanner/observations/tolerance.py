"""Whether a server ignores what it does not know, as newer clients will need it to."""

from typing import Literal

from msgspec import field

from scanner.model import Observation

Tolerated = Literal["tolerated", "intolerant", "unknown", "not-applicable"]


class Tolerance(Observation, frozen=True, kw_only=True):
    """`intolerant`: the same hello without the addition is accepted, and with it it is not."""

    grease: Tolerated
    """Reserved suites, groups, versions and extensions (RFC 8701)."""
    newer_versions: Tolerated
    """A ClientHello of a newer version than the server has (RFC 5246 appendix E.1); TLS 1.3 alone has no such thing."""
    reasons: dict[str, str] = field(default_factory=dict)
    """Field → what came instead of an acceptance."""
