"""SIP over implicit TLS (RFC 3261 §26.2.1)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=5061, reach_tls=ReachTls.IMPLICIT, twins=("sip",))
