"""Which cipher suites a server accepts, version by version, and whose order decides."""

from typing import Literal

from msgspec import field

from scanner.model import Observation

Preference = Literal["server", "client", "unknown"]
Asked = Literal["all", "planned"]
"""What was asked: everything the registry has, or just what the run's record says under `asks`."""


class CipherSuites(Observation, frozen=True, kw_only=True):
    """Accepted suites by their IANA names. What is in `asked` and not in `suites` was refused, unless `reasons` says
    more."""

    suites: dict[str, tuple[str, ...]]
    """By version; in the server's order where `preference` is `server`, else in that of their discovery."""
    preference: dict[str, Preference] = field(default_factory=dict)
    """`unknown` also where there is but one suite."""
    chacha20_prioritised: dict[str, bool] = field(default_factory=dict)
    """Where the server's order decides and has ChaCha20: whether it comes first for clients that put it first."""
    asked: dict[str, Asked] = field(default_factory=dict)
    """By version."""
    reasons: dict[str, str] = field(default_factory=dict)
    """By version: why the question could not be answered to the end. What is in `suites` was accepted all the same."""

    def complete(self, version: str) -> tuple[str, ...] | None:
        """All suites of a version; None where not all were asked for, or not to the end."""
        return self.suites.get(version) if self.asked.get(version) == "all" and version not in self.reasons else None
