"""Message submission over implicit TLS, `submissions` (RFC 8314 §3.3)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=465, reach_tls=ReachTls.IMPLICIT, twins=("submission", "smtp"))
