"""NTS key establishment for the Network Time Protocol (RFC 8915 §4)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol

PROTOCOL = Protocol(port=4460, reach_tls=ReachTls.IMPLICIT, alpn=("ntske/1",))
