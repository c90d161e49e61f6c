"""POP3 over implicit TLS (RFC 8314 §3.1)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=995, reach_tls=ReachTls.IMPLICIT, twins=("pop3",))
