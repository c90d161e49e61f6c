"""DNS over TLS (RFC 7858)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=853, reach_tls=ReachTls.IMPLICIT, alpn=("dot",))
