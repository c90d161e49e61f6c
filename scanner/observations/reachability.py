"""Whether anything answers at the address."""

from scanner.model import Observation, Reachable


class Reachability(Observation, frozen=True, kw_only=True):
    """What a TCP connect said."""

    needs_tls = False

    state: Reachable
    """`closed`: refused by a reset; `filtered`: no answer or ICMP prohibited; `unresolved`: the name has no address."""
    detail: str = ""
