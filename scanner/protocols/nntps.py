"""NNTP over implicit TLS (RFC 8143)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=563, reach_tls=ReachTls.IMPLICIT, twins=("nntp",))
