"""IRC over implicit TLS (RFC 7194)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=6697, reach_tls=ReachTls.IMPLICIT, twins=("irc",))
