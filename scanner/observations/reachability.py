"""Whether anything answers at the address."""

from scanner.model import Observation, Reachable


class Reachability(Observation, frozen=True, kw_only=True):
    """What a TCP connect said, or came back over UDP."""

    needs_tls = False

    state: Reachable
    """`open`: connected, or over UDP answered; `closed`: refused by a reset, or by ICMP over UDP; `filtered`: no answer
    over TCP, or ICMP prohibited; `unresolved`: the name has no address. Silence over UDP is none of these."""
    detail: str = ""
