"""HTTP over TLS (RFC 9110 §4.2.2)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=443, reach_tls=ReachTls.IMPLICIT, alpn=("h2", "http/1.1"), twins=("http",))
