"""Reachability alone, over UDP: an empty datagram is sent, and silence is `open|filtered`, which is unknown."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=None, reach_tls=ReachTls.NEVER, transport="udp")
