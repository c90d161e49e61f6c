"""IMAP over implicit TLS (RFC 8314 §3.2)."""

from scanner.model import ReachTls
from scanner.protocols import Protocol, imap

PROTOCOL = Protocol(port=993, reach_tls=ReachTls.IMPLICIT, inside=imap.PROTOCOL.inside, twins=("imap",))
