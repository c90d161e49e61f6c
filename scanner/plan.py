"""What a scan asks: everything, or no more than the chosen policies need for a verdict.

A rule that needs less than everything says so in a function `asks` beside `judge`, with the same keyword-only
parameters; `planner` gathers what the rules of all chosen policies ask into one `Plan`, which the probes follow.
"""

from dataclasses import dataclass, field
from typing import Literal

from scanner.model import Asks

Depth = Literal["quick", "full"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked of every endpoint of a scan."""

    depth: Depth = "full"
    probes: tuple[str, ...] | None = None
    """Names of the probes to run; None: all."""
    asks: Asks = field(default_factory=Asks)
    """At depth quick, what to ask; at depth full everything is."""

    @property
    def quick(self) -> bool:
        """Whether only what `asks` says is asked."""
        return self.depth == "quick"

    @property
    def saves_connections(self) -> bool:
        """Whether to spend a handshake's cryptography to save a connection: where many things are asked in few."""
        return self.quick and self.runs("cipher_suites")

    def runs(self, probe: str) -> bool:
        """Whether a probe is to be run."""
        return self.probes is None or probe in self.probes


FULL = Plan()
